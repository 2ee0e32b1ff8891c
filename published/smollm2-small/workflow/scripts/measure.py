"""Measure the predictions of one method on one dataset."""

from calibrant.errors import report_errors
from calibrant.files import write_json
from calibrant.lineage.stage import Stage
from calibrant.measures.predictions import headline_figures, measure_predictions
from calibrant.rows import Prediction, read_rows
from calibrant.stage_settings.measure import MeasureSettings


def main() -> int:
    """Run the stage."""
    stage = Stage.from_command_line("measure", inputs=("predictions",), outputs=("measures",))
    with stage:
        predictions = read_rows(stage.input("predictions"), Prediction)
        settings = MeasureSettings(**stage.settings)
        document = measure_predictions(predictions, settings, stage.seed)
        write_json(stage.output("measures"), document)
        for name, value in headline_figures(document).items():
            stage.metric(name, value)
    return 0


if __name__ == "__main__":
    raise SystemExit(report_errors(main))
