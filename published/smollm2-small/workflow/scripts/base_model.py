"""Make one model of the study: an ordinary Hugging Face checkpoint and its manifest."""

from calibrant.engines.checkpoint import make_checkpoint
from calibrant.errors import report_errors
from calibrant.files import write_json
from calibrant.lineage.stage import Stage
from calibrant.stage_settings.model import ModelSettings


def main() -> int:
    """Run the stage."""
    stage = Stage.from_command_line("base_model", inputs=("source",), outputs=("manifest",))
    with stage:
        settings = ModelSettings(**stage.settings)
        manifest = make_checkpoint(
            settings.model, stage.output_folder("manifest"), stage.seed, stage.say
        )
        write_json(stage.output("manifest"), manifest)
        stage.note(f"weights sha256 {manifest['weights_sha256']}")
    return 0


if __name__ == "__main__":
    raise SystemExit(report_errors(main))
