"""Whether a stage would run again, and why: what it depended on against what stands there now."""

from dataclasses import dataclass
from pathlib import Path

from calibrant.files import sha256_file
from calibrant.lineage.code import code_closure
from calibrant.lineage.graph import Graph, Link, StageRun
from calibrant.lineage.hops import short
from calibrant.lineage.present_code import script_of
from calibrant.lineage.snapshot import PACKAGE_ROOT, lock_path


@dataclass(frozen=True, slots=True)
class Dependence:
    """One thing a stage depended on.

    Attributes:
        name: What it is.
        recorded: What the record says of it, in short.
        changed: Why the stage would run again for it, or None where it is as it was.
    """

    name: str
    recorded: str
    changed: str | None


def dependences(graph: Graph, run: StageRun, project: Path) -> list[Dependence]:
    """Return what a run depended on; the settings are left out, which only the study knows.

    Args:
        graph: The records of its study.
        run: The run.
        project: Folder of the project, where lock files and own files lie.
    """
    return [
        _code(run),
        *([_lock(run, project)] if run.record["lock"] else []),
        *(_input(graph, link, project) for link in graph.links(run)),
        *(_output(graph, run, inner) for inner in run.outputs),
    ]


def upstream(graph: Graph, run: StageRun) -> list[StageRun]:
    """Return the runs that a run depends on through its inputs, nearest first."""
    found: dict[str, StageRun] = {}
    waiting = [link.run for link in graph.links(run) if link.run]
    while waiting:
        item = waiting.pop(0)
        if item.digest not in found:
            found[item.digest] = item
            waiting += [link.run for link in graph.links(item) if link.run]
    return list(found.values())


def _code(run: StageRun) -> Dependence:
    code = run.record["code"]
    shown = f"{short(code['digest'])} ({len(code['modules'])} modules)"
    script = script_of(run.record)
    if script is None:
        return Dependence("code", shown, "its script is not here")
    now = code_closure(script, PACKAGE_ROOT)
    old = code["modules"]
    changed = [f"{name} changed" for name in sorted(old) if now.get(name, old[name]) != old[name]]
    changed += [f"{name} is no longer imported" for name in sorted(old.keys() - now.keys())]
    changed += [f"{name} is newly imported" for name in sorted(now.keys() - old.keys())]
    return Dependence("code", shown, "; ".join(changed) or None)


def _lock(run: StageRun, project: Path) -> Dependence:
    lock = run.record["lock"]
    assert lock is not None
    path = lock_path(lock["name"])
    changed = None
    if not (project / path).is_file():
        changed = "is not here"
    elif sha256_file(project / path) != lock["sha256"]:
        changed = "changed"
    return Dependence(path.as_posix(), short(lock["sha256"]), changed)


def _input(graph: Graph, link: Link, project: Path) -> Dependence:
    path = project / link.entry["path"] if link.inner is None else graph.root / link.inner
    changed = None
    if not path.is_file():
        changed = "is not here"
    elif sha256_file(path) != link.entry["sha256"]:
        changed = "changed"
    name = f"{link.entry['name']} {link.inner or link.entry['path']}"
    return Dependence(name, short(link.entry["sha256"]), changed)


def _output(graph: Graph, run: StageRun, inner: str) -> Dependence:
    entry = run.outputs[inner]
    path = graph.root / inner
    changed = None
    if not path.is_file():
        changed = "is not here"
    elif sha256_file(path) != entry["sha256"]:
        # The workflow compares inputs, not outputs: it would keep the edited file.
        changed = "was edited after the stage wrote it; delete it to have it made again"
    return Dependence(f"output {inner}", short(entry["sha256"]), changed)
