"""What a person opens in MLflow: the report, its numbers and the table of all figures."""

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from calibrant.files import sha256_file, write_text
from calibrant.reporting.tracking_figures import TABLE, Figure, table_tag, table_text

if TYPE_CHECKING:
    from mlflow import MlflowClient

# Tag that holds the digest of an artifact, and where the artifact may lie in a study's results.
_FILES = {
    "calibrant.report_sha256": ("report/report.html", "report.html"),
    "calibrant.numbers_sha256": ("report/numbers.json",),
}
_TABLE_TAG = "calibrant.evaluation_sha256"


def attach_artifacts(
    client: "MlflowClient", run: str, root: Path, figures: Iterable[Figure]
) -> None:
    """Attach the report, its numbers and the evaluation table to a run, each where it has changed.

    Args:
        client: An open store.
        run: Identifier of the study's run.
        root: Folder of the study's results.
        figures: The rows of the table; without any there is none.
    """
    tags = client.get_run(run).data.tags
    for tag, places in _FILES.items():
        there = [root / place for place in places if (root / place).is_file()]
        if there:
            _attach(client, run, there[0], tag, tags)
    if rows := list(figures):
        with tempfile.TemporaryDirectory() as folder:
            table = Path(folder) / TABLE
            write_text(table, table_text(rows))
            if _attach(client, run, table, _TABLE_TAG, tags):
                client.set_tag(run, "mlflow.loggedArtifacts", table_tag())


def _attach(client: "MlflowClient", run: str, file: Path, tag: str, tags: dict[str, str]) -> bool:
    digest = sha256_file(file)
    if tags.get(tag) == digest:
        return False
    client.log_artifact(run, str(file))
    client.set_tag(run, tag, digest)
    return True
