r"""Grading a mathematical expression.

Two texts are the same if they are equal after harmless LaTeX is taken away, or if math-verify
(https://github.com/huggingface/Math-Verify) finds that they mean the same. Both sides are parsed:
handing it the reference as a bare string, as the published evaluation of RLCR did, marks about
every fifth right answer of MATH-500 as wrong.
"""

import re

from calibrant.grading.latex import boxed
from calibrant.grading.math_process import MATH_VERIFY
from calibrant.grading.numerals import read_number
from calibrant.grading.stated import stated_answer
from calibrant.grading.verdict import Grade
from calibrant.rows import Question

GRADER = "math"
MAX_EXPRESSION = 1000
"""Longer expressions are not compared (characters)."""

_DISPLAY = re.compile(r"\\[()\[\]]|\$\$")
# As in Pandoc: no space inside the dollar signs and no digit after them, so not "$5 and $6".
_SEGMENT = re.compile(r"\$(?=\S)([^$]+)(?<=\S)\$(?!\d)")
_HARMLESS = re.compile(r"\\(?:left|right|displaystyle)\b|\\[!,;:]|[\s$]|\.$")
_WORDS = re.compile(r"\\(?:text|mbox|textbf|textrm|mathrm)\s*\{([^{}]*)\}")
_COMMAND = re.compile(r"\\(?:begin|end)\{\w+\}|\\[A-Za-z]+")
_PLAIN_WORD = re.compile(
    r"(?<![A-Za-z])(?!(?:and|sqrt|sin|cos|tan|cot|sec|csc|log|exp|inf|infinity|mod)\b)[A-Za-z]{3,}"
)
_WORD_ANSWER = re.compile(r"[A-Za-z]{4,}")
_TYPED = tuple(
    (re.compile(pattern), new)
    for pattern, new in (
        ("[\u2212\u2013]", "-"),
        (r"\*\*(?=\d|\{|\()", "^"),
        ("\u00b1", r"\\pm "),
        ("[\u00d7\u22c5\u00b7]", r"\\cdot "),
        ("\u00b0", r"^\\circ "),
        ("\u03c0", r"\\pi "),
        (r"(?<![A-Za-z\\])pi(?![A-Za-z])", r"\\pi "),
        ("\u221e", r"\\infty "),
        ("\u2264", r"\\le "),
        ("\u2265", r"\\ge "),
        (r"(?:(?<![\\A-Za-z])sqrt|\u221a)\s*\(([^()]*)\)", r"\\sqrt{\1}"),
        (r"\u221a\s*(\d+)", r"\\sqrt{\1}"),
        (r"(?<![\\A-Za-z])(?=(?:sin|cos|tan|cot|sec|csc|log|ln)\b)", r"\\"),
        (r"(?<=\d)\s*\*\s*(?=[A-Za-z\\(])", ""),
        (r"\bis\b", "="),
        (r"(?<=\d) (?=\d{3}(?!\d))", ""),
        (r"(\d)[eE]([-+]?\d+)(?![A-Za-z\d])", r"\1 \\cdot 10^{\2}"),
    )
)


def grade_math(answer: str, question: Question) -> Grade:
    r"""Return whether ``answer`` means what a reference means.

    Read are the content of the last ``\boxed``, what follows "answer is", and a single ``$..$``
    in a sentence; two different ones are ambiguous. In other sentences only a number is read.

    math-verify runs in a process of its own (see ``math_process``), so this may be called from
    any thread, and an expression that explodes ends as ``timeout``. Its conventions hold: numbers
    are equal to six decimals, ``50\%`` is a half and is 50, units and the base of ``52_8`` are
    passed over.

    Returns:
        Correct, wrong, or ungraded with ``cannot_parse`` (neither side can be parsed),
        ``ambiguous``, ``timeout``, ``too_long`` or ``unreadable_reference``.

    Raises:
        CalibrantError: If math-verify cannot be started.
    """
    stated = stated_answer(boxed(answer))
    if not question.references:
        return Grade.ungraded("unreadable_reference", GRADER)
    if any(_plain(stated) == _plain(reference) for reference in question.references):
        return Grade.decided(True, GRADER)
    if max(map(len, (stated, *question.references))) > MAX_EXPRESSION:
        return Grade.ungraded("too_long", GRADER)
    expression = _expression(stated)
    if expression is None:
        return Grade.ungraded("ambiguous", GRADER)
    verdicts = {_compare(reference, expression) for reference in question.references}
    for verdict, correct in (("correct", True), ("timeout", None), ("wrong", False)):
        if verdict in verdicts:
            reason = "" if correct is not None else verdict
            return Grade(correct, reason, GRADER)
    return Grade.ungraded("cannot_parse", GRADER)


def _compare(reference: str, expression: str) -> str:
    gold = _expression(reference) or reference
    if _WORD_ANSWER.fullmatch(_plain(gold)) and _WORD_ANSWER.fullmatch(_plain(expression)):
        # To math-verify a word is a product of letters, and "east" is "seat".
        return "correct" if _plain(gold) == _plain(expression) else "wrong"
    return MATH_VERIFY.compare(f"${gold}$", f"${expression}$")


def _plain(text: str) -> str:
    """Return ``text`` without mark-up that changes nothing; words in lower case."""
    text = _HARMLESS.sub("", _WORDS.sub(r"\1", text.strip()))
    text = re.sub(r"\\[dt]frac", r"\\frac", text)
    if re.fullmatch(r"\([A-Za-z]\)", text):
        text = text[1:-1]
    return text.lower() if text.isalpha() and len(text) > 1 else text


def _expression(text: str) -> str | None:
    """Return the one expression of ``text`` in LaTeX without delimiters; None if ambiguous."""
    text = _DISPLAY.sub("$", text.replace("\\$", "")).strip()
    segments = {segment.strip() for segment in _SEGMENT.findall(text)}
    if len(segments) > 1:
        return None
    in_sentence = not segments
    text = text.replace("$", "").rstrip(".") if in_sentence else segments.pop()
    for pattern, new in _TYPED:
        text = pattern.sub(new, text)
    if in_sentence and _PLAIN_WORD.search(_COMMAND.sub(" ", _WORDS.sub(" ", text))):
        numeral = read_number(text)
        if numeral.value is not None and not numeral.unit:
            return str(numeral.value)
        return None if numeral.status == "ambiguous" else text
    return text
