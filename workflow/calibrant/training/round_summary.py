"""What a round of completions was like, for the curve and the monitors."""

from typing import Any

import numpy as np
import torch

from calibrant.training.scorer import Scored


def summarise(scored: Scored, accelerator: Any) -> dict[str, Any]:
    """Return the figures of all processes' completions.

    ``correctness``, ``calibration``, ``format`` and ``length`` are the parts of the mean ``reward``;
    ``accuracy`` and ``confidence_mean`` are over readable completions; ``confidence_entropy`` (nats)
    is that of the sampled confidences.
    """
    parts = scored.parts
    columns = np.stack(
        [
            *np.broadcast_arrays(
                parts.correctness, parts.calibration, parts.format, parts.length,
                scored.correct, scored.confidence, scored.readable, scored.truncated, scored.tokens,
            )
        ],
        axis=1,
    ).astype(np.float64)  # fmt: skip
    local = torch.tensor(columns, dtype=torch.float32, device=accelerator.device)
    everything = accelerator.gather(local).double().cpu().numpy()
    means = everything[:, :4].mean(0)
    readable = everything[:, 6] > 0
    return {
        "completions": len(everything),
        "reward": float(means.sum()),
        **dict(
            zip(("correctness", "calibration", "format", "length"), means.tolist(), strict=True)
        ),
        "accuracy": _mean(everything[readable, 4]),
        "format_rate": float(readable.mean()),
        "truncated_share": float(everything[:, 7].mean()),
        "tokens_mean": float(everything[:, 8].mean()),
        **confidence_figures(everything[readable, 5]),
    }


def confidence_figures(confidences: np.ndarray) -> dict[str, Any]:
    """Return mean, number of distinct values, share of the commonest, and entropy (nats)."""
    if not len(confidences):
        return dict.fromkeys(
            (
                "confidence_mean",
                "confidence_distinct",
                "confidence_mode_share",
                "confidence_entropy",
            )
        )
    _, counts = np.unique(np.round(confidences, 6), return_counts=True)
    shares = counts / counts.sum()
    return {
        "confidence_mean": float(confidences.mean()),
        "confidence_distinct": len(counts),
        "confidence_mode_share": float(shares.max()),
        "confidence_entropy": float(-(shares * np.log(shares)).sum()),
    }


def _mean(values: np.ndarray) -> float | None:
    return float(values.mean()) if len(values) else None
