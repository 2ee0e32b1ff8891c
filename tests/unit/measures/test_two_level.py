"""Several seeds: variance components, the two-level bootstrap, IQM and improvement."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import mannwhitneyu, trim_mean

from calibrant.errors import CalibrantError
from calibrant.measures.bootstrap import Panel, draw_clusters
from calibrant.measures.comparison import ComparisonSettings
from calibrant.measures.improvement import (
    improvement,
    paired_improvement,
    probability_of_improvement,
)
from calibrant.measures.interquartile_mean import draw_runs, interquartile_mean, summarise_runs
from calibrant.measures.replicates import Execution
from calibrant.measures.sample import scored_sample
from calibrant.measures.scores import accuracy
from calibrant.measures.two_level import two_level_replicates, variance_components
from calibrant.measures.weighting import tie_groups

ONE_THREAD = Execution(threads=1)


def wanted(replicates=2000, seed=3):
    return ComparisonSettings(replicates=replicates, seed=seed, level=0.95)


def trainings(outcomes):
    """Return one panel per row of 0 and 1, (seeds, questions)."""
    n = outcomes.shape[1]
    return [
        [Panel(tie_groups(scored_sample(np.zeros(n), row)), {"accuracy": accuracy})]
        for row in outcomes
    ]


def made_up(seed_spread=1.0, question_spread=1.0, seeds=5, questions=300, random=0):
    rng = np.random.default_rng(random)
    ability = rng.normal(0, seed_spread, (seeds, 1)) + rng.normal(0, question_spread, questions)
    return (rng.random((seeds, questions)) < 1 / (1 + np.exp(-ability))).astype(float)


def measured(outcomes, settings=None, method=0):
    return two_level_replicates(
        trainings(outcomes), outcomes.shape[1], settings or wanted(), method, ONE_THREAD
    )["accuracy"]


def analysis_of_variance(y):
    """Return the random-effects components of a table of seeds times questions, by sums."""
    s, n = y.shape
    rows, columns, mean = y.mean(axis=1), y.mean(axis=0), y.mean()
    rest = ((y - rows[:, None] - columns + mean) ** 2).sum() / ((s - 1) * (n - 1))
    between_seeds = n * ((rows - mean) ** 2).sum() / (s - 1)
    between_questions = s * ((columns - mean) ** 2).sum() / (n - 1)
    return (between_seeds - rest) / n, (between_questions - rest) / s / n, rest / n


@pytest.mark.parametrize("spreads", [(1.0, 1.0), (0.0, 2.0), (0.5, 0.0)])
def test_components_are_those_of_the_analysis_of_variance(spreads):
    outcomes = made_up(*spreads)
    found = variance_components(measured(outcomes, wanted(4000)))
    seed, question, rest = analysis_of_variance(outcomes)
    scale = seed + question + rest
    assert found.seed == pytest.approx(seed, abs=0.05 * scale)
    assert found.question == pytest.approx(question, abs=0.05 * scale)
    assert found.interaction == pytest.approx(rest, rel=0.05)


def test_the_mean_varies_as_its_components_say():
    outcomes = made_up(0.6, 1.5)
    found = measured(outcomes, wanted(4000))
    components = variance_components(found)
    # The pigeonhole bootstrap counts up to two interactions more, which is little here.
    excess = 2 * components.interaction / 5
    assert components.mean * 0.95 < found.means.var() < (components.mean + excess) * 1.08


def test_replicates_against_brute_force():
    outcomes = made_up(seeds=3, questions=20)
    found = measured(outcomes, wanted(5))
    for number in range(5):
        counts = draw_clusters(20, 3, number)
        by_training = outcomes @ counts / 20
        np.testing.assert_allclose(found.values[number], by_training)
        # Two of three trainings are drawn, so the mean is one of theirs or of a pair.
        pairs = [(by_training[i] + by_training[j]) / 2 for i in range(3) for j in range(3)]
        assert np.min(np.abs(np.array(pairs) - found.means[number])) < 1e-12


def test_two_methods_see_the_same_questions_and_other_seeds():
    outcomes = made_up()
    one, other = measured(outcomes), measured(outcomes, method=1)
    np.testing.assert_array_equal(one.values, other.values)
    assert np.any(one.means != other.means)


def test_questions_drawn_anew_for_every_seed_would_be_too_sure():
    # Seeds that do not differ leave the whole variance to the questions.
    row = made_up(seeds=1)[0]
    found = measured(np.stack([row] * 5))
    assert found.means.std() == pytest.approx(np.sqrt(row.var() / 300), rel=0.05)
    components = variance_components(found)
    assert components.seed == pytest.approx(0, abs=1e-12)
    assert components.interaction == pytest.approx(0, abs=1e-12)


def test_the_variance_between_seeds_is_not_a_fifth_too_small():
    # Many questions, so only seeds count: the standard error of a mean of five is s / sqrt(5).
    outcomes = np.repeat(np.array([[0.2], [0.35], [0.5], [0.65], [0.8]]), 10, axis=1)
    exact = (np.arange(10) / 10 < outcomes).astype(float)
    found = measured(np.repeat(exact, 30, axis=1), wanted(4000))
    between = found.points.var(ddof=1) / 5
    components = variance_components(found)
    assert found.means.var() == pytest.approx(between + components.question, rel=0.1)


def test_one_training_has_no_spread():
    with pytest.raises(CalibrantError, match="one training shows no spread"):
        measured(made_up(seeds=1))


def test_a_training_without_a_value_has_no_components():
    panels = [*trainings(made_up(seeds=2, questions=4)), trainings(np.zeros((1, 0)))[0]]
    found = two_level_replicates(panels, 4, wanted(50), execution=ONE_THREAD)["accuracy"]
    assert np.isnan(found.points[2])
    assert variance_components(found) is None
    # Replicates that did not draw it have a mean.
    assert 0 < np.isnan(found.means).sum() < 50


tables = arrays(
    float,
    st.tuples(st.integers(1, 7), st.integers(1, 5)),
    elements=st.integers(0, 20).map(lambda x: x / 20),
)


@settings(deadline=None)
@given(tables)
def test_the_interquartile_mean_is_rliables(scores):
    # rliable 1.2.0, metrics.aggregate_iqm.
    assert interquartile_mean(scores) == pytest.approx(trim_mean(scores, 0.25, axis=None))


def test_the_interquartile_mean_ignores_one_failed_run():
    assert interquartile_mean(np.array([[0.6], [0.7], [0.8], [-9.0]])) == pytest.approx(0.65)


def test_the_stratified_bootstrap_keeps_datasets_apart():
    table = np.arange(12.0).reshape(4, 3)
    drawn = draw_runs(table, wanted(200), 0)
    assert drawn.shape == (200, 4, 3)
    for task in range(3):
        assert set(drawn[:, :, task].ravel()) == set(table[:, task])
    np.testing.assert_array_equal(draw_runs(table, wanted(50), 0), drawn[:50])


def test_an_interval_of_the_interquartile_mean():
    rng = np.random.default_rng(0)
    found = summarise_runs(rng.normal(0.5, 0.1, (10, 4)), wanted())
    assert found.low < found.value < found.high
    assert found.high - found.low == pytest.approx(4 * 0.1 / np.sqrt(40), rel=0.4)
    alike = summarise_runs(np.full((5, 2), 0.5), wanted(100))
    assert (alike.value, alike.low, alike.high) == (0.5, None, None)
    with pytest.raises(CalibrantError, match="needs a score on every dataset"):
        summarise_runs([[0.5, np.nan]], wanted(100))


@settings(deadline=None)
@given(st.data())
def test_the_probability_of_improvement_is_rliables(data):
    # rliable 1.2.0, metrics.probability_of_improvement: Mann and Whitney's U over the pairs.
    tasks = data.draw(st.integers(1, 4))
    cell = st.integers(0, 8).map(float)
    one, other = (
        data.draw(arrays(float, (data.draw(st.integers(1, 6)), tasks), elements=cell))
        for _ in range(2)
    )
    shares = [
        mannwhitneyu(one[:, t], other[:, t], alternative="greater").statistic
        / (len(one) * len(other))
        for t in range(tasks)
    ]
    found = probability_of_improvement(one, other)
    assert found == pytest.approx(np.mean(shares))
    assert found + probability_of_improvement(other, one) == pytest.approx(1)


def test_improvement_has_an_interval_and_a_direction():
    rng = np.random.default_rng(1)
    better, worse = rng.normal(0.55, 0.1, (8, 3)), rng.normal(0.5, 0.1, (8, 3))
    found = improvement(better, worse, wanted())
    assert found.low < found.value < found.high
    assert found.value > 0.5
    as_loss = improvement(worse, better, wanted(), higher_is_better=False)
    assert as_loss.value == pytest.approx(found.value)
    sure = improvement([[1.0], [2.0]], [[0.0], [0.0]], wanted(100))
    assert (sure.value, sure.low, sure.high) == (1.0, None, None)
    with pytest.raises(CalibrantError, match="scored on 1 datasets, the second on 2"):
        improvement([[1.0]], [[1.0, 2.0]], wanted(100))


def test_paired_improvement_compares_every_training_with_itself():
    # Worked by hand: won, lost, tied and won of four trainings.
    one, other = [[3.0], [1.0], [2.0], [9.0]], [[2.0], [5.0], [2.0], [8.0]]
    found = paired_improvement(one, other, wanted())
    assert found.value == 2.5 / 4
    # The interval is that of the mean of four draws from 1, 0, 1/2 and 1.
    spread = np.sqrt(np.var([1, 0, 0.5, 1]) / 4)
    assert (found.high - found.low) / (2 * 1.96) == pytest.approx(spread, rel=0.15)
    as_loss = paired_improvement(other, one, wanted(), higher_is_better=False)
    assert (as_loss.value, as_loss.low, as_loss.high) == (found.value, found.low, found.high)
    same = paired_improvement(one, one, wanted(100))
    assert (same.value, same.low, same.high) == (0.5, None, None)
    with pytest.raises(CalibrantError, match="cannot be paired with 1 on 1"):
        paired_improvement(one, [[1.0]], wanted(100))
