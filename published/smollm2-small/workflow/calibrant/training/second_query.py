"""The policy asked, within a round, how faithful its own completions were."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from calibrant.elicitation.prompts import build_messages
from calibrant.elicitation.settings import Elicitation
from calibrant.rows import Question
from calibrant.training.scorer import Scored
from calibrant.training.self_judgement import (
    judge_quality,
    judge_sentence_quality,
    query_messages,
    read_forecast,
)
from calibrant.training.self_judgement_settings import SelfJudgement
from calibrant.training.sentence_groups import SentenceView
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

        if scored.view is None:
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
        scale = self._elicitation.scale
        replies = self._tokenizer.batch_decode(written, skip_special_tokens=True)
        read = [read_forecast(reply, scale) for reply in replies]
        forecast = np.array([np.nan if value is None else value for value in read])
        of_group, tolerance = self._of_group(trainer, forecast), self._settings.tolerance
        if isinstance(scored.view, SentenceView):
            judged = judge_sentence_quality(forecast, of_group, scored.view, tolerance)
        else:
            judged = judge_quality(
                forecast, of_group, scored.confidence, scored.readable, scored.view, tolerance
            )
        return replace(scored, self_judged=judged)

    def _of_group(self, trainer: Any, forecast: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the forecasts of each completion's group, shape (B, K)."""
        size = trainer.scorer.group
        everyone, start = trainer.scorer.gather([{"forecast": value} for value in forecast])
        said = np.array([row["forecast"] for row in everyone], np.float64).reshape(-1, size)
        return said[(np.arange(len(forecast)) + start) // size]

    def _prompt(self, row: int, text: str) -> list[int]:
        messages = build_messages(self._questions[row], self._elicitation)
        ids: list[int] = self._tokenizer.apply_chat_template(
            query_messages(messages, text, self._elicitation.scale),
            add_generation_prompt=True,
            return_dict=False,
        )
        return ids
