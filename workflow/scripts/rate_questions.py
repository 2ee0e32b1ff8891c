"""Ask the starting model how well the confidence of its own answers matches how sure it is."""

from calibrant.data.sealed_rows import check_as_made, check_rows
from calibrant.engines.answering import open_model
from calibrant.errors import report_errors
from calibrant.lineage.stage import Stage
from calibrant.progress import progress
from calibrant.rows import Completion, Question, read_rows, write_rows
from calibrant.stage_settings.answers import GenerateSettings
from calibrant.training.question_rating import rate_questions
from calibrant.training.self_judgement import read_forecast


def main() -> int:
    """Run the stage."""
    stage = Stage.from_command_line(
        "rate_questions", inputs=("model", "completions", "questions"), outputs=("ratings",)
    )
    with stage:
        settings = GenerateSettings(**stage.settings)
        questions = read_rows(stage.input("questions"), Question)
        check_rows(questions, "train", None, stage.input("questions"))
        check_as_made(stage.input("questions"), stage.root)
        stage.say("loading the model")
        replies = rate_questions(
            questions,
            read_rows(stage.input("completions"), Completion),
            settings,
            stage.seed,
            open_model(stage.input("model"), settings, states_confidence=False),
            lambda rows, total: progress(rows, total, "rate_questions: replies"),
        )
        write_rows(stage.output("ratings"), replies, Completion)
        read = [read_forecast(row.completion, settings.elicitation.scale) for row in replies]
        stage.metric("questions", len(questions))
        stage.metric("unread", read.count(None))
        stage.metric("tokens", sum(row.tokens or 0 for row in replies))
    return 0


if __name__ == "__main__":
    raise SystemExit(report_errors(main))
