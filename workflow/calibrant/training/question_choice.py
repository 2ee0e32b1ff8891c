"""Stage ``choose_questions``: sets of training questions of equal size, by self-rating and without."""

from collections.abc import Sequence
from typing import Any

from calibrant.errors import CalibrantError
from calibrant.rows import Completion, Prediction, Question
from calibrant.stage_settings.selection import ChooseSettings
from calibrant.training.feedback_data import FeedbackData, choose_feedback_data
from calibrant.training.rated_question import RatedQuestion, rated_questions
from calibrant.training.rating_figures import rating_figures

SCHEMA = "calibrant-self-rating/1"
SETS = ("metacognitive", "random", "active")
"""The sets that a method may train on."""


def choose_questions(
    questions: Sequence[Question],
    predictions: Sequence[Prediction],
    replies: Sequence[Completion],
    settings: ChooseSettings,
    seed: int,
) -> tuple[dict[str, list[Question]], dict[str, Any]]:
    """Choose the sets, in each training dataset by itself.

    Args:
        questions: Those that were kept and rated.
        predictions: All graded answers to them.
        replies: One reply to the second query per question.
        settings: How many are chosen, and how figures are measured.
        seed: Seed of the random set, of the order among equals, and of the bootstrap.

    Returns:
        The questions of every one of ``SETS``, in the order given, and the document: ``model``,
        ``per_end``, and for ``all`` and every one of ``datasets`` what ``rating_figures`` returns.

    Raises:
        CalibrantError: If a dataset has too few questions to choose among, or rows do not fit.
    """
    rated = rated_questions(questions, predictions, replies, settings.scale)
    datasets = list(dict.fromkeys(question.dataset for question in questions))
    choices = {
        name: _choose([item for item in rated if item.question.dataset == name], settings, seed)
        for name in datasets
    }
    chosen = {name: _union(list(choices.values()), name) for name in SETS}
    return {name: [row for row in questions if row.question_id in chosen[name]] for name in SETS}, {
        "schema": SCHEMA,
        "model": settings.model,
        "per_end": settings.per_end,
        "all": rating_figures(rated, list(choices.values()), settings, seed),
        "datasets": {
            name: rating_figures(
                [item for item in rated if item.question.dataset == name], [choice], settings, seed
            )
            for name, choice in choices.items()
        },
    }


def _choose(rated: Sequence[RatedQuestion], settings: ChooseSettings, seed: int) -> FeedbackData:
    try:
        return choose_feedback_data(
            {item.question.question_id: item.rating for item in rated},
            {item.question.question_id: item.faithfulness for item in rated},
            settings.per_end,
            seed,
        )
    except CalibrantError as error:
        raise CalibrantError(
            f"{rated[0].question.dataset}: {error.what}",
            where=f"selection.self_rating.{error.where}",
            repair=error.repair,
        ) from error


def _union(choices: Sequence[FeedbackData], name: str) -> set[str]:
    return {question for choice in choices for question in getattr(choice, name)}
