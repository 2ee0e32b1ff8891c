"""Credit of whole rounds against plain Python, in one process and shared between two."""

import dataclasses
import math
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from tests.unit.training.plain_round import (
    CRITIC,
    FLOOR,
    GROUP,
    ROWS,
    Round,
    counted,
    deviation,
    expected_levels,
    gae_by_definition,
    make_round,
    padded,
    raw_advantage,
    spread_of,
)
from torch import Tensor

from calibrant.rewards.reward import RewardParts
from calibrant.training.exact_credit import Levels
from calibrant.training.round import Batch, Credit, assign_credit
from calibrant.training.scorer import Scored
from calibrant.training.settings import TrainedMethod

METHODS = [
    {"estimator": estimator, "scale": scale}
    for estimator, scale in [
        ("ppo", "none"), ("ppo", "batch"), ("rloo", "none"), ("rloo", "batch"),
        ("grpo", "none"), ("grpo", "batch"), ("grpo", "group"),
    ]
]  # fmt: skip
FEEDBACK = [
    {"estimator": "grpo", "scale": scale, "feedback": feedback}
    for scale in ("none", "batch", "group")
    for feedback in ("rlmf", "rlmf_symmetric")
]
CREDITED = [(settings, "sampled") for settings in METHODS + FEEDBACK]
CREDITED += [(settings, "exact") for settings in METHODS]
WITHOUT_CRITIC = [pair for pair in CREDITED if pair[0]["estimator"] != "ppo"]
# What exact credit makes of feedback by self-judgement is in test_faithful_reward.
STRETCHED = [
    (settings, "exact")
    for settings in FEEDBACK
    if settings["feedback"] == "rlmf_symmetric" and settings["scale"] != "group"
]


def name_of(part: dict[str, str] | str) -> str:
    return part if isinstance(part, str) else "-".join(part.values())


def make_method(settings: dict[str, str], credit: str) -> TrainedMethod:
    return TrainedMethod(kind="trained", reward="r", credit=credit, **settings)  # type: ignore[arg-type]


def batch_of(
    made: Round,
    credit: str,
    own: slice = slice(None),
    gather: Callable[[Tensor], Tensor] = lambda x: x,
) -> Batch:
    """Return some rows of a round as tensors, padded to the longest of them."""
    rows = range(len(made.readable))[own]
    width = max(made.lengths[row] for row in rows)
    mask = torch.tensor([[int(t < made.lengths[row]) for t in range(width)] for row in rows])
    columns = np.array([made.parts[row] for row in rows]).T
    scored = Scored(
        RewardParts(*columns), np.array(made.correct[own]), np.array(made.correct[own]),
        np.zeros(len(rows), bool), np.array(made.confidence[own]),
        np.array(made.readable[own]), np.array(made.readable[own]), np.zeros(len(rows), bool),
        np.array(made.lengths[own], float),
    )  # fmt: skip
    position = [made.position[row] if made.valid[row] else 0 for row in rows]
    levels = Levels(
        torch.tensor(position), torch.tensor(made.valid[own]).float(),
        torch.tensor(made.probabilities[own]).log(), torch.tensor(made.rewards[own]),
        torch.tensor(made.rest[own]), torch.tensor(made.rewards[own]) / 2,
    )  # fmt: skip
    values = torch.tensor(made.values[own])[:, :width]
    return Batch(
        scored, mask, levels if credit == "exact" else None, values, gather, rows[0], GROUP
    )


def close(ours: Tensor | None, expected: Any, atol: float = 2e-5) -> None:
    assert ours is not None
    torch.testing.assert_close(
        ours.double(), torch.as_tensor(expected, dtype=torch.float64), rtol=2e-5, atol=atol
    )


