"""Agreement with RLCR's own published figures on its own labels and confidences."""

import json
import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from calibrant.measures.summary import measure_sample

REPOSITORY = Path("damanimehul/RLCR/8904bedf1af827e0a1bcc3c907bf505d88540bd2")
ROWS = "eval_outputs/Hotpot-models/commonsenseqa/data-00000-of-00001.arrow"
FIGURES = "results/Hotpot-models/commonsenseqa/metrics.json"
THEIR_NAMES = {
    "accuracy": "accuracy",
    "brier": "brier_score",
    "ece": "ece",
    "auroc": "auroc",
    "mean_confidence": "confidence level",
}
MIRROR = os.environ.get("CALIBRANT_MIRROR")


@pytest.mark.skipif(MIRROR is None, reason="CALIBRANT_MIRROR names no folder with RLCR's files")
@pytest.mark.parametrize("system", ["Base", "RLVR", "RLVR-Classifier", "Answer-Prob", "RLCR"])
def test_published_figures_are_met(system: str) -> None:
    folder = Path(MIRROR or "") / REPOSITORY
    with pa.OSFile(str(folder / ROWS)) as source:
        table = pa.ipc.open_stream(source).read_all()
    published = json.loads((folder / FIGURES).read_text(encoding="utf-8"))[system]
    correct, confidence = (
        np.array([cell[0] for cell in table[f"{system}-{column}"].to_pylist()], dtype=float)
        for column in ("evals", "confidence_levels")
    )
    measures = measure_sample(
        confidence, correct, policy="zero", bins=10, replicates=100, level=0.95, seed=17
    )["measures"]
    for name, theirs in THEIR_NAMES.items():
        assert measures[name]["value"] == pytest.approx(published[theirs], abs=1e-9), name
