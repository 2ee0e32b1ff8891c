"""Fetch the files of one public dataset, from the mirror or from where they are published."""

from calibrant.data.fetch import fetch_dataset, resolve_mirror
from calibrant.data.manifest import SOURCE_CACHE
from calibrant.errors import report_errors
from calibrant.files import write_json
from calibrant.lineage.stage import Stage
from calibrant.stage_settings.sources import FetchSettings


def main() -> int:
    """Run the stage."""
    stage = Stage.from_command_line("fetch", inputs=(), outputs=("manifest",))
    with stage:
        settings = FetchSettings(**stage.settings)
        # The mirror is a place to read the same bytes from, so it is no setting of the study.
        manifest = fetch_dataset(
            settings.dataset, settings, SOURCE_CACHE, resolve_mirror(None), stage.say
        )
        write_json(stage.output("manifest"), manifest)
        stage.metric("files", len(manifest["files"]))
    return 0


if __name__ == "__main__":
    raise SystemExit(report_errors(main))
