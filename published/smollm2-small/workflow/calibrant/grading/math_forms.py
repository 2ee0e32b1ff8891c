r"""Preparing mathematical expressions for math-verify, which reads some of them too freely.

It takes the right side of any equation for the whole, drops the base of ``52_8``, the
words "negative" and "minus" and a sign at the end, and reads ``1 1/12`` as ``11/12``.
"""

import re

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
        (r"\\[dt]?frac\s*(\d)\s*(\d)", r"\\frac{\1}{\2}"),
        (r"\b(?:[Nn]egative|[Mm]inus)\s+(?=[\dA-Za-z.\\({])", "-"),
        (r"(?<![\d.}])(\d+)\s+(\d+)\s*/\s*(\d+)(?![\d.])", r"(\1+\2/\3)"),
        (r"(\d)[eE]([-+]?\d+)(?![A-Za-z\d])", r"\1 \\cdot 10^{\2}"),
    )
)
_UNCLEAR = re.compile(r"(?<=\d)\s+(?=\d)|[-+*/^=<>]\s*\Z")
_BASE = re.compile(
    r"(?<![A-Za-z\\])([0-9][0-9A-F]*)\s*(?:_\s*(?:\{\s*(?:\\text\s*\{)?\s*(\w+)\s*\}?\s*\}|(\w))"
    r"|\s*(?:\\text\s*\{)?\s*\(?base\s+(\w+)\)?\s*\}?)",
    re.IGNORECASE,
)
_BASES = "two three four five six seven eight nine ten eleven twelve"
_BASE_NAMES = {name: str(base) for base, name in enumerate(_BASES.split(), start=2)}
_NAME_PARTS = re.compile(
    r"\\(?:text|mathrm|mbox|textbf|overline|vec|widehat)\s*\{[^{}]*\}"
    r"|\\(?:angle|triangle|theta|alpha|beta|gamma|phi|lambda|mu|sigma|omega|Delta|circ)\b"
    r"|_\s*(?:\w|\{[^{}]*\})|\b[A-Za-z]\s*\([^()=]*\)|\\[,;:! ]|[:,.'$]"
)
_NAME = re.compile(r"[A-Za-z\s]*")
_INNERMOST = re.compile(r"\{[^{}]*\}|\([^()]*\)")
_SEVERAL = re.compile(r"\b(?:or|and)\b|,")


def typed_as_latex(text: str) -> str:
    """Return ``text`` with typed signs and names (``**``, ``sqrt``, ``minus``) as LaTeX."""
    for pattern, new in _TYPED:
        text = pattern.sub(new, text)
    return text


def is_unclear(expression: str) -> bool:
    """Return whether math-verify would read ``1 2`` as 12, or overlook a sign at the end."""
    return _UNCLEAR.search(expression) is not None


def split_base(expression: str) -> tuple[str, str]:
    """Return ``expression`` without the base of its number, and that base in digits, or empty."""
    match = _BASE.search(expression)
    if match is None:
        return expression, ""
    base = (match[2] or match[3] or match[4]).lower()
    return _BASE.sub(r"\1", expression), _BASE_NAMES.get(base, base)


def equation_sides(expression: str) -> tuple[str, str] | None:
    """Return the last two sides of an equation, None if it is none.

    The left side is empty where it is only a name for the right one: ``x``, ``f(3)``, ``Area``.
    """
    # An equals sign in brackets, as under a sum, does not part the whole.
    outer = expression
    while (emptied := _INNERMOST.sub(_blank, outer)) != outer:
        outer = emptied
    at = outer.rfind("=")
    before, right = expression[: max(at, 0)], expression[at + 1 :]
    if at < 0 or before.endswith(("<", ">", "!", "\\")) or _SEVERAL.search(before):
        return None
    left = before[outer.rfind("=", 0, at) + 1 :].strip()
    is_name = _NAME.fullmatch(_NAME_PARTS.sub("", left)) is not None
    return ("" if is_name else left), right.strip()


def _blank(match: re.Match[str]) -> str:
    return "." * len(match[0])
