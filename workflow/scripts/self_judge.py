"""Ask a model how well the confidence it stated matches how sure it is."""

from calibrant.engines.answering import open_model
from calibrant.errors import report_errors
from calibrant.lineage.stage import Stage
from calibrant.measures.ask_self_judgement import ask_self_judgement
from calibrant.measures.forecast_rows import write_forecasts
from calibrant.progress import progress
from calibrant.rows import Prediction, Question, read_rows
from calibrant.stage_settings.self_judgement import SelfJudgeSettings


def main() -> int:
    """Run the stage."""
    stage = Stage.from_command_line(
        "self_judge", inputs=("model", "predictions", "questions"), outputs=("forecasts",)
    )
    with stage:
        settings = SelfJudgeSettings(**stage.settings)
        questions = read_rows(stage.input("questions"), Question)
        stage.say("loading the model")
        rows = ask_self_judgement(
            read_rows(stage.input("predictions"), Prediction),
            {question.question_id: question for question in questions},
            settings,
            open_model(stage.input("model"), settings.generate, states_confidence=False),
            lambda replies, total: progress(replies, total, f"{stage.subject}: replies"),
        )
        write_forecasts(stage.output("forecasts"), rows)
        stage.metric("asked", len(rows))
        stage.metric("unread", sum(row.forecast is None for row in rows))
    return 0


if __name__ == "__main__":
    raise SystemExit(report_errors(main))
