"""LegalBench, the contract clauses of CUAD (arXiv:2308.11462, arXiv:2103.06268).

Each task shows clauses and asks whether they are of one type. Option ``per_task`` bounds the number
of clauses per type; half of them are of the type and half are not.
"""

from pathlib import Path
from typing import Any

from calibrant.data.loaders.clause_questions import CLAUSE_QUESTIONS
from calibrant.data.loaders.reading import csv_records, each_row, text_of
from calibrant.data.raw import Loaded, RawQuestion
from calibrant.data.repeats import drop_repeats
from calibrant.errors import CalibrantError
from calibrant.files import canonical_json, sha256_text

NOT_SAMPLED = "not in the sample, which is balanced by clause type and label"
_LABELS = {"Yes": "yes", "No": "no"}


def load(files: dict[str, Path], options: dict[str, str | int | bool], seed: int) -> Loaded:
    """Read one file per clause type, drop repeats, and sample ``options["per_task"]`` of each."""
    per_task = int(options["per_task"])
    loaded = Loaded()
    for path in files.values():
        clause = path.parent.name.removeprefix("CUAD_")
        if clause not in CLAUSE_QUESTIONS:
            raise CalibrantError(
                f"there is no question for clause type {clause!r}",
                where=path,
                repair="Add one to data/loaders/clause_questions.py",
            )
        rows = drop_repeats(_read_clauses(path, clause), loaded.dropped)
        sample = _balanced_sample(rows, per_task, seed)
        loaded.dropped[NOT_SAMPLED] += len(rows) - len(sample)
        loaded.questions += sample
    return loaded


def _read_clauses(path: Path, clause: str) -> list[RawQuestion]:
    def read(row: dict[str, Any], number: int) -> RawQuestion:
        return RawQuestion(
            part="test",
            question=CLAUSE_QUESTIONS[clause],
            references=(_LABELS[text_of(row, "label")],),
            answer_type="yes_no",
            domain="legal",
            context=text_of(row, "text"),
            source_id=f"{path.parent.name}:{number}",
            group=clause,
        )

    return each_row(path, csv_records(path, delimiter="\t"), read)


def _balanced_sample(rows: list[RawQuestion], size: int, seed: int) -> list[RawQuestion]:
    """Return at most ``size`` rows, as many of each label, the same for the same rows and seed."""
    order = sorted(rows, key=lambda row: sha256_text(canonical_json([seed, row.context])))
    of_type = [row for row in order if row.references == ("yes",)]
    of_others = [row for row in order if row.references == ("no",)]
    each = min(size // 2, len(of_type), len(of_others))
    return of_type[:each] + of_others[:each]
