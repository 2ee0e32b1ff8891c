"""What a stage really ran with: packages, machine and commit, as observed and not as declared."""

import os
import platform
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

from calibrant.files import sha256_bytes
from calibrant.lineage.record import EnvironmentEntry, GitEntry, TorchEntry


def observed_environment() -> EnvironmentEntry:
    """Return the interpreter, the platform and every installed distribution as NAME==VERSION."""
    found: dict[str, str] = {}
    for distribution in distributions():
        # A half-removed package has a folder without a name; an import takes the first found.
        if name := distribution.metadata["Name"]:
            found.setdefault(name.lower().replace("_", "-"), distribution.version)
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": sorted(f"{name}=={version}" for name, version in found.items()),
        "torch": _observed_torch(),
    }


def observed_device(environment: EnvironmentEntry) -> str:
    """Return the name of the first GPU that torch sees, or ``cpu``."""
    torch = environment["torch"]
    return torch["gpus"][0] if torch and torch["gpus"] else "cpu"


def usable_cpus() -> int:
    """Return how many processors this process may use (a Slurm job has fewer than its host)."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def observed_git(folder: Path) -> GitEntry | None:
    """Return the commit and the difference from it, or None outside a repository.

    The difference covers tracked files, results aside: a run that rewrites published numbers does
    not thereby change what made them. New files are covered by the code and settings digests.
    """
    try:
        inside = _git(folder, "rev-parse", "--is-inside-work-tree")
    except FileNotFoundError:
        return None
    if b"not a git repository" in inside.stderr:
        return None
    commit = _git(folder, "rev-parse", "--verify", "HEAD")
    difference = _git(
        folder, "diff", "--no-ext-diff", "--no-textconv", "--no-color", "--binary", "HEAD",
        "--", ":(top)", ":(exclude)results",
    )  # fmt: skip
    for answer in (inside, commit, difference):
        if answer.returncode:
            lines = answer.stderr.decode(errors="replace").splitlines()
            problem = lines[0] if lines else f"git ended with {answer.returncode}"
            return {"commit": None, "dirty": None, "diff_sha256": None, "problem": problem}
    patch = difference.stdout
    return {
        "commit": commit.stdout.decode().strip(),
        "dirty": bool(patch),
        "diff_sha256": sha256_bytes(patch) if patch else None,
    }


def _observed_torch() -> TorchEntry | None:
    # Importing torch takes seconds: only a stage that needs it has it.
    torch = sys.modules.get("torch")
    if torch is None:
        return None
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    return {
        "version": str(torch.__version__),
        "cuda": torch.version.cuda,
        "gpus": [torch.cuda.get_device_name(index) for index in range(count)],
    }


def _git(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
    # Messages in English, since one of them is compared.
    environment = {**os.environ, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}
    return subprocess.run(
        ["git", "-C", str(folder), *arguments], capture_output=True, check=False, env=environment
    )
