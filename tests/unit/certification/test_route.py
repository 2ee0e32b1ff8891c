"""Routing by a certificate: every decision with its reason, refusals, alarms, files."""

import csv
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from tests.unit.certification.conftest import Write

from calibrant.certification.answers import read_answers
from calibrant.certification.certificate import Certificate, read_certificate
from calibrant.certification.certify import Claim, certify
from calibrant.certification.route import Routed, Router, Row
from calibrant.cli import main
from calibrant.errors import CalibrantError

STREAMS = 2_000


@pytest.fixture
def by_domain(write_answers: Write, tmp_path: Path) -> Path:
    """A certificate with a threshold of 0.9 or 0.98 in math and none in law."""
    path = tmp_path / "by_domain.json"
    words = ["--risk", "0.1", "--confidence", "0.95", "--by", "domain", "--out", str(path)]
    assert main(["certify", str(write_answers("calibration.csv")), *words]) == 0
    return path


def route(path: Path, certificate: Path, *words: object) -> int:
    return main(["route", str(path), "--certificate", str(certificate), *map(str, words)])


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def decide(certificate: Certificate, confidence: float | None, **labels: str) -> Routed:
    return Router(certificate).decide(Row("q", confidence, labels))


def test_every_decision_carries_its_reason(by_domain: Path) -> None:
    certificate = read_certificate(by_domain)
    found = certificate.groups[1].certified
    assert found is not None
    threshold = found.point.threshold
    below = float(np.nextafter(threshold, 0))
    for confidence, domain, decision, reason in (
        (threshold, "math", "accept", "reaches_threshold"),
        (below, "math", "defer", "below_threshold"),
        (None, "math", "defer", "no_confidence"),
        (1.0, "law", "refuse", "no_certified_threshold"),
        (1.0, "medicine", "refuse", "domain_not_covered"),
    ):
        routed = decide(certificate, confidence, domain=domain)
        assert (routed.decision, routed.reason) == (decision, reason)
        assert routed.detail
    other = decide(certificate, 1.0, domain="math", method="grpo")
    assert (other.decision, other.reason) == ("refuse", "method_not_covered")
    with pytest.raises(CalibrantError, match="no column 'domain'"):
        decide(certificate, 1.0)


def test_a_pooled_certificate_covers_only_the_domains_it_has_seen(write_answers: Write) -> None:
    path = write_answers("a.csv", domains=("math", "code"))
    answers = read_answers(path, by=None, correct=None, needs_labels=True)
    certificate = certify(answers, Claim(0.1, 0.05))
    assert decide(certificate, 1.0, domain="code").decision == "accept"
    assert decide(certificate, 1.0, domain="law").reason == "domain_not_covered"
    assert decide(certificate, 1.0).decision == "accept"


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_rows_come_back_as_they_were_with_three_more_columns(
    by_domain: Path, write_answers: Write, tmp_path: Path, ending: str
) -> None:
    source = write_answers("new.csv", 60, seed=2, labels=False)
    out = tmp_path / f"routed.{ending}"
    assert route(source, by_domain, "--out", out) == 0
    if ending == "csv":
        rows = read(out)
    elif ending == "jsonl":
        rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    else:
        rows = pq.read_table(out).to_pylist()
    before = read(source)
    assert [{name: row[name] for name in before[0]} for row in rows] == before
    assert all(row["decision"] and row["reason"] and row["detail"] for row in rows)
    assert {row["decision"] for row in rows if row["domain"] == "law"} == {"refuse"}
    assert {row["decision"] for row in rows if row["domain"] == "math"} == {"accept", "defer"}


def test_accepted_answers_are_wrong_no_more_often_than_certified(
    by_domain: Path, write_answers: Write, tmp_path: Path
) -> None:
    source = write_answers("new.csv", 4_000, seed=3)
    assert route(source, by_domain, "--out", tmp_path / "r.csv") == 0
    accepted = [row for row in read(tmp_path / "r.csv") if row["decision"] == "accept"]
    assert len(accepted) > 300
    assert np.mean([row["correct"] == "0" for row in accepted]) < 0.1