@pytest.mark.parametrize(("settings", "credit"), WITHOUT_CRITIC, ids=name_of)
@pytest.mark.parametrize("seed", [1, 2])
def test_advantages_of_groups_equal_plain_loops(
    settings: dict[str, str], credit: str, seed: int
) -> None:
    made, method, exact = make_round(seed), make_method(settings, credit), credit == "exact"
    ours = assign_credit(batch_of(made, credit), method, CRITIC)
    by_row = [
        raw_advantage(made, row, method, exact) / spread_of(made, row, method.scale, exact)
        for row in range(ROWS)
    ]
    if exact:
        rows = [[by_row[row]] * counted(made, row, exact) for row in range(ROWS)]
        close(ours.advantages, padded(made, rows))
    else:
        close(ours.advantages, by_row)
    assert ours.returns is None
    assert ours.value_mask is None


@pytest.mark.parametrize("credit", ["sampled", "exact"])
@pytest.mark.parametrize("settings", METHODS[:2], ids=name_of)
@pytest.mark.parametrize("seed", [1, 2])
def test_advantages_of_a_critic_equal_plain_loops(
    settings: dict[str, str], credit: str, seed: int
) -> None:
    made, method, exact = make_round(seed), make_method(settings, credit), credit == "exact"
    ours = assign_credit(batch_of(made, credit), method, CRITIC)
    plain = [gae_by_definition(made, row, exact) for row in range(ROWS)]
    spread = (
        deviation([x for row in plain for x in row]) + FLOOR if method.scale == "batch" else 1.0
    )
    close(ours.advantages, padded(made, [[x / spread for x in row] for row in plain]))
    returns = [[x + made.values[row][t] for t, x in enumerate(plain[row])] for row in range(ROWS)]
    close(ours.returns, padded(made, returns))
    close(ours.value_mask, padded(made, [[1.0] * len(row) for row in plain]), atol=0)


@pytest.mark.parametrize("settings", METHODS, ids=name_of)
def test_levels_are_in_units_of_their_spread(settings: dict[str, str]) -> None:
    made, method = make_round(3), make_method(settings, "exact")
    ours = assign_credit(batch_of(made, "exact"), method, CRITIC).levels
    assert ours is not None
    rewards, rest = expected_levels(made, method.scale)
    # A row that is not valid has no use for its levels.
    valid = torch.tensor(made.valid)
    close(ours.rewards[valid], torch.tensor(rewards)[valid])
    close(ours.rest[valid], torch.tensor(rest)[valid])
    close(ours.log_probs.exp(), made.probabilities)


@pytest.mark.parametrize("seed", [1, 2])
def test_levels_of_an_outcome_are_stretched_by_what_other_questions_are_worth(seed: int) -> None:
    made = make_round(seed)
    settings = {"estimator": "grpo", "scale": "none", "feedback": "rlmf_symmetric"}
    method = make_method(settings, "exact")
    ours = assign_credit(batch_of(made, "exact"), method, CRITIC).levels
    assert ours is not None
    for row in (row for row in range(ROWS) if made.valid[row]):
        judged = [
            1 - (made.confidence[other] - made.correct[other]) ** 2
            if made.readable[other]
            else -1.0
            for other in range(ROWS)
            if other // GROUP != row // GROUP
        ]
        factor = max(0.0, 1 + sum(judged) / len(judged))
        scaled = [reward / 2 for reward in made.rewards[row]]
        pairs = zip(made.probabilities[row], scaled, strict=True)
        centre = sum(mass * part for mass, part in pairs)
        expected = [part + centre + factor * (part - centre) for part in scaled]
        close(ours.rewards[row], expected)
        close(ours.rest[row], made.rest[row] + centre - factor * centre)


@pytest.mark.parametrize("settings", METHODS, ids=name_of)
def test_sampled_credit_has_no_levels(settings: dict[str, str]) -> None:
    credit = assign_credit(
        batch_of(make_round(4), "sampled"), make_method(settings, "sampled"), CRITIC
    )
    assert credit.levels is None


