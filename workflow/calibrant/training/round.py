"""One round: from scored completions to what the loss needs, for every estimator."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from calibrant.training.advantages import (
    SPREAD_FLOOR,
    gae,
    group_baseline,
    leave_one_out,
    rlmf,
    rlmf_symmetric,
    scale_advantages,
    symmetric_factor,
)
from calibrant.training.exact_credit import Levels
from calibrant.training.scorer import Scored
from calibrant.training.settings import Critic, TrainedMethod

Gather = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Batch:
    """The completions of one process and how to see those of all.

    Attributes:
        scored: What they are worth.
        mask: 1 on their tokens; shape (B, T).
        levels: Their confidences, with exact credit.
        values: The critic's values, with `ppo`; shape (B, T).
        gather: Puts the rows of all processes one below the other.
        start: Index of the first row of this process among them.
        group: Completions per question.
    """

    scored: Scored
    mask: Tensor
    levels: Levels | None
    values: Tensor | None
    gather: Gather
    start: int
    group: int

    def own(self, everywhere: Tensor) -> Tensor:
        """Return this process's rows of a gathered tensor."""
        return everywhere[self.start : self.start + len(self.mask)]


@dataclass(frozen=True)
class Credit:
    """What the loss needs.

    Attributes:
        advantages: Shape (B,), or (B, T) with a critic or exact credit.
        levels: The confidences with rewards in units of their spread, with exact credit.
        returns: Targets of the critic, shape (B, T), with `ppo`.
        value_mask: 1 where a value is learnt, shape (B, T), with `ppo`.
    """

    advantages: Tensor
    levels: Levels | None = None
    returns: Tensor | None = None
    value_mask: Tensor | None = None


def assign_credit(batch: Batch, method: TrainedMethod, critic: Critic) -> Credit:
    """Return advantages by the method's estimator, and what goes with them."""
    credit = _assigned(batch, method, critic)
    if method.learns != "confidence":
        return credit
    return replace(credit, advantages=torch.zeros_like(credit.advantages))


def _assigned(batch: Batch, method: TrainedMethod, critic: Critic) -> Credit:
    if method.estimator == "ppo":
        return _with_critic(batch, method, critic)
    everywhere = batch.gather(_credited(batch, method))
    advantages = batch.own(_group_advantages(batch, method, everywhere))
    if batch.levels is None:
        return Credit(advantages)
    return Credit(advantages[:, None] * before_confidence(batch), _scaled_levels(batch, method))


def _credited(batch: Batch, method: TrainedMethod) -> Tensor:
    """Return what the tokens before the confidence are credited with, shape (B,).

    The reward of each completion, expected over its confidence where that is known; without what the
    confidence earns if the method learns the two apart.
    """
    if method.learns == "apart":
        return _tensor(batch.scored.parts.of_answer, batch)
    return _whole_reward(batch)


def _whole_reward(batch: Batch) -> Tensor:
    rewards = torch.tensor(batch.scored.total, dtype=torch.float32, device=batch.mask.device)
    if batch.levels is None:
        return rewards
    return torch.where(batch.levels.valid.bool(), batch.levels.expected(), rewards)


def before_confidence(batch: Batch) -> Tensor:
    """Return the mask without the confidence and what follows it, which exact credit settles.

    After a confidence that was read only the closing tag is left, and it was written rightly.
    """
    mask = batch.mask.float()
    if batch.levels is None:
        return mask
    index = torch.arange(mask.shape[1], device=mask.device)
    before = (index < batch.levels.position[:, None]).float()
    return torch.where(batch.levels.valid[:, None].bool(), mask * before, mask)


def _group_advantages(batch: Batch, method: TrainedMethod, rewards: Tensor) -> Tensor:
    """Return the advantages of all rows of all processes, shape (N,)."""
    group = batch.group
    if method.learns == "apart":
        baseline = leave_one_out if method.estimator == "rloo" else group_baseline
        return scale_advantages(baseline(rewards, group), method.scale, rewards, group)
    if method.feedback == "rlmf":
        faithful = batch.gather(_faithful(batch))
        quality = batch.gather(_quality(batch))
        advantages = rlmf(rewards - faithful, faithful, quality, group, method.gain)
    elif method.feedback == "rlmf_symmetric":
        advantages = _symmetric(batch, rewards, method.gain)
    elif method.estimator == "rloo":
        advantages = _left_out(batch, rewards)
    else:
        advantages = group_baseline(rewards, group)
    if method.scale == "group" and batch.levels is not None:
        return advantages / (_group_spread(batch) + SPREAD_FLOOR)
    return scale_advantages(advantages, method.scale, rewards, group)


def _symmetric(batch: Batch, rewards: Tensor, gain: float) -> Tensor:
    """Return RLMF's advantage with a factor on both sides, free of what an answer does to others."""
    faithful = batch.gather(_faithful(batch))
    others = batch.scored.others_faithful
    if others is None:
        quality = batch.gather(_quality(batch))
        return rlmf_symmetric(rewards - faithful, faithful, quality, batch.group, gain)
    # The mean of the group has the own answer in it, among those that the others are compared with.
    share = (batch.group - 1) / batch.group
    above = share * (faithful - batch.gather(_tensor(others, batch)))
    factor = batch.gather(_factor(batch, gain))
    return group_baseline(rewards - faithful, batch.group) + above * factor


