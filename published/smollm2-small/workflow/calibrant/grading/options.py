"""The options of a question, and the ways in which a text can name one."""

from difflib import SequenceMatcher

from calibrant.grading.negation import negations
from calibrant.grading.normalise import words
from calibrant.rows import OPTION_LETTERS

Words = tuple[str, ...]

_SAME_SPELLING = 0.8


class Options:
    """Options in normal form.

    Options with the same text, spaces aside, are one option, known by the position of the first.
    The normal form is that of ``normalise.words``. Where it would make two different options equal
    (``Aa`` and ``aa``), or leave nothing of one (``+`` and ``-``), it is the first of these that
    does not: the words with their case, the plain text in lower case, the plain text.

    Args:
        texts: The options in the order shown; none at all leaves only letters to be named.
    """

    def __init__(self, texts: tuple[str, ...]) -> None:
        different = len({_plain(text) for text in texts})
        for form in (words, _words_with_case, _plain_without_case, _plain):
            self._form = form
            self._texts = [form(text) for text in texts]
            if all(self._texts) and len(set(self._texts)) == different:
                break
        self._negations = [negations(text) for text in texts]
        self.texts = texts
        self.empty = not texts

    def normal(self, text: str) -> Words:
        """Return the words of ``text`` in the form in which it is compared with the options."""
        return self._form(text)

    def by_letter(self, letter: str) -> int | None:
        """Return the position of the option with this ASCII letter, or None if there is none."""
        index = OPTION_LETTERS.index(letter.upper())
        if self.empty:
            return index
        return self._texts.index(self._texts[index]) if index < len(self._texts) else None

    def by_text(self, text: str) -> int | None:
        """Return the position of the option whose text is ``text``, or None."""
        form = self.normal(text)
        return self._texts.index(form) if form in self._texts else None

    def begins(self, text: str, index: int) -> bool:
        """Return whether ``text`` begins with the option at ``index``."""
        if self.empty:
            return False
        own = self._texts[index]
        return self.normal(text)[: len(own)] == own

    def mentioned_in(self, text: str) -> set[int]:
        """Return the positions of the options that occur in ``text`` as whole words."""
        form = self.normal(text)
        return {self._texts.index(own) for own in self._texts if _occurs(own, form)}

    def contained_in(self, index: int) -> set[int]:
        """Return the options whose words occur in the option at ``index``, itself included."""
        return {self._texts.index(own) for own in self._texts if _occurs(own, self._texts[index])}

    def denied_in(self, text: str, index: int) -> bool:
        """Return whether ``text`` has more negations than the option at ``index`` has itself."""
        return negations(text) > (0 if self.empty else self._negations[index])

    def nearest(self, text: str) -> int | None:
        """Return the option that ``text`` spells almost letter by letter, or None."""
        given = " ".join(self.normal(text))[:1000]
        ratios = [SequenceMatcher(None, given, " ".join(own)).ratio() for own in self._texts]
        best = max(ratios, default=0.0)
        return ratios.index(best) if best >= _SAME_SPELLING else None


def _plain(text: str) -> Words:
    return tuple(text.split())


def _plain_without_case(text: str) -> Words:
    return tuple(text.casefold().split())


def _words_with_case(text: str) -> Words:
    return words(text, fold_case=False)


def _occurs(part: Words, whole: Words) -> bool:
    size = len(part)
    return size > 0 and any(
        whole[start : start + size] == part for start in range(len(whole) - size + 1)
    )
