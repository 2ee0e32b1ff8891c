"""Validation: the likeliest completion for each validation question, scored as in training."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from calibrant.grading.verdict import TWO_OUTCOMES
from calibrant.training.round_summary import confidence_figures
from calibrant.training.scorer import Scored, Scorer
from calibrant.training.text_from_policy import write_texts


class Validator:
    """Validates a policy on fixed questions.

    Args:
        scorer: Holds the questions and the method's reward.
        prompts: Token ids of each question's prompt, in the scorer's order.
        trainer: The trainer, whose policy is validated.
        samples: Completions per question. One is the likeliest; several are drawn, with the same
            random numbers each time, for a reward that compares them.
    """

    def __init__(
        self, scorer: Scorer, prompts: Sequence[list[int]], trainer: Any, samples: int = 1
    ) -> None:
        self._scorer = scorer
        self._rows = [row for row in range(len(prompts)) for _ in range(samples)]
        self._prompts = [prompts[row] for row in self._rows]
        self._samples = samples
        self._trainer = trainer
        self._reference: Any = None

    def __call__(self) -> dict[str, Any]:
        """Return the figures of the policy as it is, and ``rewards``, one per completion.

        Leaves the random numbers of the training as they were.
        """
        from trl.models.utils import unwrap_model_for_generation

        trainer = self._trainer
        with (
            unwrap_model_for_generation(trainer.model_wrapped, trainer.accelerator) as model,
            torch.no_grad(),
            torch.random.fork_rng(enabled=self._samples > 1),
        ):
            if self._samples > 1:
                torch.manual_seed(trainer.args.seed)
            was_training = model.training
            model.eval()
            completions, divergences = self._complete(model)
            model.train(was_training)
        ends = trainer.eos_token_ids
        texts = trainer.processing_class.batch_decode(completions, skip_special_tokens=True)
        scored = self._scorer.score(
            self._rows, texts, [len(ids) for ids in completions],
            [not ids or ids[-1] not in ends for ids in completions],
        )  # fmt: skip
        return self._figures(scored) | {"kl": float(np.mean(divergences))}

    def _complete(self, model: Any) -> tuple[list[list[int]], list[float]]:
        trainer = self._trainer
        completions: list[list[int]] = []
        divergences: list[float] = []
        for batch in write_texts(
            trainer, model, self._prompts, trainer.max_completion_length,
            temperature=trainer.temperature if self._samples > 1 else None,
        ):  # fmt: skip
            completions += batch.completions
            # Full distributions over the vocabulary are compared, so only few rows at a time.
            size = trainer.args.per_device_train_batch_size
            for start in range(0, len(batch.completions), size):
                rows = slice(start, start + size)
                divergences += self._divergence(
                    model, batch.output[rows], batch.mask[rows], batch.completions[rows]
                )
        return completions, divergences

    def _divergence(
        self, model: Any, output: torch.Tensor, mask: torch.Tensor, written: list[list[int]]
    ) -> list[float]:
        """Return the divergence from the starting model, summed over each completion (nats)."""
        lengths = torch.tensor([len(ids) for ids in written], device=output.device)
        total = output.shape[1] - mask.shape[1]
        real = (torch.arange(total, device=output.device) < lengths[:, None]).long()
        whole = torch.cat([mask, real], dim=1)

        def log_probs(policy: Any) -> torch.Tensor:
            logits = policy(
                input_ids=output, attention_mask=whole, logits_to_keep=total + 1, use_cache=False
            ).logits[:, :-1]
            return logits.float().log_softmax(dim=-1)

        lower = self._trainer.lower_layers
        lower.states = None
        with lower.run_once(output.shape):
            now = log_probs(model)
        with lower.run_once(output.shape):
            before = self._reference_log_probs(model, log_probs)
        divergence = ((now.exp() * (now - before)).sum(-1) * real).sum(1)
        figures: list[float] = divergence.tolist()
        return figures

    def _reference_log_probs(self, model: Any, log_probs: Any) -> torch.Tensor:
        if hasattr(model, "disable_adapter"):
            with model.disable_adapter():
                result: torch.Tensor = log_probs(model)
                return result
        result = log_probs(self._starting_model())
        return result

    def _starting_model(self) -> Any:
        if self._reference is None:
            from transformers import AutoModelForCausalLM

            trainer = self._trainer
            self._reference = (
                AutoModelForCausalLM.from_pretrained(
                    trainer.starting_folder, dtype=trainer.model.dtype, use_safetensors=True,
                    local_files_only=True,
                )
                .eval()
                .requires_grad_(False)
                .to(trainer.accelerator.device)
            )  # fmt: skip
        return self._reference

    def _figures(self, scored: Scored) -> dict[str, Any]:
        readable = scored.readable
        confidence, correct = scored.confidence[readable], scored.correct[readable]
        return {
            "reward": float(scored.total.mean()),
            "rewards": scored.total.tolist(),
            "accuracy": float(correct.mean()) if readable.any() else None,
            "brier": float(((confidence - correct) ** 2).mean()) if readable.any() else None,
            "format_rate": float(readable.mean()),
            **confidence_figures(confidence),
            "truth_distance": self._truth_distance(scored),
        }

    def _truth_distance(self, scored: Scored) -> float | None:
        """Return the mean distance of the confidence from the truth where that is known.

        The probability of an answer that a judge graded is not known: the judge may be wrong. Nor is
        that of a wrong answer where there are more than two.
        """
        asked = [self._scorer.questions[row] for row in self._rows]
        truths = [question.true_probability for question in asked]
        many = any(question.answer_type not in TWO_OUTCOMES for question in asked)
        unknown = many or any(truth is None for truth in truths) or scored.judged.any()
        if unknown or not scored.readable.any():
            return None
        known = np.asarray(truths, np.float64)
        right = np.where(scored.correct == 1, known, 1 - known)
        return float(np.abs(scored.confidence - right)[scored.readable].mean())
