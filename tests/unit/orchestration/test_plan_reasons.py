"""Why a job runs, from its record and what is there now."""

import os
from pathlib import Path

import pytest

from calibrant.files import canonical_json, sha256_file, write_text
from calibrant.lineage.code import code_closure, code_digest
from calibrant.lineage.command import StageArguments
from calibrant.lineage.finished import Protocol, finished_record
from calibrant.lineage.record import record_path, record_text
from calibrant.lineage.snapshot import Snapshot
from calibrant.orchestration.lock_changes import package_changes
from calibrant.orchestration.planned_job import PlannedJob, makers, planned_job
from calibrant.orchestration.reasons import job_reasons
from calibrant.orchestration.setting_changes import setting_changes

ROOT = Path("results/s")


def entry(**changes: str) -> dict:
    """Return a line of the plugin for a stage that reads ``in.txt`` in this folder."""
    closure = code_closure(Path("workflow/scripts/grade.py"), Path("workflow/calibrant"))
    options = {
        "root": str(ROOT), "subject": "a/seed5/b", "code": code_digest(closure),
        "lock": f"core:{sha256_file('envs/core.lock')}",
        "settings": canonical_json({"scale": "unit", "deep": {"rate": 0.5}}), "seed": "5",
    } | changes  # fmt: skip
    words = " ".join(f"--{name} '{value}'" for name, value in options.items())
    return {
        "rule": "grade",
        "inputs": ["in.txt"],
        "outputs": ["results/s/p.txt", "results/s/records/p.txt.json"],
        "command": f"export OMP_NUM_THREADS=2; python workflow/scripts/grade.py {words}"
        " --completions in.txt --predictions results/s/p.txt 2>&1 | tee results/s/logs/x.log",
        "threads": 1,
        "reason": "What Snakemake says",
    }


