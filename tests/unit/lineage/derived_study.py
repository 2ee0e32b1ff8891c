"""A small finished study of what follows from answers: every stage that can be computed again.

Questions, answers, verdicts and a judge's errors are written by hand, within a stage of the same
name; all that follows from them is written by the real scripts.
"""

import runpy
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.unit.lineage.small_study import ROOT, Files, run_stage

from calibrant.files import canonical_json, write_json, write_text
from calibrant.lineage.snapshot import PACKAGE_ROOT
from calibrant.lineage.stage import Stage
from calibrant.rewards.settings import Reward
from calibrant.rows import Completion, Prediction, Question, read_rows, write_rows

PREDICTIONS = ROOT / "predictions"
JUDGED = PREDICTIONS / "start/seed1/open.judged.parquet"
_RESAMPLED = {"replicates": 100, "level": 0.95}
_COMPARED = {
    **_RESAMPLED, "bins": 5, "missing_confidence": "drop", "methods": ["start", "other"],
    "trainings": {"start": "start", "other": "other"},
}  # fmt: skip


def make_derived_study(project: Path) -> Path:
    """Run all stages in a project, the working directory, and return the results."""
    write_text(project / "envs/core.lock", "six==1.16.0\n")
    for dataset in ("world", "law", "open"):
        _prepare(dataset)
    for method, dataset in [("start", "world"), ("start", "law"), ("start", "open"),
                            ("other", "world"), ("other", "law")]:  # fmt: skip
        _answer(method, dataset)
    _answer("start", "world", folder="calibration/")
    _answer("sampled", "world", samples=3)
    _judge()
    _derive()
    _derive_judged()
    _compare()
    return project / ROOT


def run_script(
    name: str, inputs: Files, outputs: dict[str, Path], settings: Any, **given: object
) -> None:
    """Run the script of a stage, as its rule does."""
    script = PACKAGE_ROOT.parent / f"scripts/{name}.py"
    argv = [str(script), "--root", str(ROOT), "--settings", canonical_json(settings)]
    for option, value in given.items():
        argv += [f"--{option}", str(value)]
    for option, paths in inputs.items():
        argv += [f"--{option.replace('_', '-')}", *map(str, paths)]
    for option, path in outputs.items():
        argv += [f"--{option}", str(path)]
    with patch.object(sys, "argv", argv):
        runpy.run_path(str(script))["main"]()


def _questions(dataset: str) -> Iterator[Question]:
    kind = "open" if dataset == "open" else "number"
    for split in ("test", "calibration"):
        for at in range(40):
            text = f"How much is {at} plus {len(split)}?"
            reference = str(at + len(split))
            yield Question(
                f"{dataset}/{split}{at}", dataset, "math", split, kind, text, (reference,)
            )


def _prepare(dataset: str) -> None:
    outputs = {"questions": ROOT / f"data/questions/{dataset}.parquet"}

    def write(stage: Stage) -> None:
        write_rows(stage.output("questions"), _questions(dataset), Question)

    run_stage("prepare", {"source": []}, outputs, {}, write, subject=dataset, seed=17)


def _answer(method: str, dataset: str, *, folder: str = "", samples: int = 1) -> None:
    cell = f"{method}/seed1/{folder}{dataset}"
    questions = [ROOT / f"data/questions/{dataset}.parquet"]
    completions = PREDICTIONS / f"{cell}.completions.parquet"
    split = "calibration" if folder else "test"

    def text(question: Question, at: int) -> str:
        is_right = (7 * at + len(method)) % 3 != 0
        answer = question.references[0] if is_right else str(at % 2)
        return (
            f"<answer>{answer}</answer><confidence>{(3 * at % 5 + 5 * is_right) / 10}</confidence>"
        )

    def write(stage: Stage) -> None:
        asked = [row for row in read_rows(stage.input("questions"), Question) if row.split == split]
        rows = [
            Completion(
                question.question_id, dataset, method, 1, sample, question.question,
                text(question, at + sample), "stop", tokens=9,
            )
            for at, question in enumerate(asked) for sample in range(samples)
        ]  # fmt: skip
        write_rows(stage.output("completions"), rows, Completion)

    run_stage(
        "generate", {"questions": questions}, {"completions": completions}, {}, write,
        subject=cell, seed=1,
    )  # fmt: skip
    run_script(
        "grade", {"completions": [completions], "questions": questions},
        {"predictions": PREDICTIONS / f"{cell}.parquet"},
        {"scale": "unit", "confidence": "stated"}, subject=cell,
    )  # fmt: skip


