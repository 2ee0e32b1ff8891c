"""Who wrote what and who read it, from records alone."""

import time
from pathlib import Path
from typing import Any

import pytest
from tests.integration.made_up_records import record, write

from calibrant.errors import CalibrantError
from calibrant.lineage.graph import read_graph


def entry(path: str, digest: str = "a", made_by: str | None = None) -> dict[str, Any]:
    return {"name": "in", "path": path, "sha256": digest * 64, "bytes": 1, "record": made_by}


def chain(root: Path, *inputs: dict[str, Any]) -> list[tuple[str, str | None]]:
    """Return state and writer of the inputs of a stage behind ``grade``."""
    write(root, record("grade", "predictions/x.parquet", "predictions/y.json"))
    write(root, record("measure", "measures/x.json", inputs=list(inputs)))
    graph = read_graph(root)
    [run] = [item for item in graph.runs if item.record["stage"] == "measure"]
    return [(link.state, link.run and link.run.name) for link in graph.links(run)]


def test_an_input_is_explained_by_path_and_bytes_and_not_by_the_record_it_names(
    tmp_path: Path,
) -> None:
    links = chain(
        tmp_path,
        entry("results/demo/predictions/x.parquet", made_by="0" * 64),
        entry("results/demo/predictions/x.parquet", digest="b", made_by="0" * 64),
        entry("results/demo/predictions/gone.parquet", made_by="0" * 64),
        entry("results/demo/predictions/mine.parquet"),
        entry("own.csv"),
        entry("/data/own.csv"),
    )
    assert links == [
        ("made", "grade base/seed1"),
        ("altered", "grade base/seed1"),
        ("lost", None),
        ("source", None),
        ("source", None),
        ("source", None),
    ]


def test_one_record_at_two_places_is_one_run(tmp_path: Path) -> None:
    write(tmp_path, record("grade", "x.parquet", "deep/y.json"))
    [run] = read_graph(tmp_path).runs
    assert run.prefix == "results/demo"
    assert sorted(run.places) == sorted(run.outputs) == ["deep/y.json", "x.parquet"]
    graph = read_graph(tmp_path)
    assert graph.writer("deep/y.json") == graph.writer("x.parquet")
    assert graph.writer("z") is None


def test_the_record_at_a_files_place_says_who_wrote_it(tmp_path: Path) -> None:
    # A stage that once wrote both was changed, and another writes y now.
    write(tmp_path, record("old", "x", "y"))
    write(tmp_path, record("new", "y"))
    graph = read_graph(tmp_path)
    assert graph.writer("x").record["stage"] == "old"  # type: ignore[union-attr]
    assert graph.writer("y").record["stage"] == "new"  # type: ignore[union-attr]


def test_readers_are_known_once_each(tmp_path: Path) -> None:
    path = "results/demo/x"
    write(tmp_path, record("grade", "x"))
    write(tmp_path, record("measure", "m", inputs=[entry(path), entry(path)]))
    graph = read_graph(tmp_path)
    assert [run.record["stage"] for run in graph.readers("x")] == ["measure"]
    assert graph.readers("m") == []


def test_a_broken_record_is_raised_or_collected(tmp_path: Path) -> None:
    write(tmp_path, record("grade", "x"))
    (tmp_path / "records/y.json").write_text("{")
    with pytest.raises(CalibrantError, match="not valid JSON"):
        read_graph(tmp_path)
    broken: list[CalibrantError] = []
    assert len(read_graph(tmp_path, broken).runs) == 1
    assert [error.where for error in broken] == [str(tmp_path / "records/y.json")]


def test_a_thousand_records_are_read_within_a_second(tmp_path: Path) -> None:
    packages = [f"package-{number}==1.{number}" for number in range(160)]
    modules = {f"calibrant/module_{number}.py": "c" * 64 for number in range(60)}
    for number in range(1000):
        before = [entry(f"results/demo/x/{number - 1}")] if number else []
        made = record(
            "grade", f"x/{number}", inputs=before, code={"digest": "c" * 64, "modules": modules}
        )
        made["environment"]["packages"] = packages
        write(tmp_path, made)

    def seconds() -> float:
        start = time.process_time()
        graph = read_graph(tmp_path)
        links = [link for run in graph.runs for link in graph.links(run)]
        assert [link.state for link in links] == ["made"] * 999
        return time.process_time() - start

    assert min(seconds() for _ in range(3)) < 1
