"""Grading an answer that is one number."""

from fractions import Fraction

from calibrant.grading.numerals import Numeral, read_number
from calibrant.grading.verdict import Grade
from calibrant.rows import Question

GRADER = "number"
RELATIVE_TOLERANCE = Fraction(1, 10**9)

_SCALE = {
    "": Fraction(1),
    "percent": Fraction(1, 100),
    "dozen": Fraction(12),
    "hundred": Fraction(100),
    "thousand": Fraction(1000),
    "million": Fraction(10**6),
    "billion": Fraction(10**9),
    "trillion": Fraction(10**12),
}


def grade_number(answer: str, question: Question) -> Grade:
    """Return whether ``answer`` states the number of a reference.

    Both sides are read by ``numerals.read_number`` and compared as exact fractions: ``0.75`` is
    ``3/4``, and ``0.33`` is not ``1/3``. Only against a reference with a decimal point is a
    relative difference of 1e-9 allowed, since such references often come out of binary arithmetic.

    Units must agree. ``50%`` is right against ``50%`` and against ``50``, which leaves the sign to
    the question; against ``0.5`` it is ambiguous, since the two are equal as numbers and taking
    both would make ``50%`` right against everything. ``3 million`` is right against ``3000000`` and
    ambiguous against ``3``, where the question may ask for millions.

    Returns:
        Correct, wrong, or ungraded with ``not_a_number``, ``ambiguous`` or
        ``unreadable_reference``.
    """
    stated = read_number(answer)
    if stated.status != "ok":
        return Grade.ungraded(stated.status, GRADER)
    references = [read_number(reference) for reference in question.references]
    verdicts = {_same(stated, reference) for reference in references if reference.status == "ok"}
    if not verdicts:
        return Grade.ungraded("unreadable_reference", GRADER)
    if True in verdicts:
        return Grade.decided(True, GRADER)
    if None in verdicts:
        return Grade.ungraded("ambiguous", GRADER)
    return Grade.decided(False, GRADER)


def _same(stated: Numeral, reference: Numeral) -> bool | None:
    """Return whether two numbers agree, or None where only their digits or only their sizes do."""
    assert stated.value is not None and reference.value is not None
    tolerance = RELATIVE_TOLERANCE if reference.decimals else Fraction(0)
    digits = _close(stated.value, reference.value, tolerance)
    size = _close(
        stated.value * _SCALE[stated.unit], reference.value * _SCALE[reference.unit], tolerance
    )
    if stated.unit == reference.unit:
        return digits
    if {stated.unit, reference.unit} == {"", "percent"}:
        return True if digits else None if size else False
    if "" in {stated.unit, reference.unit}:
        return True if size else None if digits else False
    return size


def _close(stated: Fraction, reference: Fraction, tolerance: Fraction) -> bool:
    return abs(stated - reference) <= tolerance * abs(reference)
