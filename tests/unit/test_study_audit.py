"""The audit tries the estimators that a study trains with."""

from typing import Any, get_args

import pytest

from calibrant.rewards.bandit_settings import Estimator
from calibrant.study import Study
from calibrant.study_audit import audited_estimators

PLAIN: dict[str, Any] = {"kind": "trained", "reward": "rlcr"}


def study(*methods: dict[str, Any]) -> Study:
    return Study.model_validate(
        {
            "title": "A study",
            "datasets": {
                "train": [{"dataset": "sky"}],
                "evaluate": [{"dataset": "sky"}],
                "lab": {"sky": {"wording": "weather", "size": 9,
                                "fractions": {"train": 0.5, "validation": 0.2, "test": 0.3}}},
            },
            "models": {"tiny": {"kind": "made", "warm_up": {}}},
            "rewards": {"rlcr": {}, "composed": {"faithfulness": 12}},
            "methods": {"start": {"kind": "model"}}
            | {f"m{number}": PLAIN | method for number, method in enumerate(methods)},
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ({}, "batch_std"),
        ({"scale": "none"}, "mean_baseline"),
        ({"estimator": "rloo", "scale": "none"}, "rloo"),
        ({"estimator": "grpo", "scale": "none"}, "mean_baseline"),
        ({"estimator": "grpo", "scale": "group"}, "group_std"),
        ({"estimator": "grpo", "feedback": "rlmf"}, "rlmf_above_mean"),
        ({"estimator": "grpo", "feedback": "rlmf_symmetric"}, "rlmf_symmetric_other_questions"),
        ({"estimator": "grpo", "feedback": "rlmf", "reward": "composed"}, "batch_std"),
        ({"estimator": "grpo", "feedback": "rlmf_symmetric", "reward": "composed"}, "batch_std"),
    ],
    ids=str,
)
def test_a_method_is_tried_in_its_own_form(method: dict[str, Any], expected: str) -> None:
    assert audited_estimators(study(method)) == [expected]


def test_an_estimator_of_two_methods_is_tried_once_in_the_order_of_the_methods() -> None:
    methods = [{"estimator": "grpo", "scale": "group"}, {}, {"estimator": "grpo"}]
    assert audited_estimators(study(*methods)) == ["group_std", "batch_std"]


def test_without_a_training_all_are_tried() -> None:
    assert audited_estimators(study()) == list(get_args(Estimator))
