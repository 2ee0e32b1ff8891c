"""Advantages: how much better an outcome was than could be expected of it.

Rewards of one question's completions, its group, lie side by side: shape (N,) with N = questions x
group. Tensors of shape (B, T) hold one completion per row and one token per column. Results have
the dtype of the inputs, float32 or float64, and carry no gradient, except for `expected_reward`.
"""

from typing import Literal

import torch
from torch import Tensor

Scale = Literal["none", "batch", "group"]
# Added to a standard deviation before dividing by it, as TRL does.
SPREAD_FLOOR = 1e-4


@torch.no_grad()
def group_baseline(rewards: Tensor, group: int) -> Tensor:
    """Return A = r - mean of the group; GRPO without its standard deviation (Dr. GRPO, RLCR).

    Args:
        rewards: Shape (N,), groups side by side.
        group: Completions per question; divides N.

    Returns:
        Shape (N,). All zero for a group of one.

    Raises:
        ValueError: The rewards are not whole groups.
    """
    rows = _groups(rewards, group)
    return (rows - rows.mean(dim=1, keepdim=True)).view(-1)


@torch.no_grad()
def leave_one_out(rewards: Tensor, group: int) -> Tensor:
    """Return A = r - mean of the others of the group (RLOO, arXiv 2402.14740).

    Args:
        rewards: Shape (N,), groups side by side.
        group: Completions per question, at least 2; divides N.

    Returns:
        Shape (N,).

    Raises:
        ValueError: The rewards are not whole groups of at least 2.
    """
    return (rewards - _mean_of_others(rewards, group)).view(-1)


@torch.no_grad()
def scale_advantages(advantages: Tensor, scale: Scale, rewards: Tensor, group: int) -> Tensor:
    """Divide advantages by the standard deviation of the rewards, as TRL's `scale_rewards` does.

    The deviation is that of a sample (divisor n - 1), plus 1e-4. That of the group depends on the
    completion's own outcome, which makes a proper reward over-confident (arXiv 2508.11800).

    Args:
        advantages: Shape (N,).
        scale: Divide by nothing, by the deviation of all rewards, or by that of the own group.
        rewards: Shape (N,), groups side by side.
        group: Completions per question; divides N.

    Returns:
        Shape (N,).

    Raises:
        ValueError: A single reward has no deviation, or the rewards are not whole groups.
    """
    if scale == "none":
        return advantages.detach().clone()
    if scale == "batch":
        deviation = _groups(rewards, rewards.numel(), least=2).std()
    else:
        deviation = _groups(rewards, group, least=2).std(dim=1).repeat_interleave(group)
    return advantages / (deviation + SPREAD_FLOOR)


@torch.no_grad()
def rlmf(other: Tensor, faithful: Tensor, quality: Tensor, group: int, k: float = 1.0) -> Tensor:
    """Return RLMF's advantage as published, which changes only what is above the mean.

    A = (o - mean o) + (f - mean f) max(0, k + Z) where f > mean f, else (o - mean o) + (f - mean f)
    (arXiv 2606.32032). One-sided scaling makes the confidence in uncertain outcomes drift upwards;
    see `rlmf_symmetric`.

    Args:
        other: o, the rest of the reward; shape (N,), groups side by side.
        faithful: f, the reward for the confidence; shape (N,).
        quality: Z, how well the completion judged itself; shape (N,), usually -1..1.
        group: Completions per question; divides N.
        k: Factor where Z = 0.

    Returns:
        Shape (N,).

    Raises:
        ValueError: The rewards are not whole groups.
    """
    gain = group_baseline(faithful, group)
    factor = torch.where(gain > 0, (k + quality).clamp(min=0), torch.ones_like(gain))
    return group_baseline(other, group) + gain * factor


