"""Measure how well stated confidences match how often an answer is given again."""

from calibrant.errors import report_errors
from calibrant.files import write_json
from calibrant.lineage.stage import Stage
from calibrant.measures.sampled_faithfulness import measure_faithfulness
from calibrant.rows import Prediction, Question, read_rows
from calibrant.stage_settings.measure import FaithfulnessSettings


def main() -> int:
    """Run the stage."""
    stage = Stage.from_command_line(
        "faithfulness", inputs=("predictions", "questions"), outputs=("figures",)
    )
    with stage:
        questions = read_rows(stage.input("questions"), Question)
        document = measure_faithfulness(
            read_rows(stage.input("predictions"), Prediction),
            {question.question_id: question for question in questions},
            FaithfulnessSettings(**stage.settings),
            stage.seed,
        )
        write_json(stage.output("figures"), document)
        for name in ("mfg", "cmfg_star"):
            value = document["figures"][name]["value"]
            if value is not None:
                stage.metric(name, value)
    return 0


if __name__ == "__main__":
    raise SystemExit(report_errors(main))
