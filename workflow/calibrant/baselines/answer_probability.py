"""How likely the model was to give the answer it gave.

The confidence is the geometric mean of the probabilities of the answer's tokens. Their product is
kept nowhere: it falls with every further token, so it would rank a right name of three words below a
wrong one of one. For an answer of one token both are the same.

Kadavath et al. 2022 (arXiv 2207.05221) and RLCR (arXiv 2507.16806) have baselines of this kind. RLCR
averages the probabilities themselves, and says 0.5 where it finds no answer or one of 30 tokens or
more; here an answer of any length is scored, and one that is not there is not.
"""

import math
from collections.abc import Sequence

from calibrant.baselines.located_answers import LocatedAnswer
from calibrant.baselines.text_engine import TextEngine


def answer_probabilities(engine: TextEngine, answers: Sequence[LocatedAnswer]) -> list[float]:
    """Return the mean probability per token of every answer, in [0, 1].

    Each token's probability is the model's own, at temperature 1, given the prompt and all that stands
    before it in the completion. The tags around the answer do not count.

    Args:
        engine: The model that gave the answers.
        answers: The answers.

    Raises:
        CalibrantError: If a text is longer than the model's context.
    """
    prompts, tokens = [], []
    for answer in answers:
        before, part = engine.encode_span(answer.completion, answer.begin, answer.end)
        prompts.append(engine.encode(answer.prompt) + before)
        tokens.append([part])
    found = [0.0] * len(answers)
    for scores in engine.score_tokens(prompts, tokens):
        # A certain token's log probability may be rounded to just above 0.
        found[scores.index] = min(1.0, math.exp(scores.log_probs[0] / scores.tokens[0]))
    return found
