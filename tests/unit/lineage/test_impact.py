"""What depends on a file."""

import argparse
from pathlib import Path

import pytest
from tests.unit.lineage.tampering import NUMBER

from calibrant.errors import CalibrantError
from calibrant.files import read_json
from calibrant.lineage import impact_command
from calibrant.lineage.graph import read_graph
from calibrant.lineage.impact import (
    impact_of_lock,
    impact_of_module,
    impact_of_result,
    impact_of_source,
)


def impact(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    impact_command.add_arguments(parser)
    return impact_command.run(parser.parse_args(list(arguments)))


def test_a_result_touches_what_was_made_from_it_and_no_more(study: Path) -> None:
    found = impact_of_result(read_graph(study), "train/taught/seed2/manifest.json")
    assert [run.name for run in found.runs] == [
        "generate taught/seed2/sums",
        "grade taught/seed2/sums",
        "measure taught/seed2/sums",
        "report",
    ]
    ids = {number.id for number in found.numbers}
    assert "taught/seeds/sums/graded/ece" in ids
    assert NUMBER not in ids
    assert not any(name.startswith("data/") for name in ids)


def test_a_file_of_a_checkpoint_stands_for_its_manifest(study: Path) -> None:
    graph = read_graph(study)
    assert impact_of_result(graph, "train/taught/seed2/model.safetensors") == impact_of_result(
        graph, "train/taught/seed2/manifest.json"
    ), "the same stages and numbers"


def test_figures_are_themselves_where_numbers_come_from(study: Path) -> None:
    found = impact_of_result(read_graph(study), "measures/tiny/seed17/sums.json")
    assert [run.name for run in found.runs] == ["report"]
    assert NUMBER in {number.id for number in found.numbers}


def test_a_source_touches_all_that_was_prepared_from_it(study: Path) -> None:
    found = impact_of_source(read_graph(study), "own.csv")
    assert found.runs[0].name == "prepare sums"
    assert "generate tiny/seed17/tales" not in {run.name for run in found.runs}
    assert {number.id for number in found.numbers} >= {NUMBER, "data/sums/rows_kept"}


def test_a_module_touches_the_stages_that_import_it_and_those_behind(study: Path) -> None:
    graph = read_graph(study)
    found = impact_of_module(graph, "calibrant/measures/scores.py")
    assert {run.record["stage"] for run in found.runs} == {"measure", "report"}
    everything = impact_of_module(graph, "calibrant/errors.py")
    assert len(everything.runs) == len(graph.runs)
    assert impact_of_module(graph, "calibrant/unknown.py").runs == []


def test_a_lock_touches_the_stages_of_its_environment(study: Path) -> None:
    graph = read_graph(study)
    assert len(impact_of_lock(graph, "core").runs) == len(graph.runs)
    assert impact_of_lock(graph, "training").runs == []


@pytest.mark.parametrize(
    ("path", "stages"),
    [
        ("results/small/data/questions/tales.parquet", 12),
        ("results/small/report/report.html", 0),
        ("workflow/scripts/fetch.py", 14),
        ("envs/core.lock", 19),
        ("own.csv", 11),
    ],
)
def test_the_command_knows_every_kind_of_file(
    study: Path, capsys: pytest.CaptureFixture[str], path: str, stages: int
) -> None:
    assert impact(path) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert f": {stages} stages, " in head
    if stages == 19:
        count = len(read_json(study / "report/numbers.json")["numbers"])
        assert head.endswith(f"{count} published numbers")
        assert lines[-1] == f"  and {count - 10} numbers more"


def test_a_file_nobody_knows_is_refused(study: Path) -> None:
    with pytest.raises(CalibrantError, match="no record knows this file"):
        impact("other.csv")
    with pytest.raises(CalibrantError, match="no record knows this file"):
        impact("results/small/no/such.json")


@pytest.mark.parametrize(
    ("path", "what", "command"),
    [
        ("config/studies/lab.yaml", "records name no studies", "`calibrant plan lab`"),
        ("config/config.yaml", "records name no configuration", "`calibrant plan STUDY`"),
        ("workflow/rules/report.smk", "records name no rules", "`calibrant plan STUDY`"),
        ("workflow/Snakefile", "records name no rules", "`calibrant plan STUDY`"),
        ("Snakefile", "records name no rules", "`calibrant plan STUDY`"),
    ],
)
def test_for_what_no_record_names_there_is_another_command(
    study: Path, path: str, what: str, command: str
) -> None:
    for asked in (path, str(Path.cwd() / path)):
        with pytest.raises(CalibrantError, match=what) as caught:
            impact(asked)
        assert f"{command} says what would run again" in str(caught.value)
