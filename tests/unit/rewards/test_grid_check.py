"""The grid refutes false statements, so its agreement means something."""

import dataclasses
import math

import numpy as np
import pytest

from calibrant.rewards.grid_check import DisagreementError, verify_statement
from calibrant.rewards.settings import Article, ArticleMatrix, Brier, Log, Threshold
from calibrant.rewards.statements import state


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        (Brier(), {"proper": False}),
        (Article(), {"proper": True}),
        (Article(), {"report": lambda p: p}),
        (Article(), {"single_between": None}),
        (Threshold(), {"single_between": (0.0, 1.0)}),
        (Brier(), {"gap_at_zero": 0.9}),
        (Brier(), {"gap_at_zero": 1.1}),
        (Log(clip=0.01), {"gap_at_zero": math.inf}),
        (ArticleMatrix(), {"proper": True}),
        (Brier(), {"report": np.sqrt}),
    ],
)
def test_a_false_statement_is_refuted_by_the_grid(rule, changes):
    with pytest.raises(DisagreementError):
        verify_statement(rule, dataclasses.replace(state(rule), **changes))
