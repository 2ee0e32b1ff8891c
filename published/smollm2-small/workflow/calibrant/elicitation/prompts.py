"""The messages that ask a model for an answer and a confidence.

Kept short, since a model of a hundred million parameters on a CPU must read them for every
question. The worked examples are of different answer types and state very different confidences,
so that no single number is taught; one of them is a guess that admits to be one.
"""

from dataclasses import dataclass

from calibrant.elicitation.reader import SENTENCES
from calibrant.elicitation.scales import SCALES, Scale
from calibrant.elicitation.sentence_statements import write_sentences
from calibrant.elicitation.settings import Elicitation
from calibrant.errors import CalibrantError
from calibrant.rows import OPTION_LETTERS, Question

ALL_FORMATS: dict[str, tuple[str, ...]] = {
    "answer_confidence": ("answer", "confidence"),
    "think_answer_confidence": ("think", "answer", "confidence"),
    "think_answer_analysis_confidence": ("think", "answer", "analysis", "confidence"),
}
"""Tags of every format of one statement, in the order asked for."""
SENTENCE_TAGS = ("sentence", "confidence")
"""Tags of the format ``sentences``, which are repeated."""

KIND_OF_ANSWER = {
    "number": "Answer with a number.",
    "math": "Answer with a mathematical expression.",
    "choice": "Answer with the letter of one option.",
    "yes_no": "Answer yes or no.",
    "yes_no_maybe": "Answer yes, no or maybe.",
    "short_text": "Answer with a few words.",
    "open": "Answer in one or two sentences.",
}
BRIEF = "Answer, and say how sure you are."
"""The instruction for a model that knows the format. Without any, many templates put in their own."""
_PLACEHOLDERS = {
    "think": "your reasoning",
    "answer": "your answer",
    "analysis": "your doubts",
    "confidence": "C",
    "sentence": "one claim",
}


@dataclass(frozen=True, slots=True)
class _Example:
    question: Question
    think: str
    answer: str
    analysis: str
    probability: float
    sentences: tuple[tuple[str, float], ...]


def _question(answer_type: str, text: str, options: tuple[str, ...] = ()) -> Question:
    return Question("example", "example", "general", "train", answer_type, text, (), None, options)


_EXAMPLES = (
    _Example(
        _question("number", "What is 17 + 25?"),
        "17 + 25 = 42.",
        "42",
        "An easy sum.",
        0.97,
        (("17 + 25 = 42.", 0.97),),
    ),
    _Example(
        _question("choice", "Which city lies farthest north?", ("Oslo", "Helsinki", "Rome")),
        "Not Rome. Oslo is close.",
        "B",
        "Maybe Oslo.",
        0.6,
        (
            ("B) Helsinki lies farthest north.", 0.6),
            ("Oslo comes close.", 0.85),
            ("Rome lies farthest south.", 0.99),
        ),
    ),
    _Example(
        _question("short_text", "What was the name of my first cat?"),
        "I cannot know, so I guess a common name.",
        "Luna",
        "A mere guess.",
        0.03,
        (("It was Luna.", 0.03), ("That is a common name for a cat.", 0.8)),
    ),
    _Example(
        _question("yes_no", "Is a tomato a fruit to a botanist?"),
        "It holds the seeds of the plant, so it is.",
        "yes",
        "The kitchen says otherwise.",
        0.85,
        (("Yes, it is.", 0.85), ("It holds the seeds of the plant.", 0.95)),
    ),
)


def build_messages(question: Question, elicitation: Elicitation) -> list[dict[str, str]]:
    """Return the chat that asks ``question``: system, worked examples, question.

    References are never shown.

    Args:
        question: The question; its answer type decides which kind of answer is asked for.
        elicitation: Format, scale and number of worked examples.

    Returns:
        Messages with ``role`` (system, user or assistant) and ``content``; the last is the user's.

    Raises:
        CalibrantError: If the question has more options than there are letters.
    """
    scale = SCALES[elicitation.scale]
    tags = format_tags(elicitation.format)
    full = elicitation.instruction == "full"
    system = _instruction(tags, scale) if full else BRIEF
    messages = [{"role": "system", "content": system}]
    for example in _EXAMPLES[: elicitation.examples]:
        messages.append({"role": "user", "content": _user_turn(example.question)})
        messages.append({"role": "assistant", "content": _reply(example, tags, scale)})
    messages.append({"role": "user", "content": _user_turn(question)})
    return messages


def format_tags(layout: str) -> tuple[str, ...]:
    """Return the tags of a format, in the order asked for."""
    return SENTENCE_TAGS if layout == SENTENCES else ALL_FORMATS[layout]


def _instruction(tags: tuple[str, ...], scale: Scale) -> str:
    shape = "".join(f"<{tag}>{_PLACEHOLDERS[tag]}</{tag}>" for tag in tags)
    if tags == SENTENCE_TAGS:
        shape += ", repeated for every sentence,"
    return f"Reply as {shape} where C is {scale.instruction}."


def _reply(example: _Example, tags: tuple[str, ...], scale: Scale) -> str:
    if tags == SENTENCE_TAGS:
        return write_sentences(list(example.sentences), scale)
    contents = {
        "think": example.think,
        "answer": example.answer,
        "analysis": example.analysis,
        "confidence": scale.write(example.probability),
    }
    return "".join(f"<{tag}>{contents[tag]}</{tag}>" for tag in tags)


def _user_turn(question: Question) -> str:
    if len(question.options) > len(OPTION_LETTERS):
        raise CalibrantError(
            f"a question has {len(question.options)} options, and there are only "
            f"{len(OPTION_LETTERS)} letters to name them",
            where=question.question_id,
        )
    lines = [question.context, ""] if question.context else []
    lines.append(question.question)
    letters = zip(OPTION_LETTERS, question.options, strict=False)
    lines.extend(f"{letter}) {option}" for letter, option in letters)
    lines.append(KIND_OF_ANSWER[question.answer_type])
    return "\n".join(lines)
