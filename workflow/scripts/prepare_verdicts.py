"""Prepare the human verdicts of one judge set."""

from calibrant.data.dataset import load_raw
from calibrant.data.prepare import judgement_account, to_judgements
from calibrant.errors import report_errors
from calibrant.files import write_json
from calibrant.lineage.stage import Stage
from calibrant.rows import Judgement, write_rows
from calibrant.stage_settings.sources import PrepareSettings


def main() -> int:
    """Run the stage."""
    stage = Stage.from_command_line(
        "prepare_verdicts", inputs=("source",), outputs=("verdicts", "account")
    )
    with stage:
        settings = PrepareSettings(**stage.settings)
        loaded, _ = load_raw(settings, stage.inputs("source"), stage.seed)
        verdicts = to_judgements(settings.dataset, loaded)
        write_rows(stage.output("verdicts"), verdicts, Judgement)
        write_json(stage.output("account"), judgement_account(loaded, verdicts))
        stage.metric("verdicts", len(verdicts))
    return 0


if __name__ == "__main__":
    raise SystemExit(report_errors(main))
