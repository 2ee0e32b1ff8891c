"""Training rows that give an evaluation question away, and what remains without them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from calibrant.data.shingles import Shingled, exact_key
from calibrant.rows import Question

Match = Literal["exact", "shingle"]


@dataclass(frozen=True, slots=True)
class OverlapCell:
    """One training dataset against one evaluation dataset.

    Attributes:
        training: Name of the training dataset.
        evaluation: Name of the evaluation dataset.
        training_rows: Its rows.
        evaluation_rows: Its rows.
        exact: Training rows with the same normalised text as an evaluation question.
        shingle: Further training rows that share a run of words with one.
        ignored_shingles: Distinct runs that both share and that were not counted, because they are
            the wording of a template.
    """

    training: str
    evaluation: str
    training_rows: int
    evaluation_rows: int
    exact: int
    shingle: int
    ignored_shingles: int


@dataclass(frozen=True, slots=True)
class DroppedRow:
    """A training row that was left out.

    Attributes:
        question_id: The training row.
        dataset: Its dataset.
        evaluation_id: The evaluation question it gives away: the first found.
        evaluation: The dataset of that question.
        match: ``exact`` or ``shingle``.
        shared: The run of words that both share; the whole text of an exact match.
    """

    question_id: str
    dataset: str
    evaluation_id: str
    evaluation: str
    match: Match
    shared: str


def find_overlap(
    train: Mapping[str, Sequence[Question]],
    evaluation: Mapping[str, Sequence[Question]],
    words: int,
    generated: Collection[str] = (),
) -> list[OverlapCell]:
    """Count the overlap of every training dataset with every evaluation dataset.

    An exact match always counts. A shared shingle counts unless it is boilerplate, of which there
    are two kinds:

    * It stands in many evaluation rows, so it points to none of them. How often it stands in the
      training rows does not matter here: a hundred variants of one test question are a leak, not
      a template (the task `gsm_symbolic` makes such variants of GSM8K's test questions).
    * Half of it is wording that more than 5 % of the rows of either side share, as the sentence
      around generated sums. Otherwise a single test question that happens to use the template's
      words would drop all of the training set.

    Args:
        train: Dataset name to its training rows.
        evaluation: Dataset name to the rows figures are published from.
        words: Length of a shingle (words).
        generated: Names of datasets made from templates. Between two of them only exact matches
            count: their rows share stories by construction and are drawn independently.

    Returns:
        A cell for each pair, in the order of the arguments.
    """
    return [cell for cell, _ in _compare_all(train, evaluation, words, generated)]


def drop_overlapping(
    train: Mapping[str, Sequence[Question]],
    evaluation: Mapping[str, Sequence[Question]],
    words: int,
    generated: Collection[str] = (),
) -> tuple[dict[str, list[Question]], list[DroppedRow]]:
    """Leave out the training rows that ``find_overlap`` counts.

    Returns:
        The rows kept by dataset, in their order, and every dropped row once, with the first
        evaluation dataset that it overlaps; an exact match goes before a shared shingle.
    """
    dropped: dict[tuple[str, str], DroppedRow] = {}
    for _, rows in _compare_all(train, evaluation, words, generated):
        for row in rows:
            key = (row.dataset, row.question_id)
            earlier = dropped.setdefault(key, row)
            if earlier.match == "shingle" and row.match == "exact":
                dropped[key] = row
    kept = {
        name: [row for row in questions if (name, row.question_id) not in dropped]
        for name, questions in train.items()
    }
    return kept, list(dropped.values())


def _compare_all(
    train: Mapping[str, Sequence[Question]],
    evaluation: Mapping[str, Sequence[Question]],
    words: int,
    generated: Collection[str],
) -> Iterator[tuple[OverlapCell, list[DroppedRow]]]:
    targets = {name: Shingled(questions, words) for name, questions in evaluation.items()}
    for name, questions in train.items():
        source = Shingled(questions, words)
        for target_name, target in targets.items():
            only_exact = name in generated and target_name in generated
            rows, ignored = _compare(name, source, target_name, target, only_exact)
            exact = sum(row.match == "exact" for row in rows)
            cell = OverlapCell(
                training=name,
                evaluation=target_name,
                training_rows=len(questions),
                evaluation_rows=len(target.questions),
                exact=exact,
                shingle=len(rows) - exact,
                ignored_shingles=ignored,
            )
            yield cell, rows


def _compare(
    name: str, source: Shingled, target_name: str, target: Shingled, only_exact: bool
) -> tuple[list[DroppedRow], int]:
    """Return the overlapping rows of a pair, and how many distinct shared shingles do not count."""
    counts: dict[str, bool] = {}
    rows = []
    for position, question in enumerate(source.questions):
        # Exact matches are looked up too: what they share is ignored or not like anything else.
        shared = [run for run in source.shingles_of(position) if run in target.shingles]
        for run in shared:
            if run not in counts:
                counts[run] = not (only_exact or _is_boilerplate(run, source, target))
        found: tuple[Match, str, int] | None = None
        key = exact_key(question)
        if key in target.exact:
            found = ("exact", key, target.exact[key])
        elif first := next((run for run in shared if counts[run]), None):
            found = ("shingle", first, target.shingles[first])
        if found:
            match, text, row = found
            evaluation_id = target.questions[row].question_id
            rows.append(
                DroppedRow(question.question_id, name, evaluation_id, target_name, match, text)
            )
    return rows, sum(not counted for counted in counts.values())


def _is_boilerplate(shingle: str, source: Shingled, target: Shingled) -> bool:
    return target.is_common(shingle) or target.is_template(shingle) or source.is_template(shingle)
