"""Stage ``vote``: one answer per question, voted by several."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import fsum

from calibrant.baselines.answer_groups import groups_without_truth
from calibrant.baselines.settings import VotedMethod, VoteSettings
from calibrant.errors import CalibrantError
from calibrant.rows import Prediction, Question

_WEIGHT_DECIMALS = 9
"""Sums of confidences that agree to this many decimals are a tie; the rest is rounding."""


@dataclass(frozen=True, slots=True)
class _Ballot:
    """The answers to one question, in the order given, and the group each belongs to."""

    rows: list[Prediction]
    groups: list[int | None]


def vote(
    predictions: Sequence[Prediction],
    questions: Mapping[str, Question],
    settings: VotedMethod | VoteSettings,
    method: str,
) -> list[Prediction]:
    """Return one row per question: the first of the answers that agree with the winner.

    The vote does not look at the truth: neither a grade nor a reference decides which answers say
    the same (see ``groups_without_truth``). Of equal votes the answer that was given first wins.
    An answer that could not be read has no vote, but counts among the answers of which ``share`` is
    taken. If none could be read, or the rule is ``first`` and the first could not, the first row is
    returned without a confidence (``no_answer``).

    Args:
        predictions: Answers of one system with one seed, several per question.
        questions: The questions by their identifier.
        settings: The rule, how many answers vote, and which confidence comes out.
        method: Name of the voted method.

    Returns:
        Rows in the order in which the questions first occur, with ``sample`` 0. The known
        probability of being right is that of the answer returned.

    Raises:
        CalibrantError: If a question is not there, two rows are the same answer of a question, or a
            question has fewer answers than are to vote.
    """
    asked: dict[str, dict[int, Prediction]] = {}
    for row in predictions:
        samples = asked.setdefault(row.question_id, {})
        if row.sample in samples:
            raise CalibrantError(
                f"answer {row.sample} to {row.question_id} is there twice",
                where=f"{row.method}/{row.dataset}",
                repair="Give the answers of one system with one seed",
            )
        samples[row.sample] = row
    return [
        _elected(_ballot(samples, questions, settings.answers), settings, method)
        for samples in asked.values()
    ]


def _ballot(
    samples: Mapping[int, Prediction], questions: Mapping[str, Question], answers: int | None
) -> _Ballot:
    rows = [samples[number] for number in sorted(samples)][:answers]
    first = rows[0]
    if answers is not None and len(rows) < answers:
        raise CalibrantError(
            f"{first.question_id} has {len(rows)} answers, and {answers} are to vote",
            where=f"{first.method}/{first.dataset}",
            repair="Raise generation.samples, or lower answers",
        )
    question = questions.get(first.question_id)
    if question is None:
        raise CalibrantError(
            f"answers the question {first.question_id}, which is not in {first.dataset}",
            where=f"{first.method}/{first.dataset}",
            repair="Delete the predictions and run again",
        )
    return _Ballot(rows, groups_without_truth([row.answer for row in rows], question))


def _elected(ballot: _Ballot, settings: VotedMethod | VoteSettings, method: str) -> Prediction:
    winner = _winner(ballot, settings.vote)
    if winner is None:
        row, confidence, status = ballot.rows[0], None, "no_answer"
    else:
        agreeing = _agreeing(ballot, winner)
        row = agreeing[0]
        confidence, status = _confidence(agreeing, len(ballot.rows), settings.confidence)
    return replace(
        row,
        method=method,
        sample=0,
        confidence=confidence,
        confidence_status=status,
        recorded_confidence=None,
        recorded_correct=None,
    )


def _winner(ballot: _Ballot, rule: str) -> int | None:
    """Return the group that wins, or None if no answer that could win was read."""
    if rule == "first":
        return ballot.groups[0]
    # In the order of their first answers, and max takes the first of equals.
    standing = [group for group in dict.fromkeys(ballot.groups) if group is not None]
    return max(standing, key=lambda group: _votes(_agreeing(ballot, group), rule), default=None)


def _votes(agreeing: Sequence[Prediction], rule: str) -> float:
    if rule == "majority":
        return len(agreeing)
    return round(fsum(row.confidence or 0.0 for row in agreeing), _WEIGHT_DECIMALS)


def _agreeing(ballot: _Ballot, group: int) -> list[Prediction]:
    return [row for row, its in zip(ballot.rows, ballot.groups, strict=True) if its == group]


def _confidence(agreeing: Sequence[Prediction], asked: int, kind: str) -> tuple[float | None, str]:
    """Return the confidence of the vote in [0, 1] and its status."""
    if kind == "share":
        return len(agreeing) / asked, "ok"
    stated = [row for row in agreeing if row.confidence is not None]
    if not stated:
        return None, agreeing[0].confidence_status
    return fsum(row.confidence or 0.0 for row in stated) / len(stated), stated[0].confidence_status
