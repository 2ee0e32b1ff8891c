"""The code of a release: what is here of the code that a study's records name."""

from dataclasses import dataclass
from pathlib import Path

from calibrant.errors import CalibrantError
from calibrant.files import sha256_file
from calibrant.lineage.code import code_closure
from calibrant.lineage.graph import Graph
from calibrant.lineage.present_code import script_of
from calibrant.lineage.snapshot import PACKAGE_ROOT, lock_path

WORKFLOW = "workflow/Snakefile"


@dataclass(frozen=True, slots=True)
class ReleasedCode:
    """Files of code.

    Attributes:
        files: Path in the release to the file it is copied from, sorted.
        scripts: Stage to the path of its script in the release, where the script is as it ran.
        locks: Name of a lock file to its path in the release, where it is as it was.
        absent: What ran and is not here as it ran, as recorded names, sorted.
    """

    files: dict[str, Path]
    scripts: dict[str, str]
    locks: dict[str, str]
    absent: list[str]


def find_code(graph: Graph) -> ReleasedCode:
    """Return the workflow, and every module and lock file that is here as some stage ran it.

    The rules are not in any record: they are taken as they stand. A module is left out where it
    differs from what any stage ran, for a release with other code than its records would mislead.

    Raises:
        CalibrantError: If the workflow itself is not beside the package.
    """
    project = PACKAGE_ROOT.parents[1]
    if not (project / WORKFLOW).is_file():
        raise CalibrantError(
            "is not here, and a release holds it",
            where=project / WORKFLOW,
            repair="Run the command from a checkout of Calibrant, not from an installed package",
        )
    rules = sorted((project / "workflow/rules").glob("*.smk"))
    tops = [project / name for name in ("Snakefile", "LICENSE", "CITATION.cff")]
    plain = [project / WORKFLOW, *rules, *(path for path in tops if path.is_file())]
    files = {path.relative_to(project).as_posix(): path for path in plain}
    modules, absent = _modules(graph)
    files |= {f"workflow/{name}": PACKAGE_ROOT.parent / name for name in modules}
    locks, lost = _locks(graph, project)
    files |= {path: project / path for path in locks.values()}
    scripts = {
        run.record["stage"]: f"workflow/scripts/{run.record['stage']}.py" for run in graph.runs
    }
    scripts = {stage: path for stage, path in scripts.items() if path in files}
    return ReleasedCode(dict(sorted(files.items())), scripts, locks, sorted(absent | lost))


def _modules(graph: Graph) -> tuple[set[str], set[str]]:
    """Return the modules that are here as every stage ran them, and those that are not."""
    here: dict[str, dict[str, str]] = {}
    same: set[str] = set()
    other: set[str] = set()
    for run in graph.runs:
        stage = run.record["stage"]
        if stage not in here:
            script = script_of(run.record)
            here[stage] = code_closure(script, PACKAGE_ROOT) if script else {}
        for name, digest in run.record["code"]["modules"].items():
            (same if here[stage].get(name) == digest else other).add(name)
    return same - other, other


def _locks(graph: Graph, project: Path) -> tuple[dict[str, str], set[str]]:
    recorded = {
        (run.record["lock"]["name"], run.record["lock"]["sha256"])
        for run in graph.runs
        if run.record["lock"]
    }
    locks: dict[str, str] = {}
    absent: set[str] = set()
    for name, digest in sorted(recorded):
        path = lock_path(name)
        here = project / path
        if here.is_file() and sha256_file(here) == digest:
            locks[name] = path.as_posix()
        else:
            absent.add(path.as_posix())
    return {name: path for name, path in locks.items() if path not in absent}, absent
