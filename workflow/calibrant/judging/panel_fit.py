"""Fitting a panel on human verdicts: penalty and threshold from questions left out of the fit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from calibrant.errors import CalibrantError
from calibrant.judging.agreement_figures import figures
from calibrant.judging.case import Case
from calibrant.judging.paired_verdicts import binary_verdicts, paired_verdicts
from calibrant.judging.panel_model import PanelModel, input_signs, panel_inputs
from calibrant.judging.signed_logistic import fit_signed_logistic, sigmoid
from calibrant.measures.sample import FloatArray, IntArray, cluster_codes
from calibrant.settings import Settings

_GRID = np.round(np.arange(0.05, 0.951, 0.01), 2)
_NEIGHBOURS = 3
_DIGITS = 9


class PanelFit(Settings):
    """How a panel is fitted."""

    penalties: list[float] = [2.0, 20.0, 200.0]
    """Ridge penalties to choose from, by the log loss on questions left out."""
    folds: int = Field(default=5, ge=2)
    """Parts that the questions are dealt into; each is left out once."""
    least_questions: int = Field(default=50, ge=2)
    """Questions below which no panel is fitted."""

    @field_validator("penalties")
    @classmethod
    def _positive(cls, penalties: list[float]) -> list[float]:
        if not penalties or min(penalties) <= 0:
            raise ValueError("give at least one penalty, all above 0")
        return penalties


def fit_panel(  # noqa: PLR0913, PLR0917 (each is one thing)
    cases: Sequence[Case],
    human: Sequence[bool],
    question_ids: Sequence[str],
    log_odds: FloatArray | None,
    settings: PanelFit,
    seed: int,
    members: Sequence[str] = (),
) -> PanelModel:
    """Return a panel fitted on human verdicts of one dataset.

    All answers to a question are left out together, so that what is learned of a question never
    helps to judge it. The penalty has the least log loss on answers left out, the threshold the
    highest kappa there, averaged over neighbouring thresholds. The last fit takes all rows.

    The panel reads no words of the answer for themselves, only what they share with the references
    and a few signs of form: word features learn the style of the systems in the human set. The
    signs of form learn the convention of those who labelled it. Where people call a refusal or an
    echo of the question truthful, as in TruthfulQA, so will the panel, and a model trained on its
    verdicts may learn to say nothing.

    Args:
        cases: The cases, n of them.
        human: Human verdicts, True and False both, n of them.
        question_ids: What the answers to one question share, n of them.
        log_odds: Log-odds of k members, shape (n, k); None without members.
        settings: How to fit.
        seed: Seed of the folds.
        members: Identities of the members, k of them.

    Raises:
        CalibrantError: If lengths differ, there are too few questions, or a fold sees one verdict
            only.
    """
    verdicts = _human_verdicts(cases, human, question_ids, settings)
    inputs = panel_inputs(cases, log_odds, len(members))
    table = _Table(inputs, *verdicts, input_signs(len(members)))
    folds = list(grouped_folds(table.clusters, settings.folds, seed))
    held_out = {penalty: _left_out(table, folds, penalty) for penalty in settings.penalties}
    penalty = min(held_out, key=lambda each: _log_loss(held_out[each], table.labels))
    threshold, kappa = _best_threshold(held_out[penalty], table.labels)
    means, scales = _standard(inputs)
    columns = (inputs - means) / scales
    weights, intercept = fit_signed_logistic(columns, table.labels, table.signs, penalty)
    return PanelModel(
        members=tuple(members),
        means=_rounded(means),
        scales=_rounded(scales),
        coefficients=_rounded(weights),
        intercept=round(intercept, _DIGITS),
        threshold=threshold,
        penalty=penalty,
        kappa=round(kappa, _DIGITS),
    )


def grouped_folds(clusters: IntArray, folds: int, seed: int) -> Iterator[NDArray[np.bool_]]:
    """Yield the rows of every fold, bool of shape (n,); no question is in two folds.

    Args:
        clusters: Code of the question per row, in 0..k-1, shape (n,).
        folds: Number of folds, at most k.
        seed: Seed of the deal.
    """
    questions = int(clusters.max()) + 1
    fold = np.random.default_rng(seed).permutation(questions) % folds
    for number in range(folds):
        yield fold[clusters] == number


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """What a panel is fitted on: inputs, human verdicts, questions, signs of coefficients."""

    inputs: FloatArray
    labels: FloatArray
    clusters: IntArray
    signs: IntArray


def _human_verdicts(
    cases: Sequence[Case], human: Sequence[bool], question_ids: Sequence[str], settings: PanelFit
) -> tuple[FloatArray, IntArray]:
    labels = binary_verdicts(human, "human").astype(np.float64)
    if not len(cases) == len(labels) == len(question_ids):
        raise CalibrantError(
            f"{len(cases)} cases, {len(labels)} verdicts and {len(question_ids)} questions differ",
            where="panel",
        )
    questions = len(set(question_ids))
    least = max(settings.least_questions, settings.folds)
    if questions < least:
        raise CalibrantError(
            f"{questions} questions with human verdicts are too few to fit a panel on",
            where="panel",
            repair=f"Have answers to at least {least} questions judged by people",
        )
    return labels, cluster_codes(question_ids, len(cases))


def _left_out(table: _Table, folds: Sequence[NDArray[np.bool_]], penalty: float) -> FloatArray:
    """Return the log-odds of every row from the fit that leaves its question out, shape (n,)."""
    log_odds = np.zeros(len(table.labels))
    for out in folds:
        means, scales = _standard(table.inputs[~out])
        columns = (table.inputs - means) / scales
        weights, intercept = fit_signed_logistic(
            columns[~out], table.labels[~out], table.signs, penalty
        )
        log_odds[out] = columns[out] @ weights + intercept
    return log_odds


def _standard(inputs: FloatArray) -> tuple[FloatArray, FloatArray]:
    spread = inputs.std(axis=0)
    # An input that never varies in the fit must not decide about a case in which it does.
    return inputs.mean(axis=0), np.where(spread < 1e-9, 1.0, spread)


def _log_loss(log_odds: FloatArray, labels: FloatArray) -> float:
    return float(np.mean(np.logaddexp(0, log_odds) - labels * log_odds))


def _best_threshold(log_odds: FloatArray, labels: FloatArray) -> tuple[float, float]:
    chances = sigmoid(log_odds)
    kappas = np.array([_kappa(labels, chances >= threshold) for threshold in _GRID])
    padded = np.pad(kappas, _NEIGHBOURS, mode="edge")
    width = 2 * _NEIGHBOURS + 1
    best = int(np.argmax(np.convolve(padded, np.full(width, 1 / width), mode="valid")))
    return float(_GRID[best]), float(kappas[best])


def _kappa(labels: FloatArray, verdicts: NDArray[np.bool_]) -> float:
    table = paired_verdicts(labels, verdicts).tables().sum(axis=0, keepdims=True)
    return float(figures(table)["kappa"][0])


def _rounded(numbers: FloatArray) -> tuple[float, ...]:
    # Below the ninth digit machines differ, and the model must not.
    return tuple(round(float(number), _DIGITS) for number in numbers)
