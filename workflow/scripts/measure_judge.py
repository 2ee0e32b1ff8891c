"""Fit a judge if it is a panel, measure it against verdicts, and probe it."""

from calibrant.errors import report_errors
from calibrant.files import write_json
from calibrant.judging.measure_judge import Access, measure_judge
from calibrant.lineage.stage import Stage
from calibrant.rows import Judgement, read_rows
from calibrant.stage_settings.judging import MeasureJudgeSettings


def main() -> int:
    """Run the stage."""
    stage = Stage.from_command_line(
        "measure_judge", inputs=("verdicts", "models"), outputs=("judge", "errors", "validation")
    )
    with stage:
        settings = MeasureJudgeSettings(**stage.settings)
        measured = measure_judge(
            read_rows(stage.input("verdicts"), Judgement),
            settings,
            stage.seed,
            Access(
                dict(zip(settings.part.models, stage.inputs("models"), strict=True)),
                # Beside the outputs and not among them: verdicts are kept when a run fails.
                stage.root / "judging" / "verdicts",
            ),
            stage.say,
        )
        write_json(stage.output("judge"), measured.judge)
        write_json(stage.output("errors"), measured.errors)
        write_json(stage.output("validation"), measured.validation)
        kappa = measured.validation["agreement"]["*"]["kappa"]["value"]
        if kappa is not None:
            stage.metric("kappa", kappa)
    return 0


if __name__ == "__main__":
    raise SystemExit(report_errors(main))
