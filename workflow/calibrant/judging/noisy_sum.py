"""The sum of absolute values of quantities that are known with noise."""

from dataclasses import dataclass

import numpy as np

from calibrant.measures.sample import FloatArray

_DRAWS = 2000
_HALVINGS = 24


@dataclass(frozen=True, slots=True)
class DenoisedSum:
    """A sum of absolute values.

    Attributes:
        value: The estimate, from 0.
        low: Lower end of its interval.
        high: Upper end.
        plain: Sum of the absolute values as they were estimated.
        floor: What ``plain`` would be on average if all quantities were 0.
    """

    value: float
    low: float
    high: float
    plain: float
    floor: float


def denoised_sum(
    estimates: FloatArray, covariance: FloatArray, *, level: float, seed: int
) -> DenoisedSum:
    """Estimate sum |x| from noisy x, which |noise| biases upwards.

    With estimates normal around x with known covariance, the value is the plain sum less what the
    noise would add to it were the estimates the truth: the bias correction of the parametric
    bootstrap (Efron and Tibshirani 1993, section 10.6), from 0. It takes away most of the bias,
    and about half of it where all x are 0.

    For the interval the sum seen is compared with those that x = s * estimates would give for a
    scale s from 0; the ends are s * plain for the s whose quantiles are the sum seen (test
    inversion along a ray, Davison and Hinkley 1997, section 5.5). That rests on the estimates
    having about the pattern of x, and is too low where x is spread evenly; so the upper end is at
    least plain plus the reach of the noise, without correction. In simulations of ECE a nominal
    95 % interval covers 93 to 99 %, most where all x are near 0.

    Args:
        estimates: Shape (p,).
        covariance: Of the estimates, shape (p, p).
        level: Level of the interval, in (0, 1).
        seed: Seed of 2,000 draws of the noise.
    """
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.clip(values, 0.0, None))
    draws = np.random.default_rng(seed).standard_normal((_DRAWS // 2, len(estimates)))
    noise = np.concatenate([draws, -draws]) @ root.T
    plain = float(np.abs(estimates).sum())

    def sums(scale: float) -> FloatArray:
        return np.asarray(np.abs(scale * estimates + noise).sum(axis=1))

    def scale_where(rank: float) -> float:
        def seen(scale: float) -> float:
            return float(np.quantile(sums(scale), rank))

        # Sums grow with the scale, so one crossing is bracketed and halved.
        low, high = 0.0, 1.0
        if plain == 0 or seen(0.0) >= plain:
            return 0.0
        while seen(high) < plain:
            low, high = high, 2 * high
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if seen(middle) < plain else (low, middle)
        return (low + high) / 2

    tail = (1 - level) / 2
    again = sums(1.0)
    value = max(0.0, 2 * plain - float(again.mean()))
    plain_end = plain + float(np.quantile(again, 1 - tail) - again.mean())
    return DenoisedSum(
        value=value,
        low=min(value, scale_where(1 - tail) * plain),
        high=max(value, plain_end, scale_where(tail) * plain),
        plain=plain,
        floor=float(sums(0.0).mean()),
    )
