"""A report is written from the documents of earlier stages, as they lie in their files."""

from pathlib import Path

import pytest

from calibrant.errors import CalibrantError
from calibrant.reporting.document import Document
from calibrant.reporting.evidence import read_evidence


def write(folder: Path, name: str, text: str = '{"a": 1}') -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_every_document_is_read_in_order_with_its_path(tmp_path):
    measures = [write(tmp_path, f"m/{name}.json", f'{{"n": "{name}"}}') for name in "ba"]
    found = read_evidence(
        measures=measures,
        accounts=[write(tmp_path, "accounts/sums.json")],
        overlap=[write(tmp_path, "overlap.json", '{"o": 2}')],
        published=[write(tmp_path, "published/set.json", '{"p": 3}')],
    )
    assert [document.content for document in found.measures] == [{"n": "b"}, {"n": "a"}]
    assert [document.path for document in found.measures] == [str(path) for path in measures]
    assert found.accounts[0].name == "sums"
    assert found.overlap == Document(str(tmp_path / "overlap.json"), {"o": 2})
    assert found.published[0].content == {"p": 3}


def test_a_study_without_training_has_no_overlap():
    found = read_evidence(measures=[], accounts=[], overlap=[], published=[])
    assert found.overlap is None
    assert found.measures == found.accounts == found.published == ()


def test_curves_are_read_with_method_and_seed(tmp_path):
    path = write(tmp_path, "train/a method/seed7.curve.jsonl", '{"kind": "end"}\n')
    found = read_evidence(measures=[], accounts=[], overlap=[], published=[], curves=[path])
    [curve] = found.curves
    assert (curve.method, curve.seed) == ("a method", 7)
    assert curve.document == Document(str(path), [{"kind": "end"}])


def test_the_name_is_the_datasets_with_its_dots():
    assert Document("results/x/data/questions/my.set.json", {}).name == "my.set"


@pytest.mark.parametrize("kind", ["measures", "accounts", "overlap", "published"])
@pytest.mark.parametrize(("text", "said"), [(None, "cannot read"), ("{", "not valid JSON")])
def test_a_document_that_is_none_is_named(tmp_path, kind, text, said):
    path = tmp_path / "gone.json" if text is None else write(tmp_path, "gone.json", text)
    lists = {"measures": [], "accounts": [], "overlap": [], "published": [], kind: [path]}
    with pytest.raises(CalibrantError, match=said) as caught:
        read_evidence(**lists)
    assert caught.value.where == str(path)
