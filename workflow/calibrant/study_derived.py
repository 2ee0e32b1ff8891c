"""Methods made from the answers of other methods: checks, and what their stages are told."""

from pathlib import Path
from typing import TypeVar

from calibrant.baselines.scored_settings import ScoredMethod, ScoreSettings
from calibrant.baselines.settings import (
    CalibratedMethod,
    CalibrateSettings,
    SampledMethod,
    VotedMethod,
    VoteSettings,
)
from calibrant.errors import CalibrantError
from calibrant.spelling import did_you_mean
from calibrant.study import Study
from calibrant.study_cells import elicitation_of, generation_of, methods_of_kind
from calibrant.study_certificates import check_calibration_split
from calibrant.study_datasets import is_held_out
from calibrant.study_methods import DerivedMethod
from calibrant.study_parts import asked
from calibrant.study_self_judgement import check_self_judged

# What each kind can be made of: a map needs a confidence, a score a model, a vote several answers.
_MADE_OF = {
    "calibrated": ("model", "trained", "sampled", "scored"),
    "scored": ("model", "trained", "sampled"),
    "voted": ("model", "trained", "sampled"),
    "sampled": ("model", "trained"),
}

_Kind = TypeVar("_Kind", CalibratedMethod, ScoredMethod, VotedMethod)


def calibrate_settings(study: Study, method: str) -> CalibrateSettings:
    """Return the settings of ``calibrate`` for one method."""
    settings = _of_kind(study, method, CalibratedMethod)
    return CalibrateSettings(
        method=method, calibrator=settings.calibrator, fitted_on=settings.datasets
    )


def score_settings(study: Study, method: str) -> ScoreSettings:
    """Return the settings of ``score_answers`` for one method."""
    settings = _of_kind(study, method, ScoredMethod)
    return ScoreSettings(
        method=method,
        score=settings.score,
        fitted_on=settings.datasets,
        elicitation=asked(elicitation_of(study, settings.of)),
        generation=generation_of(study, settings.of),
    )


def vote_settings(study: Study, method: str) -> VoteSettings:
    """Return the settings of ``vote`` for one method."""
    settings = _of_kind(study, method, VotedMethod)
    return VoteSettings(
        method=method,
        vote=settings.vote,
        answers=settings.answers,
        confidence=settings.confidence,
    )


def source_of(study: Study, method: str) -> str:
    """Return the method that a derived one is made from.

    Raises:
        CalibrantError: If it is not derived.
    """
    settings = study.methods[method]
    if not isinstance(settings, DerivedMethod):
        raise CalibrantError(f"method {method!r} is not made from another")
    return settings.of


def fitted_on(study: Study, method: str) -> list[str]:
    """Return the datasets on whose calibration split a derived method is fitted."""
    settings = study.methods[method]
    if isinstance(settings, CalibratedMethod | ScoredMethod):
        return list(settings.datasets)
    return []


def check_derived(path: Path, study: Study) -> None:
    """Refuse methods made from what is not there, or cannot be used so.

    Raises:
        CalibrantError: Names the first of them.
    """
    evaluated = [use.dataset for use in study.datasets.evaluate]
    for name, method in study.methods.items():
        if not isinstance(method, DerivedMethod):
            continue
        where = f"{path}: methods.{name}"
        known = methods_of_kind(study, *_MADE_OF[method.kind])
        if method.of not in known:
            raise CalibrantError(
                f"there is no method {method.of!r} that a {method.kind} one can be made of",
                where=f"{where}.of",
                repair=f"{did_you_mean(method.of, known)}There are: {', '.join(known) or 'none'}",
            )
        for dataset in fitted_on(study, name):
            check_calibration_split(f"{where}.datasets", study, dataset, evaluated)
            _check_not_held_out(f"{where}.datasets", study, dataset)
        if isinstance(method, VotedMethod):
            _check_votes(where, study, method)
        if isinstance(method, SampledMethod):
            check_self_judged(where, study, name, method)


def _check_not_held_out(where: str, study: Study, dataset: str) -> None:
    # What is fitted there has seen the domain, and its figures are no longer held out.
    if is_held_out(study, dataset):
        raise CalibrantError(
            f"{dataset!r} is held out, and nothing may be fitted on it",
            where=where,
            repair="Name a dataset that is not held out; a certificate may be for this one",
        )


def _check_votes(where: str, study: Study, method: VotedMethod) -> None:
    samples = generation_of(study, method.of).samples
    if samples < max(2, method.answers or 2) and method.vote != "first":
        raise CalibrantError(
            f"{method.of!r} gives {samples} answers to a question, too few to vote",
            where=where,
            repair="Vote over a method of `kind: sampled` with more `samples`",
        )


def _of_kind(study: Study, name: str, kind: type[_Kind]) -> _Kind:
    settings = study.methods[name]
    if not isinstance(settings, kind):
        raise CalibrantError(f"method {name!r} is of another kind than {kind.__name__}")
    return settings
