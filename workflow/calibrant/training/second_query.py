"""The policy asked, within a round, how faithful its own completions were."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch

from calibrant.elicitation.prompts import build_messages
from calibrant.elicitation.settings import Elicitation
from calibrant.rows import Question
from calibrant.training.scorer import Scored
from calibrant.training.self_judgement import judge_quality, query_messages
from calibrant.training.self_judgement_settings import SelfJudgement
from calibrant.training.text_from_policy import write_texts


class SecondQuery:
    """Asks the policy about its completions; the likeliest reply counts.

    The reply earns nothing and is not learnt from: a forecast that is paid for is won by promising
    little and keeping it.

    Args:
        questions: The training questions.
        elicitation: How they were asked.
        settings: Tolerance and length.
        tokenizer: Of the policy.
    """

    def __init__(
        self,
        questions: Sequence[Question],
        elicitation: Elicitation,
        settings: SelfJudgement,
        tokenizer: Any,
    ) -> None:
        self._questions = list(questions)
        self._elicitation = elicitation
        self._settings = settings
        self._tokenizer = tokenizer

    def __call__(
        self, trainer: Any, scored: Scored, rows: Sequence[int], texts: Sequence[str]
    ) -> Scored:
        """Return the completions with how well the policy judged each of them.

        Args:
            trainer: The trainer, whose policy is asked.
            scored: What the completions are worth.
            rows: Index of the question that each answers.
            texts: The completions.

        Raises:
            ValueError: If the reward does not look at the intrinsic confidence.
        """
        from trl.models.utils import unwrap_model_for_generation

        if scored.intrinsic is None:
            raise ValueError("a self-judgement needs the intrinsic confidence")
        prompts = [self._prompt(row, text) for row, text in zip(rows, texts, strict=True)]
        written: list[list[int]] = []
        with (
            unwrap_model_for_generation(trainer.model_wrapped, trainer.accelerator) as model,
            torch.no_grad(),
        ):
            was_training = model.training
            model.eval()
            for batch in write_texts(trainer, model, prompts, self._settings.max_new_tokens):
                written += batch.completions
            model.train(was_training)
        replies = self._tokenizer.batch_decode(written, skip_special_tokens=True)
        judged = judge_quality(
            replies, scored.confidence, scored.readable, scored.intrinsic, self._settings,
            self._elicitation.scale,
        )  # fmt: skip
        return replace(scored, self_judged=judged)

    def _prompt(self, row: int, text: str) -> list[int]:
        messages = build_messages(self._questions[row], self._elicitation)
        ids: list[int] = self._tokenizer.apply_chat_template(
            query_messages(messages, text, self._elicitation.scale),
            add_generation_prompt=True,
            return_dict=False,
        )
        return ids
