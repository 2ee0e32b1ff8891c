"""How fast all measures with their intervals are, against a loop over a library's functions."""

import time

import numpy as np
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

from calibrant.measures.summary import measure_sample

ROWS, REPLICATES, LOOPED = 100_000, 1_000, 10


def test_measures_against_a_loop(capsys):
    rng = np.random.default_rng(1)
    confidence = rng.random(ROWS)
    correct = (rng.random(ROWS) < confidence).astype(float)

    start = time.perf_counter()
    measure_sample(
        confidence, correct, policy="drop", bins=10, replicates=REPLICATES, level=0.95, seed=1
    )
    ours = time.perf_counter() - start

    start = time.perf_counter()
    for _ in range(LOOPED):
        drawn = rng.integers(0, ROWS, ROWS)
        brier_score_loss(correct[drawn], confidence[drawn])
        log_loss(correct[drawn], confidence[drawn])
        roc_auc_score(correct[drawn], confidence[drawn])
    loop = (time.perf_counter() - start) / LOOPED * REPLICATES

    with capsys.disabled():
        print(
            f"\n{ROWS:,} rows, {REPLICATES:,} replicates: nine measures, two curves and the noise "
            f"floor in {ours:.1f} s; three of them in a loop over scikit-learn: {loop:.0f} s "
            f"(from {LOOPED} replicates); ratio {loop / ours:.1f}"
        )