def job(**changes: str) -> PlannedJob:
    found = planned_job(entry(**changes))
    assert found is not None
    return found


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one module, one script and one lock, in which ``grade`` has run."""
    monkeypatch.chdir(tmp_path)
    write_text("workflow/calibrant/__init__.py", "")
    write_text("workflow/calibrant/text.py", "WORD = 1\n")
    write_text("workflow/scripts/grade.py", "import calibrant.text\n")
    write_text("envs/core.lock", "a-package==1.0 \\\n    --hash=sha256:00\nother==2.0\n")
    write_text("in.txt", "in\n")
    write_text("results/s/p.txt", "out\n")
    finish(job())
    return tmp_path


def finish(done: PlannedJob) -> None:
    arguments = StageArguments(
        subject=done.subject, root=done.root, inputs={},
        outputs={"predictions": Path("results/s/p.txt")},
        settings=done.settings, seed=done.seed, planned_code=done.code, planned_lock=None,
    )  # fmt: skip
    digest = sha256_file("in.txt")
    snapshot = Snapshot(
        modules=code_closure(done.script, Path("workflow/calibrant")),
        lock={"name": done.lock[0], "sha256": done.lock[1]},
        inputs=[
            {"name": "completions", "path": "in.txt", "sha256": digest, "bytes": 3, "record": None}
        ],
    )  # fmt: skip
    record = finished_record(
        "grade", arguments, snapshot, Protocol(["grade.py"]), arguments.outputs
    )
    record["environment"]["packages"] = ["a-package==0.9", "other==2.0", "unrelated==1"]
    write_text(record_path(Path("results/s/p.txt"), done.root), record_text(record))


def texts(planned: PlannedJob, *others: PlannedJob) -> list[tuple[str, str]]:
    reasons = job_reasons(planned, makers([planned, *others]))
    return [(reason.kind, reason.text) for reason in reasons]


def test_a_job_that_matches_its_record_is_explained_in_snakemakes_words():
    assert texts(job()) == [("snakemake", "What Snakemake says")]


def test_the_changed_module_is_named():
    write_text("workflow/calibrant/text.py", "WORD = 2\n")
    assert texts(job()) == [("code", "calibrant/text.py changed")]


def test_new_and_gone_modules_are_named():
    Path("workflow/calibrant/text.py").rename("workflow/calibrant/words.py")
    write_text("workflow/scripts/grade.py", "import calibrant.words\n")
    assert texts(job()) == [
        ("code", "calibrant/text.py gone"),
        ("code", "calibrant/words.py new"),
        ("code", "scripts/grade.py changed"),
    ]


def test_a_setting_is_named_with_its_path_and_both_values():
    planned = job(settings=canonical_json({"scale": "unit", "deep": {"rate": 0.25}}))
    assert texts(planned) == [("setting", "deep.rate: 0.5 -> 0.25")]


def test_the_seed_is_named():
    assert texts(job(seed="6")) == [("seed", "5 -> 6")]


def test_a_lock_is_named_with_the_packages_that_differ():
    write_text("envs/core.lock", "A_package==1.1\nother==2.0\n")
    assert texts(job()) == [("lock", "envs/core.lock changed: a-package 0.9 -> 1.1")]


def test_a_changed_input_is_found_by_its_bytes_and_not_by_its_time():
    later = Path("results/s/records/p.txt.json").stat().st_mtime + 10
    os.utime("in.txt", (later, later))
    assert texts(job()) == [("snakemake", "What Snakemake says")]
    write_text("in.txt", "IN\n")
    os.utime("in.txt", (later, later))
    assert texts(job()) == [("input", "in.txt changed")]


def test_an_input_that_another_job_writes_is_that_jobs_matter():
    line = entry() | {"rule": "generate", "outputs": ["in.txt"]}
    before = planned_job(line)
    assert texts(job(), before) == [("upstream", "generate")]


def test_missing_files_are_named_and_a_job_without_any_was_never_made():
    Path("results/s/p.txt").unlink()
    assert texts(job()) == [("output", "results/s/p.txt is missing")]
    Path("results/s/records/p.txt.json").unlink()
    assert texts(job()) == [("new", "never made, or removed")]


def test_inputs_that_come_and_go_are_named():
    line = entry() | {"inputs": ["other.txt"]}
    line["command"] = line["command"].replace("--completions in.txt", "--completions other.txt")
    write_text("other.txt", "x")
    assert texts(planned_job(line)) == [
        ("input", "in.txt is read no more"),
        ("input", "other.txt is read in addition"),
    ]


def test_a_file_that_is_only_waited_for_is_not_read():
    line = entry() | {"inputs": ["in.txt", "gate.txt"]}
    assert planned_job(line).inputs == ("in.txt", "gate.txt")
    assert not any("gate.txt" in text for _, text in texts(planned_job(line)))


def test_settings_of_any_shape_are_compared():
    before = {"a": [1, 2], "b": [1], "c": {"d": None}, "e": 1}
    after = {"a": [1, 3], "b": [1, 2], "c": {"d": "x"}, "f": True}
    assert setting_changes(before, after) == [
        "a[1]: 2 -> 3", "b: [1] -> [1, 2]", 'c.d: null -> "x"', "e: 1 -> absent", "f: absent -> true",
    ]  # fmt: skip
    assert setting_changes(before, dict(reversed(before.items()))) == []
    assert setting_changes({"x": 1}, {"x": True}) == ["x: 1 -> true"]


def test_a_package_locked_twice_is_unchanged_if_either_version_was_installed(tmp_path):
    lock = tmp_path / "x.lock"
    lock.write_text('torch==2.1 ; sys_platform == "linux"\ntorch==2.2 ; sys_platform == "darwin"\n')
    assert package_changes(lock, ["torch==2.2"]) == []
    assert package_changes(lock, ["torch==2.0"]) == ["torch 2.0 -> 2.1 or 2.2"]
    assert package_changes(lock, []) == ["torch absent -> 2.1 or 2.2"]


def test_a_target_is_no_job():
    assert planned_job(entry() | {"rule": "all", "command": None}) is None
