"""Training curves in a real MLflow store."""

from pathlib import Path

import pytest
from tests.integration.made_up_records import fresh_client, record, runs, write

from calibrant.files import sha256_file
from calibrant.reporting.tracking import publish

CURVE = (
    '{"kind": "train", "round": 1, "rollouts": 256, "reward": 0.5, "explained_variance": null}\n'
    '{"kind": "train", "round": 2, "rollouts": 512, "reward": 0.75, "note": "x"}\n'
    '{"kind": "validation", "round": 2, "rollouts": 512, "reward": 0.625, "truth_distance": NaN}\n'
    '{"kind": "end", "reason": "finished", "best_round": 2, "rounds": 2}\n'
)


def trained(root: Path, seed: int, digest: str | None = None) -> None:
    """Write the curve of a training and its record."""
    curve = root / f"train/rlcr/seed{seed}.curve.jsonl"
    curve.parent.mkdir(parents=True, exist_ok=True)
    curve.write_text(CURVE)
    value = record("train", f"train/rlcr/{curve.name}", subject=f"rlcr/seed{seed}")
    value["outputs"][0]["sha256"] = digest or sha256_file(curve)
    write(root, value)


def test_a_curve_is_step_metrics_of_its_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    root = tmp_path / "results/demo"
    trained(root, 17)
    trained(root, 18, digest="0" * 64)
    said: list[str] = []
    publish(root, root / "mlflow.db", "demo", said.append)
    found, client = runs(root), fresh_client(root)
    run = found["train rlcr/seed17"]
    assert set(run.data.metrics) == {
        "train/reward", "train/rollouts", "validation/reward", "validation/rollouts",
    }  # fmt: skip
    rewards = client.get_metric_history(run.info.run_id, "train/reward")
    assert [(point.step, point.value) for point in rewards] == [(1, 0.5), (2, 0.75)]
    [validation] = client.get_metric_history(run.info.run_id, "validation/reward")
    assert (validation.step, validation.value) == (2, 0.625)
    assert found["train rlcr/seed18"].data.metrics == {}
    lost = f"{root}/train/rlcr/seed18.curve.jsonl: is not the file that its record describes"
    assert said[:-1] == [f"{lost}, left out"]
