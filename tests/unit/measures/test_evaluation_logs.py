"""Logs of lm-evaluation-harness and Inspect. The rows are made up in the shape of real logs."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from calibrant.errors import CalibrantError
from calibrant.measures.table_files import read_table_file

NAN = float("nan")


def harness_record(doc_id: int, **changes: Any) -> dict[str, Any]:
    record = {
        "doc_id": doc_id,
        "doc": {"question": "How many?", "answer": "4"},
        "target": "4",
        "arguments": {"gen_args_0": {"arg_0": "Q: How many?", "arg_1": {"until": ["\n"]}}},
        "resps": [["4 (confidence 80)"]],
        "filtered_resps": ["4"],
        "filter": "none",
        "metrics": ["exact_match", "confidence"],
        "doc_hash": "0a",
        "exact_match": 1.0,
        "confidence": 0.8,
    }
    return {key: value for key, value in (record | changes).items() if value is not ...}


def write_samples(folder: Path, *records: dict[str, Any]) -> Path:
    path = folder / "samples_task_2026-01-01T00-00-00.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def test_harness_samples_with_a_metric_of_confidence(tmp_path: Path) -> None:
    path = write_samples(
        tmp_path, harness_record(0), harness_record(1, exact_match=0.0, confidence=None)
    )
    table = read_table_file(path, by="target")
    np.testing.assert_array_equal(table.correct, [1, 0])
    np.testing.assert_array_equal(table.confidence, [0.8, NAN])
    assert table.question_id == ["0", "1"]
    assert table.groups == ["4", "4"]
    assert table.kind == "lm-evaluation-harness samples"
    assert table.notes == ("correctness is the metric exact_match",)


@pytest.mark.parametrize(
    "place", [{"doc": {"confidence": 0.6}}, {"filtered_resps": [{"confidence": 0.6}]}]
)
def test_harness_confidence_in_doc_or_in_the_filtered_response(
    place: dict[str, Any], tmp_path: Path
) -> None:
    path = write_samples(tmp_path, harness_record(0, confidence=..., **place))
    assert read_table_file(path).confidence.tolist() == [0.6]


def test_harness_metrics_by_precedence_and_by_name(tmp_path: Path) -> None:
    record = harness_record(0, metrics=["acc_norm", "acc", "exact_match"], acc=0.0, acc_norm=1.0)
    path = write_samples(tmp_path, record)
    assert read_table_file(path).correct.tolist() == [0]
    assert read_table_file(path, correct="acc_norm").correct.tolist() == [1]
    only = harness_record(0, metrics=["pass_rate", "confidence"], exact_match=..., pass_rate=1)
    assert read_table_file(write_samples(tmp_path, only)).correct.tolist() == [1]


def test_harness_records_without_a_list_of_metrics(tmp_path: Path) -> None:
    path = write_samples(tmp_path, harness_record(0, metrics=...))
    assert read_table_file(path).correct.tolist() == [1]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"confidence": ...}, "without any confidence. Let the task return a metric `confidence`"),
        ({"confidence": 80}, "line 1, column 'confidence': is 80, .*percent"),
        ({"exact_match": 0.4}, "line 1, column 'exact_match': is 0.4"),
        (
            {"metrics": ["f1", "rouge"], "exact_match": ..., "f1": 0.5, "rouge": 0.4},
            r"which metric .* \(metrics: f1, rouge\). Name it with --correct METRIC",
        ),
        ({"metrics": [], "exact_match": ...}, r"\(metrics: none\)"),
    ],
)
def test_harness_samples_that_are_refused(
    changes: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(CalibrantError, match=message):
        read_table_file(write_samples(tmp_path, harness_record(0, **changes)))


def test_harness_samples_under_two_filters_are_refused(tmp_path: Path) -> None:
    path = write_samples(
        tmp_path, harness_record(0, filter="strict"), harness_record(0, filter="flexible")
    )
    with pytest.raises(CalibrantError, match=r"once per filter: flexible, strict\. Keep the lines"):
        read_table_file(path)


def test_harness_rejects_an_unknown_metric(tmp_path: Path) -> None:
    path = write_samples(tmp_path, harness_record(0))
    with pytest.raises(CalibrantError, match="has no column 'accuracy'"):
        read_table_file(path, correct="accuracy")


def inspect_sample(number: int, value: object = "C", **changes: Any) -> dict[str, Any]:
    sample = {
        "id": f"s{number}",
        "epoch": 1,
        "input": "How many?",
        "target": "4",
        "metadata": {"domain": "math"},
        "scores": {
            "match": {"value": value, "answer": "4", "metadata": {"confidence": 0.8}},
        },
    }
    return sample | changes


def write_log(folder: Path, *samples: object, **changes: Any) -> Path:
    log = {"version": 2, "status": "success", "eval": {"task": "t"}, "samples": list(samples)}
    path = folder / "log.json"
    path.write_text(json.dumps(log | changes), encoding="utf-8")
    return path


def test_inspect_values_epochs_and_metadata(tmp_path: Path) -> None:
    values = ["C", "I", "N", 1, 0, True, 0.0, None, NAN]
    samples = [inspect_sample(number // 2, value) for number, value in enumerate(values)]
    path = write_log(tmp_path, *samples)
    table = read_table_file(path, by="domain")
    np.testing.assert_array_equal(table.correct, [1, 0, 0, 1, 0, 1, 0, NAN, NAN])
    assert table.question_id == ["s0", "s0", "s1", "s1", "s2", "s2", "s3", "s3", "s4"]
    assert table.groups == ["math"] * 9
    assert table.notes == ("correctness is the scorer match",)
    assert read_table_file(path, by="epoch").groups == ["1"] * 9


def test_inspect_confidence_of_the_score_goes_before_that_of_the_sample(tmp_path: Path) -> None:
    path = write_log(
        tmp_path,
        inspect_sample(0, metadata={"confidence": 0.1}),
        inspect_sample(1, metadata={"confidence": 0.1}, scores={"match": {"value": "I"}}),
        inspect_sample(2, scores={"match": {"value": "I", "metadata": None}}),
        inspect_sample(3, scores=None, metadata=None, error={"message": "timeout"}),
    )
    table = read_table_file(path)
    # A score without a confidence does not get that of its sample, which may be another's.
    np.testing.assert_array_equal(table.confidence, [0.8, NAN, NAN, NAN])
    np.testing.assert_array_equal(table.correct, [1, 0, 0, NAN])


def test_inspect_scorers_by_name(tmp_path: Path) -> None:
    scores = {
        "match": {"value": "I", "metadata": {"confidence": 0.3}},
        "judge": {"value": "C", "metadata": {"confidence": 0.4}},
    }
    path = write_log(tmp_path, inspect_sample(0, scores=scores))
    table = read_table_file(path, correct="judge")
    assert (table.correct.tolist(), table.confidence.tolist()) == ([1], [0.4])
    with pytest.raises(CalibrantError, match=r"more than one scorer \(scorers: match, judge\)"):
        read_table_file(path)
    with pytest.raises(CalibrantError, match=r"no scorer 'other' \(scorers: match, judge\)"):
        read_table_file(path, correct="other")


def test_an_unfinished_inspect_log_is_read_with_a_note(tmp_path: Path) -> None:
    path = write_log(tmp_path, inspect_sample(0), status="cancelled")
    assert "cancelled" in read_table_file(path).notes[1]


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        ([], "is an Inspect log without samples. Export it whole"),
        (["x"], "log.json, sample 1: is not an object"),
        ([inspect_sample(0, scores={})], "without any score"),
        ([inspect_sample(0, "P")], r"sample 1, scorer 'match': has the value P \(partly correct\)"),
        ([inspect_sample(0, "maybe")], "has the value 'maybe', which is none of C, I, N, 1 and 0"),
        ([inspect_sample(0, 0.7)], "has the value '0.7'"),
        ([inspect_sample(0, [1, 0])], r"has the value '\[1, 0\]'"),
        ([inspect_sample(0, scores={"match": {"value": "C"}})], "without any confidence"),
        (
            [
                inspect_sample(0, scores={"match": {"value": "C"}}),
                inspect_sample(1, metadata={"confidence": 2}, scores={"match": {"value": "C"}}),
            ],
            "sample 2, column 'confidence': is 2",
        ),
    ],
)
def test_inspect_logs_that_are_refused(samples: list[Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(CalibrantError, match=message):
        read_table_file(write_log(tmp_path, *samples))


def test_an_inspect_header_without_samples_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CalibrantError, match="is an Inspect log without samples"):
        read_table_file(write_log(tmp_path, samples=None))
