"""A panel of judges: language judges and string features, weighed as people's verdicts ask."""

from collections.abc import Iterator, Sequence

import numpy as np

from calibrant.errors import CalibrantError
from calibrant.judging.case import Case, Judge, Verdict
from calibrant.judging.panel_model import MOST_LOG_ODDS, PanelModel
from calibrant.measures.sample import FloatArray

_BATCH = 256


class PanelJudge:
    """A fitted panel as a judge.

    Args:
        model: The panel.
        members: The judges it reads, in its order.

    Raises:
        CalibrantError: If the members are not those that the panel was fitted with.
    """

    def __init__(self, model: PanelModel, members: Sequence[Judge] = ()) -> None:
        given = tuple(member.identity for member in members)
        if given != model.members:
            raise CalibrantError(
                f"fitted with members {list(model.members)}, and given {list(given)}",
                where="panel",
                repair="Give the judges it was fitted with, in their order, or fit it again",
            )
        self._model = model
        self._members = tuple(members)
        self.identity = model.identity
        versions = ",".join(member.prompt_version for member in members)
        self.prompt_version = f"panel({versions})"

    def judge(self, cases: Sequence[Case]) -> Iterator[tuple[int, Verdict]]:
        """Yield the position of each case and its verdict.

        Members judge one after the other; a case is done when the last one has judged it, and
        without members they are done some hundred at a time.
        """
        log_odds = np.full((len(cases), len(self._members)), np.nan)
        if not self._members:
            for start in range(0, len(cases), _BATCH):
                places = range(start, min(start + _BATCH, len(cases)))
                yield from self._decide(cases, places, log_odds)
            return
        for column, member in enumerate(self._members):
            for at, verdict in member.judge(cases):
                log_odds[at, column] = member_log_odds(verdict)
                if column == len(self._members) - 1:
                    yield from self._decide(cases, [at], log_odds)

    def _decide(
        self, cases: Sequence[Case], places: Sequence[int], log_odds: FloatArray
    ) -> Iterator[tuple[int, Verdict]]:
        chosen = [cases[at] for at in places]
        chances = self._model.probability(chosen, log_odds[list(places)])
        for at, chance in zip(places, chances.tolist(), strict=True):
            yield at, Verdict(chance >= self._model.threshold, chance)


def member_log_odds(verdict: Verdict) -> float:
    """Return the log-odds of a member's verdict, within ``MOST_LOG_ODDS`` of 0."""
    least = 1 / (1 + np.exp(MOST_LOG_ODDS))
    chance = min(max(verdict.probability, least), 1 - least)
    return float(np.log(chance) - np.log1p(-chance))
