"""Exact credit: the expected reward over all confidences in the place of the one that was sampled.

The confidence is one token out of a small known set. Given the sampled answer and its grade, what
each confidence would earn is known, so the expectation over the policy's own distribution is a short sum
and its gradient has no sampling noise (an expected policy gradient, arXiv 1706.05374, at one position).

A completion with a token there that is no confidence counts the same way: the sum stands for every
token that could have stood there, and what would have followed a confidence is taken to be its closing
tag. Only a completion that has no such place, or states its confidence in more than one token, keeps
what it earned.
"""

from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from calibrant.training.advantages import SPREAD_FLOOR, expected_reward
from calibrant.training.scorer import Scored, Scorer
from calibrant.training.statement_tokens import ConfidenceTokens


@dataclass(frozen=True)
class Levels:
    """What the confidence of each completion could be, and earn; the first axis is the completion.

    Attributes:
        position: Index of the confidence token, 0 where there is none; shape (B,).
        valid: 1 where the sum stands for the reward; shape (B,).
        log_probs: Of every level at generation; shape (B, L).
        rewards: Of every level; shape (B, L).
        rest: Reward of a confidence that cannot be read; shape (B,).
        scaled: The part of ``rewards`` that RLMF scales; shape (B, L). Of ``rest`` it is 0.
    """

    position: Tensor
    valid: Tensor
    log_probs: Tensor
    rewards: Tensor
    rest: Tensor
    scaled: Tensor

    def expected_scaled(self) -> Tensor:
        """Return the part that RLMF scales, expected over the policy's own confidences, (B,)."""
        return expected_reward(self.log_probs.exp(), self.scaled, torch.zeros_like(self.rest))

    def expected(self) -> Tensor:
        """Return the reward expected over the policy's own confidences, shape (B,)."""
        return expected_reward(self.log_probs.exp(), self.rewards, self.rest)

    def second_moment(self, centre: Tensor) -> Tensor:
        """Return the expected squared distance of the reward from ``centre``, shape (B,)."""
        squares = (self.rewards - centre[:, None]) ** 2
        return expected_reward(self.log_probs.exp(), squares, (self.rest - centre) ** 2)

    def stretched(self, factor: Tensor) -> "Levels":
        """Return the same with RLMF's factor, one per row, on the part that it scales.

        o + factor (f - E f) + E f: the expected reward stays, the gradient of f is multiplied, and
        that of the rest is left as it is.
        """
        centre = self.expected_scaled()
        extra = (factor - 1)[:, None] * (self.scaled - centre[:, None])
        rest = self.rest - (factor - 1) * centre
        return replace(self, rewards=self.rewards + extra, rest=rest)

    def divided_by(self, spread: Tensor) -> "Levels":
        """Return the same with all rewards divided, by a scalar or one number per row."""
        divisor = spread.clamp(min=0) + SPREAD_FLOOR
        rows = divisor[:, None] if divisor.dim() else divisor
        return replace(
            self,
            rewards=self.rewards / rows,
            rest=self.rest / divisor,
            scaled=self.scaled / rows,
        )


def find_levels(
    completions: list[list[int]],
    scored: Scored,
    scorer: Scorer,
    tokens: ConfidenceTokens,
    tokenizer: Any,
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Return position, valid, rewards, rest and scaled of ``Levels``.

    Valid is a completion that ended, whose answer was graded, and whose last opening tag is followed
    by one of the tokens that is what was stated, or by a token that made the confidence unreadable.
    """
    values = dict(zip(tokens.ids, tokens.values, strict=True))
    positions, valid = [], []
    for row, ids in enumerate(completions):
        found = tokens.find(ids, tokenizer) if scored.answered[row] else None
        level = None if found is None else values.get(ids[found])
        if level is None:
            is_valid = found is not None and not scored.readable[row]
        else:
            is_valid = bool(scored.readable[row]) and abs(level - scored.confidence[row]) < 1e-9
        positions.append(found if found is not None and is_valid else 0)
        valid.append(float(is_valid))
    rewards, rest = scorer.level_rewards(scored, tokens.values)
    return (
        torch.tensor(positions),
        torch.tensor(valid),
        torch.tensor(rewards, dtype=torch.float32),
        torch.tensor(rest, dtype=torch.float32),
        torch.tensor(scorer.confidence_rewards(scored, tokens.values), dtype=torch.float32),
    )


def level_log_probs(
    model: Any, states: Tensor, position: Tensor, tokens: ConfidenceTokens, temperature: float
) -> Tensor:
    """Return the log probability of every level at the confidence's position, shape (B, L).

    Args:
        model: The policy, unwrapped.
        states: Hidden states from which each completion token is predicted, (B, T, width).
        position: Index of the confidence token, shape (B,).
        tokens: The levels.
        temperature: Of sampling.
    """
    rows = torch.arange(len(position), device=position.device)
    logits = model.get_output_embeddings()(states[rows, position])
    log_probs = (logits.float() / temperature).log_softmax(dim=-1)
    return log_probs[:, torch.tensor(tokens.ids, device=log_probs.device)]
