"""TruthfulQA: questions that invite a common falsehood (Lin et al., arXiv:2109.07958).

Option ``form``: ``open`` asks for an answer in free words, whose references are the correct
answers; ``mc1`` offers options of which exactly one is right. Incorrect answers are never shown but
as options of ``mc1``.
"""

from pathlib import Path
from typing import Any

from calibrant.data.loaders.reading import (
    accepted_answers,
    csv_records,
    each_row,
    json_values,
    local_file,
    text_of,
)
from calibrant.data.raw import Loaded, RawQuestion
from calibrant.errors import CalibrantError
from calibrant.files import canonical_json, sha256_text
from calibrant.rows import OPTION_LETTERS

QUESTIONS = "TruthfulQA.csv"
CHOICES = "data/mc_task.json"
SHUFFLED = "options shuffled: the right one came first"
_DOMAINS = {"Law": "legal", "Health": "medical", "Nutrition": "medical"}


def domain_of(category: str) -> str:
    """Return the subject of a category of TruthfulQA."""
    return _DOMAINS.get(category, "truthfulness")


def load(files: dict[str, Path], options: dict[str, str | int | bool], seed: int) -> Loaded:
    """Read the questions in the form that ``options["form"]`` names."""
    path = local_file(files, QUESTIONS)
    records = csv_records(path)
    if options["form"] == "open":
        return Loaded(questions=each_row(path, records, _read_open))
    if options["form"] != "mc1":
        raise CalibrantError(
            f"form {options['form']!r} is unknown", where="truthfulqa", repair="Use open or mc1"
        )
    names = each_row(path, records, lambda row, _: (row["Question"].strip(), row["Category"]))
    categories = dict(names)
    loaded = Loaded()

    def read_mc1(row: dict[str, Any], number: int) -> RawQuestion:
        question = text_of(row, "question")
        targets = row["mc1_targets"]
        if sum(targets.values()) != 1:
            raise ValueError("mc1_targets has not exactly one right option")
        loaded.repaired[SHUFFLED] += next(iter(targets.values()))
        shown = shuffled(list(targets), question, seed)
        right = next(index for index, option in enumerate(shown) if targets[option])
        return RawQuestion(
            part="test",
            question=question,
            references=(OPTION_LETTERS[right],),
            answer_type="choice",
            domain=domain_of(categories[question]),
            options=tuple(option.strip() for option in shown),
            source_id=f"mc_task.json:{number}",
            group=categories[question],
        )

    choices = local_file(files, CHOICES)
    loaded.questions = each_row(choices, json_values(choices), read_mc1)
    return loaded


def shuffled(options: list[str], question: str, seed: int) -> list[str]:
    """Return the options in an order that only seed, question and the options themselves decide."""
    # Ordered by hash, so that no library's random numbers can ever change it.
    return sorted(options, key=lambda option: sha256_text(canonical_json([seed, question, option])))


def correct_answers(row: dict[str, str]) -> tuple[str, ...]:
    """Return the correct answers of a row of the questions' file, the best first."""
    return accepted_answers([row["Best Answer"], *row["Correct Answers"].split(";")])


def incorrect_answers(row: dict[str, str]) -> tuple[str, ...]:
    """Return the incorrect answers of a row of the questions' file, the most tempting first."""
    return accepted_answers([row["Best Incorrect Answer"], *row["Incorrect Answers"].split(";")])


def _read_open(row: dict[str, str], number: int) -> RawQuestion:
    category = text_of(row, "Category")
    return RawQuestion(
        part="test",
        question=text_of(row, "Question"),
        references=correct_answers(row),
        answer_type="open",
        domain=domain_of(category),
        source_id=f"{QUESTIONS}:{number}",
        group=category,
    )
