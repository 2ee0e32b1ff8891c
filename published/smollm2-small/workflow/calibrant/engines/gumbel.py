"""Sampling that does not depend on the batch: Gumbel noise from one generator per request.

The largest of ``logits / temperature + Gumbel noise`` is an exact draw from the softmax (the
Gumbel-max trick; Maddison, Tarlow and Minka 2014, section 2). With the noise taken from a generator
per request, the same question gets the same answer whatever stands beside it in the batch.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np


class GumbelNoise:
    """A logits processor for greedy decoding that turns it into seeded sampling.

    Args:
        seeds: One seed per row of the batch, in order.
        temperature: Above 0.
    """

    def __init__(self, seeds: Sequence[int], temperature: float) -> None:
        self._generators = [np.random.Generator(np.random.Philox(seed)) for seed in seeds]
        self._temperature = temperature

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        """Return noisy scores, shape (batch, vocabulary)."""
        import torch

        noise = np.stack([row.gumbel(size=scores.shape[1]) for row in self._generators])
        return scores / self._temperature + torch.from_numpy(noise).to(scores)
