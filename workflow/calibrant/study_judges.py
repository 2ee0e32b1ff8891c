"""The judges of a study: checks of what they name, and what the stages are told of them."""

from pathlib import Path

from calibrant.errors import CalibrantError
from calibrant.judging.settings import LanguageJudgeSettings, Limits, PanelSettings
from calibrant.spelling import did_you_mean
from calibrant.stage_settings import JudgeAnswersSettings, JudgePart, MeasureJudgeSettings
from calibrant.study import Study
from calibrant.study_datasets import kind_of, known_datasets
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
    return JudgeAnswersSettings(part=judge_part(study, name))


def grading_judge(study: Study, dataset: str) -> str | None:
    """Return who grades answers to a dataset after the deterministic graders, or None."""
    uses = [use for use in study.datasets.evaluate if use.dataset == dataset]
    return uses[0].judge if uses else None


def labelling_judge(study: Study, method: TrainedMethod) -> JudgePart | None:
    """Return who labels answers in the training of a method, or None."""
    names = [
        use.judge
        for use in study.datasets.train
        if use.judge is not None and (method.datasets is None or use.dataset in method.datasets)
    ]
    return judge_part(study, names[0]) if names else None


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
    if len({use.judge for use in study.datasets.train if use.judge is not None}) > 1:
        raise CalibrantError(
            "the answers of a training are labelled by one judge",
            where=f"{path}: datasets.train",
            repair="Name the same judge everywhere",
        )
    for name, method in study.methods.items():
        if not isinstance(method, TrainedMethod) or method.noise is None:
            continue
        if labelling_judge(study, method) is not None:
            raise CalibrantError(
                "errors are simulated on top of grades, and here a judge labels answers",
                where=f"{path}: methods.{name}.noise",
                repair="Take it out, or name datasets that no judge labels",
            )


def _check_known(name: str, known: list[str], where: str, what: str) -> None:
    if name not in known:
        raise CalibrantError(
            f"there is no {what} {name!r}",
            where=where,
            repair=f"{did_you_mean(name, known)}Here: {', '.join(known) or 'none'}",
        )