def test_after_an_alarm_nothing_of_the_domain_is_accepted(
    by_domain: Path, write_answers: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Confidences are unchanged, and right answers rarer: only the labels can show it.
    source = write_answers("new.csv", 2_000, seed=4, fall=0.4)
    assert route(source, by_domain, "--out", tmp_path / "r.csv") == 1
    out = capsys.readouterr().out
    assert "ALARM: risk drifted in math at row " in out
    row = int(out.split("drifted in math at row ")[1].split(";")[0])
    routed = read(tmp_path / "r.csv")
    math = [line for line in routed[row:] if line["domain"] == "math"]
    assert {line["reason"] for line in math} == {"after_alarm"}
    assert "accept" in Counter(line["decision"] for line in routed[:row])


def test_a_shift_of_confidences_is_found_without_labels(by_domain: Path) -> None:
    router = Router(read_certificate(by_domain))
    rows = [Row(f"q{number}", 0.98, {"domain": "math"}) for number in range(300)]
    routed = router.route(rows)
    [alarm] = router.alarms
    assert (alarm.group, alarm.kind) == ("math", "confidence")
    assert routed[alarm.row - 1].decision == "accept"
    assert {row.reason for row in routed[alarm.row :]} == {"after_alarm"}


def test_answers_to_one_question_are_watched_once(by_domain: Path) -> None:
    router = Router(read_certificate(by_domain))
    router.route(Row("same", 0.98, {"domain": "math"}, correct=False) for _ in range(300))
    assert router.alarms == []


def test_what_cannot_be_checked_is_said(
    by_domain: Path, write_answers: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write_answers("new.csv", 40, labels=False, columns=("domain",))
    assert route(source, by_domain) == 0
    assert "no column method: nothing checks" in capsys.readouterr().out


def test_two_runs_give_equal_bytes(by_domain: Path, write_answers: Write, tmp_path: Path) -> None:
    source = write_answers("new.csv", 200, seed=5)
    for name in ("a.csv", "b.csv"):
        route(source, by_domain, "--out", tmp_path / name)
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_bad_outputs_and_columns_are_refused(
    by_domain: Path, write_answers: Write, tmp_path: Path
) -> None:
    source = write_answers("new.csv", 20)
    for words, said in (
        (("--out", tmp_path / "r.txt"), "unknown ending"),
        (("--out", by_domain), "is a file to be read"),
        (("--alarm-level", 2), "not between 0 and 1"),
    ):
        with pytest.raises(CalibrantError, match=said):
            route(source, by_domain, *words)
    routed = tmp_path / "r.csv"
    route(source, by_domain, "--out", routed)
    with pytest.raises(CalibrantError, match="already has a column 'decision'"):
        route(routed, by_domain, "--out", tmp_path / "again.csv")


def test_the_guarantee_holds_in_each_domain(tmp_path: Path) -> None:
    """Whole certificates of 2,000 simulated label sets in two domains, both just too risky."""
    path = tmp_path / "a.csv"
    lines = [f"q{number},{'law' if number % 2 else 'math'},0.9,1" for number in range(160)]
    path.write_text("question_id,domain,confidence,correct\n" + "\n".join(lines) + "\n")
    answers = read_answers(path, by="domain", correct=None, needs_labels=True)
    rng = np.random.default_rng(11)
    broken = Counter[str]()
    for _ in range(STREAMS):
        labelled = replace(answers, correct=(rng.random(160) >= 0.1001).astype(float))
        for group in certify(labelled, Claim(0.1, 0.05, by="domain")).groups:
            broken[group.name] += group.certified is not None
    assert min(broken.values()) > 0
    assert max(broken.values()) / STREAMS <= 0.05 + 3 * (0.05 * 0.95 / STREAMS) ** 0.5
