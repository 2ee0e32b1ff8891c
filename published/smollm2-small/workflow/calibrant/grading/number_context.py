"""What may stand around a written number without changing what it says.

Before a number only known words may stand directly (``the total is 12``); after it any word is
taken for what is counted (``12 widgets``). Signs of calculation and words that reckon, limit or
deny are allowed nowhere. The rules refuse some harmless texts: a number that is not read is named
as ambiguous, and a number read wrongly would be named right.
"""

import re

from calibrant.grading.negation import negated

_TO_TWENTY = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty"
)
NUMBER_WORDS: dict[str, int] = {word: value for value, word in enumerate(_TO_TWENTY.split())}
"""English words of the numbers 0 to 20."""

_TENS = "thirty forty fifty sixty seventy eighty ninety hundred thousand million billion trillion"
_OTHER_NUMBER = re.compile(
    rf"\b(?:{'|'.join([*NUMBER_WORDS, *_TENS.split()])}|dozen)s?\b", re.IGNORECASE
)
_UNITS_OF_ONE_LETTER = set("mghsdlLCFNJWVA")
_UNITS = (
    "km cm mm dm nm um kg mg lb lbs oz ft in yd mi hr hrs min mins mph kph ml dl cl gal cal kw kwh mw "
    "gb mb kb hz khz mhz ghz pa kpa atm mol sec secs ms ns am pm st nd rd th day bar ev rpm ppm pt "
    "pts usd eur gbp"
)
# Other short words right after a number may be variables.
_SHORT_UNITS = set(_UNITS.split())
_SHORT_WORDS = {
    "in",
    "at",
    "of",
    "is",
    "as",
    "so",
    "on",
    "if",
    "we",
    "it",
    "he",
    "an",
    *_SHORT_UNITS,
}
_AREA = re.compile(r"(?:mm|cm|dm|km|m|ft|in|yd|mi)[23](?![\w])", re.IGNORECASE)
_HARMLESS_SIGNS = re.compile(
    r"(?<=[A-Za-z])\s?\^\s?\{?-?[123]\}?(?!\d)"  # cm^2
    r"|(?:\A|(?<=[A-Za-z)]))\s?/\s?(?:[A-Za-z]{3,}|hr|km|kg|cm|[hsmgLld]\b)"  # km/h, 12/hour
    r"|(?:\A|(?<=\w))-(?=[A-Za-z]{3})"  # 5-year-old
    r"|\A\s*=\s*[A-Za-z]\s*\Z"  # 12 = x
)
_OPERATOR = re.compile(r"[-+*/^=<>\u2264\u2265\u2260\u00b1|&!@#\\_\u221a\u221e]|:(?=\w)|\)\(")
_RECKONING = re.compile(
    r"\b(?:at\s+(?:least|most)|up\s+to|than|or|between|above|below|over|under|beyond|almost|nearly"
    r"|upwards|exceed\w*|within|plus|minus|negative|multiplied|divided|mod|modulo|squared|cubed|power"
    r"|factorial|root|twice|thrice|doubled?|tripled?"
    r"|quadrupled?|reciprocal|inverse|point"
    r"|(?:half|third|quarter|fifth|tenth|square|cube|root|opposite|multiple|fraction|logarithm)s?\s+of"
    r"|minimum\s+of"
    r"|maximum\s+of|(?:and|or)\s+(?:a|an|some|up|more|over|beyond|change|counting|[b-z])"
    r"|times(?!\W*\Z|\s+(?:as|a|an|per|each|every|in|more|larger|bigger|faster|longer)\b))\b"
    r"|\d(?:ths|rds)\b",
    re.IGNORECASE,
)
_FUNCTION = re.compile(
    r"\b(?:sqrt|log|ln|sin|cos|tan|pi|infinity)\b|[|\u221a\u221b]", re.IGNORECASE
)
# These spoil what stands before them: "3 tenths", but "the third side is 5".
_PART = re.compile(
    r"\b(?:half|halves|(?:third|quarter|fourth|fifth|sixth|seventh|eighth|ninth|tenth|hundredth"
    r"|thousandth|millionth|billionth)s?)\b",
    re.IGNORECASE,
)
_SCALE_AFTER = re.compile(
    r"[\s-]*(?:lakhs?|lacs?|crores?|mil|mill|mln|mio|bn|tn|scores?|gross|tens|grand|myriad|googol)\b",
    re.IGNORECASE,
)
_SINGLE_LETTER = re.compile(r"(?<![\w'.])[A-Za-z](?![\w'])")
_LAST_WORD = re.compile(r"([A-Za-z']+|\d+)\W*\Z")
_LEADS = (
    "is are was were be been being equals equal get gets got give gives gave given has have had hold "
    "holds make makes made take takes took need needs needed cost costs earn earns earned pay pays "
    "paid save saves saved spend spends spent sold sells buy buys bought left remain remains contain "
    "contains contained use uses used eat eats ate read reads run runs ran walk walks walked drive "
    "drives drove score scores scored won become becomes see sees saw want wants obtain find found "
    "about approximately approx around roughly exactly only just precisely probably maybe perhaps "
    "likely answer result total value number sum difference product therefore thus hence so then "
    "that the this these all both in for at on after him her them me us you each day year page week "
    "age grade month solution final correct yes be would will"
)
_LEAD_WORDS = set(_LEADS.split())
_LEAD_PHRASE = re.compile(
    r"\b(?:(?:total|answer|value|amount|cost|price|average|mean|result|sum|speed|area|volume|length"
    r"|age|profit|score|distance|perimeter|probability|weight|height)\s+of"
    r"|(?:equal|equals|comes?|came|amounts?|adds?\s+up|sums?|simplifies|evaluates|rounds|rounded"
    r"|reduces|works\s+out|leads|leading|back|it|answer|according)\s+to)\W*\Z",
    re.IGNORECASE,
)
_AFTER_BREAK = re.compile(r"(?:[:=,;\n]|[.?]\s)\W*\Z")
_GLUED_BRACKET = re.compile(r"(?:[\w)]|[-+]\s*)\(\W*\Z")
_NEAR = 200
_SIGN_PLACE = re.compile(
    r"(?:\A|[=:,({\[\"'`]|\b(?:is|are|was|be|equals?|to|of|gives?|gets?|has|have|about|approximately"
    r"|answer))\s*\Z",
    re.IGNORECASE,
)
_SIGN_WORD = re.compile(r"\b(?:negative|minus)\s*\Z", re.IGNORECASE)
_RESTATED = re.compile(r"\b(?:that\s+is|i\.e|so|thus|hence|therefore|namely)\b", re.IGNORECASE)


