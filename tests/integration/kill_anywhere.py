"""Killing a workflow, jobs and all, at moments measured in its progress, and what must be the same."""

import json
import os
import random
import re
import signal
import subprocess
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tests.integration.all_kinds_study import RESULTS, STUDY
from tests.integration.killed_workflow import environment, group_is_empty, wait_for

from calibrant.files import canonical_json, read_json, sha256_file, sha256_text
from calibrant.lineage.record import find_records, read_record
from calibrant.reporting.curves import CURVE_ENDING

# Snakemake prints this when it has planned and starts its first jobs.
_STARTED = "Execute "
# Records say when and where a stage ran, logs how far it got; the database is a copy of the records
# with identifiers of its own, and the folder of verdicts names its files after processes.
_NOT_COMPARED = ("records", "logs", "mlflow.db", "mlflow-artifacts", "report/mlflow.json")
_VERDICTS = "judging/verdicts"
_CLOCK = ("seconds", "time")
_DURATION = "/seconds_per_thousand"
_PRINTED_DURATION = re.compile(rf'(<[^<>]*{_DURATION}"[^<>]*>)[^<]*')
# On the page of origins: the row of such a number, and the digest, whole or short, of a curve.
_DURATION_ROW = re.compile(rf"<tr><td>[^<]*{_DURATION}</td>.*?</tr>")
_CURVE_DIGEST = re.compile(rf"({re.escape(CURVE_ENDING)}(?:</a>)? <code>)[0-9a-f]+")


@dataclass(frozen=True)
class Moment:
    """A moment of a run: so many seconds after so many outputs were finished.

    Attributes:
        records: Records that lie there, one beside every finished output.
        seconds: Seconds since then, or since this start of Snakemake ran its first job.
    """

    records: int
    seconds: float


def random_moments(project: Path, count: int, seed: int) -> list[Moment]:
    """Return random moments of a finished run, each as likely, in the order of time."""
    records = [read_record(path) for path in find_records(project / RESULTS)]
    begin = min(datetime.fromisoformat(record["started"]).timestamp() for record in records)
    ends = sorted(datetime.fromisoformat(record["finished"]).timestamp() for record in records)
    chosen = random.Random(seed)
    moments = []
    for when in sorted(chosen.uniform(begin, ends[-1]) for _ in range(count)):
        finished = [end for end in ends if end <= when]
        moments.append(Moment(len(finished), when - max([begin, *finished])))
    return moments


def kill_at(project: Path, moment: Moment) -> bool:
    """Start the workflow and kill it, with all its jobs, at a moment.

    Returns:
        False if it had come to its end before.
    """
    log = project / "killed.log"
    with log.open("w") as lines:
        running = subprocess.Popen(
            _command(), cwd=project, env=environment(), stdout=lines, stderr=lines,
            start_new_session=True,
        )  # fmt: skip
    try:
        wait_for(lambda: running.poll() is not None or _has_come(project, log, moment), 900, log)
        time.sleep(moment.seconds)
    finally:
        ended = running.poll() is not None
        if not group_is_empty(running.pid):
            os.killpg(running.pid, signal.SIGKILL)
    code = running.wait()
    wait_for(lambda: group_is_empty(running.pid), 30, log)
    assert not ended or code == 0, log.read_text()
    return not ended


def finish_run(project: Path) -> None:
    """Run the workflow to its end."""
    done = subprocess.run(
        _command(), cwd=project, env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def unlock(project: Path) -> None:
    """Take away the lock of a killed run, as its successor asks for."""
    done = subprocess.run(
        [*_command(), "--unlock"], cwd=project, env=environment(), capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def compared_files(project: Path) -> dict[str, str]:
    """Return the digest of every result that is the same wherever and however often it is made.

    Left out are seconds of the clock: of every round in a curve, of a training in numbers and page,
    and the moment of every stored verdict; so are the digests of curves on the page of origins. The
    verdicts count as one result, in whichever files.
    """
    root = project / RESULTS
    found, verdicts = {}, set()
    for file in sorted(path for path in root.rglob("*") if path.is_file()):
        name = file.relative_to(root).as_posix()
        if name.startswith(f"{_VERDICTS}/"):
            # A line is the digest of the verdict, and the verdict.
            verdicts |= {_timeless(line.partition(" ")[2]) for line in _lines(file)}
        elif not any(name == left or name.startswith(f"{left}/") for left in _NOT_COMPARED):
            found[name] = lasting_digest(file)
    assert verdicts
    found[_VERDICTS] = sha256_text("\n".join(sorted(verdicts)))
    return found


def lasting_digest(file: Path) -> str:
    """Return the digest of a result without the seconds of the clock and what follows from them."""
    if file.name.endswith(CURVE_ENDING):
        return sha256_text("\n".join(map(_timeless, _lines(file))))
    if file.name == "numbers.json":
        document = read_json(file)
        kept = [one for one in document["numbers"] if not one["id"].endswith(_DURATION)]
        assert len(kept) < len(document["numbers"])
        return sha256_text(canonical_json({**document, "numbers": kept}))
    if file.name == "report.html":
        text, count = _PRINTED_DURATION.subn(r"\1", file.read_text(encoding="utf-8"))
        assert count
        return sha256_text(text)
    if file.name == "lineage.html":
        text, rows = _DURATION_ROW.subn("", file.read_text(encoding="utf-8"))
        text, digests = _CURVE_DIGEST.subn(r"\1", text)
        assert rows
        assert digests
        return sha256_text(text)
    return sha256_file(file)


def _timeless(line: str) -> str:
    kept = {name: value for name, value in json.loads(line).items() if name not in _CLOCK}
    return canonical_json(kept)


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines()


def _command() -> list[str]:
    return ["snakemake", "--cores", "2", "--config", f"study={STUDY}"]


def _has_come(project: Path, log: Path, moment: Moment) -> bool:
    return _STARTED in log.read_text() and len(find_records(project / RESULTS)) >= moment.records
