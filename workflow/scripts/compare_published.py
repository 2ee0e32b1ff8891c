"""Compare our figures with those published for the same rows."""

from calibrant.data.loaders.rlcr_transcripts import load_published
from calibrant.data.manifest import manifest_files
from calibrant.errors import report_errors
from calibrant.files import write_json
from calibrant.lineage.stage import Stage
from calibrant.measures.published import compare_published
from calibrant.stage_settings.measure import CompareSettings


def main() -> int:
    """Run the stage."""
    stage = Stage.from_command_line(
        "compare_published", inputs=("manifest", "measures"), outputs=("comparison",)
    )
    with stage:
        settings = CompareSettings(**stage.settings)
        published = load_published(manifest_files(stage.input("manifest")))
        comparison = compare_published(
            published, settings.systems, stage.inputs("measures"), settings.tolerance
        )
        write_json(stage.output("comparison"), comparison)
        stage.metric("largest_difference", comparison["largest_difference"])
    return 0


if __name__ == "__main__":
    raise SystemExit(report_errors(main))
