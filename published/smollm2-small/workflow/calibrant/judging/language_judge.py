"""A language model as judge: how likely it says yes, against no."""

import math
from collections.abc import Iterator, Sequence

from calibrant.engines.interface import ScoreRequest, ScoringEngine
from calibrant.errors import CalibrantError
from calibrant.files import canonical_json, sha256_text
from calibrant.judging.case import Case, Verdict
from calibrant.judging.prompt import JudgePrompt


class LanguageJudge:
    """Judges by the probabilities a language model gives the two replies of a prompt.

    Nothing is sampled: P(correct) = P(yes) / (P(yes) + P(no)), each summed over its spellings. How a
    case is shown, and where a long one is cut, ``JudgePrompt`` says.

    Args:
        engine: Holds the model.
        prompt: How it is asked.
        model_digest: Changes with the model: the digest of its weights, or what a server calls it.
        threshold: Probability from which an answer is called correct, in [0, 1].

    Attributes:
        identity: SHA-256 of model digest, prompt version and threshold.
        prompt_version: Version of the prompt.

    Raises:
        CalibrantError: If the threshold lies outside [0, 1] or the digest is empty.
    """

    def __init__(
        self,
        engine: ScoringEngine,
        prompt: JudgePrompt,
        model_digest: str,
        threshold: float = 0.5,
    ) -> None:
        if not 0 <= threshold <= 1:
            raise CalibrantError(f"is {threshold}, not in [0, 1]", where="threshold of a judge")
        if not model_digest:
            raise CalibrantError("is empty", where="model digest of a judge")
        self._engine = engine
        self._prompt = prompt
        self._threshold = threshold
        self.prompt_version: str = prompt.version
        self.identity: str = sha256_text(
            canonical_json(["language", model_digest, self.prompt_version, float(threshold)])
        )

    def judge(self, cases: Sequence[Case]) -> Iterator[tuple[int, Verdict]]:
        """Yield the position of each case and its verdict, each as soon as it is known.

        Raises:
            CalibrantError: As ``log_odds``.
        """
        for index, odds in self.log_odds(cases):
            probability = _probability(odds)
            yield index, Verdict(probability >= self._threshold, probability)

    def log_odds(self, cases: Sequence[Case]) -> Iterator[tuple[int, float]]:
        """Yield the position of each case and ln P(yes) - ln P(no), each as soon as it is known.

        Raises:
            CalibrantError: If the model gives neither reply any probability, or the engine fails.
        """
        replies = (*self._prompt.yes, *self._prompt.no)
        requests = [ScoreRequest(self._prompt.messages(case), replies) for case in cases]
        count = len(self._prompt.yes)
        for scores in self._engine.score(requests):
            yes, no = scores.log_probs[:count], scores.log_probs[count:]
            odds = _log_sum(yes) - _log_sum(no)
            if math.isnan(odds):
                raise CalibrantError(
                    f"the model gives none of {', '.join(replies)} any probability",
                    where=f"case {scores.index}",
                    repair="Use a prompt whose replies the model would give",
                )
            yield scores.index, odds


def _log_sum(logs: Sequence[float]) -> float:
    """Return the logarithm of a sum of probabilities, from their logarithms."""
    top = max(logs)
    if math.isinf(top):
        return top
    return top + math.log(math.fsum(math.exp(log - top) for log in logs))


def _probability(odds: float) -> float:
    """Return the probability of log odds; written so that no large number overflows."""
    small = math.exp(-abs(odds))
    return (1.0 if odds >= 0 else small) / (1.0 + small)
