"""The monitors: what a run is doing, when it must stop, and which of its checkpoints is kept."""

import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from transformers import TrainerCallback

from calibrant.files import write_text
from calibrant.training.settings import Training

_FROM_LOGS = {
    "loss": "loss",
    "grad_norm": "grad_norm",
    "learning_rate": "learning_rate",
    "clip_ratio/region_mean": "clip_share",
    "entropy": "token_entropy",
    "kl": "kl_loss",
    "value_loss": "value_loss",
    "explained_variance": "explained_variance",
}


class Watch(TrainerCallback):
    """Writes the curve, validates, chooses the best checkpoint and stops a run that went wrong.

    Args:
        training: Settings.
        trainer: The trainer watched.
        validate: Returns the figures of a validation.
        curve: JSON Lines file that grows by a line per round and per validation.
        watch_confidence: Whether the reward looks at the confidence.
    """

    def __init__(
        self, training: Training, trainer: Any, validate: Callable[[], dict[str, Any]],
        curve: Path, watch_confidence: bool,
    ) -> None:  # fmt: skip
        self._training = training
        self._trainer = trainer
        self._validate = validate
        self._curve = curve
        self._watch_confidence = watch_confidence
        self._started = time.perf_counter()
        self.state: dict[str, Any] = {
            "round": 0, "rollouts": 0, "seconds": 0.0, "best_round": None, "best_step": None,
            "best_reward": None, "top_reward": None, "top_rewards": [],
            "fault": "", "faults": 0, "stopped": "",
        }  # fmt: skip

    def resume(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint's state; lines of the curve after it are dropped."""
        self.state = dict(state)
        self._started = time.perf_counter() - self.state["seconds"]
        if not self._trainer.accelerator.is_main_process:
            return
        lines = self._curve.read_text(encoding="utf-8").splitlines() if self._curve.exists() else []
        # A line may be cut in two by a kill, but none before the checkpoint is.
        kept = lines[: self.state["lines"]]
        write_text(self._curve, "".join(f"{line}\n" for line in kept))

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Validate the model that training starts from."""
        if state.global_step == 0:
            figures = self._validate()
            del figures["rewards"]
            self._write({"kind": "validation", "round": 0, "rollouts": 0, **figures})

    def on_log(
        self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **_: Any
    ) -> None:
        """Take in a round."""
        if not logs or "loss" not in logs:
            return
        summary = self._trainer.summary
        self.state["round"] += 1
        self.state["rollouts"] += summary["completions"]
        self.state["seconds"] = round(time.perf_counter() - self._started, 3)
        seen = {name: logs[key] for key, name in _FROM_LOGS.items() if key in logs}
        self._write(self._place("train") | {"seconds": self.state["seconds"]} | summary | seen)
        broken = [name for name in ("loss", "grad_norm") if not math.isfinite(seen.get(name, 0.0))]
        if broken:
            # The weights are spoilt: nothing is saved, and the last good checkpoint is kept.
            self._stop(control, f"the {broken[0].replace('_', ' ')} is not a finite number")
            return
        last = self.state["round"] == self._training.rounds
        if last or self.state["round"] % self._training.validation.every == 0:
            self._check(control, state.global_step, summary)

    def finish(self, curve_end: dict[str, Any]) -> None:
        """Write the last line of the curve."""
        self._write({"kind": "end", **curve_end})

    def _check(self, control: Any, step: int, summary: dict[str, Any]) -> None:
        figures = self._validate()
        rewards = figures.pop("rewards")
        self._write(self._place("validation") | figures)
        self._print(figures)
        fault = self._fault(summary, figures)
        self.state["faults"] = self.state["faults"] + 1 if fault == self.state["fault"] else 1
        self.state["fault"] = fault
        if not fault:
            self._choose(step, figures["reward"], rewards)
        if fault and self.state["faults"] >= self._training.monitors.patience:
            self._stop(control, fault)
        control.should_save = True

    def _choose(self, step: int, reward: float, rewards: list[float]) -> None:
        """Keep this checkpoint unless it is worse than the highest by more than a standard error.

        The one-standard-error rule, on the differences question by question: among checkpoints that
        validation cannot tell apart the one trained longest is kept.
        """
        if self.state["top_reward"] is None or reward > self.state["top_reward"]:
            self.state |= {"top_reward": reward, "top_rewards": rewards}
        worse = np.subtract(self.state["top_rewards"], rewards)
        last = self._training.validation.keep == "last"
        if last or worse.mean() <= worse.std() / math.sqrt(len(worse)):
            place = {"best_round": self.state["round"], "best_step": step}
            self.state |= {"best_reward": reward, **place}

    def _fault(self, summary: dict[str, Any], figures: dict[str, Any]) -> str:
        """Return what is wrong, in words that stay the same from one validation to the next."""
        limits = self._training.monitors
        if not math.isfinite(figures["reward"]) or not math.isfinite(figures["kl"]):
            return "the validation reward is not a finite number"
        if min(summary["format_rate"], figures["format_rate"]) < limits.format_rate:
            return f"fewer than {limits.format_rate:.0%} of the statements can be read"
        if figures["kl"] > limits.kl:
            return f"the policy is more than {limits.kl:g} nats from the model it started from"
        share = summary["confidence_mode_share"]
        if self._watch_confidence and share is not None and share >= limits.mode_share:
            return f"one confidence makes up {limits.mode_share:.0%} of those stated: it collapsed"
        return ""

    def _stop(self, control: Any, reason: str) -> None:
        self.state["stopped"] = reason
        control.should_training_stop = True

    def _place(self, kind: str) -> dict[str, Any]:
        return {"kind": kind, "round": self.state["round"], "rollouts": self.state["rollouts"]}

    def _print(self, figures: dict[str, Any]) -> None:
        if not self._trainer.accelerator.is_main_process:
            return
        shown = ", ".join(
            f"{label} {figures[name]:.3f}"
            for name, label in (("reward", "reward"), ("accuracy", "accuracy"),
                                ("confidence_mean", "stated"), ("kl", "kl"))
            if figures[name] is not None
        )  # fmt: skip
        rounds = f"round {self.state['round']} of {self._training.rounds}"
        print(f"{rounds}, {self.state['seconds']:.0f} s, validation: {shown}", flush=True)

    def _write(self, row: dict[str, Any]) -> None:
        if not self._trainer.accelerator.is_main_process:
            return
        with self._curve.open("a", encoding="utf-8") as file:
            file.write(json.dumps({name: _finite(value) for name, value in row.items()}) + "\n")
        self.state["lines"] = self.state.get("lines", 0) + 1


def _finite(value: Any) -> Any:
    """Return None in the place of a number that JSON cannot hold."""
    return None if isinstance(value, float) and not math.isfinite(value) else value
