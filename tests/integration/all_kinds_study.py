"""A study with every kind of stage that needs no model from outside, small enough to run often.

A model is made and warmed up, a judge of plain strings is measured and labels and grades answers, one
method is trained with checkpoints, and what it answers is graded, judged, measured, compared
and reported.
"""

from pathlib import Path

STUDY = "small"
RESULTS = Path("results") / STUDY
TEXT = """\
title: A small study of every kind of stage
datasets:
  train:
    - dataset: weather
    - dataset: told
      judge: strings
  evaluate:
    - dataset: weather
      limit: 20
    - dataset: told
      limit: 20
      judge: strings
  lab:
    weather:
      wording: weather
      size: 600
      fractions: {train: 0.8, validation: 0.1, test: 0.1}
    told:
      wording: weather
      references: report
      size: 600
      fractions: {train: 0.8, validation: 0.1, test: 0.1}
  verdicts:
    reports: {wording: weather}
models:
  tiny:
    kind: made
    layers: 1
    width: 32
    heads: 2
    feed_forward: 64
    warm_up: {questions: 12000}
judges:
  strings: {kind: panel, verdicts: reports, floor: null}
elicitation: {format: answer_confidence, scale: percent, examples: 0}
generation: {max_new_tokens: 16, batch_size: 100}
rewards:
  rlcr:
    score: {rule: brier}
training:
  rounds: 20
  questions: 16
  samples: 1
  epochs: 1
  minibatches: 1
  learning_rate: 0.0005
  validation: {every: 2, questions: 30}
measures: {replicates: 100}
comparisons: {baseline: [start]}
methods:
  start: {kind: model}
  trained: {kind: trained, reward: rlcr, credit: exact}
"""


def write_study(project: Path) -> Path:
    """Write the study into a project and return the folder that its results will have."""
    (project / f"config/studies/{STUDY}.yaml").write_text(TEXT, encoding="utf-8")
    return project / RESULTS
