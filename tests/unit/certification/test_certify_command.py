"""``calibrant certify`` through the real command line: certificate, card, refusals, exit codes."""

import json
from pathlib import Path
from typing import Any

import pytest
from scipy import stats
from tests.unit.certification.conftest import Write

from calibrant.certification.certificate import read_certificate, write_certificate
from calibrant.cli import main
from calibrant.errors import CalibrantError

LEVELS = ("--risk", "0.1", "--confidence", "0.95")


def certify(path: Path, *words: object) -> int:
    return main(["certify", str(path), *LEVELS, *map(str, words)])


@pytest.fixture
def document(write_answers: Write, tmp_path: Path) -> dict[str, Any]:
    certify(write_answers("a.csv"), "--by", "domain", "--out", tmp_path / "c.json")
    return dict(json.loads((tmp_path / "c.json").read_text(encoding="utf-8")))


def test_one_domain_is_certified_and_the_other_refused(document: dict[str, Any]) -> None:
    law, math = document["groups"]
    assert (law["name"], math["name"]) == ("law", "math")
    assert law["certified"] is None
    assert law["refusal"]["reason"] == "no_threshold_passes"
    found = math["certified"]
    point = found["point"]
    assert point["threshold"] in (0.9, 0.98)
    assert found["p_value"] == pytest.approx(
        stats.binom.cdf(point["errors"], point["accepted"], 0.1)
    )
    assert found["p_value"] <= document["delta"] == 0.05
    assert found["risk_bound"] == document["alpha"] == 0.1
    assert found["risk"] <= found["risk_upper_pointwise"] <= 0.1
    assert found["coverage_low"] < found["coverage"] < found["coverage_high"]


def test_every_question_is_counted_once(document: dict[str, Any]) -> None:
    for group in document["groups"]:
        assert group["questions"] + group["path_questions"] == 400
        assert 0.1 < group["path_questions"] / 400 < 0.3
        assert group["curve"][-1]["accepted"] + group["missing"] == group["questions"]
    assert document["scope"] == {"domain": {"law": 400, "math": 400}, "method": {"base": 800}}
    assert (document["rows"], document["ungraded"], document["repeated"]) == (800, 0, 0)


def test_a_certificate_survives_writing_and_reading(
    document: dict[str, Any], tmp_path: Path
) -> None:
    certificate = read_certificate(tmp_path / "c.json")
    write_certificate(tmp_path / "d.json", certificate)
    assert (tmp_path / "d.json").read_bytes() == (tmp_path / "c.json").read_bytes()
    assert certificate.model_dump(mode="json") == document


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d.update(alpha=0.05), "does not follow"),
        (lambda d: d.update(delta="0.05"), "delta"),
        (lambda d: d.update(extra=1), "extra"),
        (lambda d: d.pop("scope"), "scope"),
        (lambda d: d.update(version=2), "version"),
        (lambda d: d.update(data_sha256="abc"), "data_sha256"),
        (lambda d: d["groups"].pop(), "scope names"),
        (lambda d: d["groups"][1]["certified"]["point"].update(threshold=0.5), "fit the curve"),
        (lambda d: d["groups"][1]["certified"]["point"].update(errors=0), "does not follow"),
        (lambda d: d["groups"][1]["certified"].update(risk=0.0), "does not follow"),
        (lambda d: d["groups"][1].update(candidates=[0.3]), "among the candidates"),
        (lambda d: d["groups"][1].update(certified=None), "either a certified threshold"),
        (lambda d: d["groups"][1].update(wrong=0), "more answers or errors"),
        (lambda d: d["groups"][1]["curve"].pop(), "strict to lax"),
    ],
)
def test_an_edited_certificate_is_refused(
    document: dict[str, Any], tmp_path: Path, change: Any, said: str
) -> None:
    change(document)
    path = tmp_path / "edited.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(CalibrantError, match=said):
        read_certificate(path)


def test_a_key_written_twice_or_no_json_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    for text, said in (('{"alpha": 0.1, "alpha": 0.2}', "twice"), ("{", "not valid JSON")):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(CalibrantError, match=said):
            read_certificate(path)


def test_the_digest_follows_the_rows_and_not_the_name(write_answers: Write, tmp_path: Path) -> None:
    first = write_answers("a.csv")
    copy = tmp_path / "copy.csv"
    copy.write_bytes(first.read_bytes())
    other = tmp_path / "other.csv"
    other.write_text(first.read_text(encoding="utf-8").replace("0.98,1", "0.98,0", 1))
    digests = []
    for path in (first, copy, other):
        certify(path, "--out", tmp_path / "c.json")
        digests.append(read_certificate(tmp_path / "c.json").data_sha256)
    assert digests[0] == digests[1] != digests[2]


