"""Loaders of mathematics, commonsense and facts on made-up files: mended, dropped, refused."""

import json
from typing import Any

import pytest

from calibrant.data.prepare import REPEATED
from calibrant.errors import CalibrantError

ARROW = "data/{}/test/data-00000-of-00001.arrow"


def test_gsm8k_takes_the_number_after_the_mark_with_sign_and_without_commas(
    sources: Any,
) -> None:
    solutions = ["5 * 425 = 2,125.\n#### 2,125", "3 - 10\n#### -7", "#### 1\nthen\n#### 0.5"]
    rows = [{"question": f"Sum {n}?", "answer": text} for n, text in enumerate(solutions)]
    sources.lines("a/train.jsonl", rows)
    sources.lines("a/test.jsonl", [{"question": "Last sum?", "answer": "#### 4"}])
    loaded = sources.load("gsm8k")
    assert [row.references for row in loaded.questions] == [("2125",), ("-7",), ("0.5",), ("4",)]
    assert [row.part for row in loaded.questions] == ["train", "train", "train", "test"]
    assert loaded.repaired.total() == 1
    assert loaded.questions[1].source_id == "train.jsonl:2"
    assert not any("425" in row.question for row in loaded.questions)


@pytest.mark.parametrize("answer", ["no mark", "#### seven", "#### "])
def test_strange_row_is_an_error_with_file_and_row(sources: Any, answer: str) -> None:
    good = {"question": "One and one?", "answer": "#### 2"}
    sources.lines("train.jsonl", [good, {"question": "And?", "answer": answer}])
    with pytest.raises(CalibrantError, match=r"train\.jsonl: row 2: "):
        sources.load("gsm8k")


def test_cut_json_is_an_error_with_file_and_row(sources: Any) -> None:
    sources.text("train.jsonl", '{"question": "a?", "answer": "#### 1"}\n{"question": "b')
    with pytest.raises(CalibrantError, match=r"train\.jsonl: row 2: "):
        sources.load("gsm8k")


@pytest.mark.parametrize("row", [{"question": "a?"}, {"question": None, "answer": "#### 1"}, 7])
def test_missing_column_and_wrong_kind_are_errors(sources: Any, row: Any) -> None:
    sources.text("train.jsonl", json.dumps(row))
    with pytest.raises(CalibrantError, match=r"train\.jsonl: row 1: "):
        sources.load("gsm8k")


def test_unknown_loader_is_an_error(sources: Any) -> None:
    with pytest.raises(CalibrantError, match="no loader 'nowhere'"):
        sources.load("nowhere")


def test_svamp_joins_body_and_question_and_writes_whole_numbers_plainly(sources: Any) -> None:
    row = {"ID": "c-1", "Body": "Ann has 3 hats. ", "Question": "How many?", "Answer": 3.0}
    sources.json("SVAMP.json", [row, row | {"ID": "c-2", "Body": "A half.", "Answer": 2.5}])
    loaded = sources.load("svamp")
    assert loaded.questions[0].question == "Ann has 3 hats. How many?"
    assert [row.references for row in loaded.questions] == [("3",), ("2.5",)]
    assert loaded.repaired.total() == 1


def test_math500_tells_plain_numbers_from_expressions(sources: Any) -> None:
    answers = ["-12", "3.5", "\\frac{1}{2}", "10,\\!080", ".5", "1, 2"]
    rows = [
        {"problem": f"P{n}", "answer": a, "level": 1 + n % 5, "unique_id": f"t/{n}"}
        for n, a in enumerate(answers)
    ]
    sources.lines("test.jsonl", rows)
    loaded = sources.load("math500")
    types = ["number", "number", "math", "math", "math", "math"]
    assert [row.answer_type for row in loaded.questions] == types
    assert [row.difficulty for row in loaded.questions] == [0, 0.25, 0.5, 0.75, 1, 0]


def test_big_math_drops_rows_that_retell_a_gsm8k_question(sources: Any) -> None:
    told = "a farmer sells five boxes with twelve eggs each and keeps nine eggs for his own kitchen"
    # 17 words are 10 runs of eight. Cutting keeps as many runs as words, less seven.
    half = " ".join(told.split()[:12]) + " w1 w2 w3 w4 w5"
    less = " ".join(told.split()[:11]) + " v1 v2 v3 v4 v5 v6"
    rows = [
        {"problem": problem, "answer": " 12 ", "source": "x", "llama8b_solve_rate": 0.25}
        for problem in (told.upper(), half, less)
    ]
    sources.arrow(ARROW.format("big-math-digits"), rows)
    train = "grade_school_math/data/train.jsonl"
    sources.lines(train, [{"question": told, "answer": "#### 51"}])
    loaded = sources.load("big_math_digits")
    assert [row.question for row in loaded.questions] == [less]
    assert loaded.questions[0].references == ("12",)
    assert loaded.questions[0].difficulty == 0.75
    assert loaded.dropped.total() == 2


