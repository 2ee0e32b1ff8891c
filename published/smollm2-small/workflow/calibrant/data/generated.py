"""Questions from the generators of reasoning-gym, made anew in every run from a seed."""

import difflib
import re
import warnings
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from calibrant.data.exact_value import exact_value
from calibrant.data.instructions import strip_instructions
from calibrant.data.raw import Loaded, RawQuestion
from calibrant.data.references import as_reference
from calibrant.data.settings import GeneratedDataset
from calibrant.errors import CalibrantError
from calibrant.files import canonical_json, sha256_text

PART = "generated"
SIMPLIFIED = "order to give nothing but the answer taken out of the question"
MISCALCULATED = "the answer the generator stores is not the value of its sum"

# These tasks of reasoning-gym 0.1.25 iterate over sets or draw from Python's global generator, so
# that two runs with the same seed make different questions.
UNSTABLE_TASKS = frozenset(
    {
        "boxnet",
        "isomorphic_strings",
        "knight_swap",
        "list_functions",
        "polynomial_multiplication",
        "ransom_note",
        "word_ladder",
    }
)
_SET_BY_US = ("size", "seed")
_REFUSALS = (ArithmeticError, AssertionError, LookupError, RuntimeError, TypeError, ValueError)


def generate_questions(name: str, settings: GeneratedDataset, seed: int) -> Loaded:
    """Make the questions of a generated dataset.

    Equal arguments give equal rows with the same version of reasoning-gym. Every answer is checked
    twice: by the task's own ``score_answer``, and, where the question is a sum in digits, by exact
    arithmetic. Rows that fail the second check are left out and counted: `basic_arithmetic` rounds
    divisions down.

    Args:
        name: Name of the dataset in the study; another name gives other questions.
        settings: Task, size, grades.
        seed: Seed of the study.

    Returns:
        Rows of the part ``generated``, grade by grade; ``group`` is task and grade, ``source_id``
        grade and index, ``difficulty`` the position of the grade in [0, 1].

    Raises:
        CalibrantError: If the task is unknown, not repeatable or without answers, refuses a
            setting, or gives answers that are not of the answer type.
    """
    check_task(name, settings)
    loaded = Loaded()
    for grade, options in enumerate(settings.grades):
        size = settings.size // len(settings.grades)
        size += grade < settings.size % len(settings.grades)
        where = f"datasets.generated.{name}.grades[{grade}]"
        dataset = _create(where, settings.task, options, size, _seed(name, seed, grade))
        for index in range(size):
            entry = _entry(f"{where}, question {index}", dataset, index, options)
            _add(loaded, f"{where}, question {index}", entry, settings, (grade, index))
    return loaded


def _tasks() -> Mapping[str, Any]:
    """Return the tasks of reasoning-gym by name: the class of each, and that of its settings."""
    with warnings.catch_warnings():
        # One of its dependencies warns about its own source when it is compiled.
        warnings.simplefilter("ignore", SyntaxWarning)
        from reasoning_gym.factory import DATASETS
    tasks: Mapping[str, Any] = DATASETS
    return tasks


def check_task(name: str, settings: GeneratedDataset) -> None:
    """Check what can be said of a generated dataset before its questions are made.

    Raises:
        CalibrantError: If the task is unknown, not repeatable, or cannot be asked for that way.
    """
    where = f"datasets.generated.{name}"
    if settings.task not in _tasks():
        near = difflib.get_close_matches(settings.task, _tasks(), n=3, cutoff=0.5)
        raise CalibrantError(
            f"unknown task {settings.task!r}",
            where=f"{where}.task",
            repair=f"Did you mean {' or '.join(near)}?" if near else "See reasoning-gym's gallery",
        )
    if settings.task in UNSTABLE_TASKS:
        raise CalibrantError(
            f"task {settings.task!r} makes other questions in every run, whatever the seed",
            where=f"{where}.task",
            repair="Choose another task",
        )
    if settings.answer_type == "choice":
        raise CalibrantError(
            "generated questions have no options",
            where=f"{where}.answer_type",
            repair="Use number, math, yes_no or short_text",
        )
    if settings.size < len(settings.grades):
        raise CalibrantError(
            f"{settings.size} questions cannot be shared out among {len(settings.grades)} grades",
            where=f"{where}.size",
            repair="Raise `size` or leave out grades",
        )


