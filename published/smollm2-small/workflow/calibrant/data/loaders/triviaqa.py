"""TriviaQA: quiz questions with aliases of the answer (Joshi et al., arXiv:1705.03551).

These are the rows that the authors of RLCR drew for their evaluation, repeats included. A question
that stands there twice may have other aliases each time; all of them are accepted.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

from calibrant.data.loaders.reading import accepted_answers, arrow_records, each_row, text_of
from calibrant.data.prepare import REPEATED
from calibrant.data.raw import Loaded, RawQuestion

UNITED = "aliases of a repeated question united"


def load(files: dict[str, Path], options: dict[str, str | int | bool], seed: int) -> Loaded:
    """Read the file; all rows are part ``test``."""
    loaded = Loaded()
    rows: dict[str, RawQuestion] = {}
    for path in files.values():
        for row in each_row(path, arrow_records(path), _read):
            first = rows.setdefault(row.question, row)
            if first is row:
                continue
            loaded.dropped[REPEATED] += 1
            united = accepted_answers([*first.references, *row.references])
            if united != first.references:
                loaded.repaired[UNITED] += 1
                rows[row.question] = replace(first, references=united)
    loaded.questions = list(rows.values())
    return loaded


def _read(row: dict[str, Any], number: int) -> RawQuestion:
    return RawQuestion(
        part="test",
        question=text_of(row, "question"),
        references=accepted_answers(row["answer"]),
        answer_type="short_text",
        domain="factual",
        source_id=text_of(row, "question_id"),
    )