def test_the_card_says_what_is_and_what_is_not_covered(
    write_answers: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert certify(write_answers("a.csv"), "--by", "domain", "--card", tmp_path / "card.md") == 0
    text = (tmp_path / "card.md").read_text(encoding="utf-8")
    assert text in capsys.readouterr().out
    for words in (
        "wrong in at most 0.1 of cases in the long run, with confidence 0.95",
        "independent draws from one source (i.i.d.)",
        "At this level 29 accepted answers without an error",
        "| law | nothing |",
        "Refused (no_threshold_passes)",
        "state no confidence and are always deferred",
        "any rule must defer at least",
        "| fixed 0.85 |",
        "Seen, with questions: method: base (800); domain: law (400), math (400)",
        "that all hold at once only with 0.9.",
        "sha256",
    ):
        assert words in text
    assert len(text.splitlines()) < 60


def test_cost_by_hand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # 40 questions: 30 right at 0.9, 2 wrong at 0.85, 8 wrong at 0.5; thresholds given, so all tested.
    rows = ["0.9,1"] * 30 + ["0.85,0"] * 2 + ["0.5,0"] * 8
    path = tmp_path / "a.csv"
    path.write_text("confidence,correct\n" + "\n".join(rows) + "\n", encoding="utf-8")
    assert certify(path, "--thresholds", 0.9, 0.85) == 0
    out = capsys.readouterr().out
    # Certified: 10 deferred of 40. Fixed: 8 deferred and 2 wrong: (8 + 2 r) / 40.
    assert "| certified, 0.9 | 0.750 | 0.0000 [0.0000, 0.1157] | 0.250 | 0.250 | 0.250 |" in out
    assert "| fixed 0.85 | 0.800 | 0.0625 [0.0077, 0.2081] | 0.450 | 1.200 | 5.200 |" in out
    assert "10 of 40 answers are wrong: at that rate any rule must defer at least 0.167" in out
    assert "no column question_id" in out


def test_too_few_labels_are_refused_with_the_number_needed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("confidence,correct\n" + "0.9,1\n" * 28, encoding="utf-8")
    out = tmp_path / "c.json"
    assert certify(path, "--thresholds", 0.9, "--out", out) == 1
    [group] = read_certificate(out).groups
    assert group.refusal is not None
    assert group.refusal.reason == "too_few_labels"
    assert "28 questions to test: even with no error, 29 accepted" in group.refusal.text
    assert "too_few_labels" in capsys.readouterr().out
    path.write_text("confidence,correct\n" + "0.9,1\n" * 29, encoding="utf-8")
    assert certify(path, "--thresholds", 0.9) == 0


def test_answers_without_any_confidence_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("confidence,correct\n" + ",1\n" * 100, encoding="utf-8")
    assert certify(path, "--out", tmp_path / "c.json") == 1
    [group] = read_certificate(tmp_path / "c.json").groups
    assert group.refusal is not None
    assert (group.refusal.reason, group.missing) == ("no_confidence", group.questions)


@pytest.mark.parametrize(
    ("text", "words", "said"),
    [
        ("confidence\n0.9\n", (), "no column 'correct'"),
        ("confidence,correct\n0.9,\n", (), "has no graded answer"),
        ("method,confidence,correct\na,0.9,1\nb,0.9,1\n", (), "for one system"),
        ("confidence,correct\n0.9,1\n", ("--by", "domain"), "no column 'domain'"),
        ("confidence,correct\n0.9,1\n", ("--confidence", "95"), "not between 0 and 1"),
        ("confidence,correct\n" + "0.9,1\n" * 40, ("--thresholds", "85"), "candidate thresholds"),
    ],
)
def test_what_cannot_be_certified_is_an_error(
    tmp_path: Path, text: str, words: tuple[str, ...], said: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CalibrantError, match=said):
        certify(path, *words)


def test_an_output_on_the_source_is_refused(write_answers: Write) -> None:
    path = write_answers("a.csv", 10)
    with pytest.raises(CalibrantError, match="is a file to be read"):
        certify(path, "--out", path)
    with pytest.raises(CalibrantError, match="written twice"):
        certify(path, "--out", path.with_name("x"), "--card", path.with_name("x"))