def split_sign(before: str) -> tuple[str, int]:
    """Return the text before a number without the sign of the number, and that sign, 1 or -1.

    A minus is a sign unless it is a subtraction or a hyphen; so are the words negative and minus
    where a statement begins. What is not a sign stays in the text.
    """
    far, near = before[:-_NEAR], before[-_NEAR:]
    word = _SIGN_WORD.search(near)
    if word:
        rest = near[: word.start()]
        return (far + rest, -1) if _SIGN_PLACE.search(rest) else (before, 1)
    rest = near.rstrip()
    if rest.endswith(("-", "+")) and _SIGN_PLACE.search(rest[:-1]):
        return far + rest[:-1], -1 if rest[-1] == "-" else 1
    return before, 1


def keeps_before(before: str) -> bool:
    """Return whether ``before``, the text before a number and its sign, leaves it as it is."""
    if not keeps_from_afar(before):
        return False
    before = before[-_NEAR:]
    if _GLUED_BRACKET.search(before):
        return False
    last = _LAST_WORD.search(before)
    if last is None or _AFTER_BREAK.search(before):
        return True
    return last.group(1).lower() in _LEAD_WORDS or _LEAD_PHRASE.search(before) is not None


def keeps_after(after: str) -> bool:
    """Return whether ``after``, the text after a number and its unit, leaves it as it is."""
    glued = re.match(r"[A-Za-z]+", after)
    if glued and not _AREA.match(after):
        unit = glued.group()
        if after[glued.end() : glued.end() + 1].isdigit() or not _may_follow(unit, _SHORT_UNITS, 3):
            return False
    spaced = re.match(r"\s+([A-Za-z]+)(?!['.\w])", after)
    if spaced and not _may_follow(spaced.group(1), _SHORT_WORDS | {"a", "A", "I"}, 2):
        return False
    if after.startswith("(") or _SCALE_AFTER.match(after):
        return False
    letters = set(_SINGLE_LETTER.findall(after)) - {"a", "A", "I"}
    equation = _HARMLESS_SIGNS.match(after)
    known = bool(equation) or letters <= _UNITS_OF_ONE_LETTER
    return known and keeps_from_afar(after) and not _PART.search(after)


def restates(between: str) -> bool:
    """Return whether ``between`` joins two equal numbers that say the same: "12, that is 12"."""
    return _RESTATED.search(between) is not None and keeps_before(between) and keeps_after(between)


def reckons(text: str) -> bool:
    """Return whether ``text`` calculates with a number or limits it: "twice", "at least"."""
    return any(pattern.search(text) for pattern in (_RECKONING, _PART, _FUNCTION))


def distorts(before: str, after: str) -> bool:
    """Return whether words before or after an expression deny it, limit it or reckon with it."""
    words = f"{before}\n{after}"
    return bool(negated(words) or _RECKONING.search(words) or _PART.search(after))


def other_number_words(text: str) -> set[str]:
    """Return the number words of ``text`` in lower case."""
    return {word.lower() for word in _OTHER_NUMBER.findall(text)}


def keeps_from_afar(text: str) -> bool:
    """Return whether ``text`` has no sign or word that changes a number in the same sentence."""
    return not (
        negated(text)
        or _RECKONING.search(text)
        or _FUNCTION.search(text)
        or _OPERATOR.search(_HARMLESS_SIGNS.sub(" ", text))
    )


def _may_follow(word: str, known: set[str], short: int) -> bool:
    if len(word) == 1:
        return word in _UNITS_OF_ONE_LETTER or word in known
    return len(word) > short or word.lower() in known
