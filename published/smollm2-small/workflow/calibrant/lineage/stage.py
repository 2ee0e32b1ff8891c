"""The frame every stage script runs in.

A script names its inputs and outputs and calls one function of the package::

    def main() -> int:
        stage = Stage.from_command_line(
            "grade", inputs=("questions", "completions"), outputs=("predictions",)
        )
        with stage:
            grade_completions(
                stage.input("questions"), stage.input("completions"), stage.output("predictions"),
                GradeSettings(**stage.settings), stage.say,
            )
        return 0

    if __name__ == "__main__":
        raise SystemExit(report_errors(main))
"""

import math
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, Self

from calibrant.errors import CalibrantError
from calibrant.lineage.code import code_digest
from calibrant.lineage.command import Names, StageArguments, parse_stage_arguments
from calibrant.lineage.finished import Protocol, finished_record
from calibrant.lineage.outputs import PendingOutputs
from calibrant.lineage.record import record_path, record_text
from calibrant.lineage.snapshot import PACKAGE_ROOT, check_planned, check_unchanged, take_snapshot


class Stage:
    """One run of one stage: checked at both ends, its outputs whole or absent, and recorded.

    Entering checks that code and lock file are what was planned. Leaving without an error checks
    that they and the inputs have not changed, moves the outputs to their names and writes their
    records. Leaving with an error removes what was written and leaves older outputs alone.

    Args:
        name: Name of the stage.
        arguments: What it was asked to do.
        command: Program and arguments; the program is the script where the import closure begins.

    Attributes:
        name: Name of the stage.
        subject: What it works on.
        root: Folder of the study's results.
        settings: The stage's part of the study.
    """

    def __init__(self, name: str, arguments: StageArguments, command: Sequence[str]) -> None:
        self.name = name
        self.subject = arguments.subject
        self.root = arguments.root
        self.settings: dict[str, Any] = arguments.settings
        self._arguments = arguments
        self._script = Path(command[0])
        self._protocol = Protocol(command)
        finals = arguments.outputs
        self._outputs = PendingOutputs(
            finals, {key: record_path(path, arguments.root) for key, path in finals.items()}
        )

    @classmethod
    def from_command_line(
        cls,
        name: str,
        *,
        inputs: Names,
        outputs: Names,
        description: str | None = None,
        argv: Sequence[str] | None = None,
    ) -> Self:
        """Make the stage that ``sys.argv`` describes.

        Args:
            name: Name of the stage.
            inputs: Names of the inputs, or names with a help text each.
            outputs: Names of the outputs, likewise.
            description: Text shown by ``--help``.
            argv: Program and arguments instead of ``sys.argv``.

        Raises:
            CalibrantError: As ``parse_stage_arguments``.
        """
        command = sys.argv if argv is None else argv
        arguments = parse_stage_arguments(name, inputs, outputs, command[1:], description)
        return cls(name, arguments, command)

    @property
    def seed(self) -> int:
        """The seed.

        Raises:
            CalibrantError: If none was given.
        """
        if self._arguments.seed is None:
            raise CalibrantError(f"stage {self.name} needs a seed", repair="Give --seed N")
        return self._arguments.seed

    @property
    def code(self) -> str:
        """The digest of the code the stage runs with; known once the stage is entered."""
        return code_digest(self._before.modules)

    def input(self, name: str) -> Path:
        """Return the one file of an input.

        Raises:
            CalibrantError: If none or several were given.
        """
        paths = self._arguments.inputs[name]
        if len(paths) != 1:
            raise CalibrantError(f"takes one file, {len(paths)} were given", where=f"--{name}")
        return paths[0]

    def inputs(self, name: str) -> list[Path]:
        """Return the files of an input that takes any number of them."""
        return list(self._arguments.inputs[name])

    def output(self, name: str) -> Path:
        """Return where to write an output: a temporary file, renamed when the stage succeeds."""
        return self._outputs.temporary(name)

    def output_folder(self, name: str) -> Path:
        """Return a temporary folder for the files that output ``name``, a manifest, lists.

        When the stage succeeds they take the place of all that lies in the folder of the manifest,
        which must be the stage's own, and the manifest follows.
        """
        return self._outputs.folder(name)

    def say(self, text: str) -> None:
        """Print one line of progress."""
        print(f"[{' '.join(filter(None, (self.name, self.subject)))}] {text}", flush=True)

    def metric(self, name: str, value: float) -> None:
        """Put a number into the record, from where it reaches MLflow.

        Raises:
            ValueError: If it is not finite or was already given.
        """
        if not math.isfinite(value):
            raise ValueError(f"metric {name} is {value}: leave out what could not be measured")
        if name in self._protocol.metrics:
            raise ValueError(f"metric {name} was already given")
        self._protocol.metrics[name] = int(value) if isinstance(value, int) else float(value)

    def note(self, text: str) -> None:
        """Put a sentence into the record."""
        self._protocol.notes.append(text)

    def __enter__(self) -> Self:
        """Check the plan and prepare the folders of the outputs."""
        self._before = take_snapshot(self._script, self._arguments)
        check_planned(self._before, self._arguments)
        self._outputs.prepare()
        self._loaded_before = set(sys.modules)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Finish the stage, or clean up after an error."""
        try:
            if kind is None:
                self._finish()
        finally:
            self._outputs.discard()

    def _finish(self) -> None:
        self._outputs.check_written()
        check_unchanged(self._before, self._script, self._arguments)
        for name in self._uncovered_modules():
            self.note(f"ran {name}, which the code digest does not cover")
            self.say(f"warning: {self._protocol.notes[-1]}: declare it in IMPORTS_MODULES")
        written = {name: self.output(name) for name in self._arguments.outputs}
        record = finished_record(self.name, self._arguments, self._before, self._protocol, written)
        self._outputs.commit(record_text(record))
        self.say(f"done in {record['seconds']:.1f} s")

    def _uncovered_modules(self) -> list[str]:
        """Return files of the package that the run loaded and the import closure lacks."""
        loaded = [sys.modules[name] for name in sys.modules.keys() - self._loaded_before]
        # Not getattr(): it can set off the import of a module that loads itself late.
        files = [item.__dict__.get("__file__") for item in loaded if isinstance(item, ModuleType)]
        inside = [Path(file) for file in files if file and Path(file).is_relative_to(PACKAGE_ROOT)]
        names = {path.relative_to(PACKAGE_ROOT.parent).as_posix() for path in inside}
        return sorted(names - self._before.modules.keys())
