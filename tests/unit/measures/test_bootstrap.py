"""The bootstrap: determinism, clusters, coverage, and replicates without a value."""

import numpy as np
import pytest

from calibrant.measures import replicates
from calibrant.measures.bootstrap import (
    Panel,
    bootstrap_values,
    draw_clusters,
    percentile_interval,
)
from calibrant.measures.replicates import Execution
from calibrant.measures.sample import ScoredSample, scored_sample
from calibrant.measures.scores import accuracy, brier, gap, mean_confidence
from calibrant.measures.summary import measures_of_confidence
from calibrant.measures.weighting import Measure, tie_groups


def made_up(n: int, per_question: int = 1, decimals: int = 16) -> ScoredSample:
    rng = np.random.default_rng(1)
    confidence = np.round(rng.random(n), decimals)
    return scored_sample(confidence, rng.random(n) < confidence, np.arange(n) // per_question)


def replicated(
    sample: ScoredSample, measures: dict[str, Measure], count: int = 200, threads: int = 1
) -> dict[str, np.ndarray]:
    return bootstrap_values(
        [Panel(tie_groups(sample), measures)],
        len(np.unique(sample.cluster)),
        replicates=count,
        seed=17,
        execution=Execution(threads=threads),
    )


@pytest.mark.parametrize("decimals", [2, 16])
@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("cells", [1, 1000, 1 << 18])
def test_chunks_and_threads_change_no_bit(
    cells: int, threads: int, decimals: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = made_up(500, per_question=2, decimals=decimals)
    expected = replicated(sample, measures_of_confidence(10), count=60)
    monkeypatch.setattr(replicates, "_CELLS_PER_CHUNK", cells)
    found = replicated(sample, measures_of_confidence(10), count=60, threads=threads)
    for name, values in expected.items():
        np.testing.assert_array_equal(found[name], values)


def test_fewer_replicates_are_the_first_of_more() -> None:
    sample = made_up(50)
    many = replicated(sample, {"brier": brier}, count=40)["brier"]
    np.testing.assert_array_equal(
        replicated(sample, {"brier": brier}, count=25)["brier"], many[:25]
    )


def test_another_seed_draws_otherwise() -> None:
    assert draw_clusters(100, 1, 0).tolist() != draw_clusters(100, 2, 0).tolist()
    assert draw_clusters(100, 1, 0).tolist() != draw_clusters(100, 1, 1).tolist()


def test_a_draw_takes_as_many_clusters_as_there_are() -> None:
    counts = np.stack([draw_clusters(20, 3, replicate) for replicate in range(500)])
    assert set(counts.sum(axis=1)) == {20.0}
    # Each cluster is drawn once on average; the standard error over 500 draws is .044.
    assert np.all(np.abs(counts.mean(axis=0) - 1) < 0.2)


def test_all_measures_see_the_same_draw() -> None:
    measures: dict[str, Measure] = {
        "accuracy": accuracy,
        "mean_confidence": mean_confidence,
        "gap": gap,
    }
    values = replicated(made_up(80, per_question=4), measures)
    np.testing.assert_allclose(
        values["gap"], values["mean_confidence"] - values["accuracy"], atol=1e-12
    )


def test_identical_answers_within_a_question_widen_the_interval() -> None:
    # 60 questions with nine equal answers each carry the information of 60 answers, so the
    # clustered interval is about three times as wide as the naive one.
    few = made_up(60)
    repeated = [np.repeat(column, 9) for column in (few.confidence, few.correct, few.cluster)]
    clustered = scored_sample(*repeated)
    naive = scored_sample(repeated[0], repeated[1])
    widths = []
    for sample in (few, clustered, naive):
        interval = percentile_interval(
            replicated(sample, {"accuracy": accuracy}, 1000)["accuracy"], 0.95
        )
        assert interval.low is not None and interval.high is not None
        widths.append(interval.high - interval.low)
    assert widths[1] == pytest.approx(widths[0])
    assert 2.4 < widths[1] / widths[2] < 3.6


def test_replicates_without_a_value_are_left_out_and_counted() -> None:
    # Three answers, one of them wrong: a draw without it, or of nothing else, has one class.
    sample = scored_sample([0.9, 0.8, 0.1], [1, 1, 0])
    values = replicated(sample, measures_of_confidence(10), count=500)["auroc"]
    interval = percentile_interval(values, 0.95)
    draws = np.stack([draw_clusters(3, 17, replicate) for replicate in range(500)])
    one_class = (draws[:, 2] == 0) | (draws[:, 2] == 3)
    assert interval.left_out == one_class.sum() > 0
    assert (interval.low, interval.high) == (1.0, 1.0)


def test_an_interval_over_no_value_is_none() -> None:
    interval = percentile_interval(np.array([np.nan, np.nan]), 0.95)
    assert (interval.low, interval.high, interval.left_out) == (None, None, 2)


def test_percentiles_worked_by_hand() -> None:
    interval = percentile_interval(np.arange(101.0), 0.9)
    assert interval.low == pytest.approx(5.0)
    assert interval.high == pytest.approx(95.0)


def test_the_accuracy_interval_covers_the_truth_as_often_as_it_says() -> None:
    # 300 sets of 200 answers, right with probability .7; the percentile interval of a mean at
    # n = 200 covers a little under 95 %, and 300 sets leave a standard error of 1.3 points.
    rng = np.random.default_rng(23)
    covered = 0
    for _ in range(300):
        sample = scored_sample(np.zeros(200), rng.random(200) < 0.7)
        interval = percentile_interval(replicated(sample, {"accuracy": accuracy})["accuracy"], 0.95)
        assert interval.low is not None and interval.high is not None
        covered += interval.low <= 0.7 <= interval.high
    assert 0.90 <= covered / 300 <= 0.98


def test_progress_reaches_the_end_and_an_error_comes_through() -> None:
    told: list[tuple[str, int, int]] = []
    bootstrap_values(
        [Panel(tie_groups(made_up(10)), {"brier": brier})],
        10,
        replicates=30,
        seed=1,
        execution=Execution(progress=lambda *report: told.append(report)),
    )
    assert told[-1] == ("bootstrap", 30, 30)

    def broken(weighted: object) -> np.ndarray:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        replicated(made_up(10), {"broken": broken})
