"""From the rows of a source to the rows of a study: identity, split, repeats, and the account."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from calibrant.data.raw import Loaded, RawJudgement, RawQuestion
from calibrant.data.splits import (
    Shares,
    assign_split,
    collapse_whitespace,
    content_hash,
    question_id,
)
from calibrant.errors import CalibrantError
from calibrant.files import canonical_json, sha256_text
from calibrant.rows import OPTION_LETTERS, SPLITS, Judgement, Question

REPEATED = "same question as another row"
CLASHING = "same question as another row, with another answer"
JUDGED_TWICE = "same answer judged more than once (kept once, or not at all where verdicts clash)"


def to_questions(
    dataset: str, loaded: Loaded, parts: Mapping[str, Shares]
) -> tuple[list[Question], dict[str, Any]]:
    """Give every row its identity and split, and drop repeats.

    Of rows with the same content one is kept if they share an accepted answer; otherwise none is
    right beyond doubt and all are dropped. The rows come in the order of their content hash, so
    that the first N are a random yet fixed sample of every part of the source.

    Args:
        dataset: Name written into every row.
        loaded: What a loader returned.
        parts: Part of the source to the share of every split.

    Returns:
        The questions, and an account that JSON can hold: ``rows_in`` is ``rows_kept`` plus all
        counts of ``dropped``; ``kept`` counts rows by split, domain and answer type.

    Raises:
        CalibrantError: If a row stands in a part that ``parts`` does not name, or its shares are
            not a division of the whole.
    """
    _check_parts(dataset, loaded, parts)
    same: dict[str, list[RawQuestion]] = {}
    for raw in loaded.questions:
        same.setdefault(content_hash(raw), []).append(raw)
    dropped = Counter(loaded.dropped)
    questions = []
    for content in sorted(same):
        rows = same[content]
        if not frozenset.intersection(*map(_accepted, rows)):
            dropped[CLASHING] += len(rows)
            continue
        dropped[REPEATED] += len(rows) - 1
        # The row that trains least wins: a published test set stays whole, and training gives way.
        kept = min(rows, key=lambda raw: parts[raw.part].get("train", 0))
        questions.append(_question(dataset, kept, assign_split(content, parts[kept.part])))
    rows_in = len(loaded.questions) + loaded.dropped.total()
    return questions, _account(rows_in, questions, dropped, loaded.repaired)


def to_judgements(dataset: str, loaded: Loaded) -> list[Judgement]:
    """Give every human verdict its identity.

    An answer judged twice with the same verdict is kept once; one with clashing verdicts is left
    out. ``judgement_account`` counts both. The rows come in the order of their identity.

    Args:
        dataset: Name of the judge set, written into every row.
        loaded: What a loader returned.
    """
    same: dict[str, Judgement] = {}
    clashing = set()
    for raw in loaded.judgements:
        row = _judgement(dataset, raw)
        first = same.setdefault(row.judgement_id, row)
        if first.verdict != row.verdict:
            clashing.add(row.judgement_id)
    return [same[name] for name in sorted(same) if name not in clashing]


def judgement_account(loaded: Loaded, kept: list[Judgement]) -> dict[str, Any]:
    """Return the account of a judge set, as ``to_questions`` does for questions."""
    dropped = Counter(loaded.dropped)
    dropped[JUDGED_TWICE] += len(loaded.judgements) - len(kept)
    return {
        "rows_in": len(loaded.judgements) + loaded.dropped.total(),
        "rows_kept": len(kept),
        "kept": {
            "domain": _counts(row.domain for row in kept),
            "verdict": _counts("correct" if row.verdict else "wrong" for row in kept),
        },
        "dropped": _nonzero(dropped),
        "repaired": _nonzero(loaded.repaired),
    }


def _check_parts(dataset: str, loaded: Loaded, parts: Mapping[str, Shares]) -> None:
    missing = sorted({raw.part for raw in loaded.questions} - set(parts))
    if missing:
        raise CalibrantError(
            f"no splits are set for part {', '.join(map(repr, missing))}",
            where=f"dataset {dataset}",
            repair=f"Add it to `parts`, beside {', '.join(map(repr, parts)) or 'nothing so far'}",
        )


def _accepted(raw: RawQuestion) -> frozenset[str]:
    if raw.answer_type != "choice":
        return frozenset(map(collapse_whitespace, raw.references))
    # The same options may stand in another order, and then another letter is the same answer.
    right = (raw.options[OPTION_LETTERS.index(letter)] for letter in raw.references)
    return frozenset(map(collapse_whitespace, right))


def _question(dataset: str, raw: RawQuestion, split: str) -> Question:
    return Question(
        question_id=question_id(dataset, raw),
        dataset=dataset,
        domain=raw.domain,
        split=split,
        answer_type=raw.answer_type,
        question=raw.question,
        references=raw.references,
        context=raw.context,
        options=raw.options,
        source_id=raw.source_id,
        group=raw.group,
        difficulty=raw.difficulty,
        true_probability=raw.true_probability,
    )


def _judgement(dataset: str, raw: RawJudgement) -> Judgement:
    content = sha256_text(
        canonical_json([raw.question, list(raw.references), raw.answer, raw.system])
    )
    return Judgement(
        judgement_id=f"{dataset}/{content[:16]}",
        dataset=dataset,
        domain=raw.domain,
        question=raw.question,
        references=raw.references,
        answer=raw.answer,
        system=raw.system,
        judge="human",
        verdict=raw.verdict,
    )


def _account(
    rows_in: int, kept: list[Question], dropped: Counter[str], repaired: Counter[str]
) -> dict[str, Any]:
    splits = Counter(row.split for row in kept)
    return {
        "rows_in": rows_in,
        "rows_kept": len(kept),
        "kept": {
            "split": {split: splits[split] for split in SPLITS},
            "domain": _counts(row.domain for row in kept),
            "answer_type": _counts(row.answer_type for row in kept),
        },
        "dropped": _nonzero(dropped),
        "repaired": _nonzero(repaired),
    }


def _counts(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))


def _nonzero(counts: Counter[str]) -> dict[str, int]:
    return {reason: count for reason, count in sorted(counts.items()) if count}
