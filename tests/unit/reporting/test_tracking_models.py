"""Which file of a stage is the manifest of a checkpoint, and so a model in MLflow."""

import pytest
from tests.integration.made_up_records import record

from calibrant.lineage.record import Record
from calibrant.reporting.tracking_models import manifest_entry


def made(stage: str, **outputs: str) -> Record:
    """Return a record of a stage with outputs of these names."""
    value = record(stage, *outputs.values())
    for entry, name in zip(value["outputs"], outputs, strict=True):
        entry["name"] = name
    return value


@pytest.mark.parametrize("stage", ["base_model", "warm_up", "train"])
def test_a_checkpoint_has_one(stage: str) -> None:
    path = "train/rlcr/seed1/manifest.json"
    entry = manifest_entry(made(stage, curve="train/rlcr/seed1.curve.jsonl", manifest=path))
    assert entry is not None
    assert entry["path"] == f"results/demo/{path}"


@pytest.mark.parametrize(
    ("stage", "name", "path"),
    [
        ("prepare", "account", "data/questions/manifest.json"),
        ("measure", "measures", "measures/base/seed1/manifest.json"),
        ("fetch", "manifest", "data/sources/manifest.json"),
        ("fetch", "manifest", "data/sources/triviaqa.json"),
    ],
)
def test_a_file_of_a_dataset_called_manifest_is_none(stage: str, name: str, path: str) -> None:
    assert manifest_entry(made(stage, **{name: path})) is None
