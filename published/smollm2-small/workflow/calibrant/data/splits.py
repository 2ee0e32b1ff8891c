"""Identity and split of a question, both from its content alone.

A question keeps its identity and its split when rows are added, removed or reordered, and whatever
machine or Python version prepares it. For that reason nothing here folds case or looks a character
up in Unicode tables, which change between Python versions; only ASCII whitespace is collapsed.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from calibrant.data.raw import RawQuestion
from calibrant.errors import CalibrantError
from calibrant.files import sha256_text
from calibrant.rows import SPLITS

Shares = Mapping[Any, float]
"""Split to share. The key is a ``rows.Split``, or the same as plain text."""

# Frozen: another salt would move every question of every study to another split.
_SPLIT_SALT = "calibrant split 1"
_WHITESPACE = re.compile(r"\s+", re.ASCII)
_ID_DIGITS = 16
_TOLERANCE = 1e-9


def collapse_whitespace(text: str) -> str:
    """Return ``text`` with runs of ASCII whitespace as one space and none at the ends."""
    return _WHITESPACE.sub(" ", text).strip(" ")


def content_hash(raw: RawQuestion) -> str:
    """Return the SHA-256 of what the model is asked, as 64 hexadecimal digits.

    Question, context and options count; the order of the options, the references and everything
    that only describes the row do not.
    """
    content = [
        collapse_whitespace(raw.question),
        collapse_whitespace(raw.context or ""),
        sorted(collapse_whitespace(option) for option in raw.options),
    ]
    # ASCII JSON keeps the three fields apart and also writes text that UTF-8 cannot hold.
    return sha256_text(json.dumps(content, ensure_ascii=True, separators=(",", ":")))


def question_id(dataset: str, raw: RawQuestion) -> str:
    """Return ``DATASET/HASH`` with the first 16 digits of the content hash."""
    return f"{dataset}/{content_hash(raw)[:_ID_DIGITS]}"


def unit_interval(content: str) -> float:
    """Return a number in [0, 1) that is fixed by a content hash and uniform over contents.

    It comes from a second, salted hash, so that it tells nothing about the order of the content
    hashes, by which a limit chooses its rows.

    Args:
        content: A hash from ``content_hash``.
    """
    # 52 bits are exact in a float, so the result is the same everywhere and never rounds up to 1.
    return int(sha256_text(f"{_SPLIT_SALT}:{content}")[:13], 16) / 2**52


def assign_split(content: str, shares: Shares) -> str:
    """Return the split of a question.

    The unit interval is cut in the order train, validation, calibration, test.

    Args:
        content: A hash from ``content_hash``.
        shares: Split to share, in [0, 1], summing to 1; a split left out has none.

    Raises:
        CalibrantError: If a split is unknown, a share is negative or the shares do not sum to 1.
    """
    _check_shares(shares)
    position = unit_interval(content)
    upper = 0.0
    used = [split for split in SPLITS if shares.get(split, 0) > 0]
    for split in used:
        upper += shares[split]
        if position < upper:
            return split
    # The shares may sum to a hair below 1.
    return used[-1]


def _check_shares(shares: Shares) -> None:
    unknown = [split for split in shares if split not in SPLITS]
    if unknown:
        raise CalibrantError(
            f"unknown split {unknown[0]!r}", repair=f"The splits are {', '.join(SPLITS)}"
        )
    total = sum(shares.values())
    if min(shares.values(), default=0) < 0 or abs(total - 1) > _TOLERANCE:
        raise CalibrantError(
            f"the shares {dict(shares)} are not a division of the whole",
            repair="Give shares between 0 and 1 that sum to 1",
        )
