"""Read answers and confidences out of completions and grade them."""

from calibrant.errors import report_errors
from calibrant.grading.predictions import count_statuses, grade_completions
from calibrant.lineage.stage import Stage
from calibrant.rows import Completion, Prediction, Question, read_rows, write_rows
from calibrant.stage_settings.answers import GradeSettings


def main() -> int:
    """Run the stage."""
    stage = Stage.from_command_line(
        "grade", inputs=("completions", "questions"), outputs=("predictions",)
    )
    with stage:
        predictions = grade_completions(
            read_rows(stage.input("completions"), Completion),
            read_rows(stage.input("questions"), Question),
            GradeSettings(**stage.settings),
        )
        write_rows(stage.output("predictions"), predictions, Prediction)
        for name, count in sorted(count_statuses(predictions).items()):
            stage.metric(name, count)
    return 0


if __name__ == "__main__":
    raise SystemExit(report_errors(main))
