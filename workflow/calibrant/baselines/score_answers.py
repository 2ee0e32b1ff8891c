"""Stage ``score_answers``: a model is asked about answers it gave, for a confidence it never stated."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from calibrant.baselines.answer_probability import answer_probabilities
from calibrant.baselines.located_answers import GradedTexts, locate_answers
from calibrant.baselines.p_true import P_TRUE_VERSION, p_true
from calibrant.baselines.probe_answers import probe_answers
from calibrant.baselines.scored_settings import ScoreSettings
from calibrant.baselines.text_engine import Follow, TextEngine
from calibrant.data.sealed_rows import check_rows
from calibrant.elicitation.scales import SCALES
from calibrant.engines.checkpoint import check_manifest
from calibrant.errors import CalibrantError
from calibrant.rows import Prediction


@dataclass(frozen=True, slots=True, eq=False)
class ScoredAnswers:
    """What the stage found.

    Attributes:
        rows: The graded answers with their new confidence, in the order given.
        account: Counts, mean confidence and, of a probe, how it was fitted and what it is.
    """

    rows: list[Prediction]
    account: dict[str, Any]


def open_text_engine(manifest: Path, settings: ScoreSettings, follow: Follow) -> TextEngine:
    """Return the model of a manifest, whose files are checked first.

    Args:
        manifest: Beside the files of the checkpoint.
        settings: Batch size.
        follow: Shows progress.

    Raises:
        CalibrantError: If a file has changed.
    """
    check_manifest(manifest, manifest.parent)
    return TextEngine(manifest.parent, settings.generation, follow)


def score_answers(
    given: GradedTexts,
    fit: GradedTexts,
    settings: ScoreSettings,
    seed: int,
    engine: TextEngine,
) -> ScoredAnswers:
    """Replace the confidence of every answer by the score that the settings name.

    Grades, samples and known probabilities stay as they are. A row without an answer gets no
    confidence and the status ``no_answer``; one whose answer cannot be found in its text
    (``answer_span``) the status ``answer_not_located``.

    Args:
        given: Answers of one method to one dataset.
        fit: Answers of the same method to calibration splits; for a probe only.
        settings: Which score, under which name.
        seed: Seed of the probe's folds.
        engine: The model that gave the answers.

    Raises:
        CalibrantError: If answers and texts do not belong together, there are answers to fit on where
            nothing is fitted or none where a probe is, one of these is of another split or dataset
            than the settings say, or the model cannot be asked.
    """
    if (settings.score == "probe") != bool(fit.predictions):
        raise CalibrantError(
            "a probe, and nothing else, is fitted on graded answers; "
            f"{settings.score} was given {len(fit.predictions)}",
            where=f"methods: {settings.method}",
        )
    check_rows(fit.predictions, "calibration", settings.fitted_on)
    scale = SCALES[settings.elicitation.scale]
    located = locate_answers(given, scale)
    answers = list(located.values())
    more: dict[str, Any] = {}
    if settings.score == "answer_probability":
        found = answer_probabilities(engine, answers)
    elif settings.score == "p_true":
        found = p_true(engine, answers)
        more = {"prompt": P_TRUE_VERSION}
    else:
        found, more = probe_answers(engine, answers, fit, scale, seed)
    confidences = dict(zip(located, found, strict=True))
    rows = [_scored(row, confidences.get(at), settings) for at, row in enumerate(given.predictions)]
    return ScoredAnswers(rows, {**_account(rows, settings), **more})


def _scored(row: Prediction, confidence: float | None, settings: ScoreSettings) -> Prediction:
    status = "ok"
    if confidence is None:
        status = "no_answer" if row.answer is None else "answer_not_located"
    return replace(
        row,
        method=settings.method,
        confidence=confidence,
        confidence_status=status,
        recorded_confidence=None,
        recorded_correct=None,
    )


def _account(rows: Sequence[Prediction], settings: ScoreSettings) -> dict[str, Any]:
    known = [row.confidence for row in rows if row.confidence is not None]
    statuses: Mapping[str, int] = Counter(row.confidence_status for row in rows)
    return {
        "schema": "calibrant-scored/1",
        "method": settings.method,
        "score": settings.score,
        "answers": len(rows),
        "statuses": dict(sorted(statuses.items())),
        "mean_confidence": float(np.mean(known)) if known else None,
    }
