"""Gumbel noise turns greedy decoding into exact, seeded sampling."""

import numpy as np
import pytest
import torch
from scipy import stats

from calibrant.engines.gumbel import GumbelNoise


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_draws_follow_the_softmax(temperature):
    logits = torch.tensor([[0.0, 1.0, -1.0, 2.0]])
    draws = 20_000
    noise = GumbelNoise(range(draws), temperature)
    chosen = noise(None, logits.repeat(draws, 1)).argmax(dim=1).numpy()
    expected = torch.softmax(logits[0].double() / temperature, dim=0).numpy() * draws
    assert stats.chisquare(np.bincount(chosen, minlength=4), expected).pvalue > 1e-3


def test_a_row_does_not_depend_on_its_neighbours():
    scores = torch.zeros(3, 5)
    together = GumbelNoise([1, 2, 3], 1.0)(None, scores)
    alone = GumbelNoise([2], 1.0)(None, scores[:1])
    assert torch.equal(together[1], alone[0])


def test_every_step_has_new_noise():
    noise = GumbelNoise([1], 1.0)
    assert not torch.equal(noise(None, torch.zeros(1, 5)), noise(None, torch.zeros(1, 5)))