@torch.no_grad()
def rlmf_symmetric(
    other: Tensor, faithful: Tensor, quality: Tensor, group: int, k: float = 1.0
) -> Tensor:
    """Return A = (o - mean o) + (f - mean f) max(0, k + mean Z elsewhere), on both sides.

    Elsewhere is in the other groups: completions of one question that give the same answer share its
    outcome, so a factor from the own group would be large where the confidence fitted, and the
    model would state too extreme confidences (``rewards.estimators.rlmf_symmetric_leave_one_out``).
    A question that a round holds twice counts as two. With self-judgement, which is no matter of the
    outcome, training takes the question's other completions without the own answer (``round``). They
    are compared with each other, as the own one is with them, so there Z and faithfulness still hang
    together, and a bias towards extremes is left.

    Args:
        other: o, the rest of the reward; shape (N,), groups side by side.
        faithful: f, the reward for the confidence; shape (N,).
        quality: Z, how well the completion judged itself; shape (N,), usually -1..1.
        group: Completions per question; divides N at least twice.
        k: Factor where Z = 0.

    Returns:
        Shape (N,).

    Raises:
        ValueError: The rewards are not at least two whole groups.
    """
    factor = symmetric_factor(quality, group, k)
    return group_baseline(other, group) + group_baseline(faithful, group) * factor


@torch.no_grad()
def symmetric_factor(quality: Tensor, group: int, k: float = 1.0) -> Tensor:
    """Return max(0, k + mean Z of the other groups) of every completion, shape (N,).

    Args:
        quality: Z, shape (N,), groups side by side.
        group: Completions per question; divides N at least twice.
        k: Factor where Z = 0.

    Raises:
        ValueError: The qualities are not at least two whole groups.
    """
    means = _groups(quality, group).mean(dim=1)
    if len(means) < 2:
        raise ValueError("there is no other group: this needs two")
    elsewhere = (means.sum() - means) / (len(means) - 1)
    return (k + elsewhere).clamp(min=0).repeat_interleave(group)


@torch.no_grad()
def gae(
    rewards: Tensor, values: Tensor, mask: Tensor, discount: float, trace: float
) -> tuple[Tensor, Tensor]:
    """Return generalised advantage estimates and their returns (arXiv 1506.02438, eq. 16).

    A_t = sum_l (discount trace)^l delta_(t+l) with delta_t = r_t + discount V_(t+1) - V_t. The
    state after the last real token is terminal: its value is 0.

    Args:
        rewards: Reward on each token, shape (B, T).
        values: Value before each token, shape (B, T).
        mask: 1 on real tokens and 0 after them, shape (B, T).
        discount: Gamma, 0..1.
        trace: Lambda, 0..1. With 1, advantages are discounted returns minus values.

    Returns:
        Advantages, and returns = advantages + values; each of shape (B, T), 0 outside the mask.

    Raises:
        ValueError: A row of the mask has a 1 after a 0.
    """
    real = mask.bool()
    if (real[:, 1:] & ~real[:, :-1]).any():
        raise ValueError("a mask must have all its ones before its zeros")
    zero = torch.zeros_like(values)
    values = torch.where(real, values, zero)
    advantages = zero.clone()
    # Both are 0 behind the last token and stay 0 over the padding.
    following_value = following_advantage = zero.new_zeros(len(zero))
    for t in reversed(range(values.shape[1])):
        delta = rewards[:, t] + discount * following_value - values[:, t]
        step = delta + discount * trace * following_advantage
        advantages[:, t] = torch.where(real[:, t], step, zero[:, t])
        following_value, following_advantage = values[:, t], advantages[:, t]
    return advantages, advantages + values


def expected_reward(probabilities: Tensor, rewards: Tensor, rest: Tensor) -> Tensor:
    """Return sum p R + (1 - sum p) rest, the reward expected of one token; differentiable.

    Args:
        probabilities: The policy's own probability of each level token, not renormalised; shape
            (B, L).
        rewards: Reward of each level; shape (B, L).
        rest: Reward of any other token; shape (B,).

    Returns:
        Shape (B,).
    """
    return (probabilities * rewards).sum(dim=-1) + (1 - probabilities.sum(dim=-1)) * rest


def _groups(rewards: Tensor, group: int, least: int = 1) -> Tensor:
    """Return rewards as (questions, group)."""
    if group < least:
        raise ValueError(f"a group of {group} is too small: this needs {least}")
    if rewards.dim() != 1 or rewards.numel() % group:
        raise ValueError(f"rewards of shape {tuple(rewards.shape)} are not whole groups of {group}")
    return rewards.reshape(-1, group)


def _mean_of_others(rewards: Tensor, group: int) -> Tensor:
    """Return, for each row, the mean over the others of its group; shape (N,)."""
    rows = _groups(rewards, group, least=2)
    return ((rows.sum(dim=1, keepdim=True) - rows) / (group - 1)).view(-1)
