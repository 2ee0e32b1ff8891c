"""Let the starting model answer every training question several times."""

from calibrant.data.sealed_rows import check_as_made, check_rows
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
        training = read_rows(stage.input("training"), Question)
        check_rows(training, "train", settings.learnt_from, stage.input("training"))
        check_as_made(stage.input("training"), stage.root)
        questions = first_of_each(training, settings.limit)
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
