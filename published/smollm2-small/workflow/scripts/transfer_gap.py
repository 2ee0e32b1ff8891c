"""Compare every method on held-out datasets with itself on in-domain ones."""

from calibrant.errors import report_errors
from calibrant.files import write_json
from calibrant.lineage.stage import Stage
from calibrant.measures.comparison_settings import TransferSettings
from calibrant.measures.transfer_gap import by_dataset, transfer_gap
from calibrant.rows import Prediction, read_rows


def main() -> int:
    """Run the stage."""
    stage = Stage.from_command_line(
        "transfer_gap", inputs=("in_domain", "held_out"), outputs=("transfer",)
    )
    with stage:
        settings = TransferSettings(**stage.settings)
        files = [*stage.inputs("in_domain"), *stage.inputs("held_out")]
        predictions = by_dataset(read_rows(path, Prediction) for path in files)
        document = transfer_gap(predictions, settings, stage.seed)
        write_json(stage.output("transfer"), document)
        for row in document["rows"]:
            value = row["brier"]["difference"]["value"]
            if value is not None:
                pair = f"{row['in_domain']}_to_{row['held_out']}"
                stage.metric(f"{row['method']}.{pair}.brier", value)
    return 0


if __name__ == "__main__":
    raise SystemExit(report_errors(main))
