"""The critic at work: its values, its loss and its optimiser, apart from those of the policy."""

import copy
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from calibrant.training.critic import ValueHead, ValueModel, make_critic
from calibrant.training.losses import explained_variance, value_loss
from calibrant.training.settings import Training


class CriticStep:
    """Owns the critic and its optimiser.

    The critic is not wrapped for distribution: its gradients are averaged over the processes by hand,
    which is little data, and so it works beside DDP, FSDP and DeepSpeed alike.

    Args:
        training: Settings.
        policy: The policy; read for its shape and, with `frozen` features, copied.
        accelerator: Of the trainer.
        seed: Seed of its initial weights, the same in all processes.
    """

    def __init__(self, training: Training, policy: Any, accelerator: Any, seed: int) -> None:
        self.settings = training.critic
        self._norm = training.max_grad_norm
        self._accelerator = accelerator
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.module = make_critic(self.settings, policy.config).to(accelerator.device)
        self.optimizer = torch.optim.AdamW(
            self.module.parameters(), lr=self.settings.learning_rate, weight_decay=0.0
        )
        self._frozen: Any = None
        if self.settings.features == "frozen":
            base = policy.get_base_model() if hasattr(policy, "get_base_model") else policy
            self._frozen = copy.deepcopy(base.base_model).requires_grad_(False).eval()
            self._frozen.to(accelerator.device)

    def start_at(self, reward: float) -> None:
        """Start from the mean reward of the first completions.

        Values that start at zero would make every first advantage positive, and the policy surer of
        whatever it happened to say.
        """
        head = self.module.head if isinstance(self.module, ValueModel) else self.module
        if not isinstance(head, ValueHead):
            raise TypeError(f"{type(head).__name__} is no value head")
        head.start_at(reward)

    def old_values(self, output: dict[str, Any], states: Tensor | None) -> Tensor:
        """Return values at generation, (B, T); keeps frozen features in ``output`` for the epochs."""
        if self._frozen is not None:
            with torch.no_grad():
                ids, mask = _whole(output)
                frozen = self._frozen(input_ids=ids, attention_mask=mask).last_hidden_state
            output["critic_features"] = frozen[:, -output["completion_ids"].size(1) - 1 : -1]
        with torch.no_grad():
            return self._values(output, states)

    def loss(
        self, inputs: dict[str, Any], states: Tensor, metrics: dict[str, list[float]]
    ) -> Tensor:
        """Return the weighted value loss, summed over tokens, and note how well the critic foresees.

        The sum is for the caller to divide, by the tokens of all processes and micro-batches.
        """
        values = self._values(inputs, states)
        mask, returns = inputs["value_mask"], inputs["returns"]
        loss = value_loss(values, inputs["old_values"], returns, mask, self.settings.value_clip)
        metrics["value_loss"].append(float(loss.detach()))
        metrics["explained_variance"].append(
            explained_variance(inputs["old_values"], returns, mask)
        )
        return self.settings.weight * loss * mask.sum()

    def step(self) -> None:
        """Average the gradient over the processes, clip it and move the critic."""
        parameters = list(self.module.parameters())
        if self._accelerator.num_processes > 1:
            for parameter in parameters:
                gradient = parameter.grad
                if gradient is None:
                    gradient = torch.zeros_like(parameter)
                parameter.grad = self._accelerator.reduce(gradient, reduction="mean")
        torch.nn.utils.clip_grad_norm_(parameters, self._norm)
        self.optimizer.step()
        self.optimizer.zero_grad()

    def save(self, folder: Path) -> None:
        """Write weights (safetensors) and optimiser into a checkpoint folder."""
        from safetensors.torch import save_file

        weights = {name: value.contiguous() for name, value in self.module.state_dict().items()}
        save_file(weights, folder / "critic.safetensors")
        torch.save(self.optimizer.state_dict(), folder / "critic_optimizer.pt")

    def load(self, folder: Path) -> None:
        """Take up weights and optimiser from a checkpoint folder."""
        from safetensors.torch import load_file

        self.module.load_state_dict(load_file(folder / "critic.safetensors"))
        state = torch.load(folder / "critic_optimizer.pt", weights_only=True)
        self.optimizer.load_state_dict(state)

    def _values(self, inputs: dict[str, Any], states: Tensor | None) -> Tensor:
        length = inputs["completion_ids"].size(1)
        if self.settings.features == "own":
            ids, mask = _whole(inputs)
            values: Tensor = self.module(ids, mask)[:, -length - 1 : -1]
            return values
        features = inputs.get("critic_features", states)
        head: Tensor = self.module(features)
        return head


def _whole(inputs: dict[str, Any]) -> tuple[Tensor, Tensor]:
    """Return prompt and completion together, and their mask."""
    ids = torch.cat([inputs["prompt_ids"], inputs["completion_ids"]], dim=1)
    return ids, torch.cat([inputs["prompt_mask"], inputs["completion_mask"]], dim=1)
