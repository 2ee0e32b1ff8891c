"""Graded answers put together with the texts they were read from."""

from collections.abc import Sequence
from dataclasses import dataclass

from calibrant.baselines.answer_span import answer_span
from calibrant.elicitation.scales import Scale
from calibrant.errors import CalibrantError
from calibrant.rows import Completion, Prediction


@dataclass(frozen=True, slots=True, eq=False)
class GradedTexts:
    """Graded answers and the texts they were read from; of one dataset or several.

    Attributes:
        predictions: The graded answers.
        completions: What the model wrote, of the same questions, seeds and samples.
    """

    predictions: Sequence[Prediction] = ()
    completions: Sequence[Completion] = ()


@dataclass(frozen=True, slots=True)
class LocatedAnswer:
    """An answer, and where it stands.

    Attributes:
        row: The graded answer.
        prompt: The exact text the model saw.
        completion: The exact text it returned.
        begin: First character of the answer in the completion.
        end: First character after it, above ``begin``.
    """

    row: Prediction
    prompt: str
    completion: str
    begin: int
    end: int


def locate_answers(graded: GradedTexts, scale: Scale) -> dict[int, LocatedAnswer]:
    """Return the answers that can be scored, by the position of their row.

    Args:
        graded: Answers and texts.
        scale: How its confidence is written.

    Raises:
        CalibrantError: If a row has no completion, another one than it was read from, or one without
            its prompt.
    """
    texts = {(row.question_id, row.seed, row.sample): row for row in graded.completions}
    located = {}
    for at, row in enumerate(graded.predictions):
        where = f"{row.method}/{row.dataset}: {row.question_id}, sample {row.sample}"
        text = texts.get((row.question_id, row.seed, row.sample))
        if text is None or text.completion != row.completion:
            raise CalibrantError(
                "the completions do not hold the text of this answer",
                where=where,
                repair="Delete the predictions and run again",
            )
        if not text.prompt:
            raise CalibrantError(
                "the prompt was not recorded, so no model can be asked about the answer",
                where=where,
                repair="Score a method of kind model or trained",
            )
        span = answer_span(text.completion, scale, text.finish_reason)
        if row.answer is not None and span is not None:
            located[at] = LocatedAnswer(row, text.prompt, text.completion, *span)
    return located
