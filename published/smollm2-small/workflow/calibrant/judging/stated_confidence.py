"""Words in an answer that only say how sure its author is: "Confidence: 85%", "I am 90% sure".

Numbers that are the answer stay: "85%", "the bill fell 90%", "a 95% confidence interval", and what
others are sure of. Where a word stands before the phrase without a sign between them, it decides:
"consumer confidence: 85" is an answer, "Paris confidence: 85" is not.
"""

import re
from collections.abc import Iterator

from calibrant.judging.markup import folded

_TENS = (
    "(?:ten|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|(?:(?:one|a)[ ])?hundred|zero)"
)
_NUMBER = (
    r"(?:[-+]?(?:\d++(?:[.,]\d++)?+|\.\d++)(?:e[-+]?\d++)?+"
    rf"|{_TENS}(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?)"
)
_UNIT = (
    r"(?:\s{0,2}(?:%|percent\b|per\s?cent\b|pct\b)"
    r"|\s{0,2}(?:/|out\s+of\b|of\b)\s{0,2}(?:1000?|10|100|1|ten|hundred)(?:\.0)?(?![\w]))?"
)
_ABOUT = (
    r"(?:(?:about|around|roughly|approximately|approx\.?|nearly|almost|at\s+least|at\s+most|over"
    r"|only|just|maybe|perhaps|probably|between|~|\u2248|[<>]=?)\s{0,3}){0,3}"
)
_VALUE = rf"{_ABOUT}{_NUMBER}{_UNIT}(?:\s?(?:-|\u2013|to|and|\u00b1)\s?{_NUMBER}{_UNIT})?"
_GRADE = (
    r"(?:(?:very|extremely|fairly|quite|pretty|rather|moderately|relatively)\s+)?"
    r"(?:high|low|medium|moderate|strong|weak|certain|uncertain|full|complete|absolute|none)\b"
)
_MARKS = r"[*_`\"'#|\\]{0,4}"
_MINE = r"(?:my|the|this|your|our)\s+(?:answer|response|guess|reply)"
_RIGHT = r"(?:right|correct|true|accurate)"
_LEAD = (
    r"(?:\b(?:and|but|so|with|at|a|an|the|my|our|overall|final|stated|estimated|self-reported|model"
    r"|answer|verbal|current|subjective|very|high|highest|low|moderate|strong|i'd|i|we|would|rate|put"
    r"|give|estimate|set|state|say|have|as\s+it\s+has|has|is)\s+){0,6}"
)
_LABEL = rf"""
    (?P<lead>{_LEAD}){_MARKS}
    (?<![\w-])(?:confidence|certainty|conf\.?(?=\s?[:=]))
    (?:[ _-]{{0,2}}(?:level|score|rating|estimate|value|percentage|probability)\b)?
    (?:\s+(?:in|of|about|for)\s+(?:{_MINE}|this|that|it|being\s+{_RIGHT})\b)?
    (?:\s+that\s+(?:{_MINE}|this|it)\s+is\s+{_RIGHT})?
    (?:\s?\([^()\n]{{0,30}}\))?
    (?P<sep>[\s"'*_`:=|~\\>\u2192\u2013-]{{0,12}}(?:(?:is\s+set\s+(?:at|to)|is|of|at|as|are|about|would\s+be)\b)?[\s"'*_`:=|]{{0,6}})
    (?:{_VALUE}|{_GRADE}|\(\s?{_VALUE}\s?\)){_MARKS}
"""
_RIGHTNESS = rf"""
    (?P<lead>(?:\b(?:there\s+is|there's|with|and|at|a|an|the|my|i\s+see|i\s+give\s+it|about)\s+){{0,5}})
    (?:
        {_MARKS}(?:probability|likelihood|chance|odds|p)\s?
        (?:\(\s?(?:correct|right|true)\s?\)
          |(?:of|that|for)\s+(?:(?:{_MINE}|this|that|it|i|i'm|i\s+am)\s+)?(?:is\s+|am\s+|being\s+|be\s+)?
            (?:{_RIGHT}|correctness)\b)
        [\s"'*_`:=|-]{{0,6}}(?:is|of|at)?[\s"'*_`:=|]{{0,6}}{_VALUE}
      |(?<![\w.,]){_VALUE}\s+(?:probability|likelihood|chance|likely)\s+
        (?:of\s+|that\s+|to\s+be\s+)?(?:(?:{_MINE}|this|that|it|i'm|i)\s+)?
        (?:is\s+|am\s+|being\s+|be\s+)?{_RIGHT}(?!\w)
    ){_MARKS}
"""
_SURE = rf"""
    (?P<lead>(?:\b(?:and|but|so|though|with|at|a|though)\s+){{0,2}})
    (?P<self>\b(?:i|we)(?:\s*'m|\s+am|\s*'re|\s+are|\s+feel|\s+would\s+say|'d\s+say)\s+(?:(?:that\s+)?i(?:'m|\s+am)\s+)?
      |\b(?:am|i'm)\s+)?
    {_MARKS}(?<![\w.,])(?:{_VALUE}){_MARKS}\s{{1,3}}
    (?:sure|certain|confident|positive|(?P<noun>confidence|certainty))(?![\w-]){_MARKS}
    (?!\s*[-]?\s*(?:interval|level|limit|band|region|bound|set|coefficient|threshold))
    (?P<tail>\s+(?:(?:that|about|of|in|on)\s+)?(?:{_MINE}|this|that|it)(?:\s+answer)?(?:\s+is|'s)?(?:\s+being)?
        (?:\s+{_RIGHT})?(?=\s*(?:[.,;:!?)\]}}]|\Z))
      |\s+that(?:'s)?(?!\w)
      |(?=\s*(?:[.,;:!?()\[\]}}|\n\u2013-]|\Z))
      |(?=\s+(?:it|the|but|because|since|about|of|in|and)\b))
"""
_VERBAL = r"""
    (?P<lead>(?:\b(?:and|but|though|although)\s+)?)
    \b(?:i|we)(?:\s*'m|\s+am|\s+feel|\s*'re|\s+are)\s+(?:not\s+)?
    (?:(?:very|quite|fairly|pretty|really|so|too|all|at|that|absolutely|completely|totally|entirely
       |highly|extremely|reasonably|moderately|somewhat|almost|nearly|rather)\s+){0,3}
    (?:sure|certain|confident|unsure|uncertain)
    (?:\s+(?:about|of|in|on)\s+(?:(?:my|the|this)\s+(?:answer|response|guess)|this|that|it))?
    (?=\s*(?:[.,;!)\]\n]|\Z))(?:\s?,\s?but\b)?
"""
_FLAGS = re.IGNORECASE | re.VERBOSE
_NUMERIC = tuple(re.compile(pattern, _FLAGS) for pattern in (_RIGHTNESS, _LABEL, _SURE))
_WORDED = re.compile(_VERBAL, _FLAGS)

