"""Keys and passwords of the environment: a whole study uses them and writes them nowhere."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integration.engines.stub_server import (
    Answer,
    Asked,
    StubServer,
    first_token_reply,
    serving,
)
from tests.integration.small_project import copy_project, run_snakemake, write_tiny_study

# A whole small study, in a minute or two.
pytestmark = pytest.mark.slow

CANARIES = {
    "OPENAI_API_KEY": "sk-canary-Vx31-openai",
    "HF_TOKEN": "hf_canaryVx32huggingface",
    "MLFLOW_TRACKING_PASSWORD": "canary-Vx33-mlflow",
    "AWS_SECRET_ACCESS_KEY": "canary-Vx34-aws",
}
KEY = CANARIES["OPENAI_API_KEY"]
JUDGED = """\
judges:
  asked:
    kind: language
    verdicts: reports
    limit: 100
    floor: null
    server:
      address: {address}
      model: judge
      key_variable: OPENAI_API_KEY
      first_wait: 0.1
"""


class Echo:
    """A judge's server that first fails once, telling the key it was sent, and then answers."""

    def __init__(self) -> None:
        self._failed = threading.Event()
        self.refuses = False

    def __call__(self, asked: Asked) -> Answer:
        if self.refuses:
            return Answer({"error": f"no, {asked.headers['authorization']}"}, 400)
        if not self._failed.is_set():
            self._failed.set()
            return Answer({"error": f"busy, {asked.headers['authorization']}"}, 503)
        return Answer(first_token_reply({"yes": -0.25, "no": -1.5}))


@pytest.fixture(scope="module")
def echo() -> Echo:
    return Echo()


@pytest.fixture(scope="module")
def server(echo: Echo) -> Iterator[StubServer]:
    with serving(echo) as running:
        yield running


@pytest.fixture(scope="module")
def project(
    tmp_path_factory: pytest.TempPathFactory, tiny_model: Path, server: StubServer
) -> Iterator[Path]:
    """Return a project in which a study with a server as its judge ran with keys around."""
    folder = copy_project(tmp_path_factory.mktemp("secrets") / "project")
    study = write_tiny_study(folder, tiny_model)
    text = study.read_text(encoding="utf-8")
    text = text.replace("    - dataset: mine\n", "    - dataset: mine\n      judge: asked\n")
    text = text.replace("  own:\n", "  verdicts:\n    reports: {wording: weather}\n  own:\n")
    study.write_text(text + JUDGED.format(address=server.address), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        for name, value in CANARIES.items():
            patch.setenv(name, value)
        run = run_snakemake(folder, "tiny", "--printshellcmds")
        (folder / "snakemake.out").write_text(run.stdout + run.stderr, encoding="utf-8")
        yield folder


def holders(folder: Path) -> set[str]:
    """Return the files in which any byte sequence is that of a canary."""
    values = [value.encode() for value in CANARIES.values()]
    found = set()
    for file in folder.rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            found |= {str(file.relative_to(folder)) for value in values if value in data}
    return found


def test_the_key_reached_the_server_and_no_file(project: Path, server: StubServer) -> None:
    assert len(server.asked) > 50
    assert {asked.headers["authorization"] for asked in server.asked} == {f"Bearer {KEY}"}
    results = project / "results/tiny"
    # Logs, records, verdicts, report and the store of MLflow are all among what is looked at.
    for place in ("logs", "records", "judging/verdicts", "report/report.html", "mlflow.db"):
        assert (results / place).exists()
    assert list((project / ".snakemake/log").iterdir())
    assert holders(project) == set()


def test_a_search_that_finds_nothing_would_find_a_key(project: Path, tmp_path: Path) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/b/x.bin").write_bytes(b"\0\xff" + KEY.encode() + b"\0")
    (tmp_path / "a/y.txt").write_text(KEY[:-1])
    assert holders(tmp_path) == {"a/b/x.bin"}


def test_a_release_holds_none(project: Path) -> None:
    out = project / "release"
    command = [sys.executable, "-m", "calibrant.cli", "release", "tiny", "--out", str(out)]
    done = subprocess.run(
        [*command, "--allow-paths"], cwd=project, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": "workflow"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert (out / "ro-crate-metadata.json").is_file()
    assert holders(out) == set()
    assert not any(value in done.stdout + done.stderr for value in CANARIES.values())


def test_a_failure_that_tells_the_key_leaves_none_in_logs(project: Path, echo: Echo) -> None:
    study = project / "config/studies/tiny.yaml"
    text = study.read_text(encoding="utf-8")
    echo.refuses = True
    # Another model: nothing of it is in the store of verdicts yet.
    study.write_text(text.replace("model: judge", "model: other"), encoding="utf-8")
    try:
        target = "results/tiny/judging/asked/judge.json"
        ended = run_snakemake(project, "tiny", "--", target, expect=1)
    finally:
        study.write_text(text, encoding="utf-8")
        echo.refuses = False
    said = ended.stdout + ended.stderr
    assert "the server refuses the request (status 400) (the server says:" in said
    assert "(key)" in said
    assert not any(value in said for value in CANARIES.values())
    assert holders(project) == set()


@pytest.mark.parametrize(
    ("old", "name"),
    [
        ("  tiny:\n    kind: model", "../outside"),
        ("    mine:\n", "/tmp/outside"),
        ("  rlcr:\n", "a/../../outside"),
    ],
)
def test_a_name_that_leaves_the_results_stops_before_any_job(
    tiny_model: Path, tmp_path: Path, old: str, name: str
) -> None:
    folder = copy_project(tmp_path / "project")
    study = write_tiny_study(folder, tiny_model)
    text = study.read_text(encoding="utf-8")
    key = old.strip().split(":")[0]
    assert old in text
    study.write_text(text.replace(old, old.replace(key, f'"{name}"', 1)), encoding="utf-8")
    ended = run_snakemake(folder, "tiny", "-n", expect=1)
    assert f"the name '{name}' cannot be part of a file name" in ended.stdout + ended.stderr
    assert not (folder / "results").exists()
