"""Words that turn a statement round or take it back."""

import re

NEGATION = re.compile(
    r"\b(?:not|neither|nor|none|never|nobody|nothing|nowhere|cannot|except|excluding|hardly|scarcely"
    r"|barely|unlikely|untrue|impossible|improbable|implausible|wrong|wrongly|incorrect|incorrectly"
    r"|mistaken|inaccurate|invalid|far\s+from|(?:anything|all|everything)\s+but|instead\s+of"
    r"|rather\s+than|other\s+than|rul(?:e|es|ed|ing)\s+(?:\w+\s+){0,3}out|eliminat\w+|reject\w*"
    r"|disprov\w+|den(?:y|ies|ied)|disagree\w*|refus\w+|exclud\w+|fail(?:s|ed)?|(?:is|do|does|was|wo|ca)nt"
    r"|without(?!\s+(?:a\s+|any\s+)?doubt)|no\s+(?:one|way|reason|chance|evidence)|\w*n['\u2019]t"
    r"|(?<!no )(?<!without )(?<!without a )(?<!without any )(?<!beyond )doubt(?:s|ed|ful)?)\b",
    re.IGNORECASE,
)
"""Any negation but the bare word "no", which is an answer of its own to some questions."""

NO = re.compile(r"\bno\b(?!,)|\bfalse\b", re.IGNORECASE)
"""The negations that are answers where yes and no are asked for. "No, it is 5" negates nothing."""

RETRACTION = re.compile(
    r"\b(?:wait|actually|correction|scratch\s+that|on\s+second\s+thought|rather|instead|sorry|hmm+)\b"
    r"|[?.]\s+no\b(?!\s+doubt)",
    re.IGNORECASE,
)
"""Words after which a text says something else than before."""


def negated(text: str) -> bool:
    """Return whether ``text`` contains a negation of any kind."""
    return bool(NEGATION.search(text) or NO.search(text))


def negations(text: str) -> int:
    """Return how many negations ``text`` contains."""
    return len(NEGATION.findall(text)) + len(NO.findall(text))
