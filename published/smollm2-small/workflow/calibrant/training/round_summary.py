"""What a round of completions was like, for the curve and the monitors."""

from typing import Any

import numpy as np
import torch

from calibrant.training.scorer import Scored
from calibrant.training.sentence_groups import SentenceView


def summarise(scored: Scored, accelerator: Any) -> dict[str, Any]:
    """Return the figures of all processes' completions.

    ``correctness``, ``calibration``, ``format``, ``length`` and, where it is paid, ``faithfulness`` are
    the parts of the mean ``reward``;
    ``accuracy`` and ``confidence_mean`` are over readable completions; ``confidence_entropy`` (nats)
    is that of the sampled confidences.
    """
    parts = scored.parts
    columns = np.stack(
        [
            *np.broadcast_arrays(
                parts.correctness, parts.calibration, parts.format, parts.length,
                parts.faithfulness,
                scored.correct, scored.confidence, scored.readable, scored.truncated, scored.tokens,
                *_about_itself(scored),
            )
        ],
        axis=1,
    ).astype(np.float64)  # fmt: skip
    local = torch.tensor(columns, dtype=torch.float32, device=accelerator.device)
    everything = accelerator.gather(local).double().cpu().numpy()
    means = everything[:, :5].mean(0)
    readable = everything[:, 7] > 0
    return {
        "completions": len(everything),
        "reward": float(means.sum()),
        **dict(
            zip(("correctness", "calibration", "format", "length"), means[:4].tolist(), strict=True)
        ),
        "accuracy": _mean(everything[readable, 5]),
        "format_rate": float(readable.mean()),
        "truncated_share": float(everything[:, 8].mean()),
        "tokens_mean": float(everything[:, 9].mean()),
        **confidence_figures(everything[readable, 6]),
        **_faithfulness_figures(scored, everything[readable, 6], everything[readable, 10:]),
        **({} if scored.intrinsic is None else {"faithfulness": float(means[4])}),
    }


def _about_itself(scored: Scored) -> tuple[np.ndarray, ...]:
    """Return intrinsic confidence, forecast, its gold value and the sentences' distance, or NaN."""
    nothing = np.full(len(scored.correct), np.nan)
    own = nothing if scored.intrinsic is None else scored.intrinsic
    judged = scored.self_judged
    far = scored.view.distance if isinstance(scored.view, SentenceView) else nothing
    if judged is None:
        return own, nothing, nothing, far
    return own, judged.forecast, judged.gold, far


def _faithfulness_figures(
    scored: Scored, stated: np.ndarray, about_itself: np.ndarray
) -> dict[str, Any]:
    """Return how faithful readable statements were, and how well the policy knew that."""
    if scored.intrinsic is None:
        return {}
    own, forecast, gold, of_sentences = about_itself.T
    known = ~np.isnan(own)
    # A mean of distances is not the distance of the means.
    far = of_sentences if isinstance(scored.view, SentenceView) else np.abs(stated - own)
    figures = {"faithful": _mean(1 - far[known]), "intrinsic": _mean(own[known])}
    if scored.self_judged is not None:
        both = ~np.isnan(forecast) & ~np.isnan(gold)
        figures |= {
            "forecast_rate": float((~np.isnan(forecast)).mean()) if len(forecast) else None,
            "forecast": _mean(forecast[both]),
            "forecast_gold": _mean(gold[both]),
            "forecast_brier": _mean((forecast - gold)[both] ** 2),
        }
    return figures


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
