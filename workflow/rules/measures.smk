# From graded answers to figures, and figures against published ones.


rule measure:
    input:
        predictions=predictions_file,
    output:
        measures="<results>/measures/{method}/seed{seed}/{dataset}.json",
        record=record("<results>/measures/{method}/seed{seed}/{dataset}.json"),
    log:
        "<logs>/measure/{method}/seed{seed}/{dataset}.log",
    conda:
        CORE
    params:
        root=results_folder,
        code=code("measure"),
        lock=lock("core"),
        settings=settings(study_parts.measure_settings(STUDY)),
        seed=STUDY.seed,
    message:
        "Measuring {wildcards.method} on {wildcards.dataset}"
    shell:
        "python workflow/scripts/measure.py --root {params.root:q}"
        " --subject {wildcards.method}/seed{wildcards.seed}/{wildcards.dataset}"
        " --code {params.code:q} --lock {params.lock:q} --settings {params.settings:q}"
        " --seed {params.seed:q} --predictions {input.predictions:q}"
        " --measures {output.measures:q} 2>&1 | tee {log:q}"


rule compare_published:
    input:
        manifest="<results>/data/sources/{dataset}.json",
        measures=lambda w: cells(
            "<results>/measures/{method}/seed{seed}/{dataset}.json",
            [cell for cell in CELLS if cell[-1] == w.dataset],
        ),
    output:
        comparison="<results>/measures/published/{dataset}.json",
        record=record("<results>/measures/published/{dataset}.json"),
    log:
        "<logs>/compare_published/{dataset}.log",
    conda:
        CORE
    params:
        root=results_folder,
        code=code("compare_published"),
        lock=lock("core"),
        settings=lambda w: settings(study_parts.compare_settings(STUDY, w.dataset)),
    message:
        "Comparing with the figures published for {wildcards.dataset}"
    shell:
        "python workflow/scripts/compare_published.py --root {params.root:q}"
        " --subject {wildcards.dataset} --code {params.code:q} --lock {params.lock:q}"
        " --settings {params.settings:q} --manifest {input.manifest:q}"
        " --measures {input.measures:q} --comparison {output.comparison:q} 2>&1 | tee {log:q}"
