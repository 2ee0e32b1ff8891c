"""Sequential tests: how often they cry without a cause, and how soon they cry with one."""

import numpy as np
import pytest

from calibrant.certification.betting import RestartingCapital
from calibrant.certification.drift import ConfidenceMonitor, RiskMonitor

LEVEL, STREAMS = 0.05, 2_000
ALLOWED = LEVEL + 3 * (LEVEL * (1 - LEVEL) / STREAMS) ** 0.5
VALUES: list[float | None] = [0.5, 0.7, 0.85, 0.9, 0.95, 0.99, None]
SHARES = np.array([0.05, 0.1, 0.2, 0.2, 0.2, 0.2, 0.05])
LOWER = np.array([0.2, 0.2, 0.2, 0.2, 0.1, 0.05, 0.05])


def monitor(rng: np.random.Generator, n: int, seed: int, level: float = LEVEL) -> ConfidenceMonitor:
    counts = rng.multinomial(n, SHARES)
    reference = {value: int(count) for value, count in zip(VALUES, counts, strict=True)}
    return ConfidenceMonitor(reference, level=level, seed=seed)


def rows_to_alarm(watch: ConfidenceMonitor, kinds: np.ndarray) -> int | None:
    for row, kind in enumerate(kinds, start=1):
        if watch.update(VALUES[kind]):
            return row
    return None


def test_capital_by_hand() -> None:
    capital = RestartingCapital(2, level=0.1)
    # Half of the stake enters, a quarter to each bettor; half waits.
    assert not capital.update(np.array([3.0, 1.0]))
    assert capital.value == pytest.approx(0.5 + 0.75 + 0.25)
    # A sixth enters, a third waits.
    assert not capital.update(np.array([0.0, 3.0]))
    assert capital.value == pytest.approx(1 / 3 + 3 * (0.25 + 1 / 12))
    assert capital.update(np.array([0.0, 10.0]))
    assert capital.alarm_at == 3
    assert capital.update(np.array([0.0, 0.0]))
    assert capital.alarm_at == 3


def test_fair_bets_keep_the_capital() -> None:
    capital = RestartingCapital(3, level=1e-9)
    for _ in range(50):
        capital.update(np.ones(3))
    assert capital.value == pytest.approx(1)


def test_p_values_by_hand() -> None:
    watch = ConfidenceMonitor({0.5: 1, 0.9: 2, None: 1}, level=LEVEL, seed=1)
    # Five seen with the new one: two below 0.9, and three ties with it.
    assert 2 / 5 <= watch.p_value(0.9) <= 5 / 5
    # Six seen: one missing below 0.5, and two ties.
    assert 1 / 6 <= watch.p_value(0.5) <= 3 / 6
    assert 0 <= watch.p_value(None) <= 2 / 7


def test_p_values_of_tied_confidences_are_uniform() -> None:
    rng = np.random.default_rng(5)
    p_values = []
    for seed in range(400):
        watch = monitor(rng, 30, seed)
        p_values += [watch.p_value(VALUES[kind]) for kind in rng.choice(7, 5, p=SHARES)]
    counts = np.histogram(p_values, bins=10, range=(0, 1))[0]
    assert ((counts - 200) ** 2 / 200).sum() < 27.9  # chi-squared, 9 degrees, 0.001


def test_false_alarms_about_confidences_keep_the_level() -> None:
    rng = np.random.default_rng(6)
    alarms = 0
    for seed in range(STREAMS):
        watch = monitor(rng, 200, seed)
        alarms += rows_to_alarm(watch, rng.choice(7, 100, p=SHARES)) is not None
    assert alarms / STREAMS <= ALLOWED


@pytest.mark.parametrize("quiet", [0, 1_000])
def test_a_fall_of_confidence_is_found_early_and_late(quiet: int) -> None:
    rng = np.random.default_rng(7)
    delays = []
    for seed in range(20):
        watch = monitor(rng, 1_000, seed, level=0.01)
        kinds = np.append(rng.choice(7, quiet, p=SHARES), rng.choice(7, 400, p=LOWER))
        row = rows_to_alarm(watch, kinds)
        delays.append(400 if row is None else row - quiet)
    assert min(delays) > 0
    assert np.median(delays) < 150
    assert max(delays) < 400


def test_more_missing_confidences_are_found() -> None:
    rng = np.random.default_rng(8)
    watch = monitor(rng, 1_000, 0, level=0.01)
    kinds = np.where(rng.random(600) < 0.4, 6, rng.choice(7, 600, p=SHARES))
    assert rows_to_alarm(watch, kinds) is not None


def alarm_of_labels(wrong: np.ndarray, alpha: float, level: float = LEVEL) -> int | None:
    watch = RiskMonitor(alpha, level=level)
    return next((n for n, error in enumerate(wrong, 1) if watch.update(not error)), None)


@pytest.mark.parametrize("alpha", [0.05, 0.3])
def test_false_alarms_about_risk_keep_the_level(alpha: float) -> None:
    rng = np.random.default_rng(9)
    # The hardest null hypothesis: the risk is alpha itself.
    alarms = sum(
        alarm_of_labels(rng.random(250) < alpha, alpha) is not None for _ in range(STREAMS)
    )
    assert alarms / STREAMS <= ALLOWED


def test_a_risk_three_times_too_high_is_found() -> None:
    rng = np.random.default_rng(10)
    found = [alarm_of_labels(rng.random(500) < 0.15, 0.05, level=0.01) for _ in range(50)]
    assert None not in found
    assert np.median([row for row in found if row is not None]) < 150


def test_errors_alone_raise_the_alarm_and_right_answers_never() -> None:
    assert alarm_of_labels(np.ones(20, dtype=bool), 0.05) in range(2, 6)
    assert alarm_of_labels(np.zeros(500, dtype=bool), 0.05) is None
    assert alarm_of_labels(np.ones(400, dtype=bool), 0.9) is not None
