r"""Grading a mathematical expression.

Two texts are the same if they are equal after harmless LaTeX is taken away, or if math-verify
(https://github.com/huggingface/Math-Verify) finds that they mean the same. Both sides are parsed:
handing it the reference as a bare string, as the published evaluation of RLCR did, marks about
every fifth right answer of MATH-500 as wrong.
"""

import re
from collections.abc import Iterator

from calibrant.grading.math_forms import (
    equation_sides,
    is_unclear,
    split_base,
    typed_as_latex,
)
from calibrant.grading.math_process import MATH_VERIFY
from calibrant.grading.number_context import distorts
from calibrant.grading.numerals import read_number
from calibrant.grading.stated import stated_answer
from calibrant.grading.verdict import Grade
from calibrant.rows import Question

GRADER = "math"
MAX_EXPRESSION = 1000
"""Longer expressions are not compared (characters)."""

_BOLD = re.compile(r"\A\*\*(.+?)\*\*(?=\.?\Z)", re.DOTALL)
_DISPLAY = re.compile(r"\\[()\[\]]|\$\$")
# As in Pandoc: no space inside the dollar signs and no digit after them, so not "$5 and $6".
_SEGMENT = re.compile(r"\$(?=\S)([^$]+)(?<=\S)\$(?!\d)")
_HARMLESS = re.compile(r"\\(?:left|right|displaystyle)\b|\\[!,;:]|[\s$]|\.$")
_WORDS = re.compile(r"\\(?:text|mbox|textbf|textrm|mathrm)\s*\{([^{}]*)\}")
_COMMAND = re.compile(r"\\(?:begin|end)\{\w+\}|\\[A-Za-z]+")
_PLAIN_WORD = re.compile(
    r"(?<![A-Za-z])(?!(?:and|sqrt|sin|cos|tan|cot|sec|csc|log|exp|inf|infinity|mod)\b)[A-Za-z]{3,}"
)
_WORD_ANSWER = re.compile(r"[A-Za-z]{2,}")
# Two or three letters may be a word, the name of a segment or a product.
_SURELY_A_WORD = 4
_SIGN_BEFORE = re.compile(r"[-+*/^<>|]\s*\Z|\b(?:negative|minus)\s*\Z", re.IGNORECASE)
_SIGN_AFTER = re.compile(r"\s*[-+*/^!<>|]")
# A space between digits says that they are not one number, unless it groups thousands.
_SPLIT_DIGITS = re.compile(r"(?<=\d)\\?\s+(?=\d)(?!\d{3}(?!\d))")


def grade_math(answer: str, question: Question) -> Grade:
    r"""Return whether ``answer`` means what a reference means.

    Read are the content of the last ``\boxed``, what follows "answer is", and a single ``$..$``
    in a sentence; two different ones are ambiguous. In other sentences only a number is read.

    math-verify runs in a process of its own (see ``math_process``), so this may be called from
    any thread, and an expression that explodes ends as ``timeout`` after about two seconds of
    processor time. In a run every such answer costs these and a new start of the process, about
    four seconds in all, and is ungraded. Its conventions hold: numbers are equal to six decimals,
    ``50\%`` is a half and is 50, units are passed over. Against a reference without ``=`` the right
    side of an equation counts, if the left side is a name (``x``, ``f(3)``) or has the same value.
    Bases as in ``52_8``
    must be the same; an answer with the right digits and no base is ambiguous.

    Returns:
        Correct, wrong, or ungraded with ``cannot_parse`` (neither side can be parsed),
        ``ambiguous``, ``timeout``, ``too_long`` or ``unreadable_reference``.

    Raises:
        CalibrantError: If math-verify cannot be started.
    """
    if not question.references:
        return Grade.ungraded("unreadable_reference", GRADER)
    stated = stated_answer(answer)
    if stated is None:
        return Grade.ungraded("ambiguous", GRADER)
    stated = _BOLD.sub(r"\1", stated)
    if any(_plain(stated) == _plain(reference) for reference in question.references):
        return Grade.decided(True, GRADER)
    if max(map(len, (stated, *question.references))) > MAX_EXPRESSION:
        return Grade.ungraded("too_long", GRADER)
    expression = _expression(stated)
    if expression is None:
        return Grade.ungraded("ambiguous", GRADER)
    return _summary(set(_verdicts(question.references, expression)))


