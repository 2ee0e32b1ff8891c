"""Training rows that give an evaluation question away, and what remains without them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from calibrant.data.shingles import Containment, Shingled
from calibrant.rows import Question

Match = Literal["exact", "shingle"]

# A training row that holds half of an evaluation question is built on it, whatever it repeats.
_CONTAINED = 0.5


@dataclass(frozen=True, slots=True)
class OverlapCell:
    """One training dataset against one evaluation dataset.

    Attributes:
        training: Name of the training dataset.
        evaluation: Name of the evaluation dataset.
        training_rows: Its rows.
        evaluation_rows: Its rows.
        exact: Training rows with the same normalised text as an evaluation question.
        shingle: Further training rows that hold half of one, or share a run of words with it.
        ignored_shingles: Distinct runs that both share and that made no row count, because they
            are the wording of a template.
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
        evaluation_id: The evaluation question it gives away: the one it holds most of, or the
            first that has the shared run.
        evaluation: The dataset of that question.
        match: ``exact`` or ``shingle``.
        shared: The first run of words that both share; the whole text of an exact match.
        containment: Share of that question's shingles that the training row holds, in [0, 1].
    """

    question_id: str
    dataset: str
    evaluation_id: str
    evaluation: str
    match: Match
    shared: str
    containment: float


def find_overlap(
    train: Mapping[str, Sequence[Question]],
    evaluation: Mapping[str, Sequence[Question]],
    words: int,
    generated: Collection[str] = (),
) -> list[OverlapCell]:
    """Count the overlap of every training dataset with every evaluation dataset.

    A training row counts if one of these holds:

    * It has the same normalised text as an evaluation question.
    * It holds at least half of the shingles of an evaluation question, of its text alone or with
      its context, however often these shingles stand on either side: a hundred variants of one
      test question are a leak, and so is a row built on a passage that many test questions are
      asked about. Left out of the share is only wording that most questions of both sides are
      asked in, as the sentence around sums; questions of little else have no share.
    * It shares a single shingle that is not boilerplate. Boilerplate stands in many evaluation
      rows, so that it points to none of them, or half of it is wording that more than 5 % of the
      rows of either side share. What more than 5 % of the training rows share is boilerplate only
      where a row has no more such shingles than a shingle has words: one passing match.

    No row is compared with itself, nor with the other training rows of its own dataset.

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
            others = _without(target, source) if name == target_name else target
            pair = _Pair(source, others, only_exact)
            rows = [
                pair.dropped(position, name, target_name, found)
                for position in range(len(questions))
                if (found := pair.find(position))
            ]
            exact = sum(row.match == "exact" for row in rows)
            cell = OverlapCell(
                training=name,
                evaluation=target_name,
                training_rows=len(questions),
                evaluation_rows=len(others.questions),
                exact=exact,
                shingle=len(rows) - exact,
                ignored_shingles=len(pair.ignored - pair.counted),
            )
            yield cell, rows


def _without(target: Shingled, source: Shingled) -> Shingled:
    own = {question.question_id for question in source.questions}
    others = [question for question in target.questions if question.question_id not in own]
    return target if len(others) == len(target.questions) else Shingled(others, target.words)


@dataclass(frozen=True, slots=True)
class _Found:
    match: Match
    shared: str
    row: int
    containment: float


class _Pair:
    """A training set against an evaluation set: what each training row gives away."""

    def __init__(self, source: Shingled, target: Shingled, only_exact: bool) -> None:
        self.source = source
        self.target = target
        self.only_exact = only_exact
        self.counted: set[str] = set()
        self.ignored: set[str] = set()
        self._containment = Containment(target, source.carriers & target.carriers)
        self._kinds: dict[str, tuple[bool, bool]] = {}

    def find(self, position: int) -> _Found | None:
        """Return what a training row shares with the target, and note which runs do not count."""
        runs = dict.fromkeys(self.source.shingles_of(position))
        shared = [run for run in runs if run in self.target.shingles]
        # What an exact match shares is ignored or not like anything else.
        self.ignored.update(shared if self.only_exact else filter(self._is_boilerplate, shared))
        for key in self.source.keys[position]:
            if key in self.target.exact:
                return _Found("exact", key, self.target.exact[key], 1.0)
        return self._near(shared) if shared and not self.only_exact else None

    def dropped(self, position: int, name: str, target_name: str, found: _Found) -> DroppedRow:
        """Return the entry of a training row in the list of those dropped."""
        return DroppedRow(
            question_id=self.source.questions[position].question_id,
            dataset=name,
            evaluation_id=self.target.questions[found.row].question_id,
            evaluation=target_name,
            match=found.match,
            shared=found.shared,
            containment=found.containment,
        )

    def _near(self, shared: list[str]) -> _Found | None:
        shares = self._containment.shares(shared)
        best = int(np.argmax(shares))
        if shares[best] >= _CONTAINED:
            asked = set(self.target.shingles_of(best))
            held = [run for run in shared if run in asked]
            self.counted.update(held)
            return _Found("shingle", held[0], best, float(shares[best]))
        own = [run for run in shared if not self._kind(run)[0]]
        if len(own) <= self.source.words:
            own = [run for run in own if not self._kind(run)[1]]
        if not own:
            return None
        self.counted.update(own)
        row = self.target.shingles[own[0]]
        return _Found("shingle", own[0], row, float(shares[row]))

    def _is_boilerplate(self, run: str) -> bool:
        return any(self._kind(run))

    def _kind(self, run: str) -> tuple[bool, bool]:
        """Say whether a run is boilerplate of the evaluation rows, and of the training rows."""
        if run not in self._kinds:
            target = self.target.is_common(run) or self.target.is_template(run)
            self._kinds[run] = (target, self.source.is_template(run))
        return self._kinds[run]
