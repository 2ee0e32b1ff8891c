"""The certified threshold: by hand, its guarantee in simulated worlds, and what it refuses."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibrant.certification.calibration_rows import one_per_question
from calibrant.certification.candidates import candidate_thresholds
from calibrant.certification.threshold import ThresholdTest, certify_threshold
from calibrant.errors import CalibrantError

ALPHA, DELTA, STREAMS = 0.1, 0.05, 2_000
ALLOWED = DELTA + 3 * (DELTA * (1 - DELTA) / STREAMS) ** 0.5
NAN = float("nan")
Array = np.ndarray
World = tuple[list[float], list[float], list[float]]

# Confidences, their shares and their error rates. Risk need not fall with confidence.
WORLDS: dict[str, World] = {
    "constant, just too risky": ([0.9], [1.0], [0.1001]),
    "few values with ties": (
        [1.0, 0.95, 0.9, 0.8, 0.5],
        [0.1, 0.2, 0.3, 0.2, 0.2],
        [0.02, 0.05, 0.17, 0.3, 0.5],
    ),
    "most confident most often wrong": (
        [1.0, 0.9, 0.8, 0.6],
        [0.15, 0.35, 0.3, 0.2],
        [0.3, 0.02, 0.15, 0.1],
    ),
    "skewed": ([0.99, 0.9, 0.2], [0.9, 0.05, 0.05], [0.102, 0.05, 0.6]),
    "hovering about the risk": (
        [1.0, 0.9, 0.8, 0.7, 0.6],
        [0.2] * 5,
        [0.1001, 0.1, 0.1001, 0.1, 0.1001],
    ),
}


def risk_at(world: World, threshold: float) -> float:
    values, shares, risks = map(np.array, world)
    reached = values >= threshold
    return float((shares * risks)[reached].sum() / shares[reached].sum())


def draw(world: World, n: int, rng: np.random.Generator) -> tuple[Array, Array]:
    values, shares, risks = map(np.array, world)
    kind = rng.choice(len(values), n, p=shares)
    return values[kind], (rng.random(n) >= risks[kind]).astype(float)


def certified(sure: Array, right: Array, candidates: list[float]) -> float | None:
    return certify_threshold(sure, right, candidates, alpha=ALPHA, delta=DELTA).threshold


def test_the_sequence_by_hand() -> None:
    # At 0.1 and 0.05, 29 accepted may hold no error, 46 one; 60 allow two (p = 0.0530 fails).
    sure = np.repeat([0.9, 0.8, 0.7, 0.6], [29, 17, 14, 40])
    right = np.ones(100)
    right[[30, 50]] = 0
    test = certify_threshold(sure, right, [0.7, 0.9, 0.8, 0.6], alpha=ALPHA, delta=DELTA)
    counts = [(step.threshold, step.accepted, step.errors) for step in test.tested]
    assert counts == [(0.9, 29, 0), (0.8, 46, 1), (0.7, 60, 2)]
    assert test.tested[0].p_value == pytest.approx(0.9**29)
    assert test.tested[2].p_value == pytest.approx(0.0530, abs=1e-4)
    # 100 with two errors would pass by themselves, but the sequence ended before.
    assert test.threshold == 0.8
    assert certified(sure, right, [0.6]) == 0.6


def test_a_confidence_equal_to_the_threshold_is_accepted_and_none_never() -> None:
    sure = np.array([0.5] * 29 + [NAN] * 20)
    right = np.array([1.0] * 29 + [0.0] * 20)
    assert certified(sure, right, [0.5]) == 0.5
    assert certified(sure, right, [np.nextafter(0.5, 1)]) is None
    assert certified(sure[1:], right[1:], [0.5]) is None


@settings(deadline=None)
@given(
    rows=st.lists(st.tuples(st.sampled_from([0.5, 0.7, 0.9]), st.booleans()), max_size=150),
    wrong=st.integers(0, 149),
)
def test_one_more_error_never_lowers_the_threshold(
    rows: list[tuple[float, bool]], wrong: int
) -> None:
    sure = np.array([row[0] for row in rows] + [0.9] * 60)
    right = np.array([float(row[1]) for row in rows] + [1.0] * 60)
    before = certified(sure, right, [0.9, 0.7, 0.5])
    right[wrong % len(right)] = 0
    after = certified(sure, right, [0.9, 0.7, 0.5])
    assert after is None or (before is not None and after >= before)


@pytest.mark.parametrize("name", WORLDS)
def test_the_guarantee_holds_with_thresholds_given_in_advance(name: str) -> None:
    world = WORLDS[name]
    rng = np.random.default_rng(1)
    broken = some = 0
    for _ in range(STREAMS):
        threshold = certified(*draw(world, 400, rng), world[0])
        some += threshold is not None
        broken += threshold is not None and risk_at(world, threshold) > ALPHA
    assert broken / STREAMS <= ALLOWED
    if name == "constant, just too risky":
        # The test is not merely timid: at the border it fails nearly as often as it may.
        assert broken / STREAMS > DELTA / 2
    if name == "few values with ties":
        assert some / STREAMS > 0.4


@pytest.mark.parametrize("name", WORLDS)
def test_the_guarantee_holds_with_a_path_chosen_on_other_questions(name: str) -> None:
    world = WORLDS[name]
    rng = np.random.default_rng(2)
    broken = 0
    for _ in range(STREAMS):
        candidates = candidate_thresholds(*draw(world, 80, rng), alpha=ALPHA, tested=320)
        threshold = certified(*draw(world, 320, rng), candidates)
        broken += threshold is not None and risk_at(world, threshold) > ALPHA
    assert broken / STREAMS <= ALLOWED


def test_the_guarantee_holds_for_continuous_confidences() -> None:
    # Calibrated and uniform on [0.5, 1]: the risk at t is (1 - t) / 2, so t must be at least 0.8.
    rng = np.random.default_rng(3)

    def sample(n: int) -> tuple[Array, Array]:
        sure = rng.uniform(0.5, 1, n)
        return sure, (rng.random(n) < sure).astype(float)

    found = []
    for _ in range(STREAMS):
        candidates = candidate_thresholds(*sample(200), alpha=ALPHA, tested=800)
        found.append(certified(*sample(800), candidates))
    thresholds = np.array([1.0 if threshold is None else threshold for threshold in found])
    assert (thresholds < 0.8).mean() <= ALLOWED
    assert (thresholds < 0.9).mean() > 0.3


def together(rng: np.random.Generator) -> tuple[Array, Array, list[str]]:
    """Sixty questions with five answers that are right or wrong together."""
    right = np.repeat((rng.random(60) >= 0.1001).astype(float), 5)
    return np.full(300, 0.9), right, [f"q{number // 5}" for number in range(300)]


def test_one_answer_per_question_keeps_the_guarantee_that_all_answers_break() -> None:
    rng = np.random.default_rng(4)
    naive = drawn = 0
    for _ in range(STREAMS):
        sure, right, question = together(rng)
        naive += certified(sure, right, [0.9]) is not None
        rows = one_per_question(question, right)
        drawn += certified(sure[rows], right[rows], [0.9]) is not None
    assert naive / STREAMS > 2 * DELTA
    assert drawn / STREAMS <= ALLOWED


def test_several_answers_to_a_question_are_refused() -> None:
    with pytest.raises(CalibrantError, match="not independent"):
        certify_threshold(
            np.ones(2), np.ones(2), [0.9], alpha=0.1, delta=0.05, cluster=np.array([3, 3])
        )


def test_the_draw_of_an_answer_ignores_order_and_takes_every_place() -> None:
    question = [f"q{number}" for number in range(300) for _ in range(3)]
    graded = np.ones(900)
    graded[::9] = NAN
    rows = one_per_question(question, graded)
    assert [question[row] for row in rows] == [f"q{number}" for number in range(300)]
    assert not np.isnan(graded[rows]).any()
    places = np.bincount(rows % 3, minlength=3)
    assert places.min() > 70  # 300 questions, three places each
    np.testing.assert_array_equal(rows, one_per_question(question, graded))


def test_candidates_start_where_the_evidence_is_strongest() -> None:
    # 0.99 has one wrong answer in two, 0.9 none in thirty: the sequence starts at 0.9.
    sure = np.array([0.99, 0.99] + [0.9] * 30 + [0.5] * 30 + [NAN] * 5)
    right = np.array([1.0, 0.0] + [1.0] * 30 + [0.0] * 30 + [0.0] * 5)
    assert candidate_thresholds(sure, right, alpha=0.1, tested=300) == [0.9, 0.5]
    assert candidate_thresholds(sure[-5:], right[-5:], alpha=0.1, tested=300) == []


@pytest.mark.parametrize(
    ("sure", "right", "candidates", "said"),
    [
        ([0.5], [1, 1], [0.5], "has 2 rows where confidence has 1"),
        ([0.5], [0.5], [0.5], "other than 0 and 1"),
        ([1.5], [1], [0.5], "outside 0 to 1"),
        ([0.5], [1], [], "candidate thresholds"),
        ([0.5], [1], [85], "candidate thresholds"),
    ],
)
def test_a_bad_sample_is_refused(
    sure: list[float], right: list[float], candidates: list[float], said: str
) -> None:
    call: Callable[[], ThresholdTest] = lambda: certify_threshold(  # noqa: E731
        np.array(sure), np.array(right, dtype=float), candidates, alpha=0.1, delta=0.05
    )
    with pytest.raises(CalibrantError, match=said):
        call()
