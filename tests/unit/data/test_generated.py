import os
import re
import subprocess
import sys
from collections import Counter

import pytest

from calibrant.data.exact_value import exact_value
from calibrant.data.generated import MISCALCULATED, SIMPLIFIED, generate_questions
from calibrant.data.prepare import to_questions
from calibrant.data.settings import GeneratedDataset
from calibrant.errors import CalibrantError

GRADES: list[dict[str, int | float | bool | str | list[str]]] = [
    {"min_terms": 2, "max_terms": 2},
    {"min_terms": 3, "max_terms": 3},
    {"min_terms": 4, "max_terms": 4},
]


def sums(**settings: object) -> GeneratedDataset:
    fields: dict[str, object] = {"task": "chain_sum", "size": 10, "grades": GRADES}
    return GeneratedDataset.model_validate(fields | settings)


def test_size_is_shared_out_evenly_from_easy_to_hard() -> None:
    rows = generate_questions("sums", sums(), seed=1).questions
    assert [row.source_id for row in rows] == [
        *(f"0/{i}" for i in range(4)),
        *(f"1/{i}" for i in range(3)),
        *(f"2/{i}" for i in range(3)),
    ]
    assert Counter(row.difficulty for row in rows) == {0.0: 4, 0.5: 3, 1.0: 3}
    assert {row.group for row in rows} == {"chain_sum/0", "chain_sum/1", "chain_sum/2"}
    assert {(row.part, row.domain, row.answer_type) for row in rows} == {
        ("generated", "math", "number")
    }
    for row in rows:
        terms = len(re.findall(r"\d+", row.question))
        assert terms == 2 + int((row.source_id or "").partition("/")[0])


def test_one_grade_has_difficulty_zero() -> None:
    rows = generate_questions("sums", sums(grades=[{}]), seed=1).questions
    assert {row.difficulty for row in rows} == {0.0}


def test_answers_are_the_values_of_the_sums() -> None:
    for row in generate_questions("sums", sums(size=60), seed=5).questions:
        asked = row.question.partition(":")[2].replace("=", "")
        assert exact_value(asked) == int(row.references[0])


def test_the_same_seed_gives_the_same_rows_and_another_name_or_seed_other_rows() -> None:
    rows = generate_questions("sums", sums(), seed=1)
    assert generate_questions("sums", sums(), seed=1) == rows
    texts = {row.question for row in rows.questions}
    for name, seed in [("sums", 2), ("more sums", 1)]:
        other = {row.question for row in generate_questions(name, sums(), seed).questions}
        assert len(texts & other) <= 2  # small sums may meet by chance


SCRIPT = """
import hashlib
from calibrant.data.generated import generate_questions
from calibrant.data.settings import GeneratedDataset
rows = []
for task, answer_type in {tasks}.items():
    settings = GeneratedDataset(task=task, size=12, answer_type=answer_type)
    rows += generate_questions(task, settings, 3).questions
print(hashlib.sha256(repr(rows).encode()).hexdigest())
"""
TASKS = {
    "basic_arithmetic": "number",
    "calendar_arithmetic": "short_text",
    "count_bits": "number",
    "fraction_simplification": "math",
    "gsm_symbolic": "number",
    "leg_counting": "number",
    "products": "number",
    "syllogism": "yes_no",
}


def test_runs_with_another_order_of_sets_make_the_same_questions() -> None:
    digests = set()
    for hash_seed in ("1", "2"):
        environment = os.environ | {
            "PYTHONHASHSEED": hash_seed,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "PYTHONWARNINGS": "ignore",
        }
        run = subprocess.run(
            [sys.executable, "-c", SCRIPT.format(tasks=TASKS)],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        digests.add(run.stdout)
    assert len(digests) == 1


@pytest.mark.parametrize("task", sorted(TASKS))
def test_questions_and_answers_are_clean(task: str) -> None:
    settings = GeneratedDataset.model_validate(
        {"task": task, "size": 8, "answer_type": TASKS[task]}
    )
    loaded = generate_questions(task, settings, seed=2)
    assert len(loaded.questions) + loaded.dropped.total() == 8
    for row in loaded.questions:
        assert row.question == row.question.strip() != ""
        assert not re.search(r"\b(?:give|respond|reply)\b[^.]* (?:only|just)\b", row.question, re.I)
        [reference] = row.references
        assert reference == reference.strip() != ""
        assert "$" not in reference
    if task == "syllogism":
        assert {row.references[0] for row in loaded.questions} <= {"yes", "no"}


def test_simplified_questions_are_counted() -> None:
    settings = GeneratedDataset(task="products", size=6)
    loaded = generate_questions("products", settings, seed=2)
    assert loaded.repaired == {SIMPLIFIED: 6}
    assert all(row.question.endswith(".") for row in loaded.questions)
    assert not generate_questions("sums", sums(), seed=1).repaired[SIMPLIFIED]


def test_answers_that_the_library_rounded_are_left_out() -> None:
    # Without brackets most divisions of basic_arithmetic leave a rest, which its answers drop.
    settings = GeneratedDataset(
        task="basic_arithmetic", size=60, grades=[{"allow_parentheses": False}]
    )
    loaded = generate_questions("basic", settings, seed=2)
    assert loaded.dropped[MISCALCULATED] == 60 - len(loaded.questions) > 0
    for row in loaded.questions:
        asked = row.question.removeprefix("Calculate ").removesuffix(".")
        assert exact_value(asked) == int(row.references[0])


def test_generated_rows_can_be_prepared() -> None:
    settings = sums(size=60)
    loaded = generate_questions("sums", settings, seed=5)
    questions, account = to_questions("sums", loaded, {"generated": settings.fractions})
    assert account["rows_in"] == 60
    assert len({row.question_id for row in questions}) == account["rows_kept"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"task": "chain_sums"}, r"generated\.mine\.task: unknown task 'chain_sums'.*chain_sum"),
        ({"task": "zzzzzzzz"}, "unknown task 'zzzzzzzz'"),
        ({"task": "ransom_note", "answer_type": "yes_no"}, "other questions in every run"),
        ({"task": "rush_hour", "grades": [{}]}, "question 0: the task stores no answer"),
        ({"answer_type": "choice"}, "have no options"),
        ({"size": 2}, "2 questions cannot be shared out among 3 grades"),
        ({"grades": [{}, {"min_term": 2}]}, r"grades\[1\]\.min_term.*mean min_terms"),
        ({"grades": [{"zzz": 2}]}, r"no setting 'zzz'.*It has min_terms, max_terms"),
        ({"grades": [{"seed": 2}]}, r"grades\[0\]\.seed: 'seed' is not a setting of a grade"),
        ({"grades": [{"size": 2}]}, "'size' is not a setting of a grade"),
        ({"grades": [{"min_terms": 9, "max_terms": 2}]}, r"refuses min_terms=9, max_terms=2"),
        ({"grades": [{"min_terms": "many"}]}, "refuses min_terms='many'"),
        ({"task": "gsm_symbolic", "grades": [{"difficulty": 3.0}]}, r"refuses difficulty=3\.0"),
        ({"task": "caesar_cipher", "grades": [{}]}, "cannot be an answer of type number"),
    ],
)
def test_what_a_user_can_repair_is_named(settings: dict[str, object], message: str) -> None:
    with pytest.raises(CalibrantError, match=message):
        generate_questions("mine", sums(**settings), seed=1)
