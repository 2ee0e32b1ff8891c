# The entry point: the workflow itself stands in workflow/Snakefile.
include: "workflow/Snakefile"


# Rule `all` of an included file is no default target by itself.
workflow.default_target = "all"
