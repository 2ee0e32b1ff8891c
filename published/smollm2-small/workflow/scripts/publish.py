"""Publish the records of a study to MLflow."""

from calibrant.errors import report_errors
from calibrant.files import write_json
from calibrant.lineage.stage import Stage
from calibrant.reporting.tracking import publish
from calibrant.stage_settings.publish import PublishSettings


def main() -> int:
    """Run the stage."""
    stage = Stage.from_command_line("publish", inputs=("page",), outputs=("published",))
    with stage:
        settings = PublishSettings(**stage.settings)
        database = stage.root / "mlflow.db"
        summary = publish(stage.root, database, settings.study, stage.say)
        write_json(stage.output("published"), summary)
    return 0


if __name__ == "__main__":
    raise SystemExit(report_errors(main))
