"""Write the card of a trained model, from its documents."""

from calibrant.errors import report_errors
from calibrant.files import read_json, write_text
from calibrant.lineage.stage import Stage
from calibrant.reporting.document import Document
from calibrant.reporting.model_card import CardEvidence, model_card
from calibrant.reporting.model_card_settings import ModelCardSettings


def main() -> int:
    """Run the stage."""
    stage = Stage.from_command_line(
        "model_card", inputs=("manifest", "measures", "certificates"), outputs=("card",)
    )
    with stage:
        manifest, *measured = (
            Document(path.as_posix(), read_json(path))
            for path in (stage.input("manifest"), *stage.inputs("measures"))
        )
        certified = [
            Document(path.as_posix(), read_json(path)) for path in stage.inputs("certificates")
        ]
        evidence = CardEvidence(manifest, tuple(measured), tuple(certified))
        write_text(stage.output("card"), model_card(evidence, ModelCardSettings(**stage.settings)))
    return 0


if __name__ == "__main__":
    raise SystemExit(report_errors(main))
