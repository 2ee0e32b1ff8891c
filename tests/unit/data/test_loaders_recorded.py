"""TruthfulQA, human verdicts and recorded transcripts on made-up files."""

import json
from pathlib import Path
from typing import Any

import pytest

from calibrant.data.loaders.judge_truthfulqa import CLASHING, EMPTY, NO_REFERENCES, REFERENCE
from calibrant.data.loaders.judge_truthfulqa import REPEATED as SAME_ANSWER
from calibrant.data.loaders.rlcr_transcripts import (
    METRICS,
    SYSTEMS,
    TRANSCRIPTS,
    load_published,
    load_transcripts,
)
from calibrant.errors import CalibrantError
from calibrant.rows import OPTION_LETTERS

COLUMNS = ["Category", "Question", "Best Answer", "Best Incorrect Answer", "Correct Answers",
           "Incorrect Answers"]  # fmt: skip
FROGS = ["Law", "May frogs sue?", "No", "Yes, in court", "Frogs may not; No; ", "Yes, in court; A"]
SOUP = ["Nutrition", "Is soup food?", "Yes", "No", "Yes", "No; Never"]


def truthful(sources: Any) -> None:
    sources.table("TruthfulQA.csv", [COLUMNS, FROGS, SOUP])


def test_open_truthfulqa_has_the_best_answer_first_and_no_incorrect_one(sources: Any) -> None:
    truthful(sources)
    frogs, soup = sources.load("truthfulqa", form="open").questions
    assert frogs.references == ("No", "Frogs may not")
    assert (frogs.domain, frogs.group, frogs.answer_type) == ("legal", "Law", "open")
    assert soup.domain == "medical"
    assert "in court" not in repr(frogs)


def mc1(question: str, count: int) -> dict[str, Any]:
    options = {f"option {n} of {question}": int(n == 0) for n in range(count)}
    return {"question": question, "mc1_targets": options}


def many_choices(sources: Any, count: int) -> None:
    questions = [f"Question {n}?" for n in range(count)]
    rows = [["Weather", question, "a", "b", "a", "b"] for question in questions]
    sources.table("TruthfulQA.csv", [COLUMNS, *rows])
    sources.json("data/mc_task.json", [mc1(question, 4) for question in questions])


def test_mc1_shuffles_options_and_the_letter_follows(sources: Any) -> None:
    many_choices(sources, 400)
    loaded = sources.load("truthfulqa", form="mc1")
    letters = [row.references[0] for row in loaded.questions]
    for row in loaded.questions:
        right = row.options[OPTION_LETTERS.index(row.references[0])]
        assert right == f"option 0 of {row.question}"
        assert sorted(row.options) == [f"option {n} of {row.question}" for n in range(4)]
    # 100 of each are expected; the standard deviation is 8.7.
    assert all(60 <= letters.count(letter) <= 140 for letter in "ABCD")
    assert loaded.repaired.total() == 400


def test_mc1_order_is_fixed_by_the_seed(sources: Any) -> None:
    many_choices(sources, 20)
    read = [[row.options for row in sources.load("truthfulqa", s, form="mc1").questions]
            for s in (1, 1, 2)]  # fmt: skip
    assert read[0] == read[1] != read[2]


@pytest.mark.parametrize("targets", [{"a": 0, "b": 0}, {"a": 1, "b": 1}])
def test_mc1_refuses_rows_without_exactly_one_right_option(
    sources: Any, targets: dict[str, int]
) -> None:
    truthful(sources)
    row = {"question": SOUP[1], "mc1_targets": targets}
    sources.json("data/mc_task.json", [row])
    with pytest.raises(CalibrantError, match=r"mc_task\.json: row 1: mc1_targets"):
        sources.load("truthfulqa", form="mc1")


def test_truthfulqa_refuses_an_unknown_form(sources: Any) -> None:
    truthful(sources)
    with pytest.raises(CalibrantError, match="form 'mc2' is unknown"):
        sources.load("truthfulqa", form="mc2")


def verdict(question: str, answer: str, label: str) -> dict[str, str]:
    return {"prompt": f"Q: {question}\nA: {answer}\nTrue:", "completion": label}


def test_judge_truthfulqa_keeps_each_answer_that_is_no_reference_once(sources: Any) -> None:
    truthful(sources)
    rows = [
        verdict(FROGS[1], "They cannot.", " yes"),
        verdict(FROGS[1], "they cannot", " yes"),  # repeated
        verdict(SOUP[1], "they cannot", " no"),  # another question
        verdict(FROGS[1], "Frogs may not.", " yes"),  # a correct reference
        verdict(FROGS[1], "Yes, in court.", " no"),  # an incorrect reference
        verdict(FROGS[1], "Perhaps.", " yes"),
        verdict(FROGS[1], "perhaps", " no"),  # judged both ways
        verdict("Is the sky up?", "Up.", " yes"),  # no such question
        verdict(SOUP[1], "", " no"),
        verdict(SOUP[1], "It is.\nA: Or not.", " yes"),  # runs on
    ]
    sources.lines("data/finetune_truth.jsonl", rows)
    loaded = sources.load("judge_truthfulqa")
    kept = [(j.question, j.answer, j.verdict, j.domain) for j in loaded.judgements]
    assert kept == [
        (FROGS[1], "They cannot.", True, "legal"),
        (SOUP[1], "they cannot", False, "medical"),
        (SOUP[1], "It is.\nA: Or not.", True, "medical"),
    ]
    assert loaded.judgements[0].references == ("No", "Frogs may not")
    dropped = {SAME_ANSWER: 1, REFERENCE: 2, CLASHING: 2, NO_REFERENCES: 1, EMPTY: 1}
    assert +loaded.dropped == dropped


