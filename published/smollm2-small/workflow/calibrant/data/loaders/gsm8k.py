"""GSM8K: grade-school word problems with a number as answer (Cobbe et al., arXiv:2110.14168).

Read from the authors' own files. Copies exist whose answers were cut at the thousands comma or lost
their sign. The worked solution before ``####`` is never shown.
"""

import re
from pathlib import Path
from typing import Any

from calibrant.data.loaders.reading import each_row, json_lines, text_of
from calibrant.data.raw import Loaded, RawQuestion

_NUMBER = re.compile(r"-?\d+(\.\d+)?")
COMMAS = "thousands commas taken out of the answer"


def load(files: dict[str, Path], options: dict[str, str | int | bool], seed: int) -> Loaded:
    """Read the files; the part of a row is the name of its file (``train`` or ``test``)."""
    loaded = Loaded()

    def read(row: dict[str, Any], number: int) -> RawQuestion:
        stated = final_answer(text_of(row, "answer"))
        answer = stated.replace(",", "")
        if not _NUMBER.fullmatch(answer):
            raise ValueError(f"the answer {stated!r} is not a number")
        loaded.repaired[COMMAS] += answer != stated
        return RawQuestion(
            part=path.stem,
            question=text_of(row, "question"),
            references=(answer,),
            answer_type="number",
            domain="math",
            source_id=f"{path.name}:{number}",
        )

    for path in files.values():
        loaded.questions += each_row(path, json_lines(path), read)
    return loaded


def final_answer(solution: str) -> str:
    """Return what follows the last ``####`` of a worked solution.

    Raises:
        ValueError: If there is no ``####``.
    """
    _, mark, answer = solution.rpartition("####")
    if not mark:
        raise ValueError("the solution has no ####")
    return answer.strip()
