"""The word lists that the splitter and the rewriter go by, kept in ``word_lists.yaml``."""

from functools import cache
from pathlib import Path

import yaml

READS_FILES = ("word_lists.yaml",)
WORD_LISTS_FILE = Path(__file__).with_name("word_lists.yaml")


@cache
def word_list(name: str) -> frozenset[str]:
    """Return one list, in lower case but for names.

    Raises:
        KeyError: If there is no list of this name.
    """
    lists = yaml.load(WORD_LISTS_FILE.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return frozenset(lists[name].split())


def opens_sentences(word: str) -> bool:
    """Return whether a word, as written, is a capitalised first word that is no name."""
    return word.istitle() and word.lower() in word_list("lowered")
