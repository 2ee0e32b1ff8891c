"""Natural Questions, open (Lee et al., arXiv:1906.00300) and EfficientQA (arXiv:2101.00133).

Questions people typed into a search engine, with all accepted short answers.
"""

from pathlib import Path
from typing import Any

from calibrant.data.loaders.reading import accepted_answers, each_row, json_lines, text_of
from calibrant.data.raw import Loaded, RawQuestion


def load(files: dict[str, Path], options: dict[str, str | int | bool], seed: int) -> Loaded:
    """Read the file; all rows are part ``dev``."""
    loaded = Loaded()

    def read(row: dict[str, Any], number: int) -> RawQuestion:
        return RawQuestion(
            part="dev",
            question=text_of(row, "question"),
            references=accepted_answers(row["answer"]),
            answer_type="short_text",
            domain="factual",
            source_id=f"{path.name}:{number}",
        )

    for path in files.values():
        loaded.questions += each_row(path, json_lines(path), read)
    return loaded
