"""EVOUNA: people's verdicts on answers of five systems (Wang et al., arXiv:2305.12421)."""

import re
from pathlib import Path
from typing import Any

from calibrant.data.loaders.reading import accepted_answers, each_row, json_values, text_of
from calibrant.data.raw import Loaded, RawJudgement

SYSTEMS = ("fid", "gpt35", "chatgpt", "gpt4", "newbing")
IMPROPER = "answer to a question that the authors mark as improper"
EMPTY = "the answer is empty"
NULL = "nan put back where the source has null inside a word"

# Somewhere NaN was replaced by null in the text of the file, which so reads finullcial and
# Ferdinulld and holds no nan at all. As a word of its own, null is the statisticians' and stays.
_NULL_IN_WORD = re.compile(r"(?<=\w)null|null(?=\w)")


def load(files: dict[str, Path], options: dict[str, str | int | bool], seed: int) -> Loaded:
    """Read the verdicts, one per question and system.

    Accepted answers stand in one text, separated by ``/``. One that holds a slash itself is cut
    there; the source leaves no way to tell.
    """
    loaded = Loaded()

    def read(row: dict[str, Any], number: int) -> None:
        if row["improper"]:
            loaded.dropped[IMPROPER] += len(SYSTEMS)
            return
        for system in SYSTEMS:
            if not (row[f"answer_{system}"] or "").strip():
                loaded.dropped[EMPTY] += 1
                continue
            texts = [text_of(row, name) for name in ("question", "golden_answer")]
            texts.append(text_of(row, f"answer_{system}"))
            mended = [_NULL_IN_WORD.sub("nan", text) for text in texts]
            loaded.repaired[NULL] += mended != texts
            loaded.judgements.append(_judgement(mended, system, row[f"judge_{system}"]))

    for path in files.values():
        each_row(path, json_values(path), read)
    return loaded


def _judgement(texts: list[str], system: str, verdict: Any) -> RawJudgement:
    if not isinstance(verdict, bool):
        raise ValueError(f"judge_{system} is {verdict!r}, not true or false")
    question, golden, answer = texts
    return RawJudgement(
        question=question,
        references=accepted_answers(golden.split("/")),
        answer=answer,
        system=system,
        domain="factual",
        verdict=verdict,
    )
