"""The trainer: TRL's GRPOTrainer with our advantages, a critic, and exact credit for the confidence.

TRL generates, samples prompts, clips ratios, saves and distributes. What is ours hangs on a few of its
private names, which a contract test watches. TRL accepts advantages of shape (completions, tokens) from
subclasses.
"""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from trl import GRPOConfig, GRPOTrainer

from calibrant.rewards.reward import ANSWER_PARTS
from calibrant.training.capture import Capture, LabelledAtEnd, before_completion
from calibrant.training.checkpoints import prune_checkpoints, seal_checkpoint
from calibrant.training.critic_step import CriticStep
from calibrant.training.exact_credit import Levels, find_levels, level_log_probs
from calibrant.training.losses import expected_surrogate, level_entropy
from calibrant.training.lower_layers import LowerLayers
from calibrant.training.round import Batch, assign_credit, before_confidence
from calibrant.training.round_summary import summarise
from calibrant.training.scorer import Scored, Scorer
from calibrant.training.second_query import SecondQuery
from calibrant.training.settings import TrainedMethod, Training
from calibrant.training.statement_tokens import ConfidenceTokens


class PolicyConfig(GRPOConfig):
    """TRL's configuration, which also takes one completion per prompt: a critic needs no group."""

    num_generations: int

    def __post_init__(self) -> None:
        """Check as TRL does, but for its least number of completions."""
        alone = self.num_generations == 1
        if alone:
            # Only for TRL's check: at least 2, and a divisor of the batch.
            self.num_generations = self.per_device_train_batch_size * (
                self.steps_per_generation or self.gradient_accumulation_steps
            )
        super().__post_init__()
        if alone:
            self.num_generations = 1


