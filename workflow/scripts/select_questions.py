"""Grade the samples of the training questions, and keep the questions to train on."""

from calibrant.data.sealed_rows import check_as_made, check_rows
from calibrant.errors import report_errors
from calibrant.files import write_json
from calibrant.grading.predictions import grade_completions
from calibrant.lineage.stage import Stage
from calibrant.rows import Completion, Question, read_rows, write_rows
from calibrant.stage_settings.answers import GradeSettings
from calibrant.stage_settings.selection import SelectSettings
from calibrant.training.selection import select_questions


def main() -> int:
    """Run the stage."""
    stage = Stage.from_command_line(
        "select_questions",
        inputs=("completions", "questions"),
        outputs=("training", "selection"),
    )
    with stage:
        settings = SelectSettings(**stage.settings)
        questions = read_rows(stage.input("questions"), Question)
        check_rows(questions, "train", settings.learnt_from, stage.input("questions"))
        check_as_made(stage.input("questions"), stage.root)
        predictions = grade_completions(
            read_rows(stage.input("completions"), Completion),
            questions,
            GradeSettings(scale=settings.scale, confidence="stated"),
        )
        kept, document = select_questions(questions, predictions, settings, stage.seed)
        write_rows(stage.output("training"), kept, Question)
        write_json(stage.output("selection"), document)
        for name in ("sampled", "always_right", "always_wrong", "ungradable", "to_judge", "kept"):
            stage.metric(f"selection.{name}", document["all"][name])
    return 0


if __name__ == "__main__":
    raise SystemExit(report_errors(main))
