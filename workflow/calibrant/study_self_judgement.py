"""Sampled methods whose model is asked how faithful it was: which, how, and what is refused."""

from calibrant.baselines.settings import SampledMethod
from calibrant.elicitation.reader import SENTENCES
from calibrant.errors import CalibrantError
from calibrant.stage_settings.self_judgement import SelfJudgedSettings, SelfJudgeSettings
from calibrant.study import Study
from calibrant.study_cells import elicitation_of, model_of
from calibrant.study_parts import generate_settings
from calibrant.study_second_query import check_second_query
from calibrant.training.self_judgement_settings import SelfJudgement


def self_judging_methods(study: Study) -> list[str]:
    """Return the names of the methods whose model is asked."""
    return [
        name
        for name, method in study.methods.items()
        if isinstance(method, SampledMethod) and method.self_judgement is not None
    ]


def self_judge_settings(study: Study, method: str, dataset: str) -> SelfJudgeSettings:
    """Return the settings of ``self_judge`` for one method and dataset.

    Raises:
        CalibrantError: If the method's model is not asked.
    """
    asked = _self_judgement(study, method)
    settings = generate_settings(study, method, dataset)
    one = {"samples": 1, "temperature": 0.0, "max_new_tokens": asked.max_new_tokens}
    generate = settings.model_copy(
        update={"generation": settings.generation.model_copy(update=one)}
    )
    return SelfJudgeSettings(generate=generate)


def self_judged_settings(study: Study, method: str) -> SelfJudgedSettings:
    """Return the settings of ``measure_self_judgement`` for one method.

    Raises:
        CalibrantError: If the method's model is not asked.
    """
    measures = study.measures
    return SelfJudgedSettings(
        tolerance=_self_judgement(study, method).tolerance,
        bins=measures.bins,
        replicates=measures.replicates,
        level=measures.level,
    )


def _self_judgement(study: Study, method: str) -> SelfJudgement:
    sampled = study.methods[method]
    if not isinstance(sampled, SampledMethod) or sampled.self_judgement is None:
        raise CalibrantError(f"method {method!r} is not asked about itself")
    return sampled.self_judgement


def check_self_judged(where: str, study: Study, name: str, method: SampledMethod) -> None:
    """Refuse a question about faithfulness that nothing answers.

    Args:
        where: The method's place in its file.
        study: The study.
        name: Name of the method; what it is made of is there.
        method: Its settings.

    Raises:
        CalibrantError: If there is one answer to a question, an answer has several confidences, or a
            model that is made in the run was never shown how to reply.
    """
    if method.self_judgement is None:
        return
    if method.samples < 2:
        raise CalibrantError(
            "one answer to a question does not show how faithful it is",
            where=f"{where}.samples",
            repair="Set `samples` to 2 or more, or take `self_judgement` out",
        )
    if elicitation_of(study, name).format == SENTENCES:
        raise CalibrantError(
            "the second query is about one confidence, and every sentence states its own",
            where=f"{where}.self_judgement",
            repair="Ask for the answer in another `format`, or take `self_judgement` out",
        )
    check_second_query(f"{where}.self_judgement", study.models[model_of(study, name)])
