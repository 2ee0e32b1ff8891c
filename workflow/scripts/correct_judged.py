"""Correct the figures of answers that a judge graded with the errors it was measured to have."""

from calibrant.errors import report_errors
from calibrant.files import read_json, write_json
from calibrant.judging.error_model import ErrorModel
from calibrant.judging.judged_figures import judged_figures
from calibrant.lineage.stage import Stage
from calibrant.rows import Prediction, read_rows
from calibrant.stage_settings.judging import CorrectJudgedSettings


def main() -> int:
    """Run the stage."""
    stage = Stage.from_command_line(
        "correct_judged", inputs=("predictions", "errors"), outputs=("figures",)
    )
    with stage:
        path = stage.input("errors")
        figures = judged_figures(
            read_rows(stage.input("predictions"), Prediction),
            ErrorModel.from_json(read_json(path), path),
            CorrectJudgedSettings(**stage.settings),
            stage.seed,
        )
        write_json(stage.output("figures"), figures)
        for name, figure in figures["measures"].items():
            if figure["corrected"]["value"] is not None:
                stage.metric(f"corrected.{name}", figure["corrected"]["value"])
    return 0


if __name__ == "__main__":
    raise SystemExit(report_errors(main))
