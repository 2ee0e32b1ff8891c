"""What an answer shows without its references: refusal, hedging, negation, kind of question."""

import re

REFUSAL = re.compile(
    r"\b(?:i have no (?:comment|idea|opinion|information)|no comment"
    r"|i (?:do not|don['\u2019]?t) (?:know|have|understand)"
    r"|(?:i['\u2019]?m|i am) (?:not (?:sure|aware|certain)|unaware|sorry|unable)"
    r"|(?:could|can) ?(?:not|n['\u2019]t) (?:find|provide|answer|determine|say)"
    r"|unable to (?:find|provide|determine|answer)"
    r"|(?:is|are|was|were|it['\u2019]s) "
    r"(?:unknown|unclear|not (?:clear|known|specified|available|mentioned|certain))"
    r"|no (?:information|record|specific|data|definitive)"
    r"|not enough information|depends on|unaware of)\b",
    re.IGNORECASE,
)
"""Words of one who gives no answer."""

HEDGE = re.compile(
    r"\b(?:may|might|could|possibly|perhaps|probably|likely|some|sometimes|many|most|often|usually"
    r"|generally|typically|believed|thought|said|claimed|myth|misconception|depends?|evidence)\b",
    re.IGNORECASE,
)
"""Words that limit a claim."""

ABSOLUTE = re.compile(
    r"\b(?:all|always|every|everyone|everything|only|best|most|must|will|definitely|certainly"
    r"|entire(?:ly)?|completely)\b",
    re.IGNORECASE,
)
"""Words of an unlimited claim."""

NEGATIVE = re.compile(
    r"\b(?:no|not|never|none|nothing|nobody|nowhere|neither|nor|cannot|without|false|myth|incorrect"
    r"|illegal|impossible|unlikely|misconception|\w*n['\u2019]t|there(?:['\u2019]s| is| are) no)\b",
    re.IGNORECASE,
)
"""Words that deny: unlike ``grading.negation.NEGATION`` the bare "no" is one of them."""

_YES_NO = re.compile(r"\W*(yes|no)\b", re.IGNORECASE)
_KINDS = {
    "who": r"\bwho(?:se|m)?\b",
    "when": r"\bwhen\b|\b(?:what|which|in what) (?:year|date|day|month|time)\b",
    "where": r"\bwhere\b|\b(?:what|which) (?:country|city|state|place|continent)\b",
    "number": r"\bhow (?:many|much|long|old|far|tall|big|high|large|often)\b|\bwhat number\b",
    "why": r"\bwhy\b|\bhow (?:do|does|did|can|to|come)\b",
    "happens": r"\bwhat (?:happens?|would happen|will happen|does it mean|should)\b|^if\b",
    "yes_no": r"^\W*(?:is|are|was|were|do|does|did|can|could|has|have|should|will|would)\b",
}
QUESTION_KINDS = tuple(_KINDS)
_PATTERNS = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _KINDS.items()}
SENTENCE_END = re.compile(r"(?<=[\w)\"'\u201d]{2}[.!?])\s|\n")
"""Where a sentence or a line ends."""

FUNCTION_WORDS = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "in",
        "on",
        "at",
        "to",
        "for",
        "from",
        "by",
        "with",
        "and",
        "or",
        "but",
        "nor",
        "so",
        "as",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "being",
        "am",
        "do",
        "does",
        "did",
        "done",
        "has",
        "have",
        "had",
        "having",
        "will",
        "would",
        "can",
        "could",
        "should",
        "may",
        "might",
        "must",
        "shall",
        "it",
        "its",
        "this",
        "that",
        "these",
        "those",
        "there",
        "here",
        "he",
        "she",
        "they",
        "we",
        "you",
        "i",
        "his",
        "her",
        "their",
        "our",
        "your",
        "my",
        "him",
        "them",
        "us",
        "me",
        "who",
        "whom",
        "whose",
        "which",
        "what",
        "when",
        "where",
        "why",
        "how",
        "if",
        "then",
        "than",
        "not",
        "no",
        "yes",
        "also",
        "too",
        "very",
        "just",
        "about",
        "into",
        "over",
        "under",
        "up",
        "down",
        "out",
        "off",
        "s",
        "t",
        "re",
        "ve",
        "ll",
        "d",
        "m",
    ]
)
"""Words that carry no content of their own."""


def yes_or_no(text: str) -> int:
    """Return 1 for a text that begins with yes, -1 for one that begins with no, else 0."""
    found = _YES_NO.match(text)
    return 0 if found is None else (1 if found[1].lower() == "yes" else -1)


def question_kinds(question: str) -> tuple[bool, ...]:
    """Return for each of ``QUESTION_KINDS`` whether the question asks for it."""
    return tuple(bool(pattern.search(question)) for pattern in _PATTERNS.values())


def first_sentence(text: str) -> str:
    """Return the first sentence, or all of a text that has no end of one."""
    return SENTENCE_END.split(text.strip(), maxsplit=1)[0]
