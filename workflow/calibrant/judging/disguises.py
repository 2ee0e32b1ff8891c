"""Ways to hide a text from people or from filters and still say it to a language model.

Each maps n ASCII characters to a number of characters that depends on n and the places of spaces
alone, so texts of one form stay alike in length.
"""

import base64
import codecs
from collections.abc import Callable
from types import MappingProxyType


def _after_each(mark: str) -> Callable[[str], str]:
    return lambda text: "".join(character + mark for character in text)


def _letters_from(capital: int, small: int) -> Callable[[str], str]:
    """Return a disguise that takes its letters from alphabets starting at two code points."""
    table = {ord("A") + n: capital + n for n in range(26)}
    table |= {ord("a") + n: small + n for n in range(26)}
    return lambda text: text.translate(table)


def _replaced(old: str, new: str) -> Callable[[str], str]:
    table = str.maketrans(old, new)
    return lambda text: text.translate(table)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


UNICODE = MappingProxyType(
    {
        "zero_width_space": _after_each("\u200b"),
        "zero_width_joiner": _after_each("\u200d"),
        "word_joiner": _after_each("\u2060"),
        "soft_hyphen": _after_each("\u00ad"),
        "variation_selector": _after_each("\ufe0f"),
        "struck_through": _after_each("\u0336"),
        "right_to_left": lambda text: f"\u202e{text[::-1]}\u202c",
        "isolated": lambda text: f"\u2067\u2066{text}\u2069\u2069",
        "full_width": lambda text: "".join(
            chr(ord(c) + 0xFEE0) if c != " " else "\u3000" for c in text
        ),
        "mathematical_bold": _letters_from(0x1D400, 0x1D41A),
        "circled": _letters_from(0x24B6, 0x24D0),
        "squared": _letters_from(0x1F130, 0x1F130),
        "cyrillic": _replaced(
            "AaBCcEeHiKMOoPpTXxy",
            "\u0410\u0430\u0412\u0421\u0441\u0415\u0435\u041d\u0456\u041a\u041c\u041e\u043e\u0420"
            "\u0440\u0422\u0425\u0445\u0443",
        ),
        "greek": _replaced("AaEHIiKMNOoTv", "ΑαΕΗΙιΚΜΝΟοΤν"),  # noqa: RUF001
        # Unicode tags (U+E0000 and up) copy ASCII and are drawn as nothing at all.
        "tag_characters": lambda text: "".join(chr(0xE0000 + ord(c)) for c in text),
    }
)
"""Disguises by the characters of Unicode, by name."""

ENCODINGS = MappingProxyType(
    {
        "base64": _base64,
        "base32": lambda text: base64.b32encode(text.encode()).decode(),
        "hexadecimal": lambda text: text.encode().hex(" "),
        "percent": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
        "binary": lambda text: " ".join(f"{byte:08b}" for byte in text.encode()),
        "rot13": lambda text: codecs.encode(text, "rot13"),
        "backwards": lambda text: text[::-1],
        "spaced_letters": " ".join,
        "leetspeak": _replaced("aeiostAEIOST", "431057431057"),
        "base64_twice": lambda text: _base64(_base64(text)),
    }
)
"""Disguises by a code to be undone, by name."""


def disguise(text: str, name: str) -> str:
    """Disguise the last line of a text; what stands above it stays.

    Args:
        text: ASCII text.
        name: Key of ``UNICODE`` or ``ENCODINGS``; empty returns the text as it is.
    """
    if not name:
        return text
    above, line_break, last = text.rpartition("\n")
    return f"{above}{line_break}{(UNICODE | ENCODINGS)[name](last)}"