_WORD_BEFORE = re.compile(r"([^\W\d_][\w'-]{0,30})[ \t]{0,4}\Z")
_OTHERS_CONFIDENCE = re.compile(
    "business|builder|consumer|customer|diagnostic|economic|employee|in|industrial|industry|investor"
    "|market|no|of|public|retail|statistical|trade|voter|self"
)
_OTHERS_ARE_SURE = re.compile(
    "is|was|are|were|be|been|being|not|he|she|they|who|it's|has|had|became|feel|felt|s|re|seems?"
    "|seemed|remain(?:s|ed)?"
)
_ENDS_SENTENCE = ".!?:\n([{"
_SEPARATORS = re.compile(r"(?:[\s,;:!?\u2013\u2014|]|\.(?!\d)|-(?=\s))*+")
_REASON = re.compile(
    r"[ \t]{0,3}(?:because|since|as|given|due\s+to)\b[^.!?\n]{0,400}+", re.IGNORECASE
)


def without_stated_confidence(text: str) -> str:
    """Return ``text`` without phrases that state its author's confidence.

    Phrases with a number or a grade go wherever they stand. Those without ("I am not sure") go where
    something else remains; alone they are the answer of an author who gives none.
    """
    for pattern in _NUMERIC:
        text = _cut(text, _phrases(pattern, text))
    rest = _cut(text, _phrases(_WORDED, text))
    return rest if any(char.isalnum() for char in rest) else text


def _phrases(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    plain = folded(text)
    for match in pattern.finditer(plain):
        if _is_own(match, plain):
            reason = _REASON.match(plain, match.end()) if pattern is not _WORDED else None
            yield match.start(), reason.end() if reason else match.end()


def _is_own(match: re.Match[str], plain: str) -> bool:
    """Return whether the phrase is about the answer, by the word right before it."""
    groups = match.groupdict()
    before = _WORD_BEFORE.search(plain, max(0, match.start() - 40), match.start())
    word = before[1].lower() if before else ""
    if "sep" in groups:
        if not word or groups["lead"]:
            return not _OTHERS_CONFIDENCE.fullmatch(word)
        return bool(set(":=") & set(groups["sep"])) and not _OTHERS_CONFIDENCE.fullmatch(word)
    if "self" in groups:
        if groups["noun"] and groups["tail"].strip().startswith("that"):
            return not word
        return bool(groups["self"]) or not _OTHERS_ARE_SURE.fullmatch(word)
    return True


def _cut(text: str, spans: Iterator[tuple[int, int]]) -> str:
    """Return ``text`` without the spans, their brackets and the signs that joined them to the rest."""
    pieces: list[str] = []
    position = 0
    for start, end in spans:
        before, position = _parted(text, position, start, end)
        joined = before.endswith("\n") or text[position : position + 1] in ".,;)]}\n"
        pieces += [before, "" if joined else " "]
    return "".join([*pieces, text[position:]]).strip() if pieces else text


def _parted(text: str, position: int, start: int, end: int) -> tuple[str, int]:
    """Return what stands from ``position`` up to the span, and where the text after it begins."""
    before = text[position:start].rstrip(" \t")
    end = _after_blanks(text, end)
    if before and before[-1] + text[end : end + 1] in ("()", "[]", "{}"):
        before, end = before[:-1].rstrip(" \t"), _after_blanks(text, end + 1)
    after = text[end : end + 1]
    if not before.strip() or before[-1] in _ENDS_SENTENCE or not after:
        match = _SEPARATORS.match(text, end)
        end = match.end() if match else end
    if not after or after in ".!?)]}\n":
        before = before.rstrip(" \t,;\u2013\u2014|-")
    return before, end


def _after_blanks(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t":
        position += 1
    return position
