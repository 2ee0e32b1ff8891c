"""Advantages against worked numbers, plain loops, the bandit's closed forms and TRL."""

import math
import statistics

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from calibrant.rewards.estimators import Rollout, advantage
from calibrant.training.advantages import (
    expected_reward,
    gae,
    group_baseline,
    leave_one_out,
    rlmf,
    rlmf_symmetric,
    scale_advantages,
    symmetric_factor,
)

GROUP, QUESTIONS = 4, 16
GENERATOR = torch.Generator().manual_seed(3)
OTHER, FAITHFUL, QUALITY = torch.randn(
    3, QUESTIONS * GROUP, dtype=torch.float64, generator=GENERATOR
)


def vector(*numbers):
    return torch.tensor(numbers, dtype=torch.float64)


def close(ours, expected, atol=1e-10):
    torch.testing.assert_close(
        ours, torch.as_tensor(expected, dtype=torch.float64), rtol=0, atol=atol
    )


@st.composite
def groups_of_numbers(draw, columns=1):
    """Draw a group size and columns of numbers, each of whole groups."""
    group, questions = draw(st.integers(2, 6)), draw(st.integers(1, 4))
    number = st.floats(-100, 100, allow_subnormal=False)
    size = group * questions
    column = st.lists(number, min_size=size, max_size=size)
    return group, [vector(*draw(column)) for _ in range(columns)]


def others(i):
    """Return the rows of the group of row i without i."""
    first = i - i % GROUP
    return [j for j in range(first, first + GROUP) if j != i]


def group_mean(numbers, i):
    return statistics.fmean([numbers[i], *(numbers[j] for j in others(i))])


def test_baselines_of_a_worked_group():
    rewards = vector(1, 0, 0, 0, 2, 4, 6, 8)
    close(group_baseline(rewards, 4), vector(0.75, -0.25, -0.25, -0.25, -3, -1, 1, 3))
    third = 1 / 3
    close(leave_one_out(rewards, 4), vector(1, -third, -third, -third, -4, -4 / 3, 4 / 3, 4))


def test_deviations_of_a_worked_batch():
    """1, 0, 0, 0 deviates by 1/2 with divisor n - 1; 2, 4, 6, 8 by the root of 20/3."""
    rewards = vector(1, 0, 0, 0, 2, 4, 6, 8)
    ones = torch.ones_like(rewards)
    close(scale_advantages(ones, "none", rewards, 4), ones)
    by_group = scale_advantages(ones, "group", rewards, 4)
    close(by_group[[0, 3]], vector(*[1 / 0.5001] * 2))
    close(by_group[[4, 7]], vector(*[1 / (math.sqrt(20 / 3) + 1e-4)] * 2))
    # The mean of the batch is 21/8 and the sum of squares 121.
    deviation = math.sqrt((121 - 21**2 / 8) / 7)
    close(scale_advantages(ones, "batch", rewards, 4), ones / (deviation + 1e-4))


def test_advantages_of_equal_rewards_are_zero_on_every_scale():
    equal = torch.full((8,), 0.7, dtype=torch.float64)
    for scale in ("none", "batch", "group"):
        scaled = scale_advantages(group_baseline(equal, 4), scale, equal, 4)
        close(scaled, torch.zeros(8, dtype=torch.float64))


def test_the_deviation_is_that_of_trl():
    utils = pytest.importorskip("trl.trainer.utils", reason="TRL is not installed")
    ones = torch.ones_like(OTHER)
    # TRL's factor n / (n - 1) is a float32 whatever the rewards are, so it is off by up to 6e-8.
    precision = {"rtol": 6e-8, "atol": 0}
    whole = scale_advantages(ones, "batch", OTHER, GROUP)
    theirs = 1 / (utils.nanstd(OTHER).expand_as(OTHER) + 1e-4)
    torch.testing.assert_close(whole, theirs, **precision)
    grouped = utils.nanstd(OTHER.view(-1, GROUP), dim=1).repeat_interleave(GROUP, dim=0)
    by_group = scale_advantages(ones, "group", OTHER, GROUP)
    torch.testing.assert_close(by_group, 1 / (grouped + 1e-4), **precision)


def closed_form(name, rewards, quality):
    """Return the bandit's closed form for all rows."""
    r, z = (x.numpy().reshape(-1, GROUP) for x in (rewards, quality))

    def rest(x):
        return x.sum(axis=1, keepdims=True) - x

    spread = np.asarray(r.std(ddof=1))
    elsewhere = (z.sum() - z.sum(axis=1, keepdims=True)) / (z.size - GROUP)
    rollout = Rollout(r, z, GROUP, rest(r), rest(r**2), rest(z), spread, elsewhere)
    return advantage(name, rollout).reshape(-1)


