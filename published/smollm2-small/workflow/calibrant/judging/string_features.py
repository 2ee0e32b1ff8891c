"""What can be said of an answer by comparing strings: the features a panel weighs.

Each feature is a finite number in [-1, 1]. A feature looks at the first 300 words of the answer and
the first 40 references, so the time is linear in the number of cases and no text blows it up. No
feature reads an instruction or looks for words such as "correct": what an answer says about itself
or to its judge counts as words that stand in no reference.
"""

from collections.abc import Sequence

import numpy as np

from calibrant.judging.answer_form import FORM_FEATURES, form_features
from calibrant.judging.case import Case
from calibrant.judging.prepared_text import prepare_case
from calibrant.judging.reference_match import MATCH_FEATURES, match_features
from calibrant.measures.sample import FloatArray

FEATURES_VERSION = 1
"""To be raised with any change of a feature's value: a panel fitted on others is then refused."""

FEATURE_NAMES: tuple[str, ...] = tuple(name for name, _ in MATCH_FEATURES + FORM_FEATURES)
"""The columns of ``string_features``; ``reference_match`` and ``answer_form`` say what they are."""

FEATURE_SIGNS: tuple[int, ...] = tuple(sign for _, sign in MATCH_FEATURES + FORM_FEATURES)
"""Sign of every feature: 1 may only speak for an answer, -1 only against it, 0 either way.

Likeness to a reference never counts against an answer, and length never for it, whatever the
human verdicts of one set suggest.
"""


def string_features(cases: Sequence[Case]) -> FloatArray:
    """Return the features of every case, shape (n, ``len(FEATURE_NAMES)``).

    A row depends on its own case only: never on other answers to the question or on the system
    that wrote it.
    """
    rows = np.zeros((len(cases), len(FEATURE_NAMES)))
    for row, case in zip(rows, cases, strict=True):
        prepared = prepare_case(case)
        row[:] = match_features(prepared) + form_features(prepared)
    return rows
