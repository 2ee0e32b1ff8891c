"""The rows a certificate rests on: graded, one per question, drawn without a look at them.

Several answers to one question are right or wrong together, so their errors are not binomial. A
bound for them would need an assumption about how they hang together: an "effective number" of
answers is an estimate, not a theorem. One answer per question needs none, and costs only answers
that carry little new information.
"""

from collections.abc import Sequence

import numpy as np

from calibrant.certification.answers import Answers
from calibrant.certification.candidates import draw_of
from calibrant.files import canonical_json, sha256_text
from calibrant.measures.sample import FloatArray, IntArray


def one_per_question(question: Sequence[str], graded: FloatArray) -> IntArray:
    """Return one graded row per question, drawn by a hash of the question's name.

    The first row would not do: a file may be sorted by confidence. Answers without a confidence
    take part in the draw, since the system will also be without one when it is used.

    Args:
        question: The question of every row, length n.
        graded: 1 and 0, NaN where ungraded, shape (n,).

    Returns:
        Row numbers in ascending order.
    """
    rows_of: dict[str, list[int]] = {}
    for row in np.flatnonzero(~np.isnan(graded)).tolist():
        rows_of.setdefault(question[row], []).append(row)
    drawn = [rows[int(draw_of("answer", name) * len(rows))] for name, rows in rows_of.items()]
    return np.array(sorted(drawn), dtype=np.int64)


def rows_digest(answers: Answers, correct: FloatArray, rows: IntArray) -> str:
    """Return the SHA-256 of the rows used: question, scope, confidence and correctness of each."""
    used = [
        [
            answers.question[row],
            {column: cells[row] for column, cells in answers.labels.items()},
            None if np.isnan(answers.confidence[row]) else float(answers.confidence[row]),
            int(correct[row]),
        ]
        for row in rows
    ]
    return sha256_text(canonical_json(used))
