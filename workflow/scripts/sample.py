"""Let the starting model answer every training question several times."""

from calibrant.engines.answering import answer_questions, open_model
from calibrant.errors import report_errors
from calibrant.lineage.stage import Stage
from calibrant.progress import progress
from calibrant.rows import Completion, Question, read_rows, write_rows
from calibrant.stage_settings.selection import SampleSettings
from calibrant.training.first_questions import first_of_each


def main() -> int:
    """Run the stage."""
    stage = Stage.from_command_line(
        "sample", inputs=("model", "training"), outputs=("completions",)
    )
    with stage:
        settings = SampleSettings(**stage.settings)
        questions = first_of_each(read_rows(stage.input("training"), Question), settings.limit)
        stage.say("loading the model")
        engine = open_model(stage.input("model"), settings.generate)
        completions = answer_questions(
            questions,
            settings.generate,
            stage.seed,
            engine,
            lambda replies, total: progress(replies, total, "sample: answers"),
        )
        write_rows(stage.output("completions"), completions, Completion)
        stage.metric("questions", len(questions))
        stage.metric("completions", len(completions))
        stage.metric("tokens", sum(row.tokens or 0 for row in completions))
    return 0


if __name__ == "__main__":
    raise SystemExit(report_errors(main))
