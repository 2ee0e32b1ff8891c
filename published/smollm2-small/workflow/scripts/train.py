"""Train a model with one reward; keep the checkpoint that validation chooses."""

import shutil

from calibrant.data.sealed_rows import check_as_made
from calibrant.errors import report_errors
from calibrant.files import write_json
from calibrant.lineage.stage import Stage
from calibrant.stage_settings.train import TrainSettings
from calibrant.training.train import Job, JudgeFiles, export_best, train


def main() -> int:
    """Run the stage."""
    stage = Stage.from_command_line(
        "train",
        inputs=("model", "training", "validation", "accelerate", "judge", "judge_models"),
        outputs=("manifest", "curve"),
    )
    with stage:
        for path in (stage.input("training"), *stage.inputs("validation")):
            check_as_made(path, stage.root)
        job = Job(
            model=stage.input("model"),
            training=stage.input("training"),
            validation=stage.inputs("validation"),
            settings=TrainSettings(**stage.settings),
            seed=stage.seed,
            code=stage.code,
            judge=_judge(stage),
        )
        # Not among the outputs, which are removed when a run fails: a restart goes on from here.
        work = stage.root / "train" / f"{stage.subject}.work"
        outcome = train(job, work, stage.say)
        manifest = export_best(work, outcome, job, stage.output_folder("manifest"))
        # Equal trainings have equal manifests, however long they took.
        lasting = {name: value for name, value in outcome.items() if name != "seconds"}
        write_json(stage.output("manifest"), manifest | {"outcome": lasting})
        shutil.copyfile(work / "curve.jsonl", stage.output("curve"))
        for name in ("rounds", "rollouts", "best_round", "best_reward", "seconds"):
            stage.metric(f"training.{name}", outcome[name])
        if outcome["reason"] != "finished":
            stage.say(f"stopped: {outcome['reason']}")
            stage.note(f"stopped early: {outcome['reason']}")
    shutil.rmtree(work)
    return 0


def _judge(stage: Stage) -> JudgeFiles | None:
    if not stage.inputs("judge"):
        return None
    judge, errors = stage.inputs("judge")
    store = stage.root / "judging" / "verdicts"
    return JudgeFiles(judge, errors, stage.inputs("judge_models"), store)


if __name__ == "__main__":
    raise SystemExit(report_errors(main))
