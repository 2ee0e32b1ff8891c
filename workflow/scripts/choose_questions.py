"""Make sets of training questions of equal size: by self-rating, at random, by faithfulness."""

from calibrant.data.sealed_rows import check_as_made, check_rows
from calibrant.errors import report_errors
from calibrant.files import write_json
from calibrant.grading.predictions import grade_completions
from calibrant.lineage.stage import Stage
from calibrant.rows import Completion, Question, read_rows, write_rows
from calibrant.stage_settings.answers import GradeSettings
from calibrant.stage_settings.selection import ChooseSettings
from calibrant.training.question_choice import SETS, choose_questions


def main() -> int:
    """Run the stage."""
    stage = Stage.from_command_line(
        "choose_questions",
        inputs=("completions", "questions", "ratings"),
        outputs=(*SETS, "choice"),
    )
    with stage:
        settings = ChooseSettings(**stage.settings)
        questions = read_rows(stage.input("questions"), Question)
        check_rows(questions, "train", None, stage.input("questions"))
        check_as_made(stage.input("questions"), stage.root)
        kept = {question.question_id for question in questions}
        answers = read_rows(stage.input("completions"), Completion)
        predictions = grade_completions(
            [row for row in answers if row.question_id in kept],
            questions,
            GradeSettings(scale=settings.scale, confidence="stated"),
        )
        replies = read_rows(stage.input("ratings"), Completion)
        sets, document = choose_questions(questions, predictions, replies, settings, stage.seed)
        for name in SETS:
            write_rows(stage.output(name), sets[name], Question)
        write_json(stage.output("choice"), document)
        for name in ("rated", "unread", "unknown"):
            stage.metric(f"self_rating.{name}", document["all"][name])
        stage.metric("self_rating.chosen", len(sets["metacognitive"]))
    return 0


if __name__ == "__main__":
    raise SystemExit(report_errors(main))
