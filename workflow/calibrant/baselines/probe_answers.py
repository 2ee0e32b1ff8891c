"""A probe fitted on one model's graded answers and used on others of the same model."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from calibrant.baselines.located_answers import GradedTexts, LocatedAnswer, locate_answers
from calibrant.baselines.probe import PENALTIES, fit_probe
from calibrant.baselines.text_engine import TextEngine
from calibrant.elicitation.scales import Scale
from calibrant.errors import CalibrantError
from calibrant.measures.sample import FloatArray


def probe_answers(
    engine: TextEngine,
    answers: Sequence[LocatedAnswer],
    fit: GradedTexts,
    scale: Scale,
    seed: int,
) -> tuple[list[float], dict[str, Any]]:
    """Return the probe's probability for every answer, and the account of the probe.

    The state read is the one at the answer's last token, which has seen the answer and no stated
    confidence. Answers that were not graded, or of which none can be found, are not fitted on. An
    answer to a question that was fitted on is scored by a fit without that question's fold.

    Args:
        engine: The model that gave all answers.
        answers: The answers to be scored.
        fit: Answers of calibration splits.
        scale: How their confidence is written.
        seed: Seed of the folds.

    Raises:
        CalibrantError: If an answer to fit on is of another split, or the probe cannot be fitted.
    """
    other = next((row for row in fit.predictions if row.split != "calibration"), None)
    if other is not None:
        raise CalibrantError(
            f"a probe is fitted on calibration splits, and this answer is of the {other.split} split",
            where=other.question_id,
            repair="Fit it on the calibration split",
        )
    taught = [
        (answer, answer.row.correct)
        for answer in locate_answers(fit, scale).values()
        if answer.row.correct is not None
    ]
    states = _states(engine, [answer for answer, _ in taught])
    correct = [label for _, label in taught]
    questions = [answer.row.question_id for answer, _ in taught]
    fitted = fit_probe(states, correct, questions, seed)
    account = {
        **fitted.probe.to_json(),
        "answers": len(taught),
        "questions": len(set(questions)),
        "right": sum(correct),
        "left_out": len(fit.predictions) - len(taught),
        "penalty": fitted.penalty,
        "held_out_log_loss": [list(pair) for pair in zip(PENALTIES, fitted.losses, strict=True)],
    }
    if not answers:
        return [], {"probe": account}
    asked = [answer.row.question_id for answer in answers]
    account["scored_without_their_fold"] = sum(question in fitted.without for question in asked)
    found: list[float] = fitted.probabilities(_states(engine, answers), asked).tolist()
    return found, {"probe": account}


def _states(engine: TextEngine, answers: Sequence[LocatedAnswer]) -> FloatArray:
    """Return the state at the end of each answer, shape (n, width)."""
    texts = []
    for answer in answers:
        before, part = engine.encode_span(answer.completion, answer.begin, answer.end)
        texts.append(engine.encode(answer.prompt) + before + part)
    found = dict(engine.last_states(texts))
    if not found:
        return np.empty((0, 0))
    return np.stack([found[index] for index in range(len(texts))])