OURS = {
    "mean_baseline": lambda r, z: group_baseline(r, GROUP),
    "rloo": lambda r, z: leave_one_out(r, GROUP),
    "batch_std": lambda r, z: scale_advantages(group_baseline(r, GROUP), "batch", r, GROUP),
    "group_std": lambda r, z: scale_advantages(group_baseline(r, GROUP), "group", r, GROUP),
    "positive_doubled": lambda r, z: rlmf(0 * r, r, torch.ones_like(r), GROUP),
    "rlmf_above_mean": lambda r, z: rlmf(0 * r, r, z, GROUP),
    "rlmf_symmetric_other_questions": lambda r, z: rlmf_symmetric(0 * r, r, z, GROUP),
}


@pytest.mark.parametrize("name", OURS)
def test_an_advantage_equals_the_closed_form_of_the_reward_audit(name):
    """The closed forms do not clamp the symmetric factor, so the quality is kept above -1."""
    quality = torch.tanh(QUALITY)
    close(OURS[name](FAITHFUL, quality), closed_form(name, FAITHFUL, quality))


@pytest.mark.parametrize("k", [1.0, 0.3])
def test_rlmf_equals_its_definition_row_by_row(k):
    published, symmetric = [], []
    o, f, z = OTHER.tolist(), FAITHFUL.tolist(), QUALITY.tolist()
    for i in range(len(o)):
        first, gain = o[i] - group_mean(o, i), f[i] - group_mean(f, i)
        published.append(first + gain * (max(0.0, k + z[i]) if gain > 0 else 1))
        mean_quality = statistics.fmean(z[j] for j in range(len(z)) if j // GROUP != i // GROUP)
        symmetric.append(first + gain * max(0.0, k + mean_quality))
    close(rlmf(OTHER, FAITHFUL, QUALITY, GROUP, k), published)
    close(rlmf_symmetric(OTHER, FAITHFUL, QUALITY, GROUP, k), symmetric)


@pytest.mark.parametrize(
    ("faithful", "quality", "expected"),
    [
        pytest.param((1, 0), (0.5, 0.5), (0.75, -0.5), id="above the mean times 1.5"),
        pytest.param((1, 0), (0, 9), (0.5, -0.5), id="no quality changes nothing"),
        pytest.param((1, 0), (-1, 0), (0, -0.5), id="unreadable self-judgment gains nothing"),
        pytest.param((1, 0), (-3, -3), (0, -0.5), id="the factor is never below zero"),
        pytest.param((0.4, 0.4), (0.9, 0.1), (0, 0), id="at the mean"),
        pytest.param((0, 0.5, 1), (1, 1, 1), (-0.5, 0, 1), id="one row at the mean"),
    ],
)
def test_rlmf_table(faithful, quality, expected):
    nothing = torch.zeros(len(faithful), dtype=torch.float64)
    ours = rlmf(nothing, vector(*faithful), vector(*quality), len(faithful))
    close(ours, vector(*expected))


def test_symmetric_rlmf_scales_both_sides_by_other_questions():
    """The first question sees the quality (0.5 + 0) / 2 of the second, which sees (1 - 0.5) / 2."""
    quality = vector(1, -0.5, 0.5, 0)
    ours = rlmf_symmetric(vector(1, 3, 0, 0), vector(1, 0, 2, 0), quality, 2)
    close(ours, vector(-1 + 0.625, 1 - 0.625, 1.25, -1.25))


def test_the_own_outcome_of_a_question_moves_no_factor_of_its_own():
    quality = vector(0.9, 0.8, 0.1, 0.2, 0.5, 0.6)
    before = symmetric_factor(quality, 2)
    after = symmetric_factor(vector(-0.9, -0.8, 0.1, 0.2, 0.5, 0.6), 2)
    close(before[:2], after[:2])
    assert (before[2:] > after[2:]).all()


@given(groups_of_numbers(columns=2))
def test_rlmf_without_quality_is_the_group_baseline(drawn):
    group, (other, faithful) = drawn
    plain = group_baseline(other, group) + group_baseline(faithful, group)
    nothing = torch.zeros_like(other)
    # A single question has no others to be scaled by.
    for form in (rlmf, rlmf_symmetric) if len(other) > group else (rlmf,):
        close(form(other, faithful, nothing, group), plain, atol=0)
    close(plain, group_baseline(other + faithful, group))


@given(groups_of_numbers(columns=3))
def test_rlmf_changes_only_rows_above_their_group_mean(drawn):
    group, (other, faithful, quality) = drawn
    plain = group_baseline(other, group) + group_baseline(faithful, group)
    changed = rlmf(other, faithful, quality, group) != plain
    assert not (changed & (group_baseline(faithful, group) <= 0)).any()


@given(groups_of_numbers())
def test_leave_one_out_is_the_group_baseline_enlarged(drawn):
    group, (rewards,) = drawn
    close(leave_one_out(rewards, group), group_baseline(rewards, group) * group / (group - 1))


def test_gae_of_a_worked_completion():
    """Half discount and half trace; the value behind the last token is 0, whatever is stored."""
    rewards, values = vector(0, 0, 1, 7)[None], vector(0.5, 0.25, 0.5, 9)[None]
    advantages, returns = gae(rewards, values, vector(1, 1, 1, 0)[None], 0.5, 0.5)
    # delta: 1 - 0.5 = 0.5; 0.25 - 0.25 = 0; 0.125 - 0.5 = -0.375.
    close(advantages, vector(-0.375 + 0.25 * 0.125, 0.125, 0.5, 0)[None])
    close(returns, vector(0.15625, 0.375, 1, 0)[None])


def gae_in_loops(rewards, values, length, discount, trace):
    """Return the sum over all later errors, written out (eq. 16), for one row."""
    values = [*values[:length], 0.0]
    errors = [rewards[t] + discount * values[t + 1] - values[t] for t in range(length)]
    return [
        sum((discount * trace) ** (u - t) * errors[u] for u in range(t, length))
        for t in range(length)
    ]


@pytest.mark.parametrize(("discount", "trace"), [(1, 0.95), (0.9, 0.5), (1, 1), (0.97, 0)])
def test_gae_equals_its_sum_whatever_lies_in_the_padding(discount, trace):
    lengths, width = [0, 1, 5, 7], 7
    rewards, values = torch.randn(2, 4, width, dtype=torch.float64, generator=GENERATOR)
    mask = (torch.arange(width) < torch.tensor(lengths)[:, None]).int()
    expected = torch.zeros(4, width, dtype=torch.float64)
    for row, length in enumerate(lengths):
        loops = gae_in_loops(rewards[row].tolist(), values[row].tolist(), length, discount, trace)
        expected[row, :length] = vector(*loops)
    rewards[mask == 0] = values[mask == 0] = torch.nan
    advantages, returns = gae(rewards, values, mask, discount, trace)
    close(advantages, expected)
    close(returns, expected + torch.where(mask.bool(), values, 0))


def test_gae_with_a_full_trace_returns_what_was_still_to_come():
    rewards, values = torch.randn(2, 3, 6, dtype=torch.float64, generator=GENERATOR)
    _, returns = gae(rewards, values, torch.ones(3, 6), 1.0, 1.0)
    close(returns, rewards.flip(1).cumsum(1).flip(1))


def test_the_mass_outside_the_levels_earns_the_rest():
    probabilities = torch.tensor([[0.5, 0.25], [0.0, 0.0]], dtype=torch.float64)
    rewards = torch.tensor([[2.0, 4.0], [2.0, 4.0]], dtype=torch.float64)
    close(expected_reward(probabilities, rewards, vector(-1, -3)), vector(1.75, -3))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_advantages_keep_the_dtype_and_carry_no_gradient(dtype):
    x = torch.rand(8, dtype=dtype, requires_grad=True)
    grid = x.view(2, 4)
    results = [
        group_baseline(x, 4), leave_one_out(x, 4), rlmf(x, x, x, 4), rlmf_symmetric(x, x, x, 4),
        *[scale_advantages(x, scale, x, 4) for scale in ("none", "batch", "group")],
        *gae(grid, grid, torch.ones(2, 4), 0.9, 0.9),
    ]  # fmt: skip
    assert {(result.dtype, result.requires_grad) for result in results} == {(dtype, False)}


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda x: group_baseline(x, 3), id="not whole groups"),
        pytest.param(lambda x: group_baseline(x.view(2, 2), 2), id="not a vector"),
        pytest.param(lambda x: leave_one_out(x, 1), id="no others"),
        pytest.param(lambda x: rlmf_symmetric(x[:2], x[:2], x[:2], 2), id="no others to judge by"),
        pytest.param(lambda x: scale_advantages(x, "group", x, 1), id="deviation of one"),
        pytest.param(lambda x: scale_advantages(x[:1], "batch", x[:1], 1), id="batch of one"),
        pytest.param(lambda x: gae(x[None], x[None], x[None] > 2, 1.0, 1.0), id="mask with a hole"),
    ],
)
def test_what_has_no_advantage_is_refused(call):
    with pytest.raises(ValueError, match=r"group|mask"):
        call(vector(3, 1, 3, 1))
