"""A small finished study: every stage from fetching to the report, in the frame of real stages.

Fetching, preparation, grading, measuring and the report do what they do in a study. What would take
a model (a checkpoint, trainings, answers) is written by hand, within a stage of the same name.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from calibrant.data.dataset import load_raw
from calibrant.data.fetch import fetch_dataset
from calibrant.data.manifest import SOURCE_CACHE
from calibrant.data.prepare import to_questions
from calibrant.files import canonical_json, sha256_bytes, sha256_file, write_json, write_text
from calibrant.grading.predictions import grade_completions
from calibrant.lineage.code import code_closure, code_digest
from calibrant.lineage.graph import read_graph
from calibrant.lineage.snapshot import PACKAGE_ROOT
from calibrant.lineage.stage import Stage
from calibrant.measures.predictions import measure_predictions
from calibrant.reporting.evidence import read_evidence
from calibrant.reporting.lineage_page import render_lineage
from calibrant.reporting.page import render_page
from calibrant.rows import Completion, Prediction, Question, read_rows, write_rows
from calibrant.stage_settings.answers import GradeSettings
from calibrant.stage_settings.measure import MeasureSettings
from calibrant.stage_settings.report import ReportSettings
from calibrant.stage_settings.sources import FetchSettings, PrepareSettings

ROOT = Path("results/small")
OWN = Path("own.csv")
CELLS = (
    ("tiny", 17, "tales"),
    ("tiny", 17, "sums"),
    ("taught", 1, "sums"),
    ("taught", 2, "sums"),
)
_COMMIT = "0" * 40
_TALES = json.dumps(
    [
        {"ID": f"t-{n}", "Body": f"Ann has {n} pears.", "Question": f"She eats {n // 2}. How many?",
         "Answer": float(n - n // 2)}
        for n in range(4, 28)
    ]
).encode()  # fmt: skip

Files = Mapping[str, list[Path]]


def make_study(project: Path) -> Path:
    """Run all stages of the study in a project, the working directory, and return its results."""
    mirror = project / "mirror"
    write_text(project / "envs/core.lock", "six==1.16.0\n")
    tales = mirror / f"made/up/{_COMMIT}/tales.json"
    tales.parent.mkdir(parents=True)
    tales.write_bytes(_TALES)
    lines = [f"How much is {n} plus {n}?,{2 * n},item-{n}" for n in range(3, 33)]
    OWN.write_text("question,answer,id\n" + "\n".join(lines) + "\n", encoding="utf-8")
    _fetch(mirror)
    _prepare("tales", [ROOT / "data/sources/tales.json"], {"public": _PUBLIC})
    _prepare("sums", [OWN], {"own": _OWN})
    _model()
    for seed in (1, 2):
        _train(seed)
    for method, seed, dataset in CELLS:
        _answer(method, seed, dataset)
        _grade(f"{method}/seed{seed}/{dataset}", dataset)
        _measure(f"{method}/seed{seed}/{dataset}")
    _report()
    return project / ROOT


_PUBLIC = {
    "loader": "svamp", "options": {}, "parts": {"test": {"test": 1.0}}, "domain": "math",
    "answer_type": "number",
}  # fmt: skip
_OWN = {
    "file": OWN.as_posix(), "licence": "", "domain": "math", "answer_type": "number",
    "columns": {"id": "id"},
}  # fmt: skip


def run_stage(
    name: str,
    inputs: Files,
    outputs: Mapping[str, Path],
    settings: Mapping[str, Any],
    write: Callable[[Stage], None],
    *,
    subject: str = "",
    seed: int | None = None,
) -> None:
    """Run one stage as its rule does, with ``write`` for what its script does."""
    script = PACKAGE_ROOT.parent / f"scripts/{name}.py"
    argv = [str(script), "--root", str(ROOT), "--subject", subject]
    argv += ["--code", code_digest(code_closure(script, PACKAGE_ROOT))]
    argv += ["--lock", f"core:{sha256_file('envs/core.lock')}"]
    argv += ["--settings", canonical_json(settings)]
    argv += [] if seed is None else ["--seed", str(seed)]
    for option, paths in inputs.items():
        argv += [f"--{option}", *map(str, paths)]
    for option, path in outputs.items():
        argv += [f"--{option}", str(path)]
    stage = Stage.from_command_line(name, inputs=tuple(inputs), outputs=tuple(outputs), argv=argv)
    with stage:
        write(stage)


def _fetch(mirror: Path) -> None:
    source = {
        "repository": "made/up", "commit": _COMMIT, "file": "tales.json",
        "sha256": sha256_bytes(_TALES), "bytes": len(_TALES),
    }  # fmt: skip
    settings = {"dataset": "tales", "licence": "CC0-1.0", "sources": [source]}

    def write(stage: Stage) -> None:
        asked = FetchSettings(**stage.settings)
        manifest = fetch_dataset("tales", asked, SOURCE_CACHE, mirror, stage.say)
        write_json(stage.output("manifest"), manifest)

    outputs = {"manifest": ROOT / "data/sources/tales.json"}
    run_stage("fetch", {}, outputs, settings, write, subject="tales")


def _prepare(dataset: str, source: list[Path], origin: dict[str, Any]) -> None:
    def write(stage: Stage) -> None:
        settings = PrepareSettings(**stage.settings)
        loaded, parts = load_raw(settings, stage.inputs("source"), stage.seed)
        questions, account = to_questions(dataset, loaded, parts)
        write_rows(stage.output("questions"), questions, Question)
        write_json(stage.output("account"), account)

    folder = ROOT / "data/questions"
    outputs = {
        "questions": folder / f"{dataset}.parquet",
        "account": folder / f"{dataset}.json",
    }
    settings = {"dataset": dataset, **origin}
    run_stage("prepare", {"source": source}, outputs, settings, write, subject=dataset, seed=17)


def _checkpoint(stage: Stage, weights: bytes) -> dict[str, Any]:
    folder = stage.output_folder("manifest")
    (folder / "model.safetensors").write_bytes(weights)
    (folder / "config.json").write_text("{}", encoding="utf-8")
    files = [
        {"path": file.name, "sha256": sha256_file(file), "bytes": file.stat().st_size}
        for file in sorted(folder.iterdir())
    ]
    digest = sha256_bytes(weights)
    return {"schema": "calibrant-checkpoint/1", "weights_sha256": digest, "files": files}


def _model() -> None:
    def write(stage: Stage) -> None:
        write_json(stage.output("manifest"), _checkpoint(stage, b"weights"))

    outputs = {"manifest": ROOT / "model/tiny/base/manifest.json"}
    settings = {"model": {"kind": "made", "layers": 1}}
    run_stage("base_model", {"source": []}, outputs, settings, write, subject="tiny", seed=17)


def _train(seed: int) -> None:
    def write(stage: Stage) -> None:
        write_json(stage.output("manifest"), _checkpoint(stage, f"weights {seed}".encode()))
        lines = [
            {"kind": "train", "round": 1, "rollouts": 10 * seed, "reward": 0.5 + seed / 10},
            {"kind": "end", "rounds": 1, "rollouts": 10 * seed, "best_round": 1,
             "seconds": 3.5 * seed, "reason": "finished"},
        ]  # fmt: skip
        text = "".join(json.dumps(line) + "\n" for line in lines)
        stage.output("curve").write_text(text, encoding="utf-8")

    folder = ROOT / f"train/taught/seed{seed}"
    inputs = {
        "model": [ROOT / "model/tiny/base/manifest.json"],
        "training": [ROOT / "data/questions/tales.parquet"],
    }
    outputs = {
        "manifest": folder / "manifest.json",
        "curve": folder.with_name(f"seed{seed}.curve.jsonl"),
    }
    subject = f"taught/seed{seed}"
    run_stage("train", inputs, outputs, {"method": "taught"}, write, subject=subject, seed=seed)


def _answer(method: str, seed: int, dataset: str) -> None:
    def write(stage: Stage) -> None:
        questions = read_rows(stage.input("questions"), Question)
        completions = []
        for position, question in enumerate(questions):
            is_right = (position * 7 + seed) % 3 != 0
            answer = question.references[0] if is_right else "99"
            stated = (position * 13 + seed) % 11 / 10
            text = f"<answer>{answer}</answer><confidence>{stated}</confidence>"
            completions.append(
                Completion(
                    question.question_id, dataset, method, stage.seed, 0, question.question,
                    text, "stop", tokens=9,
                )
            )  # fmt: skip
        write_rows(stage.output("completions"), completions, Completion)

    folder = f"train/taught/seed{seed}" if method == "taught" else "model/tiny/base"
    inputs = {
        "model": [ROOT / folder / "manifest.json"],
        "questions": [ROOT / f"data/questions/{dataset}.parquet"],
    }
    cell = f"{method}/seed{seed}/{dataset}"
    outputs = {"completions": ROOT / f"predictions/{cell}.completions.parquet"}
    run_stage("generate", inputs, outputs, {"method": method}, write, subject=cell, seed=seed)


def _grade(cell: str, dataset: str) -> None:
    def write(stage: Stage) -> None:
        predictions = grade_completions(
            read_rows(stage.input("completions"), Completion),
            read_rows(stage.input("questions"), Question),
            GradeSettings(**stage.settings),
        )
        write_rows(stage.output("predictions"), predictions, Prediction)

    inputs = {
        "completions": [ROOT / f"predictions/{cell}.completions.parquet"],
        "questions": [ROOT / f"data/questions/{dataset}.parquet"],
    }
    outputs = {"predictions": ROOT / f"predictions/{cell}.parquet"}
    settings = {"scale": "unit", "confidence": "stated"}
    run_stage("grade", inputs, outputs, settings, write, subject=cell)


def _measure(cell: str) -> None:
    def write(stage: Stage) -> None:
        predictions = read_rows(stage.input("predictions"), Prediction)
        settings = MeasureSettings(**stage.settings)
        write_json(stage.output("measures"), measure_predictions(predictions, settings, stage.seed))

    inputs = {"predictions": [ROOT / f"predictions/{cell}.parquet"]}
    outputs = {"measures": ROOT / f"measures/{cell}.json"}
    settings = {"measures": {"replicates": 100, "bins": 5}, "missing_confidence": "drop"}
    run_stage("measure", inputs, outputs, settings, write, subject=cell, seed=17)


def _report(*, lineage: bool = False) -> None:
    """Write the report, with the page on the origin of its numbers if asked for."""
    kinds = ("measures", "accounts", "overlap", "published", "curves")

    def write(stage: Stage) -> None:
        evidence = read_evidence(**{kind: stage.inputs(kind) for kind in kinds})
        page, numbers = render_page(evidence, ReportSettings(**stage.settings))
        write_json(stage.output("numbers"), numbers.document())
        write_text(stage.output("page"), page)
        if lineage:
            made = render_lineage(read_graph(ROOT), numbers.all(), ROOT.as_posix(), "Small")
            write_text(stage.output("lineage"), made)

    inputs = {
        "measures": [ROOT / f"measures/{method}/seed{seed}/{name}.json" for method, seed, name in CELLS],
        "accounts": [ROOT / f"data/questions/{name}.json" for name in ("tales", "sums")],
        "overlap": [],
        "published": [],
        "curves": [ROOT / f"train/taught/seed{seed}.curve.jsonl" for seed in (1, 2)],
    }  # fmt: skip
    outputs = {"page": ROOT / "report/report.html", "numbers": ROOT / "report/numbers.json"}
    if lineage:
        outputs["lineage"] = ROOT / "report/lineage.html"
    cards = [
        {"name": name, "title": name, "domain": "math", "licence": "CC0-1.0", "origin": "made up",
         "held_out": False, "uses": ["evaluated"], "faults": [], "notes": ""}
        for name in ("tales", "sums")
    ]  # fmt: skip
    settings = {
        "study": "small", "title": "Small", "description": "", "report": {}, "datasets": cards,
        "methods": {"tiny": "asked", "taught": "trained"}, "missing_confidence": "drop",
    }  # fmt: skip
    run_stage("report", inputs, outputs, settings, write)