def _judge() -> None:
    def errors(stage: Stage) -> None:
        share = {"value": 0.9, "low": 0.8, "high": 0.95, "worth": 48.0}
        youden = {"value": 0.8, "low": 0.6, "high": 0.9}
        pooled = {"right": 49, "wrong": 49, "sensitivity": share, "specificity": share}
        document = {
            "domains": {"*": {**pooled, "youden": youden}}, "level": 0.95, "version": 1,
            "limits": {"least": 30, "least_youden": 0.0},
            "source": {"dataset": "reports", "judge": "panel", "prompt_version": "1"},
        }  # fmt: skip
        write_json(stage.output("errors"), document)

    def verdicts(stage: Stage) -> None:
        rows = [
            replace(row, correct=at % 3 != 0, grade_reason="", grader="judge panel")
            for at, row in enumerate(read_rows(stage.input("graded"), Prediction))
        ]
        write_rows(stage.output("predictions"), rows, Prediction)

    found = {"errors": ROOT / "judging/panel/errors.json"}
    graded = {"graded": [PREDICTIONS / "start/seed1/open.parquet"]}
    run_stage("measure_judge", {}, found, {}, errors, subject="panel", seed=17)
    run_stage("judge_answers", graded, {"predictions": JUDGED}, {}, verdicts)
    run_script(
        "correct_judged", {"predictions": [JUDGED], "errors": list(found.values())},
        {"figures": ROOT / "measures/start/seed1/open.judged.json"}, {"bins": 5, "level": 0.95},
        seed=17,
    )  # fmt: skip


def _derive_judged() -> None:
    """Map the confidences of judged answers: the grades are taken over, and corrected likewise."""
    mapped = PREDICTIONS / "platt/seed1/open.parquet"
    run_script(
        "calibrate",
        {"fit": [PREDICTIONS / "start/seed1/calibration/world.parquet"], "predictions": [JUDGED]},
        {"calibrated": mapped, "calibrator": mapped.with_suffix(".calibrator.json")},
        {"method": "platt", "calibrator": "platt", "fitted_on": ["world"]},
    )  # fmt: skip
    run_script(
        "correct_judged",
        {"predictions": [mapped], "errors": [ROOT / "judging/panel/errors.json"]},
        {"figures": ROOT / "measures/platt/seed1/open.judged.json"}, {"bins": 5, "level": 0.95},
        seed=17,
    )  # fmt: skip


def _derive() -> None:
    start, sampled = (PREDICTIONS / f"{name}/seed1/world.parquet" for name in ("start", "sampled"))
    calibration = PREDICTIONS / "start/seed1/calibration/world.parquet"
    questions = [ROOT / "data/questions/world.parquet"]
    platt = PREDICTIONS / "platt/seed1/world.parquet"
    run_script(
        "calibrate", {"fit": [calibration], "predictions": [start]},
        {"calibrated": platt, "calibrator": platt.with_suffix(".calibrator.json")},
        {"method": "platt", "calibrator": "platt", "fitted_on": ["world"]},
    )  # fmt: skip
    run_script(
        "vote", {"predictions": [sampled], "questions": questions},
        {"voted": PREDICTIONS / "voted/seed1/world.parquet"},
        {"method": "voted", "vote": "majority", "answers": 3, "confidence": "share"},
    )  # fmt: skip
    run_script(
        "faithfulness", {"predictions": [sampled], "questions": questions},
        {"figures": ROOT / "measures/sampled/seed1/world.faithfulness.json"}, _RESAMPLED, seed=17,
    )  # fmt: skip
    folder = ROOT / "certificates/start/seed1"
    run_script(
        "certify", {"calibration": [calibration], "predictions": [start, start.with_stem("law")]},
        {"certificate": folder / "world.json", "card": folder / "world.md",
         "applied": folder / "world.applied.json"},
        {"dataset": "world", "risk": 0.4, "confidence": 0.9, "level": 0.95},
    )  # fmt: skip


def _compare() -> None:
    world, law = (
        [PREDICTIONS / f"{method}/seed1/{dataset}.parquet" for method in ("start", "other")]
        for dataset in ("world", "law")
    )
    run_script(
        "compare_methods", {"predictions": world},
        {"comparison": ROOT / "comparisons/methods/world.json"},
        {**_COMPARED, "baseline": "start", "margin": 0.02, "power": 0.8}, seed=17,
    )  # fmt: skip
    datasets = [{method: [name] for method in ("start", "other")} for name in ("world", "law")]
    run_script(
        "transfer_gap", {"in_domain": world, "held_out": law},
        {"transfer": ROOT / "comparisons/transfer.json"},
        {**_COMPARED, "in_domain": datasets[0], "held_out": datasets[1], "sealed": ["law"]}, seed=17,
    )  # fmt: skip
    reward = Reward.model_validate({"score": {"rule": "brier"}}).model_dump(mode="json")
    noise = {"corrected": False, "sensitivity": 1.0, "specificity": 1.0}
    run_script(
        "audit_rewards", {}, {"audit": ROOT / "rewards/audit.json"},
        {"rewards": {"rlcr": reward}, "estimators": ["batch_std"], "noises": [noise]}, seed=17,
    )  # fmt: skip