def test_big_math_without_the_file_of_gsm8k_is_an_error(sources: Any) -> None:
    row = {"problem": "P?", "answer": "1", "source": "x", "llama8b_solve_rate": 0.5}
    sources.arrow(ARROW.format("big-math-digits"), [row])
    with pytest.raises(CalibrantError, match=r"train\.jsonl: the file was not fetched"):
        sources.load("big_math_digits")


def test_commonsenseqa_reads_letters_and_takes_the_dev_set_as_test(sources: Any) -> None:
    choices = [{"label": letter, "text": f"place {letter}"} for letter in "ABCDE"]
    row = {"id": "q1", "answerKey": "C", "question": {"stem": "Where?", "choices": choices}}
    sources.lines("d/dev_rand_split.jsonl", [row])
    only = sources.load("commonsenseqa").questions[0]
    assert (only.part, only.references, only.options[2]) == ("test", ("C",), "place C")
    sources.lines("d/dev_rand_split.jsonl", [row | {"answerKey": "F"}])
    with pytest.raises(CalibrantError, match="row 1: answerKey 'F' is no option"):
        sources.load("commonsenseqa")


def test_strategyqa_never_shows_its_facts_and_refuses_other_answers(sources: Any) -> None:
    row = {"qid": "1", "question": "Can ants swim?", "answer": True, "facts": ["secret fact"]}
    sources.json("train.json", [row])
    sources.json("dev.json", [row | {"question": "Can bees swim?", "answer": False}])
    loaded = sources.load("strategyqa")
    assert [(r.part, r.references) for r in loaded.questions] == [
        ("train", ("yes",)),
        ("test", ("no",)),
    ]
    assert "secret" not in repr(loaded.questions)
    sources.json("dev.json", [row | {"answer": "true"}])
    with pytest.raises(CalibrantError, match=r"dev\.json: row 1: answer is 'true'"):
        sources.load("strategyqa")


def test_hotpotqa_grades_yes_and_no_as_such(sources: Any) -> None:
    answers = ["Yes", "no", "No Doubt"]
    rows = [{"question": f"Q{n}?", "answer": a} for n, a in enumerate(answers)]
    sources.json("h.json", rows)
    read = [(r.answer_type, r.references) for r in sources.load("hotpotqa").questions]
    assert read == [("yes_no", ("yes",)), ("yes_no", ("no",)), ("short_text", ("No Doubt",))]


def test_nq_keeps_all_aliases_once(sources: Any) -> None:
    sources.lines("nq.jsonl", [{"question": "who", "answer": ["Bo", "Bo Li", "Bo"]}])
    assert sources.load("nq_open").questions[0].references == ("Bo", "Bo Li")
    for wrong in ("Bo", [], [" "]):
        sources.lines("nq.jsonl", [{"question": "who", "answer": wrong}])
        with pytest.raises(CalibrantError, match=r"nq\.jsonl: row 1: "):
            sources.load("nq_open")


def test_triviaqa_keeps_a_repeated_question_once_with_all_its_aliases(sources: Any) -> None:
    answers = [("Who?", ["Ann"]), ("Where?", ["Rome"]), ("Who?", ["Ann B."]), ("Who?", ["Ann"])]
    rows = [{"question": q, "question_id": q, "answer": a} for q, a in answers]
    sources.arrow(ARROW.format("trivia"), rows)
    loaded = sources.load("triviaqa")
    assert [(r.question, r.references) for r in loaded.questions] == [
        ("Who?", ("Ann", "Ann B.")),
        ("Where?", ("Rome",)),
    ]
    assert loaded.dropped == {REPEATED: 2}
    assert loaded.repaired.total() == 1


def test_file_that_is_not_arrow_is_an_error_with_its_name(sources: Any) -> None:
    sources.text("rows.arrow", "not arrow at all, but long enough to be read as a header")
    with pytest.raises(CalibrantError, match=r"rows\.arrow: cannot be read as an Arrow stream"):
        sources.load("triviaqa")


def test_same_question_in_two_parts_is_left_to_the_overlap_check(sources: Any) -> None:
    row = {"question": "Twice?", "answer": "#### 1"}
    sources.lines("train.jsonl", [row, row])
    sources.lines("test.jsonl", [row])
    loaded = sources.load("gsm8k")
    assert [r.part for r in loaded.questions] == ["train", "test"]
    assert loaded.dropped == {REPEATED: 1}
