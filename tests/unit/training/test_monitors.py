"""The watch over a run: its curve, its best checkpoint, its faults, and going on after a kill."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from transformers import TrainerControl

from calibrant.training.monitors import Watch
from calibrant.training.settings import Monitors, Training, Validation

SUMMARY = {
    "completions": 8, "reward": 0.3, "format_rate": 0.9, "confidence_mode_share": 0.5,
}  # fmt: skip
FIGURES = {
    "reward": 0.4, "accuracy": 0.6, "confidence_mean": 0.7, "format_rate": 0.9, "kl": 0.1,
}  # fmt: skip
LIMITS = Monitors(patience=2, mode_share=0.9, format_rate=0.5, kl=5.0)


class Run:
    """A trainer reduced to what the watch reads, and a watch over it."""

    def __init__(
        self, folder: Path, *, rounds: int = 100, every: int = 1, main: bool = True,
        watch_confidence: bool = True,
    ) -> None:  # fmt: skip
        self.curve = folder / "curve.jsonl"
        self.summary = dict(SUMMARY)
        self.figures: dict[str, Any] = dict(FIGURES)
        self.validations = 0
        self.accelerator = SimpleNamespace(is_main_process=main)
        training = Training(
            rounds=rounds, validation=Validation(every=every), monitors=LIMITS,
        )  # fmt: skip
        self.watch = Watch(training, self, self.validate, self.curve, watch_confidence)
        self.step = 0

    def validate(self) -> dict[str, Any]:
        self.validations += 1
        # Four questions that all earn the mean, unless a test tells them apart.
        return {"rewards": [self.figures["reward"]] * 4, **self.figures}

    def round(self, logs: dict[str, Any] | None = None, **figures: Any) -> TrainerControl:
        """Run a round of two steps, with some figures of its validation other than usual."""
        self.step += 2
        self.figures = FIGURES | figures
        control = TrainerControl()
        state = SimpleNamespace(global_step=self.step)
        self.watch.on_log(None, state, control, logs=logs or {"loss": 0.1, "grad_norm": 1.0})
        return control

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.curve.read_text().splitlines()]


def test_the_curve_grows_by_a_line_per_round_and_per_validation(tmp_path: Path) -> None:
    run = Run(tmp_path, every=2)
    run.watch.on_train_begin(None, SimpleNamespace(global_step=0), None)
    for _ in range(4):
        run.round()
    run.watch.finish({"reason": "finished"})
    places = [(line["kind"], line.get("round"), line.get("rollouts")) for line in run.lines()]
    assert places == [
        ("validation", 0, 0), ("train", 1, 8), ("train", 2, 16), ("validation", 2, 16),
        ("train", 3, 24), ("train", 4, 32), ("validation", 4, 32), ("end", None, None),
    ]  # fmt: skip
    assert run.lines()[-1]["reason"] == "finished"
    assert run.watch.state["lines"] == 8


def test_lines_hold_the_figures_of_the_round_and_of_the_validation(tmp_path: Path) -> None:
    run = Run(tmp_path)
    logs = {
        "loss": 0.25, "grad_norm": 2.0, "learning_rate": 1e-3, "clip_ratio/region_mean": 0.125,
        "entropy": 1.5, "kl": 0.5, "value_loss": 0.75, "explained_variance": -1.0, "epoch": 3.0,
    }  # fmt: skip
    run.round(logs)
    train, validation = run.lines()
    expected = {
        "loss": 0.25, "grad_norm": 2.0, "learning_rate": 1e-3, "clip_share": 0.125,
        "token_entropy": 1.5, "kl_loss": 0.5, "value_loss": 0.75, "explained_variance": -1.0,
    }  # fmt: skip
    place = {"round": 1, "rollouts": 8}
    assert train.pop("seconds") >= 0
    assert train == {"kind": "train"} | place | SUMMARY | expected
    assert validation == {"kind": "validation"} | place | FIGURES


def test_logs_that_are_of_no_round_change_nothing(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.round({"train_loss": 0.1, "train_runtime": 3.0})
    assert run.watch.state["round"] == 0
    assert run.validations == 0
    assert not run.curve.exists()


def test_the_starting_model_is_validated_once_and_not_after_a_restart(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.watch.on_train_begin(None, SimpleNamespace(global_step=12), None)
    assert run.validations == 0
    run.watch.on_train_begin(None, SimpleNamespace(global_step=0), None)
    assert run.validations == 1


def test_a_checkpoint_is_saved_at_each_validation_and_the_last_round_has_one(
    tmp_path: Path,
) -> None:
    run = Run(tmp_path, rounds=5, every=2)
    saves = [run.round().should_save for _ in range(5)]
    assert saves == [False, True, False, True, True]
    assert run.validations == 3


def test_the_best_has_the_highest_reward_and_is_the_last_of_equals(tmp_path: Path) -> None:
    run = Run(tmp_path)
    for reward in (-0.2, 0.5, 0.4, 0.5, 0.3):
        run.round(reward=reward)
    state = run.watch.state
    assert (state["best_reward"], state["best_round"], state["best_step"]) == (0.5, 4, 8)


@pytest.mark.parametrize(
    ("later", "kept"),
    [
        # Worse by 0.1, with a standard error of the differences of 0.15 / 2.
        ([0.25, 0.55, 0.25, 0.55], 1),
        # Worse by 0.1, with a standard error of 0.25 / 2.
        ([0.15, 0.65, 0.15, 0.65], 2),
    ],
)
def test_a_later_checkpoint_is_kept_unless_it_is_worse_by_a_standard_error(
    tmp_path: Path, later: list[float], kept: int
) -> None:
    run = Run(tmp_path)
    run.round(reward=0.5)
    run.round(reward=0.4, rewards=later)
    assert run.watch.state["best_round"] == kept


def test_within_a_standard_error_means_of_the_highest_so_that_rewards_cannot_drift(
    tmp_path: Path,
) -> None:
    run = Run(tmp_path)
    run.round(reward=0.5)
    for step in range(1, 6):
        mean = 0.5 - 0.1 * step
        run.round(reward=mean, rewards=[mean - 0.25, mean + 0.25] * 2)
    assert run.watch.state["best_round"] == 2


def test_a_faulty_checkpoint_is_never_the_best(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.round(reward=0.9, kl=6.0)
    assert run.watch.state["best_step"] is None
    run.round(reward=0.1)
    run.round(reward=0.8, format_rate=0.4)
    state = run.watch.state
    assert (state["best_reward"], state["best_round"], state["best_step"]) == (0.1, 2, 4)


FORMAT = "fewer than 50% of the statements can be read"
FAULTS: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "reward": ({}, {"reward": math.nan}, "the validation reward is not a finite number"),
    "infinite reward": ({}, {"reward": -math.inf}, "the validation reward is not a finite number"),
    "divergence": ({}, {"kl": math.nan}, "the validation reward is not a finite number"),
    "format in training": ({"format_rate": 0.49}, {}, FORMAT),
    "format in validation": ({}, {"format_rate": 0.49}, FORMAT),
    "away": ({}, {"kl": 5.01}, "the policy is more than 5 nats from the model it started from"),
    "collapse": (
        {"confidence_mode_share": 0.9}, {},
        "one confidence makes up 90% of those stated: it collapsed",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("summary", "figures", "words"), FAULTS.values(), ids=FAULTS)
def test_a_fault_that_lasts_stops_the_run_in_its_own_words(
    tmp_path: Path, summary: dict[str, Any], figures: dict[str, Any], words: str
) -> None:
    run = Run(tmp_path)
    run.round()
    run.summary |= summary
    assert not run.round(**figures).should_training_stop
    assert run.watch.state["fault"] == words
    assert run.watch.state["stopped"] == ""
    control = run.round(**figures)
    assert control.should_training_stop
    assert control.should_save
    assert run.watch.state["stopped"] == words
    assert run.watch.state["best_round"] == 1


@pytest.mark.parametrize(
    ("summary", "figures"),
    [
        ({"format_rate": 0.5}, {"format_rate": 0.5}),
        ({}, {"kl": 5.0}),
        ({"confidence_mode_share": 0.899}, {}),
        ({"confidence_mode_share": None}, {}),
    ],
)
def test_at_the_limit_there_is_no_fault(
    tmp_path: Path, summary: dict[str, Any], figures: dict[str, Any]
) -> None:
    run = Run(tmp_path)
    run.summary |= summary
    for _ in range(4):
        assert not run.round(**figures).should_training_stop
    assert run.watch.state["fault"] == ""


def test_only_the_same_fault_in_a_row_uses_up_the_patience(tmp_path: Path) -> None:
    run = Run(tmp_path)
    faults: list[dict[str, Any]] = [{"kl": 6}, {"format_rate": 0.1}, {"kl": 6}, {}, {"kl": 6}]
    for figures in faults:
        assert not run.round(**figures).should_training_stop
    assert run.round(kl=6.0).should_training_stop


def test_a_constant_confidence_is_no_fault_while_the_reward_does_not_look_at_it(
    tmp_path: Path,
) -> None:
    run = Run(tmp_path, watch_confidence=False)
    run.summary["confidence_mode_share"] = 1.0
    for _ in range(4):
        assert not run.round().should_training_stop
    assert run.watch.state["fault"] == ""
    assert run.watch.state["best_round"] == 4


@pytest.mark.parametrize("value", [math.nan, math.inf])
@pytest.mark.parametrize(("name", "words"), [("loss", "loss"), ("grad_norm", "grad norm")])
def test_spoilt_weights_stop_at_once_and_are_not_saved(
    tmp_path: Path, value: float, name: str, words: str
) -> None:
    run = Run(tmp_path)
    run.round()
    control = run.round({"loss": 0.1, "grad_norm": 1.0, name: value})
    assert control.should_training_stop
    assert not control.should_save
    assert run.validations == 1
    assert run.watch.state["stopped"] == f"the {words} is not a finite number"
    assert run.watch.state["best_step"] == 2


def test_only_the_main_process_writes(tmp_path: Path) -> None:
    run = Run(tmp_path, main=False)
    run.round(reward=0.7)
    run.watch.finish({"reason": "finished"})
    assert not run.curve.exists()
    assert run.watch.state["best_reward"] == 0.7
    assert run.watch.state["round"] == 1


def cut_in_two(text: str) -> str:
    return text + '{"kind": "train", "rou'


def grown(text: str) -> str:
    return text + '{"kind": "train", "round": 3}\n{"kind": "validation", "round": 3}\n'


def unchanged(text: str) -> str:
    return text


@pytest.mark.parametrize("kill", [unchanged, cut_in_two, grown])
def test_a_resumed_run_drops_what_came_after_its_checkpoint_and_goes_on(
    tmp_path: Path, kill: Callable[[str], str]
) -> None:
    first = Run(tmp_path)
    first.watch.on_train_begin(None, SimpleNamespace(global_step=0), None)
    for reward in (0.6, 0.5):
        first.round(reward=reward)
    before = first.lines()
    saved = json.loads(json.dumps(first.watch.state))
    first.curve.write_text(kill(first.curve.read_text()))

    second = Run(tmp_path)
    second.watch.resume(saved)
    assert second.lines() == before
    second.step = first.step
    second.round(reward=0.55)
    added = second.lines()[len(before) :]
    assert [(line["kind"], line["round"], line["rollouts"]) for line in added] == [
        ("train", 3, 24), ("validation", 3, 24),
    ]  # fmt: skip
    state = second.watch.state
    assert state["lines"] == len(before) + 2
    assert (state["best_reward"], state["best_round"], state["best_step"]) == (0.6, 1, 2)
    assert added[0]["seconds"] >= saved["seconds"]


def test_patience_goes_on_over_a_restart(tmp_path: Path) -> None:
    first = Run(tmp_path)
    first.round(kl=6.0)
    second = Run(tmp_path)
    second.watch.resume(json.loads(json.dumps(first.watch.state)))
    assert second.round(kl=6.0).should_training_stop


def test_the_time_of_the_run_before_counts(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.round()
    run.watch.resume(run.watch.state | {"seconds": 1000.0})
    run.round()
    assert 1000 <= run.watch.state["seconds"] < 1060


def test_what_was_saved_does_not_change_with_the_run(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.round()
    saved = dict(run.watch.state)
    run.watch.resume(saved)
    copy = json.dumps(saved)
    run.round()
    assert json.dumps(saved) == copy
