"""MMLU: examination questions by subject, four options (Hendrycks et al., arXiv:2009.03300).

Option ``domain`` says which domain the chosen subjects belong to.
"""

from pathlib import Path

from calibrant.data.loaders.reading import csv_rows, each_row
from calibrant.data.raw import Loaded, RawQuestion

_CHOICES = 4


def load(files: dict[str, Path], options: dict[str, str | int | bool], seed: int) -> Loaded:
    """Read one file without header per subject; its rows are part ``val``."""
    loaded = Loaded()

    def read(row: list[str], number: int) -> RawQuestion:
        question, *choices, letter = (cell.strip() for cell in row)
        if len(choices) != _CHOICES or not all((question, *choices)):
            raise ValueError(f"is not a question, {_CHOICES} options and a letter")
        if letter not in ("A", "B", "C", "D"):
            raise ValueError(f"the answer {letter!r} is no option")
        return RawQuestion(
            part="val",
            question=question,
            references=(letter,),
            answer_type="choice",
            domain=str(options["domain"]),
            options=tuple(choices),
            source_id=f"{path.name}:{number}",
            group=path.stem.removesuffix("_val"),
        )

    for path in files.values():
        loaded.questions += each_row(path, csv_rows(path), read)
    return loaded
