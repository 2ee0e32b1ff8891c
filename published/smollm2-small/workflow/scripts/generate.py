"""Let a model answer the questions of one dataset and state its confidence."""

from calibrant.engines.answering import answer_questions, open_model
from calibrant.errors import report_errors
from calibrant.lineage.stage import Stage
from calibrant.progress import progress
from calibrant.rows import Completion, Question, read_rows, write_rows
from calibrant.stage_settings.answers import GenerateSettings


def main() -> int:
    """Run the stage."""
    stage = Stage.from_command_line(
        "generate", inputs=("model", "questions"), outputs=("completions",)
    )
    with stage:
        settings = GenerateSettings(**stage.settings)
        questions = read_rows(stage.input("questions"), Question)
        stage.say("loading the model")
        engine = open_model(stage.input("model"), settings)
        completions = answer_questions(
            questions,
            settings,
            stage.seed,
            engine,
            lambda replies, total: progress(replies, total, f"{stage.subject}: answers"),
        )
        write_rows(stage.output("completions"), completions, Completion)
        stage.metric("completions", len(completions))
        stage.metric("tokens", sum(row.tokens or 0 for row in completions))
    return 0


if __name__ == "__main__":
    raise SystemExit(report_errors(main))
