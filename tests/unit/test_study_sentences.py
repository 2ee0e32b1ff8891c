"""A study of sentences is refused where something needs one statement, with the repair."""

from pathlib import Path

import pytest

from calibrant.errors import CalibrantError
from calibrant.study_file import load_study
from calibrant.study_parts import grade_settings

STUDY = """\
title: Sentences
datasets:
  train:
    - dataset: two
  evaluate:
    - dataset: two
  lab:
    two:
      wording: weather
      size: 40
      claims: 2
      fractions: {train: 0.4, validation: 0.2, test: 0.4}
models:
  tiny:
    kind: made
    sentences: true
    warm_up: {}
elicitation:
  format: sentences
rewards:
  published:
    faithfulness: 12
    format: {strict: 3, graded: 3}
training:
  samples: 4
  entropy: 0
methods:
  faithful:
    kind: trained
    reward: published
    estimator: grpo
    feedback: rlmf
"""


def load(folder: Path, text: str):
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return load_study(path)


def test_a_sound_study_is_read_and_its_grader_is_told_the_format(tmp_path: Path) -> None:
    study = load(tmp_path, STUDY)
    terms = study.rewards["published"].format
    assert (terms.strict, terms.graded) == (3, 3)
    assert grade_settings(study, "faithful").format == "sentences"


SCORED = "  scored:\n    kind: scored\n    of: faithful\n    score: p_true\n"


@pytest.mark.parametrize(
    ("old", "new", "where", "repair"),
    [
        ("    feedback: rlmf\n", "    credit: exact\n", "faithful.credit", "credit: sampled"),
        ("  entropy: 0\n", "  entropy: 0.1\n", "training.entropy", "`last_entropy` of"),
        ("  entropy: 0\n", "", "training.entropy", "to 0"),
        ("  entropy: 0\n", "  entropy: 0\n  last_entropy: 0.1\n", "training.entropy", "to 0"),
        ("format: sentences\n", "format: answer_confidence\n", "faithful.reward", "format: sentences"),
        ("    sentences: true\n", "", "models.tiny", "sentences: true"),
        ("    warm_up: {}\n", "    warm_up: {own_replies: {}}\n", "own_replies", "another `format`"),
        ("    feedback: rlmf\n", "    feedback: rlmf\n" + SCORED, "methods.scored", "another `format`"),
        ("training:\n", "selection: {}\ntraining:\n", "selection", "another `format`"),
    ],
)  # fmt: skip
def test_what_needs_one_statement_is_refused(
    tmp_path: Path, old: str, new: str, where: str, repair: str
) -> None:
    assert old in STUDY
    with pytest.raises(CalibrantError) as caught:
        load(tmp_path, STUDY.replace(old, new))
    message = str(caught.value)
    assert where in message
    assert repair in message


def test_one_statement_without_the_terms_for_sentences_is_as_sound_as_ever(tmp_path: Path) -> None:
    text = STUDY.replace("  format: sentences\n", "  format: answer_confidence\n")
    text = text.replace("    format: {strict: 3, graded: 3}\n", "")
    load(tmp_path, text.replace("      claims: 2\n", ""))
    # Two claims take two sentences.
    with pytest.raises(CalibrantError, match="answered in as many sentences"):
        load(tmp_path, text)


@pytest.mark.parametrize(
    "line", ["{kind: sampled, of: faithful, samples: 4}", "{kind: voted, of: many, vote: majority, "
             "confidence: share}"]
)  # fmt: skip
def test_answers_in_sentences_are_not_compared_as_a_whole(tmp_path: Path, line: str) -> None:
    many = "  many: {kind: sampled, of: faithful, samples: 4}\n" if "many" in line else ""
    with pytest.raises(CalibrantError, match="told by the whole of them"):
        load(tmp_path, f"{STUDY}{many}  again: {line}\n")
