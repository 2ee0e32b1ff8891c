"""Let a judge grade the answers that no deterministic grader could compare."""

from calibrant.errors import report_errors
from calibrant.files import read_json
from calibrant.judging.judge_answers import judge_predictions
from calibrant.judging.need import BY_JUDGE
from calibrant.judging.opening import open_judge
from calibrant.judging.store import VerdictStore
from calibrant.lineage.stage import Stage
from calibrant.rows import Prediction, Question, read_rows, write_rows
from calibrant.stage_settings.judging import JudgeAnswersSettings


def main() -> int:
    """Run the stage."""
    stage = Stage.from_command_line(
        "judge_answers",
        inputs=("graded", "questions", "judge", "models"),
        outputs=("predictions",),
    )
    with stage:
        part = JudgeAnswersSettings(**stage.settings).part
        store = VerdictStore(stage.root / "judging" / "verdicts")
        described = read_json(stage.input("judge"))
        models = dict(zip(part.models, stage.inputs("models"), strict=True))
        questions = read_rows(stage.input("questions"), Question)
        predictions = judge_predictions(
            read_rows(stage.input("graded"), Prediction),
            {question.question_id: question for question in questions},
            open_judge(part, models, store, described),
            part.name,
            store,
        )
        write_rows(stage.output("predictions"), predictions, Prediction)
        stage.metric("judged", sum(row.grader.startswith(BY_JUDGE) for row in predictions))
    return 0


if __name__ == "__main__":
    raise SystemExit(report_errors(main))
