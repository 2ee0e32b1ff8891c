"""Accept, defer or refuse each answer by a certificate; every decision carries its reason."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from calibrant.certification.certificate import Certificate, Group
from calibrant.certification.certify import ALL
from calibrant.certification.drift import ConfidenceMonitor, RiskMonitor, reference_of
from calibrant.errors import CalibrantError

Decision = Literal["accept", "defer", "refuse"]


@dataclass(frozen=True, slots=True)
class Routed:
    """The decision on one answer.

    Attributes:
        decision: ``accept``: use it; ``defer``: ask a person; ``refuse``: ask a person, since the
            certificate does not cover this answer and says nothing about it.
        reason: Why, as a word.
        detail: The same with its figures.
    """

    decision: Decision
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Row:
    """One answer to route.

    Attributes:
        question: What it answers.
        confidence: In [0, 1], or None.
        labels: What it belongs to, by column; a column that the source lacks is not checked.
        correct: Its label if one has arrived, else None. It is used after the decision.
    """

    question: str
    confidence: float | None
    labels: Mapping[str, str]
    correct: bool | None = None


@dataclass(frozen=True, slots=True)
class Alarm:
    """A sequential test that has rejected.

    Attributes:
        group: Where.
        kind: ``confidence`` or ``risk``.
        row: Number of the row in the stream, from 0.
    """

    group: str
    kind: Literal["confidence", "risk"]
    row: int


class Router:
    """Routes a stream of answers and watches it for drift.

    After an alarm in a group nothing of it is accepted any more: the sample that the certificate
    rests on no longer speaks for the stream.

    Args:
        certificate: What is certified.
        level: Highest probability of any false alarm over the whole stream, in (0, 1); it is
            shared evenly among the tests, two per certified group.
        seed: Seed of the random breaking of ties in the conformal p-values.
    """

    def __init__(self, certificate: Certificate, *, level: float = 0.01, seed: int = 17) -> None:
        if not 0 < level < 1:
            raise CalibrantError(
                f"the level of alarms is {level:g}, which is not between 0 and 1",
                where="--alarm-level",
                repair="Use a small probability such as 0.01",
            )
        self.certificate = certificate
        self._groups = {group.name: group for group in certificate.groups}
        certified = [group for group in certificate.groups if group.certified is not None]
        share = level / max(1, 2 * len(certified))
        self._confidence = {
            group.name: ConfidenceMonitor(reference_of(group), level=share, seed=seed + number)
            for number, group in enumerate(certified)
        }
        self._risk = {
            group.name: RiskMonitor(certificate.alpha, level=share) for group in certified
        }
        # One answer per question in every test, as in the calibration sample.
        self._watched: set[str] = set()
        self._labelled: set[str] = set()
        self._row = -1
        self.alarms: list[Alarm] = []

    def route(self, rows: Iterable[Row]) -> list[Routed]:
        """Route answers in the order in which they arrive."""
        return [self.decide(row) for row in rows]

    def decide(self, row: Row) -> Routed:
        """Route the next answer, and learn from its label if it has one."""
        self._row += 1
        refused = self._not_covered(row)
        if refused is not None:
            return refused
        group = self._groups[self._name(row)]
        self._watch_confidence(group.name, row)
        decided = self._decide_covered(group, row)
        if self._by_threshold(group, row).decision == "accept":
            self._watch_label(group.name, row)
        return decided

    def _name(self, row: Row) -> str:
        by = self.certificate.by
        if by is None:
            return ALL
        if by not in row.labels:
            raise CalibrantError(
                f"has no column {by!r}, by which the certificate tells thresholds apart",
                where="the answers to route",
                repair=f"Add a column {by!r}",
            )
        return row.labels[by]

    def _not_covered(self, row: Row) -> Routed | None:
        for column, seen in self.certificate.scope.items():
            # A column that the source lacks cannot be checked; the command says so.
            value = row.labels.get(column)
            if value is not None and value not in seen:
                return Routed(
                    "refuse", f"{column}_not_covered", f"{column} {value!r} was not certified"
                )
        group = self._groups[self._name(row)]
        if group.refusal is not None:
            return Routed("refuse", "no_certified_threshold", group.refusal.text)
        return None

    def _decide_covered(self, group: Group, row: Row) -> Routed:
        for alarm in self.alarms:
            if alarm.group == group.name:
                return Routed(
                    "refuse", "after_alarm", f"{alarm.kind} drifted at row {alarm.row + 1}"
                )
        return self._by_threshold(group, row)

    def _by_threshold(self, group: Group, row: Row) -> Routed:
        if group.certified is None:
            raise AssertionError("a group without a threshold is refused before")
        threshold = group.certified.point.threshold
        if row.confidence is None:
            return Routed("defer", "no_confidence", "states no confidence")
        if row.confidence >= threshold:
            return Routed("accept", "reaches_threshold", f"{row.confidence:g} >= {threshold:g}")
        return Routed("defer", "below_threshold", f"{row.confidence:g} < {threshold:g}")

    def _watch_confidence(self, name: str, row: Row) -> None:
        if row.question in self._watched:
            return
        self._watched.add(row.question)
        if self._confidence[name].update(row.confidence):
            self._raise(name, "confidence")

    def _watch_label(self, name: str, row: Row) -> None:
        if row.correct is None or row.question in self._labelled:
            return
        self._labelled.add(row.question)
        if self._risk[name].update(row.correct):
            self._raise(name, "risk")

    def _raise(self, group: str, kind: Literal["confidence", "risk"]) -> None:
        if not any(alarm.group == group and alarm.kind == kind for alarm in self.alarms):
            self.alarms.append(Alarm(group, kind, self._row))
