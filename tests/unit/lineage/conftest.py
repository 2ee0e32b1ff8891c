"""A small project with one stage, run in a process of its own, and a small finished study."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.unit.lineage.small_study import ROOT, make_study

import calibrant.lineage.stage
from calibrant.files import sha256_file
from calibrant.lineage.code import code_closure, code_digest
from calibrant.lineage.record import read_record

PACKAGE = Path(calibrant.lineage.stage.__file__).parents[1]

# Counts words; the setting "then" makes it do what a stage must survive.
SCRIPT_TEXT = '''
"""Count words."""
import importlib, os, sys, time
from pathlib import Path
from calibrant.errors import CalibrantError, report_errors
from calibrant.lineage.stage import Stage
from calibrant.counting import count

def main() -> int:
    stage = Stage.from_command_line("count", inputs=("text",), outputs=("counts", "words"))
    with stage:
        then = stage.settings.get("then")
        words = [word for path in stage.inputs("text") for word in path.read_text().split()]
        stage.output("words").write_text("\\n".join(words))
        stage.say("wrote the words")
        if then == "hang":
            stage.output("counts").write_text("half")
            time.sleep(60)
        if then == "fail":
            raise CalibrantError("no words", where="text")
        if then == "crash":
            raise ZeroDivisionError("a defect")
        if then == "edit":
            path = Path(stage.settings["path"])
            path.write_text(path.read_text() + stage.settings["text"])
        if then == "delete":
            Path(stage.settings["path"]).unlink()
        if then == "load":
            importlib.import_module("calibrant.undeclared")
        if then == "seed":
            stage.metric("seed", stage.seed)
        if then == "nan":
            stage.metric("bad", float("nan"))
        if then == "folder":
            folder = stage.output_folder("counts")
            (folder / "shards").mkdir()
            (folder / "shards/1.bin").write_text("shard")
        if then != "forget":
            stage.output("counts").write_text(str(count(words)))
        stage.metric("words", count(words))
        stage.note("counted")
    return 0

if __name__ == "__main__":
    raise SystemExit(report_errors(main))
'''


class CountingStage:
    """The stage ``count`` in a project in the working directory."""

    script = "workflow/scripts/count.py"
    text = SCRIPT_TEXT
    root = Path("results/demo")
    counts = root / "counts.json"
    words = root / "more/words.txt"

    def command(self, *extra: str, then: str | None = None, **settings: str) -> list[str]:
        """Return the command that runs the stage."""
        return [
            sys.executable, self.script, "--text", "text.txt", "--counts", str(self.counts),
            "--words", str(self.words), "--root", str(self.root), "--subject", "demo",
            "--settings", json.dumps({"then": then, **settings}), *extra,
        ]  # fmt: skip

    def environment(self) -> dict[str, str]:
        """Return the environment in which it finds the package."""
        return {**os.environ, "PYTHONPATH": "workflow", "PYTHONDONTWRITEBYTECODE": "1"}

    def run(
        self, *extra: str, then: str | None = None, **settings: str
    ) -> "subprocess.CompletedProcess[str]":
        """Run the stage."""
        return subprocess.run(
            self.command(*extra, then=then, **settings),
            capture_output=True, text=True, env=self.environment(), check=False, timeout=60,
        )  # fmt: skip

    def plan(self) -> list[str]:
        """Return the options that the workflow plans the stage with."""
        digest = code_digest(code_closure(Path(self.script), Path("workflow/calibrant")))
        return ["--code", digest, "--lock", f"core:{sha256_file('envs/core.lock')}"]

    def results(self) -> dict[str, str]:
        """Return the text of every file below the root."""
        return {
            path.relative_to(self.root).as_posix(): path.read_text()
            for path in sorted(self.root.rglob("*"))
            if path.is_file()
        }

    def record(self) -> dict[str, Any]:
        """Return the record of the output ``counts``."""
        return dict(read_record(self.root / "records/counts.json.json"))


@pytest.fixture
def counting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CountingStage:
    """Return the stage, in a project of its own that is the working directory."""
    package = tmp_path / "workflow/calibrant"
    package.mkdir(parents=True)
    for name in ("__init__.py", "errors.py", "files.py"):
        shutil.copy(PACKAGE / name, package)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PACKAGE / "lineage", package / "lineage", ignore=ignored)
    (package / "counting.py").write_text("def count(words):\n    return len(words)\n")
    (package / "undeclared.py").write_text("VALUE = 1\n")
    (tmp_path / "workflow/scripts").mkdir()
    (tmp_path / CountingStage.script).write_text(SCRIPT_TEXT)
    (tmp_path / "envs").mkdir()
    (tmp_path / "envs/core.lock").write_text("six==1.16.0\n")
    (tmp_path / "text.txt").write_text("one two three")
    monkeypatch.chdir(tmp_path)
    return CountingStage()


@pytest.fixture(scope="session")
def finished_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project in which the small study has run; tests change copies of it."""
    project = tmp_path_factory.mktemp("small") / "project"
    project.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project)
        make_study(project)
    return project


@pytest.fixture
def project(finished_project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the project of the small study, which is the working directory."""
    folder = tmp_path / "project"
    shutil.copytree(finished_project, folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def study(project: Path) -> Path:
    """Return the results of the small study in a copy of its project."""
    return project / ROOT
