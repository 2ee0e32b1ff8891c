"""Answers to TruthfulQA that people labelled true or false (Lin et al., arXiv:2109.07958).

The authors fine-tuned their judge on this file. It mixes what models wrote, labelled by hand, with
the reference answers of the questions, labelled by where they were listed. Only the former says
anything about a judge: it is shown the latter.
"""

import re
from pathlib import Path
from typing import Any

from calibrant.data.loaders.reading import csv_records, each_row, json_lines, local_file
from calibrant.data.loaders.truthfulqa import (
    QUESTIONS,
    correct_answers,
    domain_of,
    incorrect_answers,
)
from calibrant.data.raw import Loaded, RawJudgement
from calibrant.data.shingles import words_of

LABELLED = "data/finetune_truth.jsonl"
NO_REFERENCES = "question without reference answers"
EMPTY = "the answer is empty"
REFERENCE = "the answer is one of the reference answers"
REPEATED = "same answer to the same question as another row"
CLASHING = "same answer to the same question as another row, with another verdict"

# An answer may run over lines and go on with a question and answer of its own; the first ends at
# the first line that begins with A.
_PROMPT = re.compile(r"Q: (?P<question>.*?)\nA:(?P<answer>.*)\nTrue:", re.DOTALL)
_VERDICTS = {" yes": True, " no": False}

_Key = tuple[str, ...]


def load(files: dict[str, Path], options: dict[str, str | int | bool], seed: int) -> Loaded:
    """Read the verdicts on answers that are no reference answers, each answer once."""
    path = local_file(files, QUESTIONS)
    known = {row["Question"].strip(): row for row in csv_records(path)}
    listed = {question: _listed(row) for question, row in known.items()}
    loaded = Loaded()
    same: dict[tuple[str, _Key], list[RawJudgement]] = {}

    def read(row: dict[str, Any], number: int) -> None:
        question, answer, verdict = _parse(row)
        key = _words(answer)
        if question not in known:
            loaded.dropped[NO_REFERENCES] += 1
        elif not key:
            loaded.dropped[EMPTY] += 1
        elif key in listed[question]:
            loaded.dropped[REFERENCE] += 1
        else:
            judgement = RawJudgement(
                question=question,
                references=correct_answers(known[question]),
                answer=answer,
                # The file does not say which model wrote what.
                system="unknown",
                domain=domain_of(known[question]["Category"]),
                verdict=verdict,
            )
            same.setdefault((question, key), []).append(judgement)

    labelled = local_file(files, LABELLED)
    each_row(labelled, json_lines(labelled), read)
    for rows in same.values():
        if len({row.verdict for row in rows}) > 1:
            loaded.dropped[CLASHING] += len(rows)
        else:
            loaded.judgements.append(rows[0])
            loaded.dropped[REPEATED] += len(rows) - 1
    return loaded


def _parse(row: dict[str, Any]) -> tuple[str, str, bool]:
    prompt = _PROMPT.fullmatch(row["prompt"])
    if not prompt:
        raise ValueError("the prompt is not Q:, A:, True:")
    if row["completion"] not in _VERDICTS:
        raise ValueError(f"completion {row['completion']!r} is neither ' yes' nor ' no'")
    verdict = _VERDICTS[row["completion"]]
    return prompt["question"].strip(), prompt["answer"].strip(), verdict


def _listed(row: dict[str, str]) -> set[_Key]:
    return {_words(answer) for answer in (*correct_answers(row), *incorrect_answers(row))}


def _words(text: str) -> _Key:
    return tuple(words_of(text))
