"""Checks of stages: what can be computed again from the folder is, by the stage's own script."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from calibrant.errors import CalibrantError
from calibrant.lineage.code import code_closure
from calibrant.lineage.differences import file_difference, first_difference
from calibrant.lineage.findings import Findings, listed, refused_content
from calibrant.lineage.graded_rows import compare_grades
from calibrant.lineage.graph import Graph, StageRun
from calibrant.lineage.judged_rows import check_judged_rows
from calibrant.lineage.link_checks import behind_what_is_published
from calibrant.lineage.present_code import stage_script
from calibrant.lineage.present_packages import differing_packages
from calibrant.lineage.rerun import RerunStage, rerun
from calibrant.lineage.snapshot import PACKAGE_ROOT
from calibrant.lineage.stage_layouts import LAYOUTS, is_like, writers_of

Say = Callable[[str], None]

# The frame around a stage: it decides what is recorded, not what is computed.
_FRAME = "calibrant/lineage/"


def check_stages(graph: Graph, findings: Findings, say: Say) -> None:
    """Run all stages again that need no model, with the settings and the seed of their records.

    Args:
        graph: The records.
        findings: Gets the faults. Outputs that differ are a contradiction where this code is the
            code that ran, with the packages it ran with. Others may give others, so of that there
            is one note per stage.
        say: Prints progress.
    """
    # By folder too, for a record that names another stage would escape.
    published = behind_what_is_published(graph)
    runs = [
        (run, set().union(*(writers_of(graph, at, published) for at in run.outputs)))
        for run in graph.runs
    ]
    runs = [(run, allowed) for run, allowed in runs if run.record["stage"] in LAYOUTS or allowed]
    runs.sort(key=lambda item: item[0].name)
    checkers = {stage: _Checker(graph, findings, stage) for stage in LAYOUTS}
    for position, (run, allowed) in enumerate(runs, 1):
        stage = run.record["stage"]
        if stage not in allowed:
            place = next(iter(run.outputs), f"record of {run.name}")
            who = f"written by {run.name}, not by {' or '.join(sorted(allowed))}"
            findings.altered(place, f"is {who}" if allowed else f"is no place of {stage}")
            continue
        say(f"computing again, {position} of {len(runs)}: {run.name}")
        start = time.perf_counter()
        checkers[stage].check(run)
        findings.seconds[stage] += time.perf_counter() - start
    for checker in checkers.values():
        checker.report()
    findings.checked["stages computed again"] = sum(findings.recomputed[stage] for stage in LAYOUTS)


@dataclass(slots=True)
class _Checker:
    """Checks the runs of one stage; what came of other code, or other packages, is one note."""

    graph: Graph
    findings: Findings
    stage: str
    closure: dict[str, str] | None = None
    computed: int = 0
    modules: set[str] = field(default_factory=set)
    differences: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    packages: set[str] = field(default_factory=set)
    unlike: list[str] = field(default_factory=list)

    def check(self, run: StageRun) -> None:
        """Check one run."""
        place = next(iter(run.outputs))
        with self.findings.altered_if_refused(place), self._noted_if_not_installed():
            inputs = self._inputs(run)
            here = [path for paths in inputs.values() for path in paths]
            here += [self.graph.root / inner for inner in run.outputs]
            # What is not there, or was written anew, is said where files and links are checked.
            if not all(path.is_file() for path in here) or self.graph.outdated(run):
                return
            if self.stage == "judge_answers":
                check_judged_rows(inputs["graded"][0], self.graph.root / place)
                self.findings.in_part[self.stage] = "all but verdicts is what was graded"
            if LAYOUTS[self.stage].again:
                self._compute(run, inputs, place)

    def report(self) -> None:
        """Add the notes on other code and other packages, if there is anything to tell."""
        if self.unlike:
            self.findings.note(
                f"{self.stage} computed again with other packages than ran "
                f"({listed(self.packages)}): {len(self.unlike)} differ (first {self.unlike[0]})"
            )
        if not self.modules:
            return
        text = f"{self.stage} computed again by other code than ran ({listed(self.modules)}): "
        text += f"{self.computed}, of which {len(self.differences)} differ"
        if self.differences:
            text += f" (first {self.differences[0]})"
        if self.refusals:
            text += f"; not computed: {len(self.refusals)} (first {self.refusals[0]})"
        self.findings.note(text)

    def _inputs(self, run: StageRun) -> dict[str, list[Path]]:
        """Return the files of a run's inputs, which must be those that its place asks for.

        Raises:
            CalibrantError: If it read others, or wrote others.
        """
        layout = LAYOUTS[self.stage]
        parts = [layout.match(inner) for inner in run.outputs]
        names = [entry["name"] for entry in run.record["outputs"]]
        if len(parts) != len(names) or any(item != parts[0] for item in parts):
            raise CalibrantError(f"{run.name} has other outputs than those of one {self.stage}")
        found: dict[str, list[Path]] = {}
        for entry in run.record["inputs"]:
            inner = run.inner(entry["path"])
            expected = layout.expected(entry["name"], parts[0] or {})
            if inner is None or (expected and not any(is_like(inner, one) for one in expected)):
                instead = f" instead of {expected[0]}" if expected else ", which lies elsewhere"
                raise CalibrantError(f"{run.name} read {entry['path']}{instead}")
            found.setdefault(entry["name"], []).append(self.graph.root / inner)
        return found

    def _compute(self, run: StageRun, inputs: dict[str, list[Path]], place: str) -> None:
        script = stage_script(self.stage)
        if script is None:
            self.findings.note("stages were not computed again: their scripts are not here")
            return
        changed = self._changed(run, script)
        packages = differing_packages(run.record)
        self.modules.update(changed)
        try:
            with tempfile.TemporaryDirectory() as folder, refused_content():
                stage = RerunStage(run, inputs, Path(folder), self.graph.root)
                rerun(script, stage)
                difference = self._difference(run, stage, shared=bool(changed))
        except CalibrantError as error:
            if changed:
                self.refusals.append(f"{place}: {error.what}")
            elif packages:
                self._unlike(packages, f"{place}: {error.what}")
            else:
                raise
            return
        self.findings.recomputed[self.stage] += 1
        self.computed += bool(changed)
        if difference is None:
            return
        inner, what = difference
        if changed:
            self.differences.append(f"{inner}: {what}")
        elif packages:
            self._unlike(packages, f"{inner}: {what}")
        else:
            self.findings.altered(inner, what)

    def _unlike(self, packages: list[str], what: str) -> None:
        self.packages.update(packages)
        self.unlike.append(what)

    @contextmanager
    def _noted_if_not_installed(self) -> Iterator[None]:
        try:
            yield
        except ImportError as error:
            # A module of this package that is missing is a defect, and no matter of the machine.
            if (error.name or "").split(".")[0] == PACKAGE_ROOT.name:
                raise
            name = error.name or error
            self.findings.note(f"{self.stage} was not computed again: {name} is not here")

    def _changed(self, run: StageRun, script: Path) -> list[str]:
        if self.closure is None:
            self.closure = code_closure(script, PACKAGE_ROOT)
        recorded = run.record["code"]["modules"]
        return sorted(
            name
            for name, digest in self.closure.items()
            if recorded.get(name) != digest and not name.startswith(_FRAME)
        )

    def _difference(
        self, run: StageRun, stage: RerunStage, *, shared: bool
    ) -> tuple[str, str] | None:
        """Return the first output that differs and how."""
        told = f" when computed again{_source(run)} ({run.name})"
        measured = stage.metrics
        for inner, entry in run.outputs.items():
            if entry["name"] not in stage.written:
                return inner, f"is an output that {self.stage} does not have"
            recorded, computed = self.graph.root / inner, stage.written[entry["name"]]
            found = file_difference(recorded, computed, shared=shared)
            if found and self.stage == "grade":
                grades = compare_grades(recorded, computed, shared=shared)
                if grades.timeouts:
                    found, measured = grades.difference, {**grades.counts}
                    self.findings.note(
                        f"{inner}: {grades.timeouts} of its grades were not compared, for grading "
                        "ran out of time there or here"
                    )
            if found:
                return inner, f"{found}{told}"
        if found := first_difference(run.record["metrics"], measured, shared=True):
            return next(iter(run.outputs)), f"metric {found}{told}"
        return None


def _source(run: StageRun) -> str:
    read = [entry["path"] for entry in run.record["inputs"]]
    if not read:
        return ""
    return f" from {read[0]}" + (f" and {len(read) - 1} more" if len(read) > 1 else "")
