"""What somebody who misspelt a name may have meant."""

import difflib
from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``"Did you mean 'name'? "`` for the closest other name, or nothing if none is close."""
    others = [name for name in known if name != word]
    close = difflib.get_close_matches(word, others, n=1, cutoff=0.6)
    return f"Did you mean {close[0]!r}? " if close else ""
