"""Asking math-verify in a process that can be killed, from any thread."""

import atexit
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

from calibrant.errors import CalibrantError

IMPORTS_MODULES = ("calibrant.grading.math_worker",)
TIMEOUT_SECONDS = 2.0
"""A comparison that takes more processor time is given up (seconds)."""
WALL_FACTOR = 5.0
"""How many times longer by the clock a comparison may take, on a machine with other work."""

_PACKAGE_PARENT = str(Path(__file__).resolve().parents[2])


class MathProcess:
    """A process that compares mathematical expressions, started when first needed.

    The limit is on processor time, so that what is given up does not depend on what else the
    machine does. In a run every answer that is given up costs the limit and a new start of the
    process (about two seconds more); a thousand of them cost about an hour.

    Safe to share between threads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def compare(self, reference: str, answer: str, seconds: float = TIMEOUT_SECONDS) -> str:
        """Return whether two LaTeX texts mean the same.

        Args:
            reference: The accepted answer, in math delimiters.
            answer: The given answer, in math delimiters.
            seconds: Processor time after which the comparison is given up. By the clock it may
                take ``WALL_FACTOR`` times as long.

        Returns:
            ``correct``, ``wrong``, ``cannot_parse`` (neither side) or ``timeout`` (too long, or
            more memory than the process may take).

        Raises:
            CalibrantError: If math-verify cannot be started.
        """
        with self._lock:
            request = json.dumps([reference, answer, seconds])
            return self._ask(self._running(), request, WALL_FACTOR * seconds) or "timeout"

    def close(self) -> None:
        """End the process, if one runs."""
        with self._lock:
            self._stop()

    def forget(self) -> None:
        """Leave the process to the parent: called in a child right after a fork."""
        self._lock, self._process = threading.Lock(), None

    def _ask(self, process: subprocess.Popen[str], request: str, seconds: float) -> str:
        assert process.stdin is not None and process.stdout is not None
        verdict = ""
        timer = threading.Timer(seconds, process.kill)
        timer.start()
        try:
            process.stdin.write(f"{request}\n")
            process.stdin.flush()
            verdict = process.stdout.readline().strip()
        except BrokenPipeError:
            pass  # The process has died; the empty verdict says so.
        finally:
            timer.cancel()
            timer.join()
        if not verdict or process.poll() is not None:
            self._stop()
        return verdict

    def _running(self) -> subprocess.Popen[str]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        path = os.pathsep.join(filter(None, [_PACKAGE_PARENT, os.environ.get("PYTHONPATH")]))
        process = subprocess.Popen(
            # -P keeps the working directory, which may hold a math.py, off the module path.
            [sys.executable, "-P", "-m", "calibrant.grading.math_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            # A fixed hash seed fixes the order in which sympy walks through sets.
            env={**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": "0"},
        )
        assert process.stdout is not None
        if process.stdout.readline().strip() != "ready":
            process.kill()
            raise CalibrantError(
                "math-verify cannot be started",
                where=sys.executable,
                repair="Install it: pip install math-verify[antlr4_13_2]",
            )
        self._process = process
        return process

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()


MATH_VERIFY = MathProcess()
"""The process that graders share."""

atexit.register(MATH_VERIFY.close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=MATH_VERIFY.forget)
