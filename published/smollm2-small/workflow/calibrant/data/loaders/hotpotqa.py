"""HotpotQA without its paragraphs (Yang et al., arXiv:1809.09600).

The 7,405 questions of the official dev set as the authors of ReAct (arXiv:2210.03629) keep them:
question and answer only, so they are answered from memory.
"""

from pathlib import Path
from typing import Any

from calibrant.data.loaders.reading import each_row, json_values, text_of
from calibrant.data.raw import Loaded, RawQuestion


def load(files: dict[str, Path], options: dict[str, str | int | bool], seed: int) -> Loaded:
    """Read the file; a question answered yes or no is of type ``yes_no``."""
    loaded = Loaded()

    def read(row: dict[str, Any], number: int) -> RawQuestion:
        answer = text_of(row, "answer")
        yes_no = answer.lower() in ("yes", "no")
        return RawQuestion(
            part="dev",
            question=text_of(row, "question"),
            references=(answer.lower() if yes_no else answer,),
            answer_type="yes_no" if yes_no else "short_text",
            domain="factual",
            source_id=f"{path.name}:{number}",
        )

    for path in files.values():
        loaded.questions += each_row(path, json_values(path), read)
    return loaded
