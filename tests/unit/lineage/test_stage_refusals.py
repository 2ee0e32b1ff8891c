"""What a stage refuses, and what it leaves behind when it fails or is killed."""

import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest


@pytest.mark.parametrize(
    ("then", "code", "text"),
    [
        ("fail", 2, "error: text: no words\n"),
        ("crash", 1, "ZeroDivisionError: a defect\n"),
        ("forget", 1, "RuntimeError: the stage ended without writing its output counts\n"),
        ("nan", 1, "ValueError: metric bad is nan: leave out what could not be measured\n"),
        ("seed", 2, "error: stage count needs a seed. Give --seed N\n"),
    ],
)
def test_a_failure_leaves_nothing_and_keeps_what_was_there(
    counting: Any, then: str, code: int, text: str
) -> None:
    failed = counting.run(*counting.plan(), then=then)
    assert failed.returncode == code
    assert failed.stderr.endswith(text)
    assert counting.results() == {}
    assert counting.run(*counting.plan()).returncode == 0
    before = counting.results()
    assert counting.run(*counting.plan(), then=then).returncode == code
    assert counting.results() == before


def test_code_that_is_not_what_was_planned_is_refused_at_the_start(counting: Any) -> None:
    planned = counting.plan()
    Path("workflow/calibrant/counting.py").write_text("def count(words):\n    return 0\n")
    answer = counting.run(*planned)
    assert answer.returncode == 2
    assert answer.stdout == ""
    assert answer.stderr.count("\n") == 1
    assert "the code is not what was planned" in answer.stderr
    assert "edited last: calibrant/counting.py" in answer.stderr
    assert "Run the workflow again" in answer.stderr
    assert counting.results() == {}


def test_a_comment_in_the_code_is_not_refused(counting: Any) -> None:
    planned = counting.plan()
    path = Path("workflow/calibrant/counting.py")
    path.write_text("# Counting.\n" + path.read_text())
    assert counting.run(*planned).returncode == 0


def test_a_lock_that_is_not_what_was_planned_is_refused(counting: Any) -> None:
    planned = counting.plan()
    Path("envs/core.lock").write_text("six==1.17.0\n")
    answer = counting.run(*planned)
    assert answer.returncode == 2
    assert "envs/core.lock: the lock file is not the one that was planned" in answer.stderr
    assert counting.results() == {}


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("workflow/calibrant/counting.py", "\nNEW = 1\n", "calibrant/counting.py"),
        ("workflow/calibrant/counting.py", "\nx = (\n", "calibrant/counting.py"),
        ("workflow/scripts/count.py", "\nNEW = 1\n", "scripts/count.py"),
        ("envs/core.lock", "attrs==1\n", "envs/core.lock"),
        ("text.txt", " four", "text.txt"),
    ],
)
def test_what_changes_during_the_run_is_named_and_refused(
    counting: Any, path: str, text: str, said: str
) -> None:
    assert counting.run(*counting.plan()).returncode == 0
    before = counting.results()
    answer = counting.run(*counting.plan(), then="edit", path=path, text=text)
    assert answer.returncode == 2
    assert answer.stderr.count("\n") == 1
    assert answer.stderr.startswith(f"error: {said}")
    assert "changed while the stage ran" in answer.stderr
    assert "Run the workflow again" in answer.stderr
    assert counting.results() == before


def test_an_input_deleted_during_the_run_is_refused(counting: Any) -> None:
    answer = counting.run(then="delete", path="text.txt")
    assert answer.returncode == 2
    assert "text.txt: changed while the stage ran: cannot read" in answer.stderr
    assert counting.results() == {}


def test_a_missing_input_is_one_clear_line(counting: Any) -> None:
    Path("text.txt").unlink()
    answer = counting.run()
    assert answer.returncode == 2
    assert answer.stderr == "error: text.txt: input text does not exist\n"
    assert counting.results() == {}


def test_kill_in_the_middle_leaves_no_output_under_its_name(counting: Any) -> None:
    process = subprocess.Popen(
        counting.command(then="hang"), stdout=subprocess.PIPE, text=True, env=counting.environment()
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "[count demo] wrote the words\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert all(Path(name).name.startswith(".partial-") for name in counting.results())
    assert counting.results() != {}
    assert counting.run().returncode == 0
    assert len(counting.results()) == 4, "the next run clears what the killed one left"


def test_leftovers_of_a_running_process_are_not_touched(counting: Any) -> None:
    assert counting.run().returncode == 0
    host = counting.record()["host"]
    mine = counting.counts.with_name(f".partial-{host}-{os.getpid()}-{counting.counts.name}")
    mine.write_text("still being written")
    assert counting.run().returncode == 0
    assert mine.read_text() == "still being written"
