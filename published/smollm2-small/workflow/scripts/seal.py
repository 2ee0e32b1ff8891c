"""Seal what is learnt from: drop every row that an evaluation set shares, and count them."""

from calibrant.data.seal import seal_training_set, seal_validation_set
from calibrant.errors import report_errors
from calibrant.files import write_json
from calibrant.lineage.stage import Stage
from calibrant.rows import Question, read_rows, write_rows
from calibrant.stage_settings.sources import SealSettings


def main() -> int:
    """Run the stage."""
    stage = Stage.from_command_line(
        "seal", inputs=("questions",), outputs=("training", "validation", "overlap")
    )
    with stage:
        rows = [read_rows(path, Question) for path in stage.inputs("questions")]
        settings = SealSettings(**stage.settings)
        training, overlap = seal_training_set(rows, settings)
        validation, shared = seal_validation_set(rows, settings)
        write_rows(stage.output("training"), training, Question)
        write_rows(stage.output("validation"), validation, Question)
        write_json(stage.output("overlap"), overlap | {"validation": shared})
        stage.metric("training_questions", len(training))
        stage.metric("validation_questions", len(validation))
        stage.metric("dropped", overlap["dropped"])
    return 0


if __name__ == "__main__":
    raise SystemExit(report_errors(main))
