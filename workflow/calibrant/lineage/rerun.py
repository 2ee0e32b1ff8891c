"""A stage's own script, run once more on the files of a folder, with its outputs put elsewhere."""

import math
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, Self

from calibrant.errors import CalibrantError
from calibrant.lineage.graph import StageRun


class RerunStage:
    """Stands in for ``Stage`` in a script: the same inputs, settings and seed, no record.

    Args:
        run: The run as recorded.
        inputs: The files of every input, as they lie here.
        folder: Where outputs are written.
        root: Folder of the study as it lies here.

    Attributes:
        name: Name of the stage.
        subject: What it works on.
        root: Folder of the study, where a script finds the records of what it reads.
        settings: Its settings as recorded.
        metrics: What the script measured.
        written: Where each output was written, by name.
    """

    def __init__(
        self, run: StageRun, inputs: Mapping[str, Sequence[Path]], folder: Path, root: Path
    ) -> None:
        self.name = run.record["stage"]
        self.subject = run.record["subject"]
        self.root = root
        self.settings: dict[str, Any] = run.record["settings"]
        self.metrics: dict[str, float] = {}
        self.written: dict[str, Path] = {}
        self._run = run
        self._inputs = inputs
        self._places = {item["name"]: Path(item["path"]).name for item in run.record["outputs"]}
        self._folder = folder

    def from_command_line(self, name: str, **_: Any) -> Self:
        """Return itself, in place of the stage that a command line describes."""
        if name != self.name:
            raise CalibrantError(f"the script of {self.name} is that of {name}")
        return self

    @property
    def seed(self) -> int:
        """The seed.

        Raises:
            CalibrantError: If the record has none.
        """
        seed = self._run.record["seed"]
        if seed is None:
            raise CalibrantError(f"the record of {self._run.name} has no seed")
        return seed

    def input(self, name: str) -> Path:
        """Return the one file of an input.

        Raises:
            CalibrantError: If the record has none or several.
        """
        paths = self.inputs(name)
        if len(paths) != 1:
            raise CalibrantError(f"{self._run.name} read {len(paths)} files as {name}, not one")
        return paths[0]

    def inputs(self, name: str) -> list[Path]:
        """Return the files of an input."""
        return list(self._inputs.get(name, ()))

    def output(self, name: str) -> Path:
        """Return where to write an output.

        Raises:
            CalibrantError: If the record has no such output.
        """
        if name not in self._places:
            raise CalibrantError(f"{self._run.name} has no output {name}")
        self.written[name] = self._folder / self._places[name]
        return self.written[name]

    def say(self, text: str) -> None:
        """Say nothing: progress is that of the verification."""

    def metric(self, name: str, value: float) -> None:
        """Keep a number that the record has, too."""
        if math.isfinite(value):
            self.metrics[name] = value

    def note(self, text: str) -> None:
        """Drop a note."""

    def __enter__(self) -> Self:
        """Check nothing: what was planned is checked by the record."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the outputs where they are."""


def rerun(script: Path, stage: RerunStage) -> None:
    """Run a script with a stand-in for its stage.

    Raises:
        CalibrantError: If the script refuses what it reads.
    """
    # Not imported: that would leave compiled files beside the scripts.
    module = ModuleType(f"rerun_{script.stem}")
    exec(compile(script.read_bytes(), script, "exec"), module.__dict__)
    module.__dict__["Stage"] = stage
    with redirect_stdout(StringIO()):
        module.__dict__["main"]()
