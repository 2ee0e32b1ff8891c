"""The rows of a dataset come from the one origin that its settings name."""

import hashlib
import json

import pytest

from calibrant.data.dataset import load_raw
from calibrant.data.manifest import SOURCE_CACHE
from calibrant.data.settings import GeneratedDataset, LabDataset, OwnDataset
from calibrant.errors import CalibrantError
from calibrant.stage_settings.sources import PrepareSettings, PublicSource


def test_a_generated_dataset_needs_no_file():
    shares = {"calibration": 0.4, "test": 0.6}
    made = GeneratedDataset(task="chain_sum", size=6, domain="sums", fractions=shares)
    settings = PrepareSettings(dataset="sums", generated=made)
    loaded, parts = load_raw(settings, [], seed=5)
    assert len(loaded.questions) == 6
    assert {row.part for row in loaded.questions} == set(parts) == {"generated"}
    assert {row.domain for row in loaded.questions} == {"sums"}
    assert parts["generated"] == shares
    assert load_raw(settings, [], seed=5)[0] == loaded
    assert load_raw(settings, [], seed=6)[0] != loaded


def test_a_lab_dataset_needs_no_file():
    shares = {"train": 0.5, "validation": 0.5}
    made = LabDataset(wording="weather", size=8, fractions=shares)
    settings = PrepareSettings(dataset="sky", lab=made)
    loaded, parts = load_raw(settings, [], seed=5)
    assert len(loaded.questions) == 8
    assert {row.domain for row in loaded.questions} == {"weather"}
    assert {row.part for row in loaded.questions} == set(parts)
    assert list(parts.values()) == [shares]
    assert load_raw(settings, [], seed=5)[0] == loaded
    assert load_raw(settings, [], seed=6)[0] != loaded


def test_an_own_dataset_is_read_from_its_file(tmp_path):
    path = tmp_path / "mine.jsonl"
    path.write_text('{"question": "2 + 5?", "answer": "7"}\n', encoding="utf-8")
    own = OwnDataset(file=str(path), licence="MIT", domain="sums", answer_type="number")
    loaded, parts = load_raw(PrepareSettings(dataset="mine", own=own), [], seed=1)
    [row] = loaded.questions
    assert (row.question, row.references, row.domain) == ("2 + 5?", ("7",), "sums")
    assert parts == {row.part: {"test": 1.0}}


PUBLIC = PublicSource(
    loader="svamp", options={}, parts={"test": {"test": 1.0}}, domain="math", answer_type="number"
)
SVAMP_ROW = {
    "ID": "chal-1", "Body": "Ann has 3 pens and buys 4", "Question": "How many has she?",
    "Equation": "( 3.0 + 4.0 )", "Answer": 7.0, "Type": "Addition",
}  # fmt: skip


@pytest.fixture
def fetched(tmp_path, monkeypatch):
    """A fetched SVAMP of one made-up row, in a project folder of its own."""
    monkeypatch.chdir(tmp_path)
    path = SOURCE_CACHE / "owner/name/SVAMP.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps([SVAMP_ROW]), encoding="utf-8")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    entry = {"file": "SVAMP.json", "path": "owner/name/SVAMP.json", "sha256": digest}
    manifest = tmp_path / "svamp.json"
    manifest.write_text(json.dumps({"files": [entry]}), encoding="utf-8")
    return manifest, path


def test_a_public_dataset_is_read_from_its_fetched_files(fetched):
    loaded, parts = load_raw(PrepareSettings(dataset="svamp", public=PUBLIC), [fetched[0]], seed=1)
    assert [row.source_id for row in loaded.questions] == ["chal-1"]
    assert parts == {"test": {"test": 1.0}}


def test_fetched_files_are_checked_before_they_are_read(fetched):
    manifest, path = fetched
    path.write_text(json.dumps([{**SVAMP_ROW, "Answer": 8.0}]), encoding="utf-8")
    with pytest.raises(CalibrantError, match="is not the file that was fetched"):
        load_raw(PrepareSettings(dataset="svamp", public=PUBLIC), [manifest], seed=1)


def test_a_dataset_without_an_origin_is_a_defect_of_ours():
    with pytest.raises(ValueError, match="no origin is given for svamp"):
        load_raw(PrepareSettings(dataset="svamp"), [], seed=1)