def _left_out(batch: Batch, rewards: Tensor) -> Tensor:
    others = batch.scored.others_faithful
    if others is None:
        return leave_one_out(rewards, batch.group)
    faithful = batch.gather(_faithful(batch))
    baseline = batch.gather(_tensor(others, batch))
    return leave_one_out(rewards - faithful, batch.group) + faithful - baseline


def _factor(batch: Batch, gain: float) -> Tensor:
    """Return the factor of the symmetric form for this process's rows, shape (B,)."""
    judged = batch.scored.self_judged
    if judged is not None:
        return (gain + _tensor(judged.others, batch)).clamp(min=0)
    quality = batch.gather(_quality(batch))
    return batch.own(symmetric_factor(quality, batch.group, gain))


def _faithful(batch: Batch) -> Tensor:
    """Return f, what the confidence earns: RLMF's faithfulness, or else the score; shape (B,).

    With exact credit it is expected over the confidences.
    """
    parts = batch.scored.parts
    sampled = parts.calibration if batch.scored.view is None else parts.faithfulness
    faithful = _tensor(sampled, batch)
    if batch.levels is None:
        return faithful
    return torch.where(batch.levels.valid.bool(), batch.levels.expected_scaled(), faithful)


def _quality(batch: Batch) -> Tensor:
    """Return Z, how well each completion judged itself; shape (B,)."""
    judged = batch.scored.self_judged
    return _tensor(_self_judgement(batch.scored) if judged is None else judged.quality, batch)


def _self_judgement(scored: Scored) -> Tensor:
    """Return Z = 1 - (c - y)^2, or -1 where nothing was stated; shape (B,).

    How well the stated confidence fits the outcome stands for RLMF's self-forecast. It is linear in
    the label; what RLMF as published makes of it is not, and a study with corrected labels is refused.
    """
    c, y = scored.confidence, scored.label
    error = torch.tensor(y * (1 - c) ** 2 + (1 - y) * c**2)
    return torch.where(torch.tensor(scored.readable), 1 - error, torch.full_like(error, -1.0))


def _group_spread(batch: Batch) -> Tensor:
    """Return each row's standard deviation of the reward in its group, over answers and confidences.

    The exact counterpart of GRPO's: the sampled confidences are replaced by all of them.
    """
    levels = batch.levels
    if levels is None:
        raise ValueError("there are no levels")
    rewards = batch.gather(_whole_reward(batch))
    mean = rewards.view(-1, batch.group).mean(1).repeat_interleave(batch.group)
    own = torch.where(
        levels.valid.bool(),
        levels.second_moment(batch.own(mean)),
        (_whole_reward(batch) - batch.own(mean)) ** 2,
    )
    return batch.gather(own).view(-1, batch.group).mean(1).repeat_interleave(batch.group).sqrt()


def _scaled_levels(batch: Batch, method: TrainedMethod) -> Levels | None:
    plain = batch.levels
    if plain is None:
        return None
    levels = plain
    if method.feedback == "rlmf_symmetric":
        levels = plain.stretched(_factor(batch, method.gain))
    if method.scale == "none":
        return levels
    if method.scale == "group":
        return levels.divided_by(batch.own(_group_spread(batch)))
    # Of the rewards as they are: a spread with the factor in it would divide the factor out again.
    variance = plain.second_moment(plain.expected()) * plain.valid
    total = batch.gather(torch.stack([variance, plain.valid], dim=1)).sum(0)
    return levels.divided_by((total[0] / total[1].clamp(min=1)).sqrt())


def _with_critic(batch: Batch, method: TrainedMethod, critic: Critic) -> Credit:
    if batch.values is None:
        raise ValueError("`ppo` needs values")
    before = before_confidence(batch)
    last = (before.sum(1).long() - 1).clamp(min=0)
    per_token = torch.zeros_like(batch.values)
    per_token[torch.arange(len(last), device=last.device), last] = _credited(batch, method)
    advantages, returns = gae(per_token, batch.values, before, critic.discount, critic.trace)
    if method.scale == "batch":
        advantages = advantages / (_spread(batch, advantages, before) + SPREAD_FLOOR)
    return Credit(advantages, _scaled_levels(batch, method), returns, before)


def _spread(batch: Batch, advantages: Tensor, mask: Tensor) -> Tensor:
    """Return the standard deviation of all masked advantages of all processes, a scalar."""
    rows = torch.stack(
        [mask.sum(1), (advantages * mask).sum(1), (advantages**2 * mask).sum(1)], dim=1
    )
    count, total, squares = batch.gather(rows).double().sum(0)
    variance = (squares - total**2 / count.clamp(min=1)) / (count - 1).clamp(min=1)
    return variance.clamp(min=0).sqrt().float()


def _tensor(values: object, batch: Batch) -> Tensor:
    return torch.as_tensor(values, dtype=torch.float32, device=batch.mask.device)