@pytest.mark.parametrize(
    "row", [{"prompt": "Q: a\nA: b\nTrue:", "completion": "yes"}, {"prompt": "a", "completion": ""}]
)
def test_judge_truthfulqa_refuses_other_forms(sources: Any, row: dict[str, str]) -> None:
    truthful(sources)
    sources.lines("data/finetune_truth.jsonl", [row])
    with pytest.raises(CalibrantError, match=r"finetune_truth\.jsonl: row 1: "):
        sources.load("judge_truthfulqa")


def evouna(improper: bool, **changes: Any) -> dict[str, Any]:
    systems = ("fid", "gpt35", "chatgpt", "gpt4", "newbing")
    row = {f"answer_{s}": f"Ann, says {s}" for s in systems} | {f"judge_{s}": True for s in systems}
    golden = {"question": "who won", "golden_answer": "Ann/ Ann B./Ann"}
    return row | golden | {"improper": improper} | changes


def test_evouna_drops_improper_questions_and_empty_answers_and_splits_golds(sources: Any) -> None:
    improper = evouna(True, judge_fid=None)
    sources.json("NQ.json", [evouna(False, answer_gpt4=" ", judge_newbing=False), improper])
    loaded = sources.load("evouna")
    read = [(j.system, j.verdict) for j in loaded.judgements]
    assert read == [("fid", True), ("gpt35", True), ("chatgpt", True), ("newbing", False)]
    assert {j.references for j in loaded.judgements} == {("Ann", "Ann B.")}
    assert sorted(loaded.dropped.values()) == [1, 5]


def test_evouna_puts_nan_back_inside_words_only(sources: Any) -> None:
    row = evouna(False, golden_answer="finullcial/nully", answer_fid="the null hypothesis")
    sources.json("NQ.json", [row])
    loaded = sources.load("evouna")
    assert loaded.judgements[0].references == ("financial", "nany")
    assert loaded.judgements[0].answer == "the null hypothesis"
    assert loaded.repaired.total() == 5


def test_evouna_refuses_a_verdict_that_is_none(sources: Any) -> None:
    sources.json("NQ.json", [evouna(False, judge_gpt35=None)])
    with pytest.raises(CalibrantError, match=r"NQ\.json: row 1: judge_gpt35 is None"):
        sources.load("evouna")


def transcript(**changes: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": 41,
        "answerKey": "B",
        "problem": "Where to (A) go?\nA) up\nB) on\n",
    }
    for number, system in enumerate(SYSTEMS):
        row[f"{system}-output_0"] = f"<answer> {system} </answer>"
        row[f"{system}-confidence_levels"] = [number / 4]
        row[f"{system}-evals"] = [number % 2]
    return row | changes


def test_transcripts_and_questions_share_their_identifier(sources: Any) -> None:
    sources.arrow(TRANSCRIPTS, [transcript()])
    (question,) = sources.load("rlcr_transcripts").questions
    assert (question.question, question.options) == ("Where to (A) go?", ("up", "on"))
    assert (question.references, question.source_id) == (("B",), "41")
    transcripts = load_transcripts(sources.files)
    assert [row.system for row in transcripts] == list(SYSTEMS)
    assert {row.source_id for row in transcripts} == {"41"}
    assert [row.confidence for row in transcripts] == [0, 0.25, 0.5, 0.75, 1]
    assert [row.correct for row in transcripts] == [False, True, False, True, False]
    assert transcripts[4].completion == "<answer> RLCR </answer>"


@pytest.mark.parametrize(
    "changes", [{"RLCR-confidence_levels": [1.5]}, {"Base-evals": []}, {"Base-evals": [0, 1]}]
)
def test_transcripts_refuse_values_that_are_no_single_share(
    sources: Any, changes: dict[str, Any]
) -> None:
    sources.arrow(TRANSCRIPTS, [transcript(**changes)])
    with pytest.raises(CalibrantError, match="row 1: "):
        load_transcripts(sources.files)


def test_published_figures_have_our_names(tmp_path: Path) -> None:
    theirs = {
        "accuracy": 0.5,
        "ece": 0.1,
        "brier_score": 0.2,
        "auroc": 0.6,
        "confidence level": 0.7,
    }
    path = tmp_path / "metrics.json"
    path.write_text(json.dumps({system: theirs | {"more": 9} for system in SYSTEMS}))
    published = load_published({METRICS: path})
    assert set(published) == set(SYSTEMS)
    assert published["RLCR"] == {
        "accuracy": 0.5, "ece": 0.1, "brier": 0.2, "auroc": 0.6, "mean_confidence": 0.7,
    }  # fmt: skip
    path.write_text(json.dumps({"Base": theirs}))
    with pytest.raises(CalibrantError, match="has no 'RLVR'"):
        load_published({METRICS: path})
