"""Losses beside TRL's: the value loss, and PPO's surrogate in expectation over the confidence.

Tensors of shape (B, T) hold one completion per row and one token per column; those of shape (B, L)
hold one value per level of confidence, at the position of the confidence. Log probabilities are
natural and at least float32.
"""

import torch
from torch import Tensor

from calibrant.training.advantages import expected_reward


def value_loss(
    values: Tensor, old_values: Tensor, returns: Tensor, mask: Tensor, clip: float
) -> Tensor:
    """Return half the mean squared error of the critic, the larger of plain and clipped.

    0.5 mean max((V - R)^2, (V_clipped - R)^2) over masked tokens, where V_clipped stays within clip
    of the value at generation, as in OpenAI's PPO.

    Args:
        values: Shape (B, T).
        old_values: Values at generation; shape (B, T).
        returns: Shape (B, T).
        mask: 1 on the tokens that count; shape (B, T).
        clip: How far a value may move, in units of the reward; above 0.

    Returns:
        A scalar; 0 without any token.
    """
    real = mask.bool()
    value, old, target = values[real], old_values.detach()[real], returns.detach()[real]
    clipped = old + (value - old).clamp(-clip, clip)
    error = torch.maximum((value - target) ** 2, (clipped - target) ** 2)
    return 0.5 * error.sum() / max(error.numel(), 1)


@torch.no_grad()
def explained_variance(values: Tensor, returns: Tensor, mask: Tensor) -> float:
    """Return 1 - var(R - V) / var(R) over masked tokens, the share of returns a critic foresees.

    Args:
        values: Shape (B, T).
        returns: Shape (B, T).
        mask: 1 on the tokens that count; shape (B, T).

    Returns:
        At most 1; below 0 for a critic worse than a constant. 0 where all returns are equal, since
        there is nothing to explain.
    """
    real = mask.bool()
    # The variance of equal numbers may come out above 0 by rounding, so they are compared.
    target = returns[real].double()
    if target.numel() == 0 or bool(target.max() == target.min()):
        return 0.0
    return 1 - float((target - values[real].double()).var() / target.var())


def expected_surrogate(
    level_log_probs: Tensor,
    old_level_log_probs: Tensor,
    level_rewards: Tensor,
    rest_reward: Tensor,
    clip: float,
) -> Tensor:
    """Return the negative expectation of PPO's clipped surrogate over one token.

    -[sum_l pi_old(l) min(rho_l A_l, clip(rho_l) A_l)] over the levels of confidence and one more
    outcome, "any other token", with the mass that is left; A = R - expected reward under the old
    policy. Summing over actions in place of sampling one is an expected policy gradient
    (arXiv 1706.05374). Where the two policies agree, the gradient is exactly that of minus the
    expected reward.

    Args:
        level_log_probs: The policy's log probability of each level token among all tokens, not
            renormalised; shape (B, L).
        old_level_log_probs: The same at generation; shape (B, L).
        level_rewards: Reward of each level; shape (B, L).
        rest_reward: Reward of any other token; shape (B,).
        clip: Half-width of the ratio clip, 0..1.

    Returns:
        Shape (B,).
    """
    levels, old_levels = level_log_probs.exp(), old_level_log_probs.detach().exp()
    baseline = expected_reward(old_levels, level_rewards, rest_reward)
    mass, old_mass = _with_rest(levels), _with_rest(old_levels)
    rewards = torch.cat([level_rewards, rest_reward.unsqueeze(-1)], dim=-1)
    advantages = (rewards - baseline.unsqueeze(-1)).detach()
    # pi_old rho = pi: multiplied out, no ratio is formed and an outcome of no mass does no harm.
    clipped = mass.clamp((1 - clip) * old_mass, (1 + clip) * old_mass)
    return -torch.minimum(mass * advantages, clipped * advantages).sum(dim=-1)


def level_entropy(level_log_probs: Tensor) -> Tensor:
    """Return -sum_l pi log pi over the level tokens, not renormalised.

    Args:
        level_log_probs: The policy's log probability of each level token among all tokens; shape
            (B, L). A level of no mass adds nothing.

    Returns:
        Nats, shape (B,).
    """
    # 0 times minus infinity is not a number, in the value and in the gradient.
    finite = level_log_probs.clamp(min=torch.finfo(level_log_probs.dtype).min)
    return -(level_log_probs.exp() * finite).sum(dim=-1)


def _with_rest(levels: Tensor) -> Tensor:
    """Return probabilities of the levels and of any other token; shape (B, L + 1).

    The sum of the levels may pass 1 by rounding; the rest is then 0.
    """
    rest = (1 - levels.sum(dim=-1, keepdim=True)).clamp(min=0)
    return torch.cat([levels, rest], dim=-1)
