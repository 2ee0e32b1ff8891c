"""Compare all methods on one dataset with one of them."""

from calibrant.errors import report_errors
from calibrant.files import write_json
from calibrant.lineage.stage import Stage
from calibrant.measures.compare_methods import by_method, compare_methods
from calibrant.measures.comparison_settings import CompareMethodsSettings
from calibrant.rows import Prediction, read_rows


def main() -> int:
    """Run the stage."""
    stage = Stage.from_command_line(
        "compare_methods", inputs=("predictions",), outputs=("comparison",)
    )
    with stage:
        settings = CompareMethodsSettings(**stage.settings)
        predictions = by_method(read_rows(path, Prediction) for path in stage.inputs("predictions"))
        document = compare_methods(predictions, settings, stage.seed)
        write_json(stage.output("comparison"), document)
        for row in document["rows"]:
            for measure in ("accuracy", "brier", "debiased_ece"):
                value = row[measure]["difference"]["value"]
                if value is not None:
                    stage.metric(f"{row['method']}.{measure}", value)
    return 0


if __name__ == "__main__":
    raise SystemExit(report_errors(main))
