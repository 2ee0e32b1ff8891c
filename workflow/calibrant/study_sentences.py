"""Checks of a study whose models answer in several sentences, each with its confidence."""

from pathlib import Path

from calibrant.baselines.scored_settings import ScoredMethod
from calibrant.baselines.settings import SampledMethod, VotedMethod
from calibrant.elicitation.reader import SENTENCES
from calibrant.elicitation.settings import Elicitation
from calibrant.errors import CalibrantError
from calibrant.model_settings import MadeModel, Model
from calibrant.recorded_settings import RecordedMethod
from calibrant.study import Study
from calibrant.study_cells import elicitation_of
from calibrant.training.settings import TrainedMethod


def check_sentences(path: Path, study: Study) -> None:
    """Refuse what needs one statement where there are sentences, and the other way round.

    Raises:
        CalibrantError: Names the first fault.
    """
    for name, model in study.models.items():
        if _in_sentences(model.elicitation or study.elicitation):
            _check_model(f"{path}: models.{name}", model)
    for name, method in study.methods.items():
        where = f"{path}: methods.{name}"
        if isinstance(method, RecordedMethod):
            continue
        in_sentences = _in_sentences(elicitation_of(study, name))
        if isinstance(method, ScoredMethod) and in_sentences:
            raise CalibrantError(
                "a score needs one answer in a place of its own, and there are sentences",
                where=where,
                repair="Score a method asked in another `format`",
            )
        if isinstance(method, SampledMethod | VotedMethod) and in_sentences:
            raise CalibrantError(
                "whether two answers say the same is told by the whole of them, and there are sentences",
                where=where,
                repair="Sample a method asked in another `format`",
            )
        if isinstance(method, TrainedMethod):
            _check_reward(where, study, method, in_sentences)
            if in_sentences:
                _check_credit(where, study, method)
    _check_selection(path, study)
    _check_claims(path, study)


def _check_claims(path: Path, study: Study) -> None:
    claims = [name for name, lab in study.datasets.lab.items() if lab.claims > 1]
    asked = [model.elicitation or study.elicitation for model in study.models.values()]
    if claims and not all(_in_sentences(each) for each in asked):
        raise CalibrantError(
            "a question of several claims is answered in as many sentences, and a model is not asked "
            "for sentences",
            where=f"{path}: datasets.lab.{claims[0]}.claims",
            repair=f"Write `format: {SENTENCES}` under `elicitation`, or take `claims` out",
        )


def _in_sentences(asked: Elicitation) -> bool:
    return asked.format == SENTENCES


def _check_model(where: str, model: Model) -> None:
    if isinstance(model, MadeModel) and not model.sentences:
        raise CalibrantError(
            "a made model ends its reply at the first confidence, so it never writes a second sentence",
            where=where,
            repair="Write `sentences: true` for the model",
        )
    if model.warm_up is not None and model.warm_up.own_replies is not None:
        raise CalibrantError(
            "a warm-up on a model's own replies reads one statement in each, and it is asked for "
            "sentences",
            where=f"{where}.warm_up.own_replies",
            repair="Take it out, or ask in another `format`",
        )


def _check_reward(where: str, study: Study, method: TrainedMethod, in_sentences: bool) -> None:
    terms = study.rewards[method.reward].format
    if in_sentences or not (terms.strict or terms.graded):
        return
    raise CalibrantError(
        f"the reward {method.reward!r} pays for the form of sentences, and the model is not asked for "
        "any",
        where=f"{where}.reward",
        repair=f"Write `format: {SENTENCES}` under `elicitation`, or set `strict` and `graded` to 0",
    )


def _check_credit(where: str, study: Study, method: TrainedMethod) -> None:
    if method.credit == "exact":
        raise CalibrantError(
            "exact credit settles one confidence, and an answer of sentences has several",
            where=f"{where}.credit",
            repair="Write `credit: sampled`",
        )
    training = method.training or study.training
    if max(training.entropy, training.last_entropy) > 0:
        raise CalibrantError(
            "a bonus for entropy is paid on one confidence, and an answer of sentences has several",
            where=f"{where}: training.entropy",
            repair="Set `entropy` and `last_entropy` of `training` to 0",
        )


def _check_selection(path: Path, study: Study) -> None:
    if study.selection is None:
        return
    model = study.models[study.selection.model or next(iter(study.models))]
    if _in_sentences(model.elicitation or study.elicitation):
        raise CalibrantError(
            "a selection reads one statement per answer, and its model is asked for sentences",
            where=f"{path}: selection",
            repair="Select with a model asked in another `format`, or take the selection out",
        )
