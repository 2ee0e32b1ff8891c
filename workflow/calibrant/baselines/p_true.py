"""P(True): the model is asked whether the answer it gave is right (Kadavath et al. 2022).

The chat goes on: after the answer comes one more question by the user, in the model's own template.
What stood behind the answer is left out, so the model does not read how sure it said to be. Kadavath
et al. (arXiv 2207.05221) offer (A) True and (B) False after worked examples; here the replies are yes
and no, and the only examples are those of the prompt that asked for the answer.
"""

from collections.abc import Sequence

import numpy as np

from calibrant.baselines.located_answers import LocatedAnswer
from calibrant.baselines.text_engine import TextEngine
from calibrant.errors import CalibrantError
from calibrant.files import canonical_json, sha256_text

_QUESTION = "Is this answer right? Reply yes or no."
_CLOSING = "</answer>"
_YES = ("yes", "Yes")
_NO = ("no", "No")

P_TRUE_VERSION = f"p-true-{sha256_text(canonical_json([1, _QUESTION, _CLOSING, _YES, _NO]))[:8]}"
"""Version of the prompt: changes with its words. Raise the number when its layout changes."""


def p_true(engine: TextEngine, answers: Sequence[LocatedAnswer]) -> list[float]:
    """Return P(yes) / (P(yes) + P(no)) for every answer, each summed over its spellings.

    Args:
        engine: The model that gave the answers.
        answers: The answers.

    Raises:
        CalibrantError: If the model gives no reply any probability, a text is longer than its
            context, or its chat template shows no earlier turns.
    """
    asked = _CLOSING + engine.next_turn(_QUESTION)
    prompts = [
        engine.encode(answer.prompt) + engine.encode(answer.completion[: answer.end] + asked)
        for answer in answers
    ]
    replies = [engine.encode(reply) for reply in (*_YES, *_NO)]
    found = [0.0] * len(answers)
    for scores in engine.score_tokens(prompts, [replies] * len(answers)):
        yes, no = (
            float(np.logaddexp.reduce(part))
            for part in (scores.log_probs[: len(_YES)], scores.log_probs[len(_YES) :])
        )
        if max(yes, no) == -np.inf:
            raise CalibrantError(
                f"the model gives none of {', '.join((*_YES, *_NO))} any probability",
                where=answers[scores.index].row.question_id,
                repair="Score this model with answer_probability or a probe",
            )
        found[scores.index] = float(np.exp(yes - np.logaddexp(yes, no)))
    return found
