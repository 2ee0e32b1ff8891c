"""Fit a post-hoc calibrator on the calibration split and map the confidences of one dataset."""

from calibrant.baselines.calibrated_predictions import calibrated, fit_on
from calibrant.baselines.settings import CalibrateSettings
from calibrant.errors import report_errors
from calibrant.files import write_json
from calibrant.lineage.stage import Stage
from calibrant.rows import Prediction, read_rows, write_rows


def main() -> int:
    """Run the stage."""
    stage = Stage.from_command_line(
        "calibrate", inputs=("fit", "predictions"), outputs=("calibrated", "calibrator")
    )
    with stage:
        settings = CalibrateSettings(**stage.settings)
        known = [row for path in stage.inputs("fit") for row in read_rows(path, Prediction)]
        fitted = fit_on(known, settings.calibrator, settings.fitted_on)
        predictions = read_rows(stage.input("predictions"), Prediction)
        rows = calibrated(predictions, fitted, settings.method)
        write_rows(stage.output("calibrated"), rows, Prediction)
        write_json(stage.output("calibrator"), fitted.document())
        stage.metric("fitted_on", fitted.rows)
        stage.metric("left_out", fitted.left_out)
    return 0


if __name__ == "__main__":
    raise SystemExit(report_errors(main))