def _verdicts(references: tuple[str, ...], expression: str) -> Iterator[str]:
    for reference in references:
        verdict = _compare(_expression(reference) or reference, expression)
        yield verdict
        if verdict == "timeout":
            # Most likely it is the answer that explodes; the others would cost as much.
            return


def _summary(verdicts: set[str]) -> Grade:
    if "correct" in verdicts:
        return Grade.decided(True, GRADER)
    for reason in ("timeout", "ambiguous"):
        if reason in verdicts:
            return Grade.ungraded(reason, GRADER)
    if "wrong" in verdicts:
        return Grade.decided(False, GRADER)
    return Grade.ungraded("cannot_parse", GRADER)


def _compare(gold: str, expression: str) -> str:
    words = _plain(gold), _plain(expression)
    if all(map(_WORD_ANSWER.fullmatch, words)):
        # To math-verify a word is a product of letters, and "east" is "seat".
        return _compare_words(*words)
    if is_unclear(gold) or is_unclear(expression):
        return "cannot_parse"
    gold, base = split_base(gold)
    expression, other_base = split_base(expression)
    verdict = _compare_values(gold, expression)
    if verdict == "correct" and base != other_base:
        return "wrong" if base and other_base else "ambiguous"
    return verdict


def _compare_words(one: str, other: str) -> str:
    if one == other:
        return "correct"
    product = max(len(one), len(other)) < _SURELY_A_WORD and sorted(one) == sorted(other)
    return "ambiguous" if product else "wrong"


def _compare_values(gold: str, expression: str) -> str:
    sides = None if "=" in gold else equation_sides(expression)
    if sides is None:
        return MATH_VERIFY.compare(f"${gold}$", f"${expression}$")
    left, right = sides
    if left:
        stated = MATH_VERIFY.compare(f"${left}$", f"${right}$")
        if stated != "correct":
            return "timeout" if stated == "timeout" else "ambiguous"
    return MATH_VERIFY.compare(f"${gold}$", f"${right}$")


def _plain(text: str) -> str:
    """Return ``text`` without mark-up that changes nothing; words in lower case."""
    text = _SPLIT_DIGITS.sub(";;", _WORDS.sub(r"\1", text.strip()))
    text = _HARMLESS.sub("", text)
    text = re.sub(r"\\[dt]frac", r"\\frac", text)
    if re.fullmatch(r"\([A-Za-z]\)", text):
        text = text[1:-1]
    return text.lower() if text.isalpha() and len(text) > 1 else text


def _expression(text: str) -> str | None:
    """Return the one expression of ``text`` in LaTeX without delimiters; None if ambiguous."""
    text = _DISPLAY.sub("$", text.replace("\\$", "").replace("\u2019", "'")).strip()
    segments = {segment.strip() for segment in _SEGMENT.findall(text)}
    if len(segments) > 1:
        return None
    if segments:
        return None if _changed_outside(text) else typed_as_latex(segments.pop())
    return _from_sentence(typed_as_latex(text.replace("$", "").rstrip(".")))


def _changed_outside(text: str) -> bool:
    """Return whether what stands outside the dollar signs changes what stands inside."""
    outside = [part.replace("**", " ") for part in _SEGMENT.split(text)[::2]]
    operator = _SIGN_BEFORE.search(outside[0]) or _SIGN_AFTER.match(outside[-1])
    return operator is not None or distorts("\n".join(outside[:-1]), outside[-1])


def _from_sentence(text: str) -> str | None:
    if not _PLAIN_WORD.search(_COMMAND.sub(" ", _WORDS.sub(" ", text))):
        return text
    numeral = read_number(text)
    if numeral.value is not None and not numeral.unit:
        return str(numeral.value)
    changed = re.search(r"[\d\\]", text) and distorts(text, "")
    return None if changed or numeral.status == "ambiguous" else text