def test_the_exact_advantage_does_not_depend_on_the_confidence_that_was_sampled() -> None:
    made, method = make_round(5), make_method({"estimator": "grpo", "scale": "batch"}, "exact")
    changed = dataclasses.replace(
        made,
        confidence=[c / 2 for c in made.confidence],
        parts=[
            (y, score - 0.5, malformed, length) if valid else (y, score, malformed, length)
            for (y, score, malformed, length), valid in zip(made.parts, made.valid, strict=True)
        ],
    )
    assert any(made.valid)
    first, second = (assign_credit(batch_of(x, "exact"), method, CRITIC) for x in (made, changed))
    assert torch.equal(first.advantages, second.advantages)


def test_without_a_readable_statement_nothing_is_divided_by_nothing() -> None:
    made = make_round(6)
    worst = dataclasses.replace(
        made, readable=[False] * ROWS, valid=[False] * ROWS, correct=[math.nan] * ROWS,
        confidence=[math.nan] * ROWS, parts=[(0.0, 0.0, -1.0, 0.0)] * ROWS,
    )  # fmt: skip
    for settings, credit in CREDITED:
        ours = assign_credit(batch_of(worst, credit), make_method(settings, credit), CRITIC)
        assert ours.advantages.isfinite().all()
        if settings["estimator"] != "ppo":
            assert (ours.advantages == 0).all()


def test_a_critic_without_values_is_a_mistake() -> None:
    batch = dataclasses.replace(batch_of(make_round(7), "sampled"), values=None)
    with pytest.raises(ValueError, match="needs values"):
        assign_credit(batch, make_method(METHODS[0], "sampled"), CRITIC)


class Processes:
    """Two threads in the place of two processes: a gather waits for both and joins their rows."""

    def __init__(self) -> None:
        self.barrier = threading.Barrier(2, timeout=20)
        self.slots: list[Any] = [None, None]
        self.credits: list[Any] = [None, None]

    def gather(self, rank: int) -> Callable[[Tensor], Tensor]:
        def join(tensor: Tensor) -> Tensor:
            self.slots[rank] = tensor
            self.barrier.wait()
            joined = torch.cat(self.slots)
            self.barrier.wait()
            return joined

        return join

    def run(self, made: Round, credit: str, method: TrainedMethod) -> list[Credit]:
        """Return the credit that each of the processes gives its half of the rows."""
        half = len(made.readable) // 2

        def one(rank: int) -> None:
            own = slice(rank * half, (rank + 1) * half)
            batch = batch_of(made, credit, own, self.gather(rank))
            self.credits[rank] = assign_credit(batch, method, CRITIC)

        threads = [threading.Thread(target=one, args=(rank,)) for rank in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return self.credits


def same_rows(halves: list[Tensor | None], whole: Tensor | None) -> None:
    """Rows of both halves are those of the whole, but for padding, which differs in width."""
    if whole is None:
        assert halves == [None, None]
        return
    rows = [row for half in halves if half is not None for row in half]
    assert len(rows) == len(whole)
    for ours, expected in zip(rows, whole, strict=True):
        width = ours.shape[0] if ours.dim() else None
        close(ours, expected[:width] if width else expected)
        assert width is None or (expected[width:] == 0).all()


@pytest.mark.parametrize(("settings", "credit"), CREDITED + STRETCHED, ids=name_of)
@pytest.mark.parametrize("rows", [12, 18], ids=["whole groups", "a group in both"])
def test_two_processes_give_the_credit_of_one(
    settings: dict[str, str], credit: str, rows: int
) -> None:
    made, method = make_round(8, rows), make_method(settings, credit)
    # The second half is padded to another width.
    made.lengths[rows // 2 :] = [min(length, 6) for length in made.lengths[rows // 2 :]]
    made.position[rows // 2 :] = [min(at, 4) for at in made.position[rows // 2 :]]
    whole = assign_credit(batch_of(made, credit), method, CRITIC)
    halves = Processes().run(made, credit, method)
    for name in ("advantages", "returns", "value_mask"):
        same_rows([getattr(half, name) for half in halves], getattr(whole, name))
    for name in ("rewards", "rest") if credit == "exact" else ():
        same_rows([getattr(half.levels, name) for half in halves], getattr(whole.levels, name))
