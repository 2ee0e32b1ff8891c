"""Sentences of the report whose every digit is a number with an id."""

from collections.abc import Sequence

Part = tuple[str, str]
"""``("text", words)``, ``("quoted", name)`` or ``("num", id)``, as in the cells of a table."""

Sentence = Sequence[Part]
