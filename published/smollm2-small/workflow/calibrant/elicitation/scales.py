"""Confidence scales: how a confidence is written, asked for and read.

A reader takes the text between the confidence tags and nothing else. It never guesses between 1
and 1 %: the scale that was asked for decides, so ``85`` is out of range on ``unit`` and ``0.85``
is 0.85 percent on ``percent``. Only ``rlcr`` guesses, because the published evaluation of RLCR
does, and its stored figures can be met in no other way.

What counts as a number is the same on every scale: ASCII digits, at most one point, an optional
sign and a plain exponent (``.5``, ``5.``, ``+0.5``, ``1e-3``). Digits of other scripts, ``0x1``,
``1_0``, ``1,5`` and ``1/2`` are not numbers here.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

ReadingStatus = Literal["ok", "no_confidence", "not_a_number", "not_finite", "out_of_range"]

# Possessive quantifiers (++, *+) keep the time linear whatever a model writes.
_NUMBER = r"[-+]?(?:[0-9]++(?:\.[0-9]*+)?+|\.[0-9]++)(?:[eE][-+]?[0-9]++)?+"
_BARE = re.compile(_NUMBER)
_FIRST = re.compile(rf"(?<![\w.+-]){_NUMBER}(?!\w)")
_NOT_FINITE = re.compile(r"[-+]?(?:nan|inf|infinity)", re.IGNORECASE | re.ASCII)
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Reading:
    """What a scale read.

    Attributes:
        value: Confidence in [0, 1], or None unless ``status`` is ``ok``.
        status: ``ok``; ``no_confidence`` (nothing written, or no number on ``rlcr``);
            ``not_a_number``; ``not_finite`` (nan, infinite, too large for a float);
            ``out_of_range`` (a number that the scale does not hold).
    """

    value: float | None
    status: ReadingStatus


@dataclass(frozen=True, slots=True)
class Scale:
    """One way to write a confidence.

    Attributes:
        name: Its name in a study.
        form: What is written, in words, whatever it stands for.
        instruction: The words that ask for it in a prompt.
        step: Distance between two values that ``write`` can produce, in [0, 1].
        last_tag_wins: Whether repeated tags are read as the published evaluation of RLCR reads
            them, by taking the last one, instead of being refused when they differ.
    """

    name: str
    form: str
    instruction: str
    step: float
    _reader: Callable[[str], Reading]
    _writer: Callable[[float], str]
    last_tag_wins: bool = False

    def read(self, text: str) -> Reading:
        """Read the text between the confidence tags; raises nothing, whatever the text."""
        return self._reader(text.strip())

    def write(self, probability: float) -> str:
        """Write a probability in [0, 1]; reading it back gives it to within half a step.

        Raises:
            ValueError: If ``probability`` is not in [0, 1].
        """
        if not 0 <= probability <= 1:
            raise ValueError(f"not a probability: {probability!r}")
        return self._writer(probability)


def _number(text: str) -> float | ReadingStatus:
    """Return a bare number as a float, which may be infinite, or why it is none."""
    if not text:
        return "no_confidence"
    if _NOT_FINITE.fullmatch(text):
        return "not_finite"
    if len(text) > _LONGEST or not _BARE.fullmatch(text):
        return "not_a_number"
    value = float(text)
    return value if math.isfinite(value) else "not_finite"


def _within(number: float | ReadingStatus, top: float) -> Reading:
    if isinstance(number, str):
        return Reading(None, number)
    if not 0 <= number <= top:
        return Reading(None, "out_of_range")
    # abs turns -0.0 into 0.0.
    return Reading(abs(number) / top, "ok")


def _read_unit(text: str) -> Reading:
    return _within(_number(text), 1)


def _read_percent(text: str) -> Reading:
    return _within(_number(text.removesuffix("%").rstrip()), 100)


def _read_digit(text: str) -> Reading:
    number = _number(text)
    if isinstance(number, str):
        return Reading(None, number)
    if len(text) != 1:
        return Reading(None, "out_of_range")
    # d/9 and not (d + .5)/10, so that a model can say 0 and 1.
    return Reading(number / 9, "ok")


def _read_rlcr(text: str) -> Reading:
    """Read as RLCR's evaluation (arXiv 2507.16806, code at commit 8904bed) reads.

    A bare number, else the first number in the text; up to 1 it is a probability, above 1 up to
    100 a percentage. So ``1`` and ``1%`` both mean certainty. The original turns a text without a
    number into 0; here it stays missing.
    """
    number = _number(text)
    if number == "not_a_number":
        first = _FIRST.search(text)
        number = _number(first.group()) if first else "no_confidence"
    if isinstance(number, float) and number > 1:
        return _within(number, 100)
    return _within(number, 1)


SCALES: dict[str, Scale] = {
    scale.name: scale
    for scale in (
        Scale(
            "unit",
            "a number from 0 to 1",
            "a number from 0 to 1, the probability that your answer is right",
            0.01,
            _read_unit,
            "{:.2f}".format,
        ),
        Scale(
            "percent",
            "a whole number from 0 to 100",
            "a whole number from 0 to 100, the chance in percent that your answer is right",
            0.01,
            _read_percent,
            lambda probability: str(round(probability * 100)),
        ),
        Scale(
            "digit",
            "one digit from 0 to 9",
            "one digit from 0 (surely wrong) to 9 (surely right)",
            1 / 9,
            _read_digit,
            lambda probability: str(round(probability * 9)),
        ),
        Scale(
            "rlcr",
            "a number from 0 to 1",
            "a number from 0 to 1, the probability that your answer is right",
            0.01,
            _read_rlcr,
            "{:.2f}".format,
            last_tag_wins=True,
        ),
    )
}
"""Every scale by its name."""
