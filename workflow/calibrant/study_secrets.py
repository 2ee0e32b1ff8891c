"""Refusing a study that holds a password or a key: studies are published, and so are records of them."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from calibrant.errors import CalibrantError

_FORMS = (
    # The name that SSH logs in with, such as git, is no secret; the key lies elsewhere.
    (
        "an address with a name or password",
        re.compile(r"(?<!\bssh)://[^\s/?#]*@|://[^\s/?#@]*:[^\s/?#]*@"),
    ),
    (
        "an address with a key in its query",
        re.compile(
            # Where a listing goes on, and what rows are ordered by.
            r"[?&](?!(?:next|page|next[_-]page|continuation)[_-]token=)"
            r"(?!(?:sort|order|group|primary|partition)[_-]key=)"
            r"(?:(?:[\w-]*[_-])?(?:(?:api|access|auth|client|private)?(?:key|token|secret|password)"
            r"|passwd|pwd|sig(?:nature)?)|(?:x-)?auth(?:orization)?)=",
            re.IGNORECASE,
        ),
    ),
    # As providers write them: Hugging Face, OpenAI and its likes (a long run of letters and digits,
    # which no name of words has), GitHub, GitLab, Amazon, Slack, Google; and files of private keys.
    (
        "what looks like a key",
        re.compile(
            r"\b(?:hf_[A-Za-z0-9]{20,}|gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{20,}"
            r"|sk-(?:[\w-]*[_-])?(?=(?:[A-Za-z]*\d){2})[A-Za-z0-9]{16,}"
            r"|glpat-[\w-]{20,}|AKIA[A-Z0-9]{16}|xox[a-z]-(?=[\w-]*\d)[\w-]{10,}|AIza[\w-]{35})"
            r"|-----BEGIN [A-Z0-9 ]*PRIVATE KEY"
        ),
    ),
)


def check_no_secrets(path: Path, document: dict[str, Any]) -> None:
    """Refuse a study, as read from its file, in which any text holds a password or a key.

    It comes before all other checks, whose messages may show a value.

    Raises:
        CalibrantError: Names the key of the first such text and never the text.
    """
    for key, text in _texts(document, ""):
        for what, form in _FORMS:
            if form.search(text):
                raise CalibrantError(
                    f"holds {what}, and a study is published with its results",
                    where=f"{path}: {key or 'a key'}",
                    repair="Take it out and keep it in the environment, such as the variable that a "
                    "server's key_variable names",
                )


def _texts(value: Any, key: str) -> Iterator[tuple[str, str]]:
    """Yield every text with the place where it stands; a secret key names no place."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield key, str(name)
            yield from _texts(item, f"{key}.{name}".lstrip("."))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _texts(item, f"{key}[{number}]")
