"""HotpotQA-Modified: HotpotQA with some of the paragraphs that hold the answer taken out.

HotpotQA's distractor setting (Yang et al., arXiv:1809.09600) gives each question ten paragraphs, two
of which support the answer. RLCR (arXiv:2507.16806) takes none, one or both of those out, a third of
the time each, so that how sure one can be differs from question to question. Here a hash of the
question decides, so that the same rows come out on every machine and Python version.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from calibrant.data.loaders.reading import each_row, json_values, text_of
from calibrant.data.raw import Loaded, RawQuestion
from calibrant.data.splits import collapse_whitespace
from calibrant.errors import CalibrantError
from calibrant.files import sha256_text

OTHER_NUMBER = "has not ten paragraphs of different titles"
OTHER_SUPPORT = "has not two supporting paragraphs"
TOO_LONG = "question and paragraphs together are too long"
_PARAGRAPHS = 10
_SUPPORTING = 2
_MOST = _PARAGRAPHS - _SUPPORTING
# Frozen: another salt would take other paragraphs out.
_SALT = "calibrant hotpotqa modified 1"


class _Row(NamedTuple):
    identifier: str
    question: str
    answer: str


def load(files: dict[str, Path], options: dict[str, str | int | bool], seed: int) -> Loaded:
    """Read the official files; the part of a row is ``train`` or ``dev``, by the file's name.

    ``source_id`` is the source's own, with how many supporting paragraphs were taken out:
    ``ID/lost1``.

    Args:
        files: ``hotpot_train_v1.1.json``, ``hotpot_dev_distractor_v1.json`` or one of them.
        options: ``form``: ``modified`` (default) or ``vanilla``, which loses none. ``paragraphs``:
            how many are left, distractors making up the number, as in RLCR (8); 0 (default) keeps
            all distractors. ``longest``: a longer row is dropped (6000 characters, as in RLCR).
        seed: Another seed takes other paragraphs out.

    Raises:
        CalibrantError: If an option or a row is not what it should be; names it.
    """
    form, left, longest = _checked(options)
    loaded = Loaded()
    for name, path in files.items():
        part = "train" if "train" in Path(name).name else "dev"
        for raw, paragraphs, supporting in each_row(path, json_values(path), _read):
            if fault := _fault(paragraphs, supporting):
                loaded.dropped[fault] += 1
                continue
            order = sorted(paragraphs, key=lambda title: _digest(raw, seed, title))
            lost = _lost(raw, seed) if form == "modified" else 0
            gone = _gone(order, supporting, lost, left)
            kept = {title: text for title, text in paragraphs.items() if title not in gone}
            row = _question(raw, part, kept, lost)
            if len(row.question) + len(row.context or "") >= longest:
                loaded.dropped[TOO_LONG] += 1
            else:
                loaded.questions.append(row)
    return loaded


def _checked(options: Mapping[str, str | int | bool]) -> tuple[str, int, int]:
    """Return form, paragraphs and longest."""
    form = str(options.get("form", "modified"))
    left = int(options.get("paragraphs", 0))
    # With more left than the distractors, a question that lost both could not have as many.
    if form not in ("modified", "vanilla") or not (left == 0 or _SUPPORTING <= left <= _MOST):
        raise CalibrantError(
            f"there is no form {form!r} of HotpotQA with {left} paragraphs",
            repair=f"Write `modified` or `vanilla`, and {_SUPPORTING} to {_MOST} paragraphs, or 0",
        )
    return form, left, int(options.get("longest", 6000))


def _read(row: dict[str, Any], _: int) -> tuple[_Row, dict[str, str], set[str]]:
    """Return a row without its paragraphs, these by title, and the titles that support."""
    paragraphs = {str(title): "".join(sentences).strip() for title, sentences in row["context"]}
    supporting = {str(title) for title, _ in row["supporting_facts"]}
    raw = _Row(text_of(row, "_id"), text_of(row, "question"), text_of(row, "answer"))
    return raw, paragraphs, supporting & set(paragraphs)


def _fault(paragraphs: Mapping[str, str], supporting: set[str]) -> str | None:
    if len(paragraphs) != _PARAGRAPHS:
        return OTHER_NUMBER
    return None if len(supporting) == _SUPPORTING else OTHER_SUPPORT


def _digest(row: _Row, seed: int, what: str) -> str:
    asked = collapse_whitespace(row.question)
    return sha256_text(json.dumps([_SALT, seed, asked, what], ensure_ascii=True))


def _lost(row: _Row, seed: int) -> int:
    """Return how many supporting paragraphs a question loses: 0, 1 or 2, in equal shares."""
    # No paragraph is named so: a title is one line.
    return int(_digest(row, seed, "\n"), 16) % (_SUPPORTING + 1)


def _gone(order: Sequence[str], supporting: set[str], lost: int, left: int) -> set[str]:
    """Return the titles taken out, the first of each kind in ``order``."""
    gone = [title for title in order if title in supporting][:lost]
    spare = _PARAGRAPHS - lost - left if left else 0
    return {*gone, *[title for title in order if title not in supporting][:spare]}


def _question(row: _Row, part: str, kept: Mapping[str, str], lost: int) -> RawQuestion:
    yes_no = row.answer.lower() in ("yes", "no")
    return RawQuestion(
        part=part,
        question=row.question,
        references=(row.answer.lower() if yes_no else row.answer,),
        answer_type="yes_no" if yes_no else "short_text",
        domain="factual",
        context="\n\n".join(f"{title}: {text}" for title, text in kept.items()),
        source_id=f"{row.identifier}/lost{lost}",
    )
