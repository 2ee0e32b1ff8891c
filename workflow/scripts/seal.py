"""Seal the training set: drop every row that an evaluation set shares, and count them."""

from calibrant.data.seal import seal_training_set
from calibrant.errors import report_errors
from calibrant.files import write_json
from calibrant.lineage.stage import Stage
from calibrant.rows import Question, read_rows, write_rows
from calibrant.stage_settings.sources import SealSettings


def main() -> int:
    """Run the stage."""
    stage = Stage.from_command_line("seal", inputs=("questions",), outputs=("training", "overlap"))
    with stage:
        rows = [read_rows(path, Question) for path in stage.inputs("questions")]
        training, overlap = seal_training_set(rows, SealSettings(**stage.settings))
        write_rows(stage.output("training"), training, Question)
        write_json(stage.output("overlap"), overlap)
        stage.metric("training_questions", len(training))
        stage.metric("dropped", overlap["dropped"])
    return 0


if __name__ == "__main__":
    raise SystemExit(report_errors(main))
