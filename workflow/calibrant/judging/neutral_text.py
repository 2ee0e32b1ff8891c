# ruff: noqa: RUF001 (letters of other scripts are meant)
"""Text that says nothing about any answer, in the form of a given text."""

import unicodedata
from functools import cache
from itertools import groupby

import numpy as np

ANSWER = "{answer}"
"""Stands for the answer of a case wherever a text repeats it."""

SENTENCES = (
    "The garden lies behind an old house.",
    "A narrow path leads to the lake in about ten minutes.",
    "In summer the evening is long and the water is warm.",
    "Blackberry bushes grow by the stone wall.",
    "The kitchen has a blue table, two chairs and a tall cupboard.",
    "Sparrows and hummingbirds sit on the windowsill at noon.",
    "Thunderstorms come over the mountain in late August.",
    "A wheelbarrow stands in the courtyard, full of dry leaves.",
    "The village bakery opens early and sells dark bread.",
    "Grandparents drink tea beneath the conservatory roof.",
    "Some furniture was painted by a neighbour last spring.",
    "Wool blankets hang on a rope to dry in the wind.",
)
"""English sentences for padding and for words."""

_PASSAGES = {
    "en": " ".join(SENTENCES),
    "ar": "تقع الحديقة خلف البيت القديم وتنمو الزهور قرب النهر في الصيف وتغني الطيور فوق الشجرة",
    "de": "Der Garten liegt hinter dem alten Haus und am Fluss wachsen im Sommer viele bunte Blumen",
    "el": "Ο κήπος είναι πίσω από το παλιό σπίτι και τα λουλούδια μεγαλώνουν αργά κοντά στο ποτάμι",
    "es": "El jardín está detrás de la casa vieja y las flores crecen despacio cerca del río en verano",
    "fr": "Le jardin se trouve derrière la vieille maison et les fleurs poussent au bord de la rivière",
    "he": "הגן נמצא מאחורי הבית הישן והפרחים גדלים לאט ליד הנהר בקיץ והציפורים שרות על העץ",
    "hi": "बगीचा पुराने घर के पीछे है और गर्मी में नदी के पास फूल धीरे धीरे उगते हैं",
    "id": "Kebun itu terletak di belakang rumah tua dan bunga tumbuh perlahan di dekat sungai",
    "it": "Il giardino si trova dietro la vecchia casa e i fiori crescono piano vicino al fiume",
    "ja": "にわはふるいいえのうしろにあり夏には川のそばで花がゆっくり咲いて鳥がうたう",
    "ko": "정원은 오래된 집 뒤에 있고 여름에는 강가에서 꽃이 천천히 자라며 새들이 노래한다",
    "nl": "De tuin ligt achter het oude huis en de bloemen groeien in de zomer langzaam langs de beek",
    "pl": "Ogród leży za starym domem a kwiaty rosną powoli nad rzeką i latem śpiewają tam ptaki",
    "pt": "O jardim fica atrás da casa velha e as flores crescem devagar perto do rio no verão",
    "ru": "Сад лежит за старым домом и летом цветы медленно растут у реки а птицы поют на дереве",
    "sw": "Bustani iko nyuma ya nyumba ya zamani na maua hukua polepole karibu na mto wakati wa joto",
    "th": "สวนอยู่หลังบ้านเก่าและดอกไม้โตช้าๆใกล้แม่น้ำในฤดูร้อน",
    "tr": "Bahçe eski evin arkasında ve yazın çiçekler nehrin yakınında yavaşça büyür kuşlar öter",
    "uk": "Сад лежить за старим будинком і влітку квіти повільно ростуть біля річки а пташки співають",
    "vi": "Khu vườn nằm sau ngôi nhà cũ và hoa mọc chậm rãi gần dòng sông vào mùa hè",
    "zh": "花园在老房子的后面夏天河边的花慢慢开放鸟儿在树上唱歌小路通向湖边",
}
_DIGITS = "2345678"  # 0, 1 and 9 are left out: they look like verdicts and top marks.
_LETTERS = "jkqw"  # The only English word of one letter, a, looks like an option.


def neutral_like(text: str, language: str, generator: np.random.Generator) -> str:
    """Return neutral text of the same length and form.

    Every word becomes a neutral one of the same length and capitals, every digit another digit;
    spaces, signs and ``ANSWER`` stay. Text without words and digits becomes a neutral word.

    Args:
        text: The text.
        language: Code of the language the words are drawn from, a key of the passages.
        generator: Chooses the words.
    """
    parts = text.split(ANSWER)
    if any(_kind(character) != "sign" for part in parts for character in part):
        return ANSWER.join(_rewrite(part, language, generator) for part in parts)
    return ANSWER.join(_word(len(part), language, generator) for part in parts)


def _rewrite(text: str, language: str, generator: np.random.Generator) -> str:
    pieces = []
    for kind, run in groupby(text, key=_kind):
        old = "".join(run)
        if kind == "word":
            new = _word(len(old), language, generator)
            pieces.append("".join(map(_in_case_of, old, new)))
        elif kind == "digit":
            pieces.append("".join(_DIGITS[generator.integers(len(_DIGITS))] for _ in old))
        else:
            pieces.append(old)
    return "".join(pieces)


def _kind(character: str) -> str:
    # A vowel sign of Devanagari or Thai is a mark (M) and belongs to its word.
    return {"L": "word", "M": "word", "N": "digit"}.get(unicodedata.category(character)[0], "sign")


def _in_case_of(old: str, new: str) -> str:
    return new.upper() if old.isupper() else new


def _word(length: int, language: str, generator: np.random.Generator) -> str:
    if length == 0:
        return ""
    by_length, letters = _words(language)
    if length == 1 and language == "en":
        return _LETTERS[generator.integers(len(_LETTERS))]
    if words := by_length.get(length):
        return words[generator.integers(len(words))]
    start = int(generator.integers(len(letters)))
    return (letters * (2 + length // len(letters)))[start : start + length]


@cache
def _words(language: str) -> tuple[dict[int, list[str]], str]:
    """Return the words of a passage by length, and all its letters in a row."""
    words = "".join(
        character if _kind(character) == "word" else " "
        for character in _PASSAGES[language].lower()
    ).split()
    by_length: dict[int, list[str]] = {}
    for word in sorted(set(words)):
        by_length.setdefault(len(word), []).append(word)
    return by_length, "".join(words)
