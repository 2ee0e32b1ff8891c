"""Prepare the questions of one dataset: common format, identity, split."""

from calibrant.data.dataset import load_raw
from calibrant.data.prepare import to_questions
from calibrant.errors import report_errors
from calibrant.files import write_json
from calibrant.lineage.stage import Stage
from calibrant.rows import Question, write_rows
from calibrant.stage_settings.sources import PrepareSettings


def main() -> int:
    """Run the stage."""
    stage = Stage.from_command_line("prepare", inputs=("source",), outputs=("questions", "account"))
    with stage:
        settings = PrepareSettings(**stage.settings)
        loaded, parts = load_raw(settings, stage.inputs("source"), stage.seed)
        questions, account = to_questions(settings.dataset, loaded, parts)
        write_rows(stage.output("questions"), questions, Question)
        write_json(stage.output("account"), account)
        stage.metric("questions", len(questions))
    return 0


if __name__ == "__main__":
    raise SystemExit(report_errors(main))
