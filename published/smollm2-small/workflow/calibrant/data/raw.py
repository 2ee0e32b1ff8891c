"""What a loader returns: rows as the source has them, before they get an identity and a split."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RawQuestion:
    """A question as its source states it.

    Attributes:
        part: The part of the source it stands in (``train``, ``dev``, ``test``), which the catalog's
            split plan maps to splits.
        question: The text shown to the model.
        references: Accepted answers; for ``choice`` one letter.
        answer_type: One of ``rows.ANSWER_TYPES``.
        domain: Subject.
        context: Text to read before the question, or None.
        options: Options of a ``choice`` question in the order shown.
        source_id: Identifier in the source.
        group: Document or template shared with other rows, or None.
        difficulty: In [0, 1], or None.
        true_probability: Known probability that the reference is right, or None.
    """

    part: str
    question: str
    references: tuple[str, ...]
    answer_type: str
    domain: str
    context: str | None = None
    options: tuple[str, ...] = ()
    source_id: str | None = None
    group: str | None = None
    difficulty: float | None = None
    true_probability: float | None = None


@dataclass(frozen=True, slots=True)
class RawTranscript:
    """A recorded answer to the question with the same ``source_id``.

    Attributes:
        source_id: Identifier of the question in the source.
        system: Who wrote it.
        completion: The full text.
        confidence: Confidence stored beside it, in [0, 1].
        correct: Correctness stored beside it.
    """

    source_id: str
    system: str
    completion: str
    confidence: float | None
    correct: bool | None


@dataclass(frozen=True, slots=True)
class RawJudgement:
    """A person's verdict on one answer, as its source states it."""

    question: str
    references: tuple[str, ...]
    answer: str
    system: str
    domain: str
    verdict: bool


@dataclass(slots=True)
class Loaded:
    """The rows of a source and what was left out of it.

    Attributes:
        questions: The questions kept.
        judgements: The human verdicts kept (judge sets only).
        dropped: Reason to number of rows left out, in the words the report prints.
        repaired: Reason to number of rows mended.
    """

    questions: list[RawQuestion] = field(default_factory=list)
    judgements: list[RawJudgement] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    repaired: Counter[str] = field(default_factory=Counter)
