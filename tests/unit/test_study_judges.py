"""Judges of a study: what they name must be there, and each stage is told of those it asks."""

from pathlib import Path
from typing import Any

import pytest

from calibrant.errors import CalibrantError
from calibrant.judging.settings import Limits
from calibrant.study import Study
from calibrant.study_judges import (
    check_judges,
    grading_judge,
    judge_answers_settings,
    judge_part,
    judged_datasets,
    labelling_judge,
    measure_judge_settings,
)
from calibrant.training.settings import TrainedMethod

LAB = {"wording": "weather", "size": 40, "fractions": {"train": 0.5, "test": 0.5}}
BASE: dict[str, Any] = {
    "title": "A study",
    "datasets": {
        "train": [{"dataset": "told", "judge": "panel"}, {"dataset": "sky"}],
        "evaluate": [{"dataset": "told", "judge": "large"}, {"dataset": "sky"}],
        "lab": {"sky": LAB, "told": LAB | {"references": "report"}},
        "verdicts": {"reports": {}},
    },
    "models": {"tiny": {"kind": "made", "warm_up": {}}, "big": {"kind": "made"}},
    "judges": {
        "panel": {"kind": "panel", "members": ["large", "small", "server"], "verdicts": "reports"},
        "large": {"kind": "language", "model": "big", "verdicts": "reports", "limit": 200,
                  "limits": {"least": 5}, "probes": {}, "threshold": 0.6},
        "small": {"kind": "language", "model": "tiny", "verdicts": "judge_truthfulqa"},
        "server": {"kind": "language", "verdicts": "reports",
                   "server": {"address": "http://localhost:8000/v1", "model": "m"}},
        "again": {"kind": "panel", "members": ["small", "large", "small"], "verdicts": "reports"},
    },
    "rewards": {"rlcr": {}},
    "methods": {
        "all": {"kind": "trained", "model": "tiny", "reward": "rlcr"},
        "told": {"kind": "trained", "model": "tiny", "reward": "rlcr", "datasets": ["told"]},
        "sky": {"kind": "trained", "model": "tiny", "reward": "rlcr", "datasets": ["sky"],
                "noise": {"sensitivity": 0.8}},
    },
}  # fmt: skip


GROUPED = {"kind": "trained", "model": "tiny", "reward": "rlcr", "estimator": "grpo",
           "datasets": ["told"]}  # fmt: skip


def study_with(**changes: Any) -> Study:
    """Return the study with settings changed, named as ``judges__panel__members``."""
    document = Study(**BASE).model_dump()
    for name, value in changes.items():
        *path, last = name.split("__")
        place = document
        for key in path:
            place = place[int(key)] if key.isdigit() else place[key]
        place[last] = value
    return Study(**document)


def test_a_sound_study_passes() -> None:
    check_judges(Path("mine.yaml"), study_with())


