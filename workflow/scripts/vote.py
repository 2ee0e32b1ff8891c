"""Let several answers to each question vote on one."""

from calibrant.baselines.settings import VoteSettings
from calibrant.baselines.votes import vote
from calibrant.errors import report_errors
from calibrant.lineage.stage import Stage
from calibrant.rows import Prediction, Question, read_rows, write_rows


def main() -> int:
    """Run the stage."""
    stage = Stage.from_command_line("vote", inputs=("predictions", "questions"), outputs=("voted",))
    with stage:
        settings = VoteSettings(**stage.settings)
        questions = read_rows(stage.input("questions"), Question)
        voted = vote(
            read_rows(stage.input("predictions"), Prediction),
            {question.question_id: question for question in questions},
            settings,
            settings.method,
        )
        write_rows(stage.output("voted"), voted, Prediction)
        stage.metric("questions", len(voted))
        stage.metric("unread", sum(row.confidence_status == "no_answer" for row in voted))
    return 0


if __name__ == "__main__":
    raise SystemExit(report_errors(main))
