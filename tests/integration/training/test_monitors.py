"""A training that goes wrong is stopped, says why, and keeps what was good."""

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from tests.integration.training.jobs import folders, make_job
from tests.integration.training.small_training import settings

from calibrant.errors import CalibrantError
from calibrant.training.monitors import Watch
from calibrant.training.train import train
from calibrant.training.trainer import PolicyTrainer

COLLAPSED = "one confidence makes up 98% of those stated: it collapsed"


def curve(work: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (work / "curve.jsonl").read_text().splitlines()]


# Whole trainings


@pytest.mark.parametrize("broken", ["loss", "gradient"])
def test_a_number_that_is_not_finite_stops_the_run_and_keeps_the_last_good_checkpoint(
    taught: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    whole = PolicyTrainer._compute_loss

    def spoilt(self: Any, model: Any, inputs: Any) -> torch.Tensor:
        loss = whole(self, model, inputs)
        if self.state.global_step < 6:
            return loss
        if broken == "loss":
            return loss * float("nan")
        # Finite in value; only its gradient is not.
        weight = next(model.parameters())
        return loss + (weight.flatten()[0] * 0).abs().sqrt()

    monkeypatch.setattr(PolicyTrainer, "_compute_loss", spoilt)
    chosen = settings(rounds=6, learning_rate=1e-3, validation={"every": 2, "questions": 8})
    outcome = train(make_job(tmp_path, taught, chosen), tmp_path / "work", print)
    assert outcome["reason"] in (
        "the loss is not a finite number",
        "the grad norm is not a finite number",
    )
    assert outcome["rounds"] == 4 and outcome["best_round"] == 2
    assert folders(tmp_path / "work") == ["checkpoint-4"]
    weights = load_file(tmp_path / "work/checkpoint-4/model.safetensors")
    assert all(value.isfinite().all() for value in weights.values())
    assert curve(tmp_path / "work")[-1]["reason"] == outcome["reason"]


def test_every_line_of_the_curve_is_json_even_where_a_number_is_not_finite(
    taught: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = PolicyTrainer._compute_loss

    def spoilt(self: Any, model: Any, inputs: Any) -> torch.Tensor:
        loss = whole(self, model, inputs)
        return loss * float("nan") if self.state.global_step >= 2 else loss

    monkeypatch.setattr(PolicyTrainer, "_compute_loss", spoilt)
    chosen = settings(rounds=3, learning_rate=1e-3, validation={"every": 1, "questions": 8})
    train(make_job(tmp_path, taught, chosen), tmp_path / "work", print)

    def refuse(name: str) -> float:
        raise AssertionError(f"{name} is not JSON")

    for line in (tmp_path / "work/curve.jsonl").read_text().splitlines():
        json.loads(line, parse_constant=refuse)


def test_a_learning_rate_far_too_high_stops_the_run_with_its_reason(
    taught: Path, tmp_path: Path
) -> None:
    # It rises to 1 over nearly all rounds, so that the first are harmless.
    chosen = settings(
        {"estimator": "grpo"}, rounds=200, questions=8, learning_rate=1.0, warm_up_share=0.95,
        validation={"every": 1, "questions": 16}, monitors={"patience": 2}, epochs=1,
    )  # fmt: skip
    outcome = train(make_job(tmp_path, taught, chosen), tmp_path / "work", print)
    reasons = ("fewer than 50% of the statements can be read", COLLAPSED)
    assert outcome["reason"] in (
        *reasons,
        "the policy is more than 50 nats from the model it started from",
    )
    assert outcome["best_round"] < outcome["rounds"] < 200
    rewards = {
        row["round"]: row["reward"]
        for row in curve(tmp_path / "work")
        if row["kind"] == "validation"
    }
    assert outcome["best_reward"] == rewards[outcome["best_round"]] > rewards[outcome["rounds"]]
    assert (tmp_path / f"work/checkpoint-{outcome['best_step']}/model.safetensors").is_file()


def test_a_run_with_nothing_good_ends_with_an_error_each_time_it_is_started(
    untaught: Path, tmp_path: Path
) -> None:
    chosen = settings(rounds=6, validation={"every": 1, "questions": 8}, monitors={"patience": 2})
    job = make_job(tmp_path, untaught, chosen)
    for _ in range(2):
        with pytest.raises(CalibrantError, match="before any checkpoint was good: fewer than 50%"):
            train(job, tmp_path / "work", print)
    assert not (tmp_path / "work/outcome.json").exists()
    assert max(row.get("round", 0) for row in curve(tmp_path / "work")) == 2


def test_a_constant_confidence_stops_a_run_only_if_the_reward_looks_at_it(
    boastful: Path, tmp_path: Path
) -> None:
    reasons = {}
    for rule in ("brier", "none"):
        chosen = settings(
            {"estimator": "grpo"}, {"score": {"rule": rule}}, rounds=4, learning_rate=1e-6,
            validation={"every": 1, "questions": 8}, monitors={"patience": 2, "mode_share": 0.8},
        )  # fmt: skip
        folder = tmp_path / rule
        folder.mkdir()
        job = make_job(folder, boastful, chosen)
        if rule == "brier":
            with pytest.raises(CalibrantError, match="one confidence makes up 80%"):
                train(job, folder / "work", print)
        else:
            reasons[rule] = train(job, folder / "work", print)["reason"]
    assert reasons == {"none": "finished"}
    shares = [
        row["confidence_mode_share"] for row in curve(folder / "work") if row["kind"] == "train"
    ]
    assert len(shares) == 4 and min(shares) >= 0.8


# The monitors alone, on figures made up for them


GOOD = {
    "reward": 0.1, "kl": 1.0, "format_rate": 1.0, "accuracy": 0.6, "brier": 0.2,
    "confidence_mean": 0.7, "confidence_distinct": 3, "confidence_mode_share": 0.6,
    "confidence_entropy": 0.9, "truth_distance": 0.1,
}  # fmt: skip
WELL = {"completions": 8, "format_rate": 1.0, "confidence_mode_share": 0.5}


def follow(
    tmp_path: Path, figures: list[dict[str, Any]], summaries: list[dict[str, Any]] | None = None,
    watch_confidence: bool = True, **monitors: Any,
) -> Watch:  # fmt: skip
    """Return the monitors after rounds of which each is validated, until they stop the run."""
    training = settings(
        rounds=len(figures), validation={"every": 1}, monitors={"patience": 2, **monitors}
    ).training
    rows = [GOOD | row for row in figures]
    # Four questions that all earn the mean.
    remaining: Iterator[dict[str, Any]] = iter(
        [row | {"rewards": [row["reward"]] * 4} for row in rows]
    )
    trainer = SimpleNamespace(summary=WELL, accelerator=SimpleNamespace(is_main_process=True))
    watch = Watch(
        training, trainer, lambda: next(remaining), tmp_path / "curve.jsonl", watch_confidence
    )
    for step, change in enumerate(summaries or [{}] * len(figures), 1):
        trainer.summary = WELL | change
        control = SimpleNamespace(should_training_stop=False, should_save=False)
        watch.on_log(None, SimpleNamespace(global_step=step), control, {"loss": 0.5})
        assert control.should_save
        assert control.should_training_stop == bool(watch.state["stopped"])
        if control.should_training_stop:
            break
    return watch


@pytest.mark.parametrize(
    ("figures", "reason"),
    [
        ({"reward": float("nan")}, "not a finite number"),
        ({"kl": float("inf")}, "not a finite number"),
        ({"format_rate": 0.49}, "fewer than 50% of the statements can be read"),
        ({"kl": 50.1}, "more than 50 nats from the model"),
    ],
)
def test_a_fault_stops_the_run_after_as_many_validations_as_patience_says(
    tmp_path: Path, figures: dict[str, float], reason: str
) -> None:
    watch = follow(tmp_path, [{}, figures, {}, figures, figures, {}])
    assert reason in watch.state["stopped"]
    assert watch.state["round"] == 5 and watch.state["best_round"] == 3


def test_figures_on_the_limit_are_no_fault(tmp_path: Path) -> None:
    watch = follow(tmp_path, [{"format_rate": 0.5, "kl": 50.0}] * 3)
    assert watch.state["stopped"] == "" and watch.state["best_round"] == 3


def test_a_collapse_is_seen_among_sampled_confidences_where_they_are_watched(
    tmp_path: Path,
) -> None:
    summaries = [{}, *[{"confidence_mode_share": 0.98}] * 3]
    for watched, reason in ((True, COLLAPSED), (False, "")):
        watch = follow(tmp_path, [{}] * 4, summaries, watched)
        assert watch.state["stopped"] == reason
        assert watch.state["round"] == (3 if watched else 4)


def test_the_best_is_the_last_with_the_highest_reward_and_without_a_fault(tmp_path: Path) -> None:
    figures = [{"reward": r} for r in (0.1, 0.3, 0.3, 0.2)]
    figures.insert(2, {"reward": 0.9, "format_rate": 0.1})
    watch = follow(tmp_path, figures)
    assert (watch.state["best_round"], watch.state["best_step"]) == (4, 4)
    assert watch.state["best_reward"] == 0.3


def test_rounds_and_rollouts_only_grow(tmp_path: Path) -> None:
    follow(tmp_path, [{}] * 4)
    rounds = [row for row in curve(tmp_path) if row["kind"] == "train"]
    assert [row["rollouts"] for row in rounds] == [8, 16, 24, 32]
    assert all(first["seconds"] <= second["seconds"] for first, second in pairwise(rounds))