@pytest.mark.parametrize(
    ("key", "value", "where", "said"),
    [
        ("judges__large__verdicts", "report", "judges.large.verdicts", "Did you mean 'reports'?"),
        ("judges__large__verdicts", "judge_truthfulq", "judges.large.verdicts", "'judge_truthfulqa'?"),
        ("judges__large__verdicts", "sky", "judges.large.verdicts", "no set of verdicts 'sky'"),
        ("judges__panel__verdicts", "gsm8k", "judges.panel.verdicts", "no set of verdicts 'gsm8k'"),
        ("judges__large__model", "bigg", "judges.large.model", "Did you mean 'big'?"),
        ("judges__large__model", "", "judges.large.model", "Here: tiny, big"),
        ("judges__panel__members", ["smal"], "judges.panel.members", "Did you mean 'small'?"),
        ("judges__panel__members", ["panel"], "judges.panel.members", "no language judge 'panel'"),
        ("judges__panel__members", ["small", "again"], "judges.panel.members", "'again'"),
        ("datasets__evaluate__0__judge", "panle", "datasets.evaluate[0].judge", "Did you mean 'panel'?"),
        ("datasets__train__0__judge", "larg", "datasets.train[0].judge", "Did you mean 'large'?"),
        ("datasets__train__1__judge", "large", "datasets.train", "labelled by one judge"),
        ("datasets__train__0__judge", "small", "datasets.train[0].judge", "must not be trained on"),
        ("methods__told", GROUPED | {"feedback": "rlmf"}, "methods.told", "not linear in the label"),
        ("methods__told", GROUPED | {"scale": "group"}, "methods.told", "not linear in the label"),
        ("methods__told__noise", {"sensitivity": 0.8}, "methods.told.noise", "a judge labels answers"),
        ("methods__all__noise", {"sensitivity": 0.8}, "methods.all.noise", "no judge labels"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_refused(key: str, value: Any, where: str, said: str) -> None:
    with pytest.raises(CalibrantError) as caught:
        check_judges(Path("mine.yaml"), study_with(**{key: value}))
    message = str(caught.value)
    assert message.startswith(f"mine.yaml: {where}: ")
    assert said in message


def test_two_datasets_of_a_training_may_share_a_judge() -> None:
    check_judges(
        Path("mine.yaml"), study_with(datasets__train__1__judge="panel", methods__sky__noise=None)
    )


@pytest.mark.parametrize(
    "origin", [{}, {"model": "big", "server": {"address": "http://a/v1", "model": "m"}}]
)
def test_a_language_judge_is_a_model_or_a_server(origin: dict[str, Any]) -> None:
    judges = BASE["judges"] | {"large": {"kind": "language", "verdicts": "reports", **origin}}
    with pytest.raises(ValueError, match="either a `model` or a `server`"):
        Study(**BASE | {"judges": judges})


def test_members_and_their_models_keep_the_order_of_the_study() -> None:
    part = judge_part(study_with(), "panel")
    assert (part.name, list(part.members)) == ("panel", ["large", "small", "server"])
    # A server is no model that a stage is given.
    assert part.models == ["big", "tiny"]
    assert judge_part(study_with(judges__panel__members=["small", "large"]), "panel").models == [
        "tiny", "big",
    ]  # fmt: skip


def test_a_model_of_two_judges_is_given_once() -> None:
    part = judge_part(study_with(judges__small__model="big"), "panel")
    assert list(part.members) == ["large", "small", "server"]
    assert part.models == ["big"]


def test_a_member_named_twice_is_asked_once() -> None:
    assert list(judge_part(study_with(), "again").members) == ["small", "large"]


def test_a_language_judge_asks_only_its_own_model() -> None:
    part = judge_part(study_with(), "large")
    assert (part.members, part.models) == ({}, ["big"])
    assert judge_part(study_with(), "server").models == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("verdicts", "judge_truthfulqa"),
        ("limit", 500),
        ("floor", None),
        ("probes", None),
        ("limits", {"least": 9}),
    ],
)
def test_how_a_member_is_measured_by_itself_is_none_of_the_panels_business(
    key: str, value: Any
) -> None:
    changed = study_with(**{f"judges__large__{key}": value})
    assert judge_part(changed, "panel") == judge_part(study_with(), "panel")
    assert judge_part(changed, "large") != judge_part(study_with(), "large")
    assert judge_part(changed, "panel").members["large"].limits == Limits()


def test_what_a_member_says_is_the_panels_business() -> None:
    changed = study_with(judges__large__threshold=0.7)
    assert judge_part(changed, "panel") != judge_part(study_with(), "panel")


def test_a_part_survives_json() -> None:
    settings = measure_judge_settings(study_with(), "panel")
    assert type(settings).model_validate(settings.model_dump(mode="json")) == settings
    assert (settings.replicates, settings.level) == (1000, 0.95)


def test_only_a_dataset_with_a_judge_is_judged() -> None:
    study = study_with()
    assert grading_judge(study, "told") == "large"
    assert grading_judge(study, "sky") is None
    assert grading_judge(study, "elsewhere") is None
    asked = judge_answers_settings(study, "told").part
    whole = judge_part(study, "large")
    assert (asked.name, asked.models, asked.members) == (whole.name, whole.models, whole.members)
    with pytest.raises(CalibrantError, match="nobody judges the answers to 'sky'"):
        judge_answers_settings(study, "sky")


@pytest.mark.parametrize(("method", "judge"), [("all", "panel"), ("told", "panel"), ("sky", None)])
def test_labels_come_from_the_judge_of_the_methods_own_datasets(
    method: str, judge: str | None
) -> None:
    study = study_with()
    trained = study.methods[method]
    assert isinstance(trained, TrainedMethod)
    part = labelling_judge(study, trained)
    assert (part and part.name) == judge


@pytest.mark.parametrize(
    ("key", "value"), [("probes", {}), ("floor", None), ("limit", 300), ("limits", {"least": 9})]
)
def test_how_a_judge_is_measured_retrains_and_rejudges_nothing(key: str, value: Any) -> None:
    study, changed = study_with(), study_with(**{f"judges__panel__{key}": value})
    method = study.methods["told"]
    assert isinstance(method, TrainedMethod)
    assert measure_judge_settings(changed, "panel") != measure_judge_settings(study, "panel")
    assert labelling_judge(changed, method) == labelling_judge(study, method)


def test_uncorrected_labels_go_with_any_advantage() -> None:
    free = GROUPED | {"scale": "group", "correct_labels": False}
    check_judges(Path("mine.yaml"), study_with(methods__told=free))


def test_only_datasets_that_name_a_judge_are_labelled_by_it() -> None:
    study = study_with()
    method = study.methods["all"]
    assert isinstance(method, TrainedMethod)
    assert judged_datasets(study, method) == ["told"]
