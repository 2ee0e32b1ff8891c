"""SVAMP: varied arithmetic word problems (Patel et al., arXiv:2103.07191)."""

from pathlib import Path
from typing import Any

from calibrant.data.loaders.reading import each_row, json_values, text_of
from calibrant.data.raw import Loaded, RawQuestion

DECIMALS = "answer written without .0"


def load(files: dict[str, Path], options: dict[str, str | int | bool], seed: int) -> Loaded:
    """Read the file; body and question are shown as one text, as is usual."""
    loaded = Loaded()

    def read(row: dict[str, Any], number: int) -> RawQuestion:
        answer = float(row["Answer"])
        if answer.is_integer():
            loaded.repaired[DECIMALS] += 1
        return RawQuestion(
            part="test",
            question=f"{text_of(row, 'Body')} {text_of(row, 'Question')}",
            references=(f"{answer:.0f}" if answer.is_integer() else repr(answer),),
            answer_type="number",
            domain="math",
            source_id=text_of(row, "ID"),
        )

    for path in files.values():
        loaded.questions += each_row(path, json_values(path), read)
    return loaded
