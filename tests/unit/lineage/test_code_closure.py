"""The import closure: what a stage depends on, and nothing else."""

import os
import time
from pathlib import Path

import pytest

import calibrant.lineage.stage
from calibrant.errors import CalibrantError
from calibrant.files import sha256_bytes
from calibrant.lineage.code import code_closure, code_digest

FILES = {
    "pkg/__init__.py": '"""The package."""\n',
    "pkg/low.py": "def one():\n    return 1\n",
    "pkg/high.py": "from pkg.low import one\n\ndef two():\n    return one() + 1\n",
    "pkg/late.py": "VALUE = 3\n",
    "pkg/unrelated.py": "VALUE = 4\n",
    "pkg/data/__init__.py": '"""Data."""\n',
    "pkg/data/catalog.py": 'READS_FILES = ("catalog.yaml",)\n',
    "pkg/data/catalog.yaml": "a: 1\n",
    "pkg/data/loaders/__init__.py": "",
    "pkg/data/loaders/csv.py": "from ... import late\n",
    "pkg/data/loaders/deep/parquet.py": "VALUE = 5\n",
    "pkg/relative.py": "from .data import catalog\nfrom . import low as lowest\n",
    "pkg/lazy.py": "def f():\n    if f:\n        import pkg.late\n    return pkg\n",
    "pkg/dynamic.py": 'IMPORTS_MODULES: tuple[str, ...] = ("pkg.data.loaders",)\n',
    "pkg/star.py": "from pkg.data import *\n",
    "pkg/loop.py": "import pkg.loop\nimport json, os.path, numpy\n",
    "scripts/run.py": "import sys\nfrom pkg import high\nfrom pkg.high import two\n",
    "scripts/beside.py": "import helper\nfrom . import nothing\n",
    "scripts/helper.py": "from pkg import late\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def names(project: Path, module: str) -> set[str]:
    return set(code_closure(project / module, project / "pkg"))


def digest(project: Path, module: str = "scripts/run.py") -> str:
    return code_digest(code_closure(project / module, project / "pkg"))


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ("scripts/run.py", {"scripts/run.py", "pkg/__init__.py", "pkg/high.py", "pkg/low.py"}),
        ("pkg/late.py", {"pkg/__init__.py", "pkg/late.py"}),
        ("pkg/lazy.py", {"pkg/__init__.py", "pkg/lazy.py", "pkg/late.py"}),
        ("pkg/loop.py", {"pkg/__init__.py", "pkg/loop.py"}),
        (
            "pkg/relative.py",
            {
                "pkg/__init__.py",
                "pkg/relative.py",
                "pkg/low.py",
                "pkg/data/__init__.py",
                "pkg/data/catalog.py",
                "pkg/data/catalog.yaml",
            },
        ),
        (
            "pkg/dynamic.py",
            {
                "pkg/__init__.py",
                "pkg/dynamic.py",
                "pkg/late.py",
                "pkg/data/__init__.py",
                "pkg/data/loaders/__init__.py",
                "pkg/data/loaders/csv.py",
                "pkg/data/loaders/deep/parquet.py",
            },
        ),
        (
            "scripts/beside.py",
            {"scripts/beside.py", "scripts/helper.py", "pkg/__init__.py", "pkg/late.py"},
        ),
    ],
)
def test_closure_is_what_the_imports_reach(project: Path, module: str, expected: set[str]) -> None:
    assert names(project, module) == expected


def test_a_star_import_counts_the_whole_package(project: Path) -> None:
    assert "pkg/data/loaders/deep/parquet.py" in names(project, "pkg/star.py")


@pytest.mark.parametrize("module", ["pkg/low.py", "pkg/high.py", "pkg/__init__.py"])
def test_a_change_of_code_changes_the_digest(project: Path, module: str) -> None:
    before = digest(project)
    path = project / module
    path.write_text(path.read_text() + "NEW = 1\n")
    assert digest(project) != before


@pytest.mark.parametrize("module", ["pkg/low.py", "pkg/high.py", "pkg/__init__.py"])
def test_a_comment_a_docstring_or_layout_does_not(project: Path, module: str) -> None:
    before = digest(project)
    path = project / module
    path.write_text(
        '"""Other words."""\n\n# A comment.\n\n' + path.read_text().replace("  ", "   ")
    )
    assert digest(project) == before


def test_an_unrelated_module_does_not(project: Path) -> None:
    before = digest(project)
    (project / "pkg/unrelated.py").write_text("VALUE = 5\n")
    (project / "pkg/new.py").write_text("VALUE = 6\n")
    assert digest(project) == before


def test_a_rename_of_a_module_changes_the_digest(project: Path) -> None:
    before = digest(project)
    (project / "pkg/low.py").rename(project / "pkg/lower.py")
    (project / "pkg/high.py").write_text(FILES["pkg/high.py"].replace("pkg.low", "pkg.lower"))
    assert digest(project) != before


def test_every_byte_of_a_declared_file_counts(project: Path) -> None:
    before = digest(project, "pkg/relative.py")
    (project / "pkg/data/catalog.yaml").write_bytes(b"a: 1 \n")
    closure = code_closure(project / "pkg/relative.py", project / "pkg")
    assert code_digest(closure) != before
    assert closure["pkg/data/catalog.yaml"] == sha256_bytes(b"a: 1 \n")


def test_an_edit_of_the_same_length_and_time_is_seen(project: Path) -> None:
    path = project / "pkg/low.py"
    before, stat = digest(project), path.stat()
    path.write_text(FILES["pkg/low.py"].replace("1", "2"))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert path.stat().st_size == stat.st_size
    assert digest(project) != before


def test_the_place_of_the_project_does_not_count(
    project: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = digest(project)
    moved = tmp_path_factory.mktemp("elsewhere") / "copy"
    project.rename(moved)
    assert digest(moved) == before
    monkeypatch.chdir(moved)
    assert code_digest(code_closure(Path("scripts/run.py"), Path("pkg"))) == before


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("import pkg.nowhere\n", "run.py: imports pkg.nowhere, which is not a module of pkg"),
        ("from pkg.low.inner import x\n", "imports pkg.low.inner, which is not a module"),
        ("READS_FILES = ('absent.yaml',)\n", "absent.yaml: cannot read"),
        ("READS_FILES = ('catalog.yaml')\n", "run.py:1: READS_FILES is not a tuple of string"),
        ("NAME = 'a'\nREADS_FILES = (NAME,)\n", "run.py:2: READS_FILES is not a tuple of string"),
        ("IMPORTS_MODULES = ('pkg.nowhere',)\n", "imports pkg.nowhere, which is not a module"),
        ("x = (\n", "scripts/run.py:1: is not valid Python"),
    ],
)
def test_what_cannot_be_followed_is_refused(project: Path, source: str, message: str) -> None:
    (project / "scripts/run.py").write_text(source)
    with pytest.raises(CalibrantError) as caught:
        code_closure(project / "scripts/run.py", project / "pkg")
    assert message in str(caught.value)


def test_a_second_closure_of_calibrant_takes_milliseconds() -> None:
    script = Path(calibrant.lineage.stage.__file__)
    first = code_closure(script, script.parents[1])

    def seconds() -> float:
        start = time.process_time()
        assert code_closure(script, script.parents[1]) == first
        return time.process_time() - start

    assert min(seconds() for _ in range(3)) < 0.1
