"""The judges of a study: checks of what they name, and what the stages are told of them."""

from pathlib import Path

from calibrant.errors import CalibrantError
from calibrant.judging.settings import LanguageJudgeSettings, Limits, PanelSettings
from calibrant.spelling import did_you_mean
from calibrant.stage_settings.judging import (
    CorrectJudgedSettings,
    JudgeAnswersSettings,
    JudgePart,
    MeasureJudgeSettings,
)
from calibrant.study import Study
from calibrant.study_datasets import dataset_entry, kind_of, known_datasets
from calibrant.training.settings import TrainedMethod


def judge_part(study: Study, name: str) -> JudgePart:
    """Return a judge with the language judges it asks, and the names of their models in order."""
    judge = study.judges[name]
    members = {}
    if isinstance(judge, PanelSettings):
        for member in judge.members:
            settings = study.judges[member]
            if isinstance(settings, LanguageJudgeSettings):
                members[member] = _asked(settings)
    asked = [judge, *members.values()]
    models = [item.model for item in asked if isinstance(item, LanguageJudgeSettings)]
    named = list(dict.fromkeys(model for model in models if model is not None))
    return JudgePart(name=name, judge=judge, members=members, models=named)


def _asked(member: LanguageJudgeSettings) -> LanguageJudgeSettings:
    # What a member says does not depend on how it is measured by itself.
    own = {"verdicts": "", "limit": None, "floor": None, "limits": Limits(), "probes": None}
    return member.model_copy(update=own)


def measure_judge_settings(study: Study, name: str) -> MeasureJudgeSettings:
    """Return the settings of ``measure_judge`` for one judge."""
    return MeasureJudgeSettings(
        part=judge_part(study, name),
        replicates=study.measures.replicates,
        level=study.measures.level,
    )


def judge_answers_settings(study: Study, dataset: str) -> JudgeAnswersSettings:
    """Return the settings of ``judge_answers`` for one dataset.

    Raises:
        CalibrantError: If nobody judges it.
    """
    name = grading_judge(study, dataset)
    if name is None:
        raise CalibrantError(f"nobody judges the answers to {dataset!r}")
    return JudgeAnswersSettings(part=_asked_part(judge_part(study, name)))


def correct_judged_settings(study: Study) -> CorrectJudgedSettings:
    """Return the settings of ``correct_judged``."""
    return CorrectJudgedSettings(bins=study.measures.bins, level=study.measures.level)


def grading_judge(study: Study, dataset: str) -> str | None:
    """Return who grades answers to a dataset after the deterministic graders, or None."""
    uses = [use for use in study.datasets.evaluate if use.dataset == dataset]
    return uses[0].judge if uses else None


def labelling_judge(study: Study, method: TrainedMethod) -> JudgePart | None:
    """Return who labels answers in the training of a method, or None."""
    names = judged_datasets(study, method)
    judges = [use.judge for use in study.datasets.train if use.dataset in names]
    return _asked_part(judge_part(study, str(judges[0]))) if judges else None


def judged_datasets(study: Study, method: TrainedMethod) -> list[str]:
    """Return the datasets whose answers a judge labels in the training of a method."""
    return [
        use.dataset
        for use in study.datasets.train
        if use.judge is not None and (method.datasets is None or use.dataset in method.datasets)
    ]


def describe_labels(study: Study, method: TrainedMethod) -> str:
    """Return what the report says of the judge whose labels a method learns from, empty without one."""
    judge = labelling_judge(study, method)
    if judge is None:
        return ""
    how = "corrected" if method.correct_labels else "as it gives them"
    return f", labels of the judge {judge.name} {how}"


def _asked_part(part: JudgePart) -> JudgePart:
    """Return a judge without what only its measurement depends on."""
    own = {"verdicts": "", "limit": None, "floor": None, "limits": Limits(), "probes": None}
    return part.model_copy(update={"judge": part.judge.model_copy(update=own)})


def check_judges(path: Path, study: Study) -> None:
    """Refuse judges that name what is not there, and uses of judges that are not there.

    Raises:
        CalibrantError: Names the first of them.
    """
    sets = [name for name in known_datasets(study) if kind_of(study, name) == "judgements"]
    for name, judge in study.judges.items():
        where = f"{path}: judges.{name}"
        _check_known(judge.verdicts, sets, f"{where}.verdicts", "set of verdicts")
        if isinstance(judge, PanelSettings):
            languages = [
                key
                for key, other in study.judges.items()
                if isinstance(other, LanguageJudgeSettings)
            ]
            for member in judge.members:
                _check_known(member, languages, f"{where}.members", "language judge")
        elif judge.model is not None:
            _check_known(judge.model, list(study.models), f"{where}.model", "model")
    _check_uses(path, study)


def _check_uses(path: Path, study: Study) -> None:
    for key in ("train", "evaluate"):
        for number, use in enumerate(getattr(study.datasets, key)):
            if use.judge is not None:
                where = f"{path}: datasets.{key}[{number}].judge"
                _check_known(use.judge, list(study.judges), where, "judge")
                if key == "train":
                    _check_fit_to_label(where, study, use.judge)
    if len({use.judge for use in study.datasets.train if use.judge is not None}) > 1:
        raise CalibrantError(
            "the answers of a training are labelled by one judge",
            where=f"{path}: datasets.train",
            repair="Name the same judge everywhere",
        )
    for name, method in study.methods.items():
        if not isinstance(method, TrainedMethod):
            continue
        judged = bool(judged_datasets(study, method))
        corrected = judged and method.correct_labels
        if corrected or (method.noise is not None and method.noise.corrected):
            _check_linear(f"{path}: methods.{name}", method)
        if method.noise is not None and judged:
            raise CalibrantError(
                "errors are simulated on top of grades, and here a judge labels answers",
                where=f"{path}: methods.{name}.noise",
                repair="Take it out, or name datasets that no judge labels",
            )


def _check_fit_to_label(where: str, study: Study, name: str) -> None:
    """Refuse a judge that learnt from verdicts which nothing may be trained on."""
    verdicts = study.judges[name].verdicts
    entry = dataset_entry(study, verdicts) if verdicts in known_datasets(study) else None
    if entry is not None and (entry.held_out or not entry.trainable):
        raise CalibrantError(
            f"the judge {name!r} is fitted or measured on {verdicts!r}, which must not be trained on",
            where=where,
            repair="Use a judge with other verdicts",
        )


def _check_linear(where: str, method: TrainedMethod) -> None:
    """Refuse an advantage in which the mean of corrected labels is not that of true ones."""
    if method.feedback == "rlmf" or method.scale == "group":
        raise CalibrantError(
            "RLMF as published and a division by the group's deviation are not linear in the label, "
            "so labels cannot be noise-corrected",
            where=where,
            repair="Use `feedback: rlmf_symmetric`, `scale: batch`, or uncorrected labels",
        )


def _check_known(name: str, known: list[str], where: str, what: str) -> None:
    if name not in known:
        raise CalibrantError(
            f"there is no {what} {name!r}",
            where=where,
            repair=f"{did_you_mean(name, known)}Here: {', '.join(known) or 'none'}",
        )
