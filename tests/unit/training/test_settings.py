"""Settings of training that cannot work are refused before anything is trained."""

import re
from typing import Any

import pytest
from pydantic import ValidationError

from calibrant.training.settings import Critic, Lora, Monitors, Rollouts, TrainedMethod, Training
from calibrant.training.warm_up_settings import WarmUp


def method(**settings: Any) -> TrainedMethod:
    return TrainedMethod(kind="trained", reward="rlcr", **settings)


def test_the_defaults_fit_together() -> None:
    training = Training()
    assert training.questions * training.samples % training.minibatches == 0
    assert training.samples >= 2
    assert method().estimator == "ppo"
    assert WarmUp().candid > 0


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"questions": 5, "samples": 3, "minibatches": 2}, "15 completions"),
        ({"questions": 4, "samples": 2, "processes": 3}, "2 x 3|3 processes"),
        ({"questions": 4, "samples": 2, "minibatches": 4, "processes": 4}, "4 minibatches and 4"),
        ({"questions": 4, "samples": 2, "minibatches": 16}, "8 completions"),
    ],
)
def test_completions_that_cannot_be_shared_out_are_refused(
    settings: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValidationError, match="cannot be shared out among") as caught:
        Training(**settings)
    assert re.search(words, str(caught.value))


@pytest.mark.parametrize(
    "settings",
    [
        {"questions": 4, "samples": 2, "minibatches": 8},
        {"questions": 3, "samples": 2, "processes": 2},
        {"questions": 5, "samples": 4, "minibatches": 2, "processes": 2, "micro_batch": 5},
        {"questions": 4, "samples": 2, "micro_batch": 8},
    ],
)
def test_completions_that_can_be_shared_out_are_taken(settings: dict[str, Any]) -> None:
    assert Training(**settings).model_dump(include=set(settings)) == settings


@pytest.mark.parametrize(
    "settings",
    [
        {"questions": 4, "samples": 2, "micro_batch": 3},
        {"questions": 4, "samples": 2, "micro_batch": 16},
        {"questions": 4, "samples": 2, "minibatches": 2, "micro_batch": 8},
        {"questions": 4, "samples": 2, "processes": 2, "micro_batch": 8},
    ],
)
def test_a_micro_batch_that_does_not_divide_its_minibatch_is_refused(
    settings: dict[str, Any],
) -> None:
    with pytest.raises(ValidationError, match=f"micro_batch {settings['micro_batch']} does not"):
        Training(**settings)


@pytest.mark.parametrize("estimator", ["ppo", "rloo"])
def test_the_deviation_of_the_group_is_a_form_of_grpo(estimator: str) -> None:
    with pytest.raises(ValidationError, match="`scale: group` is a form of `grpo`"):
        method(estimator=estimator, scale="group")
    assert method(estimator="grpo", scale="group").scale == "group"


@pytest.mark.parametrize("feedback", ["rlmf", "rlmf_symmetric"])
@pytest.mark.parametrize("estimator", ["ppo", "rloo"])
def test_feedback_is_a_form_of_grpo(estimator: str, feedback: str) -> None:
    with pytest.raises(ValidationError, match="`feedback` is a form of `grpo`"):
        method(estimator=estimator, feedback=feedback)
    assert method(estimator="grpo", feedback=feedback).feedback == feedback


def test_only_the_symmetric_feedback_goes_with_exact_credit() -> None:
    with pytest.raises(ValidationError, match="RLMF as published scales what was sampled"):
        method(estimator="grpo", feedback="rlmf", credit="exact")
    assert method(estimator="grpo", feedback="rlmf_symmetric", credit="exact").credit == "exact"


def test_a_self_judgement_scales_something() -> None:
    with pytest.raises(ValidationError, match="name a `feedback`"):
        method(self_judgement={})
    made = method(estimator="grpo", feedback="rlmf", self_judgement={"tolerance": 0.05})
    assert (made.self_judgement.tolerance, made.gain) == (0.05, 1.0)


NAN, INFINITE = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        (Training, {"learning_rate": 0.0}),
        (Training, {"learning_rate": NAN}),
        (Training, {"learning_rate": 1.5}),
        (Training, {"rounds": 0}),
        (Training, {"rounds": True}),
        (Training, {"rounds": 2.0}),
        (Training, {"samples": 0}),
        (Training, {"questions": "8"}),
        (Training, {"clip": 0.0}),
        (Training, {"clip": 1.0}),
        (Training, {"kl": -0.1}),
        (Training, {"entropy": INFINITE}),
        (Training, {"max_grad_norm": 0.0}),
        (Training, {"processes": 0}),
        (Training, {"micro_batch": 0}),
        (Training, {"learning_rat": 0.1}),
        (WarmUp, {"questions": 99}),
        (WarmUp, {"boast": 95.0}),
        (WarmUp, {"candid": -0.1}),
        (WarmUp, {"candid_noise": NAN}),
        (Critic, {"features": "policy"}),
        (Critic, {"value_clip": 0.0}),
        (Critic, {"discount": 0.0}),
        (Critic, {"trace": 1.1}),
        (Critic, {"width": 7}),
        (Lora, {"rank": 0}),
        (Lora, {"dropout": 1.0}),
        (Rollouts, {"max_new_tokens": 1}),
        (Rollouts, {"temperature": 0.0}),
        (Rollouts, {"engine": "vllm"}),
        (Monitors, {"patience": 0}),
        (Monitors, {"mode_share": 98.0}),
        (Monitors, {"kl": 0.0}),
    ],
)
def test_values_out_of_range_and_unknown_keys_are_refused(
    kind: type[Any], settings: dict[str, Any]
) -> None:
    (key,) = settings
    with pytest.raises(ValidationError) as caught:
        kind(**settings)
    assert [error["loc"] for error in caught.value.errors()] == [(key,)]


@pytest.mark.parametrize(
    "settings",
    [{"estimator": "dpo"}, {"scale": "token"}, {"credit": "expected"}, {"feedback": "human"}],
)
def test_unknown_choices_are_refused(settings: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="Input should be"):
        method(**settings)


def test_settings_never_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Training().rounds = 3  # type: ignore[misc]
