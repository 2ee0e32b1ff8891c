"""RLCR's published transcripts on CommonsenseQA (Damani et al., arXiv:2507.16806).

One file holds, per question, the full text each of five systems wrote, the confidence their
evaluation read from it, and the label their judge gave; another the figures they computed.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from calibrant.data.loaders.reading import (
    arrow_records,
    each_row,
    json_document,
    local_file,
    text_of,
)
from calibrant.data.raw import Loaded, RawQuestion, RawTranscript
from calibrant.rows import OPTION_LETTERS

TRANSCRIPTS = "eval_outputs/Hotpot-models/commonsenseqa/data-00000-of-00001.arrow"
METRICS = "results/Hotpot-models/commonsenseqa/metrics.json"
SYSTEMS = ("Base", "RLVR", "RLVR-Classifier", "Answer-Prob", "RLCR")

_OPTION = re.compile(r"^([A-Z])\) (.*)$", re.MULTILINE)
_MEASURES = {
    "accuracy": "accuracy",
    "ece": "ece",
    "brier": "brier_score",
    "auroc": "auroc",
    "mean_confidence": "confidence level",
}


def load(files: dict[str, Path], options: dict[str, str | int | bool], seed: int) -> Loaded:
    """Read the questions; all are part ``test`` and have the id of their transcripts."""
    path = local_file(files, TRANSCRIPTS)
    return Loaded(questions=each_row(path, arrow_records(path), _read_question))


def load_transcripts(files: Mapping[str, Path]) -> list[RawTranscript]:
    """Read the recorded answers, for every question one per system."""
    path = local_file(files, TRANSCRIPTS)
    rows = each_row(path, arrow_records(path), _read_transcripts)
    return [transcript for row in rows for transcript in row]


def load_published(files: Mapping[str, Path]) -> dict[str, dict[str, float]]:
    """Read the published figures.

    Returns:
        For every system ``accuracy``, ``ece`` (10 bins of equal width), ``brier``, ``auroc`` and
        ``mean_confidence``, all in [0, 1].
    """
    path = local_file(files, METRICS)
    document = json_document(path, dict)

    def read(system: str, number: int) -> tuple[str, dict[str, float]]:
        figures = document[system]
        return system, {name: float(figures[theirs]) for name, theirs in _MEASURES.items()}

    return dict(each_row(path, SYSTEMS, read))


def _read_question(row: dict[str, Any], number: int) -> RawQuestion:
    problem = text_of(row, "problem")
    found = list(_OPTION.finditer(problem))
    letters = "".join(option[1] for option in found)
    if not found or letters != OPTION_LETTERS[: len(found)]:
        raise ValueError(f"problem lists the options {letters!r}")
    if row["answerKey"] not in tuple(letters):
        raise ValueError(f"answerKey {row['answerKey']!r} is no option")
    return RawQuestion(
        part="test",
        question=problem[: found[0].start()].strip(),
        references=(row["answerKey"],),
        answer_type="choice",
        domain="commonsense",
        options=tuple(option[2].strip() for option in found),
        source_id=str(row["id"]),
    )


def _read_transcripts(row: dict[str, Any], number: int) -> list[RawTranscript]:
    return [
        RawTranscript(
            source_id=str(row["id"]),
            system=system,
            completion=row[f"{system}-output_0"],
            confidence=_only(row, f"{system}-confidence_levels"),
            correct=bool(_only(row, f"{system}-evals")),
        )
        for system in SYSTEMS
    ]


def _only(row: dict[str, Any], column: str) -> float:
    values = row[column]
    if len(values) != 1 or not 0 <= values[0] <= 1:
        raise ValueError(f"{column} is {values!r}, not one number in [0, 1]")
    return float(values[0])
