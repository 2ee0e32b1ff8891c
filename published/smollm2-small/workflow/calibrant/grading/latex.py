r"""Turning LaTeX and typographic signs into the plain characters that a number reader knows."""

import re

_SIGNS = str.maketrans(
    {
        **{minus: "-" for minus in "\u2212\u2010\u2011\u2012\u2013\u2014\ufe63\uff0d"},
        **{space: " " for space in "\u00a0\u2000\u2002\u2003\u2007\u2009\u200a\u202f\u3000~"},
        **{mark: "" for mark in "\u200b\u200e\u200f\u202a\u202b\u202c\u2060\ufeff"},
        **{chr(0xFF10 + digit): str(digit) for digit in range(10)},
        "\u2019": "'",
        "\u2044": "/",
        "\u00f7": "/",
        "\u2215": "/",
        "\uff0f": "/",
        "\uff0b": "+",
        "\uff1d": "=",
        "\uff05": "%",
        "\u00d7": "x",
        "\u22c5": "x",
        "\u00b7": "x",
        "\u00b0": " degrees ",
        "\u00bd": " 1/2 ",
        "\u2153": " 1/3 ",
        "\u2154": " 2/3 ",
        "\u00bc": " 1/4 ",
        "\u00be": " 3/4 ",
        "\u2155": " 1/5 ",
        "\u215b": " 1/8 ",
    }
)
_SUPERSCRIPT = re.compile("[\u207b\u207a]?[\u2070\u00b9\u00b2\u00b3\u2074-\u2079]+")
_SUPERSCRIPT_DIGITS = str.maketrans("⁻⁺⁰¹²³⁴⁵⁶⁷⁸⁹", "-+0123456789")
_PLAIN = r"(?:\{\s*([-+]?[\d.,]+)\s*\}|(\d))"
_FRACTION = re.compile(rf"(\d\s*)?\\[dtc]?frac\s*{_PLAIN}\s*{_PLAIN}", re.ASCII)
_WORDS = re.compile(r"\\(?:text|mbox|textbf|textrm|mathrm|mathbf|operatorname)\s*\{([^{}]*)\}")
_REPLACED = tuple(
    (re.compile(pattern), new)
    for pattern, new in (
        (r",\s*\\!\s*", ","),
        (r"\{,\}", ","),
        (r"\\!", ""),
        (r"\\left|\\right|\\displaystyle", ""),
        (r"\\[,;: ]|\\q?quad\b|\\[()\[\]]", " "),
        (r"\^\s*\\circ|\^\s*\{\s*\\circ\s*\}|\\degree\b", " degrees "),
        (r"\\%", "%"),
        (r"\\times\b|\\cdot\b", " x "),
        (r"\\\$", "$"),
        (r"(?<!\d)\*\*|\*\*(?!\d)", ""),
    )
)
BOXED = re.compile(r"\\(?:boxed|fbox)\s*\{")
"""Where a box begins."""


def plain_text(text: str) -> str:
    r"""Return ``text`` without LaTeX markup and with ASCII digits, signs and spaces.

    The content of the last ``\boxed`` stands for the whole text. ``\frac`` of two plain numbers
    becomes ``a/b``, ``2\frac{1}{3}`` and ``2⅓`` become ``2 1/3``. Commands that have no plain form,
    such as ``\sqrt``, keep their backslash, so that a caller sees them.
    """
    text = boxed(text)
    text = superscripts(text).translate(_SIGNS)
    text = _WORDS.sub(r" \1 ", text)
    for pattern, new in _REPLACED:
        text = pattern.sub(new, text)
    return _FRACTION.sub(_slash, text)


def superscripts(text: str) -> str:
    """Return ``text`` with raised digits as powers: ``10²`` as ``10^2``."""
    return _SUPERSCRIPT.sub(lambda match: "^" + match.group().translate(_SUPERSCRIPT_DIGITS), text)


def boxed(text: str) -> str:
    r"""Return the content of the last ``\boxed{..}``, or ``text`` if there is none."""
    start = max((match.end() for match in BOXED.finditer(text)), default=None)
    if start is None:
        return text
    depth = 1
    for position in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[position], 0)
        if depth == 0:
            return text[start:position]
    return text[start:]


def _slash(match: re.Match[str]) -> str:
    whole, long_top, top, long_bottom, bottom = match.groups()
    return f"{whole.strip() + ' ' if whole else ''}{long_top or top}/{long_bottom or bottom}"