def _create(where: str, task: str, options: dict[str, Any], size: int, seed: int) -> Any:
    known = [field.name for field in fields(_tasks()[task][1]) if field.name not in _SET_BY_US]
    for key in options:
        if key in _SET_BY_US:
            raise CalibrantError(
                f"{key!r} is not a setting of a grade",
                where=f"{where}.{key}",
                repair="Take it out: the study's `size` and `seed` decide",
            )
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1) or [", ".join(known)]
            raise CalibrantError(
                f"task {task!r} has no setting {key!r}",
                where=f"{where}.{key}",
                repair=f"Did you mean {near[0]}?" if near[0] in known else f"It has {near[0]}",
            )
    try:
        import reasoning_gym

        return reasoning_gym.create_dataset(task, size=size, seed=seed, **options)
    except _REFUSALS as error:
        raise _refused(where, options, error) from error


def _entry(where: str, dataset: Any, index: int, options: dict[str, Any]) -> dict[str, Any]:
    try:
        entry: dict[str, Any] = dataset[index]
    except _REFUSALS as error:
        raise _refused(where, options, error) from error
    answer = entry["answer"]
    if answer is None:
        raise CalibrantError("the task stores no answer", where=where, repair="Choose another task")
    score = dataset.score_answer(answer=answer, entry=entry)
    if score != 1:
        raise CalibrantError(
            f"the task scores its own answer {answer!r} with {score:g} instead of 1",
            where=where,
            repair="Choose another task",
        )
    return entry


def _add(
    loaded: Loaded,
    where: str,
    entry: dict[str, Any],
    settings: GeneratedDataset,
    place: tuple[int, int],
) -> None:
    # Dollar signs around a formula are LaTeX's, not part of the answer.
    stored = re.sub(r"^\$(.*)\$$", r"\1", str(entry["answer"]).strip())
    reference = as_reference(stored, settings.answer_type)
    if reference is None:
        raise CalibrantError(
            f"{stored!r} cannot be an answer of type {settings.answer_type}",
            where=where,
            repair="Set another `answer_type`, such as short_text or math",
        )
    if _is_miscalculated(entry, stored):
        loaded.dropped[MISCALCULATED] += 1
        return
    question = strip_instructions(entry["question"])
    loaded.repaired[SIMPLIFIED] += question != entry["question"].strip()
    grade, index = place
    loaded.questions.append(
        RawQuestion(
            part=PART,
            question=question,
            references=(reference,),
            answer_type=settings.answer_type,
            domain=settings.domain,
            source_id=f"{grade}/{index}",
            group=f"{settings.task}/{grade}",
            difficulty=grade / max(1, len(settings.grades) - 1),
        )
    )


def _is_miscalculated(entry: dict[str, Any], stored: str) -> bool:
    expression = entry["metadata"].get("expression")
    # Some tasks keep an expression that is a solution and not the question.
    if not isinstance(expression, str) or expression not in entry["question"]:
        return False
    asked, answered = exact_value(expression), exact_value(stored)
    return None not in (asked, answered) and asked != answered


def _seed(name: str, seed: int, grade: int) -> int:
    # The library seeds question i with seed + i: neighbouring seeds would share their questions.
    return int(sha256_text(canonical_json([name, seed, grade]))[:8], 16)


def _refused(where: str, options: dict[str, Any], error: Exception) -> CalibrantError:
    message = str(error)
    named = [key for key in options if key in message] or list(options)
    return CalibrantError(
        f"the task refuses {', '.join(f'{key}={options[key]!r}' for key in named)}: "
        f"{message or type(error).__name__}",
        where=where,
        repair="Change these settings of the grade",
    )
