"""Stage ``select_questions``: the questions to train on, chosen by what the model knows."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from calibrant.errors import CalibrantError
from calibrant.rows import Prediction, Question
from calibrant.stage_settings.selection import SelectSettings
from calibrant.training.sampled_question import SampledQuestion, sampled_question
from calibrant.training.selection_figures import DIFFICULTY_BINS, difficulty_bin, selection_figures

SCHEMA = "calibrant-selection/1"


def select_questions(
    questions: Sequence[Question],
    predictions: Sequence[Prediction],
    settings: SelectSettings,
    seed: int,
) -> tuple[list[Question], dict[str, Any]]:
    """Choose the questions to train on.

    Args:
        questions: The training set.
        predictions: Graded answers to those that were sampled.
        settings: What is kept, and how figures are measured.
        seed: Seed of the bootstrap.

    Returns:
        The questions kept, in the order of the training set, with ``difficulty`` as measured here
        (None where a judge would be needed), and the document: ``model``, ``samples``,
        ``temperature``, and for ``all`` and every one of ``datasets`` the figures of
        ``selection_figures``.

    Raises:
        CalibrantError: If a question was not sampled as often as the settings say, or no question of
            a dataset is kept.
    """
    sampled = _sampled(questions, predictions, settings.selection.samples)
    kept = [item for item in sampled if _may_stay(item, settings)]
    kept = [item for rows in _by_dataset(kept) for item in spread(rows, settings.selection.keep)]
    counts = Counter(question.dataset for question in questions)
    _check_something_is_kept(counts, sampled, kept)
    cells = {
        name: selection_figures(
            count,
            [item for item in sampled if item.question.dataset == name],
            [item for item in kept if item.question.dataset == name],
            settings,
            seed,
        )
        for name, count in counts.items()
    }
    return [replace(item.question, difficulty=item.difficulty) for item in kept], {
        "schema": SCHEMA,
        "model": settings.model,
        "samples": settings.selection.samples,
        "temperature": settings.selection.temperature,
        "all": selection_figures(len(questions), sampled, kept, settings, seed),
        "datasets": cells,
    }


def spread(questions: Sequence[SampledQuestion], keep: int | None) -> list[SampledQuestion]:
    """Return at most ``keep`` questions, as evenly as can be over the bins of difficulty.

    Every bin gives as many as any other unless it holds fewer; where the last ones do not go round,
    the easier bins give one more. Questions without a difficulty are the last bin. Of a bin the
    first are taken.

    Args:
        questions: In any order that does not depend on difficulty; it is kept.
        keep: None keeps all.
    """
    if keep is None:
        return list(questions)
    seen: Counter[int] = Counter()
    places = []
    for at, item in enumerate(questions):
        number = DIFFICULTY_BINS if item.difficulty is None else difficulty_bin(item.difficulty)
        places.append((seen[number], number, at))
        seen[number] += 1
    return [questions[at] for at in sorted(at for _, _, at in sorted(places)[:keep])]


def _sampled(
    questions: Sequence[Question], predictions: Sequence[Prediction], samples: int
) -> list[SampledQuestion]:
    answers: dict[str, list[Prediction]] = {}
    for row in sorted(predictions, key=lambda row: row.sample):
        answers.setdefault(row.question_id, []).append(row)
    for name, rows in answers.items():
        if [row.sample for row in rows] != list(range(samples)):
            raise CalibrantError(
                f"the question {name} has {len(rows)} answers and not {samples}",
                where="samples",
                repair="Delete the samples and run again",
            )
    return [
        sampled_question(question, answers[question.question_id])
        for question in questions
        if question.question_id in answers
    ]


def _may_stay(item: SampledQuestion, settings: SelectSettings) -> bool:
    dropped = {
        "ungradable": True,
        "always_right": settings.selection.drop_always_right,
        "always_wrong": settings.selection.drop_always_wrong,
    }
    return not dropped.get(item.state, False)


def _by_dataset(items: Iterable[SampledQuestion]) -> list[list[SampledQuestion]]:
    # The training set lists one dataset after the other.
    return [list(rows) for _, rows in groupby(items, key=lambda item: item.question.dataset)]


def _check_something_is_kept(
    counts: Counter[str], sampled: Sequence[SampledQuestion], kept: Sequence[SampledQuestion]
) -> None:
    left = {item.question.dataset for item in kept}
    for name in counts:
        if name not in left:
            states = Counter(item.state for item in sampled if item.question.dataset == name)
            said = ", ".join(f"{n} {state.replace('_', ' ')}" for state, n in states.items())
            raise CalibrantError(
                f"no question of {name} is kept: of those sampled are {said or 'none'}",
                where="selection",
                repair="Keep those that are always right or wrong, take another dataset, or raise "
                "`samples`",
            )
