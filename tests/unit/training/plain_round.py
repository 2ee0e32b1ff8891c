"""A made-up round of completions, and its credit worked out in plain Python."""

import dataclasses
import math

import numpy as np

from calibrant.training.settings import Critic, TrainedMethod

ROWS, GROUP, TOKENS, LEVELS = 12, 3, 8, 4
CRITIC = Critic(discount=0.9, trace=0.8)
FLOOR = 1e-4


@dataclasses.dataclass
class Round:
    """Made-up completions: lists of plain numbers, one entry per completion."""

    readable: list[bool]
    correct: list[float]
    confidence: list[float]
    parts: list[tuple[float, float, float, float]]
    lengths: list[int]
    values: list[list[float]]
    valid: list[bool]
    position: list[int]
    probabilities: list[list[float]]
    rewards: list[list[float]]
    rest: list[float]

    def total(self, row: int) -> float:
        return sum(self.parts[row])


def make_round(seed: int, rows: int = ROWS) -> Round:
    """Return completions of which some cannot be read, and some have no confidence of one token."""
    random = np.random.default_rng(seed)
    readable = [bool(random.random() < 0.75) for _ in range(rows)]
    correct = [float(random.random() < 0.5) if ok else math.nan for ok in readable]
    confidence = [round(random.random(), 2) if ok else math.nan for ok in readable]
    parts = [
        (y, -((c - y) ** 2), 0.0, -0.1 * random.random()) if ok else (0.0, 0.0, -1.0, -0.05)
        for ok, y, c in zip(readable, correct, confidence, strict=True)
    ]
    lengths = [int(random.integers(4, TOKENS + 1)) for _ in range(rows)]
    masses = random.dirichlet(np.ones(LEVELS + 1), size=rows)
    return Round(
        readable, correct, confidence, parts, lengths,
        values=random.normal(size=(rows, TOKENS)).tolist(),
        valid=[ok and bool(random.random() < 0.8) for ok in readable],
        position=[int(random.integers(1, length - 1)) for length in lengths],
        probabilities=masses[:, :LEVELS].tolist(),
        rewards=random.normal(size=(rows, LEVELS)).tolist(),
        rest=random.normal(size=rows).tolist(),
    )  # fmt: skip


def outcomes(made: Round, row: int) -> list[tuple[float, float]]:
    """Return the rewards that the confidence of a completion may earn, each with its mass."""
    rewards, masses = made.rewards[row], made.probabilities[row]
    return [*zip(rewards, masses, strict=True), (made.rest[row], 1 - sum(masses))]


def credited(made: Round, row: int, exact: bool) -> float:
    if exact and made.valid[row]:
        return sum(reward * mass for reward, mass in outcomes(made, row))
    return made.total(row)


def mean(numbers: list[float]) -> float:
    return sum(numbers) / len(numbers)


def deviation(numbers: list[float]) -> float:
    centre = mean(numbers)
    return math.sqrt(sum((x - centre) ** 2 for x in numbers) / (len(numbers) - 1))


def group_of(row: int) -> list[int]:
    first = row // GROUP * GROUP
    return list(range(first, first + GROUP))


def exact_group_spread(made: Round, row: int) -> float:
    """Return the deviation over the mixture of a group's completions and all their confidences."""
    members = group_of(row)
    draws = [
        draw
        for other in members
        for draw in (outcomes(made, other) if made.valid[other] else [(made.total(other), 1.0)])
    ]
    centre = sum(reward * mass for reward, mass in draws) / GROUP
    return math.sqrt(sum(mass * (reward - centre) ** 2 for reward, mass in draws) / GROUP)


def spread_of(made: Round, row: int, scale: str, exact: bool) -> float:
    """Return what the advantage of a whole completion is divided by."""
    if scale == "none":
        return 1.0
    if scale == "batch":
        everything = [credited(made, other, exact) for other in range(len(made.readable))]
        return deviation(everything) + FLOOR
    if exact:
        return exact_group_spread(made, row) + FLOOR
    return deviation([credited(made, other, exact) for other in group_of(row)]) + FLOOR


def raw_advantage(made: Round, row: int, method: TrainedMethod, exact: bool) -> float:
    """Return the advantage of a completion before any scaling."""
    members = group_of(row)
    others = [other for other in members if other != row]
    if method.feedback != "none":
        judged = {
            other: 1 - (made.confidence[other] - made.correct[other]) ** 2
            if made.readable[other] else -1.0
            for other in range(len(made.readable))
        }  # fmt: skip
        rest = {other: made.total(other) - made.parts[other][1] for other in members}
        gain = made.parts[row][1] - mean([made.parts[other][1] for other in members])
        if method.feedback == "rlmf":
            factor = max(0.0, 1 + judged[row]) if gain > 0 else 1.0
        else:
            elsewhere = [quality for other, quality in judged.items() if other not in members]
            factor = max(0.0, 1 + mean(elsewhere))
        return rest[row] - mean(list(rest.values())) + gain * factor
    compared = others if method.estimator == "rloo" else members
    return credited(made, row, exact) - mean([credited(made, other, exact) for other in compared])


def counted(made: Round, row: int, exact: bool) -> int:
    """Return how many tokens the advantage of the text is for."""
    return made.position[row] if exact and made.valid[row] else made.lengths[row]


def gae_by_definition(made: Round, row: int, exact: bool) -> list[float]:
    """Return the sum over l of (discount trace)^l delta_(t+l), token by token."""
    count, values = counted(made, row, exact), made.values[row]
    deltas = [
        (credited(made, row, exact) if t == count - 1 else CRITIC.discount * values[t + 1])
        - values[t]
        for t in range(count)
    ]
    decay = CRITIC.discount * CRITIC.trace
    return [
        sum(decay**later * deltas[t + later] for later in range(count - t)) for t in range(count)
    ]


def expected_levels(made: Round, scale: str) -> tuple[list[list[float]], list[float]]:
    """Return rewards and rest of all levels in units of their spread."""
    rows = range(len(made.readable))
    divisors = [1.0 for _ in rows]
    if scale == "batch":
        variances = []
        for row in rows:
            centre = sum(reward * mass for reward, mass in outcomes(made, row))
            variance = sum(mass * (reward - centre) ** 2 for reward, mass in outcomes(made, row))
            variances += [variance] if made.valid[row] else []
        divisors = [math.sqrt(mean(variances)) + FLOOR for _ in rows]
    elif scale == "group":
        divisors = [exact_group_spread(made, row) + FLOOR for row in rows]
    rewards = [[reward / divisors[row] for reward in made.rewards[row]] for row in rows]
    return rewards, [made.rest[row] / divisors[row] for row in rows]


def padded(made: Round, rows: list[list[float]]) -> list[list[float]]:
    width = max(made.lengths)
    return [row + [0.0] * (width - len(row)) for row in rows]
