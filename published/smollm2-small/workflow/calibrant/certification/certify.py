"""From a file of graded answers to a certificate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from calibrant import __version__
from calibrant.certification.answers import SYSTEM_COLUMNS, Answers
from calibrant.certification.calibration_rows import one_per_question, rows_digest
from calibrant.certification.candidates import PATH_SHARE, candidate_thresholds, path_part
from calibrant.certification.certificate import (
    DECIMALS,
    Certificate,
    Group,
    Point,
    Refusal,
    certified_point,
)
from calibrant.certification.feasibility import (
    check_levels,
    least_deferred,
    least_labels,
    most_errors,
)
from calibrant.certification.threshold import TestedThreshold, certify_threshold
from calibrant.errors import CalibrantError
from calibrant.measures.further import FIXED_RULE
from calibrant.measures.sample import FloatArray, IntArray

ALL = "(all)"
MOST_GROUPS = 100


@dataclass(frozen=True, slots=True)
class Claim:
    """What is to be certified.

    Attributes:
        alpha: Highest error rate among accepted answers, in (0, 1).
        delta: Highest probability that a certified threshold exceeds it, in (0, 1).
        by: Column whose values get a threshold each, or None.
        thresholds: Thresholds fixed in advance, or empty to choose them on questions of their own.
    """

    alpha: float
    delta: float
    by: str | None = None
    thresholds: tuple[float, ...] = ()


def certify(answers: Answers, claim: Claim) -> Certificate:
    """Certify the lowest threshold of every group, or say why there is none.

    Raises:
        CalibrantError: If a level is outside (0, 1), the answers have no labels or come from
            several systems, or there are more than ``MOST_GROUPS`` groups.
    """
    check_levels(claim.alpha, claim.delta)
    correct = _labels(answers)
    rows = one_per_question(answers.question, correct)
    scope = _scope(answers, rows)
    _one_system(answers, scope)
    groups = _rows_by_group(answers, rows, claim.by)
    graded = int((~np.isnan(correct)).sum())
    return Certificate(
        version=1,
        calibrant=__version__,
        alpha=claim.alpha,
        delta=claim.delta,
        by=claim.by,
        source=answers.table.path.name,
        data_sha256=rows_digest(answers, correct, rows),
        rows=len(correct),
        ungraded=len(correct) - graded,
        repeated=graded - len(rows),
        names_questions=answers.names_questions,
        path="given" if claim.thresholds else "path part",
        scope=scope,
        groups=tuple(
            _group(name, answers, correct, np.array(groups[name], dtype=np.int64), claim)
            for name in sorted(groups)
        ),
    )


def _labels(answers: Answers) -> FloatArray:
    if answers.correct is None or np.isnan(answers.correct).all():
        raise CalibrantError(
            "has no graded answer",
            where=answers.table.path,
            repair="A certificate needs a column `correct` with 1 for right and 0 for wrong",
        )
    return answers.correct


def _scope(answers: Answers, rows: IntArray) -> dict[str, dict[str, int]]:
    scope: dict[str, dict[str, int]] = {}
    for column, cells in answers.labels.items():
        names, counts = np.unique([cells[row] for row in rows], return_counts=True)
        scope[column] = {str(name): int(n) for name, n in zip(names, counts, strict=True)}
    return scope


def _one_system(answers: Answers, scope: Mapping[str, Mapping[str, int]]) -> None:
    for column in SYSTEM_COLUMNS:
        if len(scope.get(column, {})) > 1:
            raise CalibrantError(
                f"holds answers of {len(scope[column])} different values: "
                f"{', '.join(list(scope[column])[:5])}",
                where=f"{answers.table.path}, column {column!r}",
                repair="A certificate is for one system: keep the rows of one",
            )


def _rows_by_group(answers: Answers, rows: IntArray, by: str | None) -> dict[str, list[int]]:
    if by is None:
        return {ALL: [int(row) for row in rows]}
    groups: dict[str, list[int]] = {}
    for row in rows:
        groups.setdefault(answers.labels[by][row], []).append(int(row))
    if len(groups) > MOST_GROUPS:
        raise CalibrantError(
            f"has {len(groups)} different values, more than the {MOST_GROUPS} certified apart",
            where=f"{answers.table.path}, column {by!r}",
            repair="Choose a column with fewer values",
        )
    return groups


def _group(name: str, answers: Answers, correct: FloatArray, rows: IntArray, claim: Claim) -> Group:
    if claim.thresholds:
        on_path = np.zeros(len(rows), dtype=np.bool_)
        candidates = sorted(set(claim.thresholds), reverse=True)
    else:
        on_path = path_part([answers.question[row] for row in rows])
        path = rows[on_path]
        candidates = candidate_thresholds(
            answers.confidence[path],
            correct[path],
            alpha=claim.alpha,
            tested=int((~on_path).sum()),
        )
    tested = rows[~on_path]
    sure, right = answers.confidence[tested], correct[tested]
    found = _test(sure, right, candidates, claim)
    wrong = int((1 - right).sum())
    return Group(
        name=name,
        questions=len(tested),
        path_questions=int(on_path.sum()),
        missing=int(np.isnan(sure).sum()),
        wrong=wrong,
        least_deferred=least_deferred(wrong / len(tested), claim.alpha) if len(tested) else 0.0,
        candidates=tuple(candidates),
        certified=None
        if isinstance(found, Refusal)
        else certified_point(found, len(tested), alpha=claim.alpha, delta=claim.delta),
        refusal=found if isinstance(found, Refusal) else None,
        fixed_rule=_point(sure, right, FIXED_RULE),
        curve=_curve(sure, right),
    )


def _test(
    sure: FloatArray, right: FloatArray, candidates: Sequence[float], claim: Claim
) -> Point | Refusal:
    least = least_labels(claim.alpha, claim.delta)
    if len(sure) < least:
        aside = (
            ""
            if claim.thresholds
            else f"; {PATH_SHARE:.0%} of the questions are set aside to choose thresholds, none "
            "with --thresholds"
        )
        return Refusal(
            reason="too_few_labels",
            text=f"{len(sure)} questions to test: even with no error, {least} accepted answers are "
            f"needed for a risk of {claim.alpha:g} at confidence {1 - claim.delta:g}{aside}",
        )
    if np.isnan(sure).all() or not candidates:
        return Refusal(reason="no_confidence", text="no answer states a confidence")
    test = certify_threshold(sure, right, candidates, alpha=claim.alpha, delta=claim.delta)
    if test.threshold is None:
        return Refusal(reason="no_threshold_passes", text=_failure(test.tested[0], claim))
    passed = next(step for step in test.tested if step.threshold == test.threshold)
    return Point(threshold=passed.threshold, accepted=passed.accepted, errors=passed.errors)


def _failure(step: TestedThreshold, claim: Claim) -> str:
    allowed = most_errors(step.accepted, claim.alpha, claim.delta) if step.accepted else None
    room = "not even none" if allowed is None else f"at most {allowed}"
    return (
        f"the first threshold of the sequence, {step.threshold:g}, accepts {step.accepted} answers "
        f"with {step.errors} wrong, where {room} would certify a risk of {claim.alpha:g} "
        f"(p = {step.p_value:.3g})"
    )


def _point(sure: FloatArray, right: FloatArray, threshold: float) -> Point:
    reached = sure >= threshold
    accepted = int(reached.sum())
    return Point(
        threshold=threshold, accepted=accepted, errors=accepted - int(right[reached].sum())
    )


def _curve(sure: FloatArray, right: FloatArray) -> tuple[Point, ...]:
    stated = ~np.isnan(sure)
    values, position = np.unique(-np.round(sure[stated], DECIMALS), return_inverse=True)
    accepted = np.cumsum(np.bincount(position, minlength=len(values)))
    errors = np.cumsum(np.bincount(position, weights=1 - right[stated], minlength=len(values)))
    return tuple(
        Point(threshold=float(abs(value)), accepted=int(n), errors=int(wrong))
        for value, n, wrong in zip(values, accepted, errors, strict=True)
    )