class PolicyTrainer(GRPOTrainer):
    """Trains a policy with one of our estimators.

    Args:
        scorer: Scores completions. The training rows name their question in the column ``row``.
        method: Estimator, scale, feedback and credit.
        training: Everything else.
        tokens: The tokens a confidence may be, with exact credit or a bonus for its entropy.
        starting_folder: Checkpoint of the model that training starts from.
        second_query: Asks the policy about its completions, or None.
        **kwargs: As for TRL's trainer, but for the reward functions.
    """

    def __init__(  # noqa: PLR0913, PLR0917 (each is one thing)
        self, scorer: Scorer, method: TrainedMethod, training: Training,
        tokens: ConfidenceTokens | None, starting_folder: Path,
        second_query: SecondQuery | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        self.scorer = scorer
        self.method = method
        self.training = training
        self.tokens = tokens
        self.summary: dict[str, Any] = {}
        self.starting_folder = starting_folder
        self.second_query = second_query
        self.watch: Any = None
        super().__init__(reward_funcs=[self.score_completions], **kwargs)
        scorer.group = training.samples
        scorer.gather = self._of_all_processes
        self._capture = Capture(self.model)
        self.lower_layers = LowerLayers(self.model, self.accelerator)
        self._states: list[Tensor] | None = None
        self._scored: Scored | None = None
        self._completions: list[list[int]] = []
        self.critic: CriticStep | None = None
        if method.estimator == "ppo":
            self.critic = CriticStep(training, self.model, self.accelerator, self.args.seed)

    def _of_all_processes(
        self, rows: list[dict[str, object]]
    ) -> tuple[list[dict[str, object]], int]:
        """Return the rows of all processes in their order, and the position of the first own one."""
        from accelerate.utils import gather_object

        everyone: list[dict[str, object]] = gather_object(rows)
        return everyone, self.accelerator.process_index * len(rows)

    def score_completions(
        self, prompts: Any, completions: Any, completion_ids: list[list[int]], row: list[int],
        **_: Any,
    ) -> list[float]:  # fmt: skip
        """Return the rewards; TRL calls this with the completions of this process."""
        texts = [turns[0]["content"] for turns in completions]
        cut = [not ids or ids[-1] not in self.eos_token_ids for ids in completion_ids]
        self._completions = completion_ids
        self._scored = self.scorer.score(row, texts, [len(ids) for ids in completion_ids], cut)
        if self.second_query is not None:
            self._scored = self.second_query(self, self._scored, row, texts)
        rewards: list[float] = self._scored.total.tolist()
        return rewards

    def _generate_single_turn(self, *args: Any, **kwargs: Any) -> Any:
        with self.lower_layers.noted_in_generation():
            return super()._generate_single_turn(*args, **kwargs)

    def _get_per_token_logps_and_entropies(
        self, model: Any, input_ids: Tensor, attention_mask: Tensor, logits_to_keep: int,
        *args: Any, **kwargs: Any,
    ) -> Any:  # fmt: skip
        of_policy = model is not self.ref_model
        last = logits_to_keep + 1
        with self._capture.switched_on(last) as states, self.lower_layers.run_once(input_ids.shape):
            result = super()._get_per_token_logps_and_entropies(
                LabelledAtEnd(model, last) if of_policy else model,
                input_ids, attention_mask, logits_to_keep, *args, **kwargs,
            )  # fmt: skip
        # The first pass is the policy's; one of the reference may follow.
        if self._states is None:
            self._states = states
        return result

    def _generate_and_score_completions(self, inputs: Any) -> dict[str, Any]:
        self._states = self.lower_layers.states = None
        output: dict[str, Any] = super()._generate_and_score_completions(inputs)
        scored = self._scored
        if scored is None:
            raise ValueError("nothing was scored")
        self.summary = summarise(scored, self.accelerator)
        if self.critic is not None and self.state.global_step == 0:
            # What the critic foresees: without the confidence's part where that is learnt apart.
            paid = ANSWER_PARTS if self.method.learns == "apart" else ("reward",)
            self.critic.start_at(sum(self.summary[part] for part in paid))
        states = self._old_states(output)
        if self.lower_layers.states is not None:
            output["lower_states"] = self.lower_layers.states
        levels = self._levels(states, scored)
        if levels is not None:
            output |= {
                "confidence_position": levels.position,
                "confidence_valid": levels.valid,
            }
        values = None if self.critic is None else self.critic.old_values(output, states)
        exact = levels if self.method.credit == "exact" else None
        batch = Batch(
            scored, output["completion_mask"], exact, values, self.accelerator.gather,
            self.accelerator.process_index * len(inputs), self.training.samples,
        )  # fmt: skip
        credit = assign_credit(batch, self.method, self.training.critic)
        output["advantages"] = credit.advantages
        if self.method.learns == "apart":
            # TRL's name for the tokens that its loss leaves out: `kl` then holds the answer alone.
            output["tool_mask"] = before_confidence(batch).long()
        if credit.levels is not None:
            output |= {
                "old_level_log_probs": credit.levels.log_probs,
                "level_rewards": credit.levels.rewards,
                "rest_reward": credit.levels.rest,
            }
        if credit.returns is not None and credit.value_mask is not None:
            output |= {
                "old_values": values, "returns": credit.returns, "value_mask": credit.value_mask,
                "num_values": self.accelerator.gather(credit.value_mask.sum()).sum(),
            }  # fmt: skip
        return output

    def _old_states(self, output: dict[str, Any]) -> Tensor | None:
        """Return the policy's states at generation, (B, T, width), or None where nobody needs them."""
        if self.critic is None and self.tokens is None:
            return None
        length = output["completion_ids"].size(1)
        if "old_per_token_logps" not in output:
            # TRL leaves this pass out where the policy does not move within a round.
            self._states = None
            with torch.no_grad():
                self._get_per_token_logps_and_entropies(
                    self.model,
                    torch.cat([output["prompt_ids"], output["completion_ids"]], dim=1),
                    torch.cat([output["prompt_mask"], output["completion_mask"]], dim=1),
                    length,
                    batch_size=self.args.per_device_train_batch_size,
                )
        return before_completion(self._states or [], length)

    def _levels(self, states: Tensor | None, scored: Scored) -> Levels | None:
        if self.tokens is None or states is None:
            return None
        found = find_levels(self._completions, scored, self.scorer, self.tokens, self._tokenizer)
        position, valid, rewards, rest, scaled = (tensor.to(states.device) for tensor in found)
        with torch.no_grad():
            log_probs = self._level_log_probs(states, position)
        return Levels(position, valid, log_probs, rewards, rest, scaled)

    def _level_log_probs(self, states: Tensor, position: Tensor) -> Tensor:
        if self.tokens is None:
            raise ValueError("there are no confidence tokens")
        policy = self.accelerator.unwrap_model(self.model)
        return level_log_probs(policy, states, position, self.tokens, self.temperature)

    def _compute_loss(self, model: Any, inputs: dict[str, Any]) -> Tensor:
        self._states = None
        self.lower_layers.states = inputs.get("lower_states")
        loss: Tensor = super()._compute_loss(model, inputs)
        if self.tokens is None and self.critic is None:
            return loss
        states = before_completion(self._states or [], inputs["completion_ids"].size(1))
        self._states = None
        if self.tokens is not None:
            loss = loss + self._confidence_loss(inputs, states)
        if self.critic is not None:
            error = self.critic.loss(inputs, states.detach(), self._metrics["train"])
            loss = loss + self._per_token(error, inputs["num_values"])
        return loss

    def _per_token(self, total: Tensor, tokens: Tensor) -> Tensor:
        """Divide a sum by the tokens of the whole batch, as TRL's `dapo` does.

        The sum is over the completions of one micro-batch of one process. A mean of their means would
        depend on how many processes and micro-batches there are.
        """
        tokens = tokens.clamp(min=1.0) / self.accelerator.num_processes
        share = self.current_gradient_accumulation_steps / self.args.steps_per_generation
        return total / (tokens * share)

    def _confidence_loss(self, inputs: dict[str, Any], states: Tensor) -> Tensor:
        """Return the expected surrogate of the confidence (exact credit) less its entropy's bonus.

        The confidence counts as the one token it is: its sum is divided by the same number of tokens
        as that of the other tokens.
        """
        levels = self._level_log_probs(states, inputs["confidence_position"])
        valid = inputs["confidence_valid"]
        loss = -self._entropy_bonus() * level_entropy(levels)
        if self.method.credit == "exact":
            loss = loss + expected_surrogate(
                levels, inputs["old_level_log_probs"], inputs["level_rewards"],
                inputs["rest_reward"], self.epsilon_low,
            )  # fmt: skip
        # With sampled credit this is the bonus alone, which must not outweigh what it is a bonus to.
        weight = self.training.confidence_weight if self.method.credit == "exact" else 1.0
        return self._per_token(weight * (loss * valid).sum(), inputs["num_items_in_batch"])

    def _entropy_bonus(self) -> float:
        """Return the factor on the entropy, which falls from its first to its last value.

        Without a bonus the confidence collapses before it was tried out; with one to the end it stays
        so wide that its mode says little.
        """
        if not self.scorer.looks_at_confidence:
            return 0.0
        done = self.state.global_step / max(self.state.max_steps, 1)
        first, last = self.training.entropy, self.training.last_entropy
        return first + (last - first) * done

    def training_step(self, model: Any, inputs: Any, num_items_in_batch: Any) -> Tensor:
        """Take TRL's step, then the critic's where the policy's gradient is complete."""
        loss: Tensor = super().training_step(model, inputs, num_items_in_batch)
        if self.critic is not None and self.accelerator.sync_gradients:
            self.critic.step()
        return loss

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        super()._save_checkpoint(model, trial)
        # Every process writes its part before the checkpoint is called complete.
        self.accelerator.wait_for_everyone()
        if not self.args.should_save:
            return
        work = Path(self.args.output_dir)
        step = self.state.global_step
        folder = work / f"checkpoint-{step}"
        if self.critic is not None:
            self.critic.save(folder)
        seal_checkpoint(folder, self.watch.state)
        best = self.watch.state["best_step"]
        prune_checkpoints(work, {step} if best is None else {step, best})

    def _load_optimizer_and_scheduler(self, checkpoint: str | None) -> None:
        # DeepSpeed loads weights by a way of its own, but all come through here.
        super()._load_optimizer_and_scheduler(checkpoint)
        if self.critic is not None and checkpoint is not None:
            self.critic.load(Path(checkpoint))
