"""MATH-500: competition mathematics (Hendrycks et al., arXiv:2103.03874).

These are the 500 test problems that Lightman et al. (arXiv:2305.20050) set apart.
"""

import re
from pathlib import Path
from typing import Any

from calibrant.data.loaders.reading import each_row, json_lines, text_of
from calibrant.data.raw import Loaded, RawQuestion

# Anything else, such as 10,\!080 or .5, needs a reader of LaTeX.
_PLAIN_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_LEVELS = 5


def load(files: dict[str, Path], options: dict[str, str | int | bool], seed: int) -> Loaded:
    """Read the file; difficulty is the level, 1 to 5, put on [0, 1]."""
    loaded = Loaded()

    def read(row: dict[str, Any], number: int) -> RawQuestion:
        answer = text_of(row, "answer")
        level = row["level"]
        if level not in range(1, _LEVELS + 1):
            raise ValueError(f"level {level!r} is not one of 1 to {_LEVELS}")
        return RawQuestion(
            part="test",
            question=text_of(row, "problem"),
            references=(answer,),
            answer_type="number" if _PLAIN_NUMBER.fullmatch(answer) else "math",
            domain="math",
            source_id=text_of(row, "unique_id"),
            difficulty=(level - 1) / (_LEVELS - 1),
        )

    for path in files.values():
        loaded.questions += each_row(path, json_lines(path), read)
    return loaded
