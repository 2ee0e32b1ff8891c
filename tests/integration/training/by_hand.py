"""What the trainer should come to, worked out without it."""

from typing import Any

import numpy as np
import torch
from tests.integration.training.small_training import ELICITATION, lab

from calibrant.rewards.reward import reward
from calibrant.stage_settings.train import TrainSettings
from calibrant.training.scorer import Scored, Scorer


def policy_weights(trainer: Any) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in trainer.model.state_dict().items()}


def largest_difference(first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]) -> float:
    assert first.keys() == second.keys()
    return max(float((first[name] - second[name]).abs().max()) for name in first)


def scored_again(trainer: Any, batch: dict[str, Any], chosen: TrainSettings) -> Scored:
    """Score the completions of a first batch from their tokens."""
    lengths = batch["completion_mask"].sum(1).tolist()
    ids = [
        row[:length] for row, length in zip(batch["completion_ids"].tolist(), lengths, strict=True)
    ]
    texts = trainer.processing_class.batch_decode(ids, skip_special_tokens=True)
    numbers = [index // chosen.training.samples for index in range(len(texts))]
    scorer = Scorer(lab(), chosen.reward, ELICITATION.scale)
    return scorer.score(numbers, texts, lengths, [False] * len(texts))


def states_before(model: Any, batch: dict[str, Any]) -> tuple[torch.Tensor, torch.Tensor]:
    """Return last hidden states and logits from which every completion token is predicted."""
    ids = torch.cat([batch["prompt_ids"], batch["completion_ids"]], dim=1)
    mask = torch.cat([batch["prompt_mask"], batch["completion_mask"]], dim=1)
    output = model(input_ids=ids, attention_mask=mask, output_hidden_states=True)
    length = batch["completion_ids"].size(1)
    here = slice(-length - 1, -1)
    return output.hidden_states[-1][:, here], output.logits[:, here]


def in_full(trainer: Any) -> Any:
    """Make every pass of a trainer run through all layers, and the head over all positions."""
    from trl import GRPOTrainer

    body = trainer.model.get_base_model().base_model

    def log_probs(*args: Any, **kwargs: Any) -> Any:
        states: list[torch.Tensor] = []
        hook = body.register_forward_hook(lambda _m, _i, out: states.append(out.last_hidden_state))
        result = GRPOTrainer._get_per_token_logps_and_entropies(trainer, *args, **kwargs)
        hook.remove()
        if trainer._states is None:
            trainer._states = states
        return result

    trainer._get_per_token_logps_and_entropies = log_probs
    return trainer


def spoil(critic: Any) -> None:
    """Give the critic's last layer weights, which are zero at first."""
    head = getattr(critic.module, "head", critic.module)
    torch.manual_seed(3)
    torch.nn.init.normal_(head.output.weight, std=0.3)
    torch.nn.init.constant_(head.output.bias, 0.1)


def plain_gae(
    rewards: list[float], values: list[float], discount: float, trace: float
) -> list[float]:
    """Equation 16 of arXiv 1506.02438, sum by sum."""
    following = [*values[1:], 0.0]
    deltas = [r + discount * v1 - v for r, v1, v in zip(rewards, following, values, strict=True)]
    return [
        sum(
            (discount * trace) ** (later - now) * deltas[later] for later in range(now, len(deltas))
        )
        for now in range(len(deltas))
    ]


def place_of_confidence(trainer: Any, batch: dict[str, Any]) -> list[int | None]:
    """Return the place of each confidence of one token, found from its closing tag."""
    tokenizer = trainer.processing_class
    opening, closing = tokenizer.convert_tokens_to_ids(["<confidence>", "</confidence>"])
    places: list[int | None] = []
    for row in batch["completion_ids"].tolist():
        found = row.index(closing) - 1 if closing in row else None
        places.append(found if found and row[found - 1] == opening else None)
    return places


def level_table(scored: Scored, chosen: TrainSettings) -> tuple[list[list[float]], list[float]]:
    """Return the reward of every confidence from 0 to 100, and of none, from the reward alone."""
    table = [
        [float(reward(y, c / 100, True, chosen.reward)) for c in range(101)]
        for y in np.nan_to_num(scored.correct)
    ]
    return table, [float(reward(0.0, np.nan, False, chosen.reward))] * len(table)
