"""Rewards for the form of an answer of several sentences, each with its confidence.

RLMF (arXiv 2606.32032) pays a strict reward of +1 or -1 and a graded one from -1 to 0, each with
weight 3. Its graded reward counts tag faults; how is told only by its code, so the count here is our
own. Neither reward looks at how high a confidence is.
"""

from calibrant.elicitation.sentence_statements import SentenceStatements


def strict_format_reward(answer: SentenceStatements) -> float:
    """Return 1 if every sentence has a readable confidence and nothing else is there, else -1."""
    return 1.0 if answer.status == "ok" else -1.0


def graded_format_reward(answer: SentenceStatements) -> float:
    """Return minus the share of parts that are at fault, in [-1, 0]; -1 without any sentence.

    Parts are sentences, stray tags and stray texts. A sentence without a readable confidence is at
    fault, and so is every stray part. A text cut at the token limit has one fault more, so that
    it never earns what a finished one does.
    """
    if not answer.statements:
        return -1.0
    unread = sum(item.status != "ok" for item in answer.statements)
    stray = answer.stray_tags + answer.stray_texts + answer.truncated
    faults = unread + stray
    return -faults / (len(answer.statements) + stray) if faults else 0.0
