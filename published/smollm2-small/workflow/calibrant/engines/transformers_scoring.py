"""How likely given continuations are under a transformers model, many prompts at once.

One pass over a batch of prompts gives the likelihood of every continuation's first token, and that
is all where continuations are one token (yes, no). Longer ones go on from the keys and values of
their prompt, which is not computed again. Logits exist only where a continuation's token is read.
"""

import copy
from collections.abc import Iterator, Sequence
from typing import Any

from calibrant.engines.interface import Scores
from calibrant.engines.transformers_batches import (
    by_length,
    cache_for,
    cache_to_read,
    common_prefix,
    pad_after_prefix,
    prefix_cache,
)
from calibrant.engines.transformers_steps import chosen_log_probs
from calibrant.errors import CalibrantError

# Logits held at once while continuations are read: 256 MB of float32.
_LOGITS = 1 << 26


def score_continuations(
    model: Any,
    prompts: Sequence[list[int]],
    continuations: Sequence[Sequence[list[int]]],
    batch_size: int,
    pad: int,
) -> Iterator[Scores]:
    """Yield the log probabilities of each prompt's continuations, batch by batch, short prompts first.

    Args:
        model: A causal language model.
        prompts: Token ids per prompt, none empty.
        continuations: For each prompt, the token ids of its continuations.
        batch_size: Prompts, or continuations of several tokens, computed at once.
        pad: Token for padding.

    Raises:
        CalibrantError: If a prompt has no continuation, one is empty, or both together are longer
            than the model's context.
    """
    limit = getattr(model.config, "max_position_embeddings", None)
    for index, (prompt, texts) in enumerate(zip(prompts, continuations, strict=True)):
        _check(index, prompt, texts, limit)
    prefix = common_prefix(prompts)
    cache = prefix_cache(model, prefix)
    for batch in by_length(prompts, batch_size):
        wanted = [continuations[index] for index in batch]
        goes_on = any(len(text) > 1 for row in wanted for text in row)
        own = (cache_for if goes_on else cache_to_read)(cache, prefix, len(batch))
        totals = _score_batch(
            model, [prompts[index] for index in batch], wanted, (len(prefix), own), pad
        )
        for index, log_probs in zip(batch, totals, strict=True):
            yield Scores(index, log_probs, tuple(map(len, continuations[index])))


def _check(index: int, prompt: list[int], texts: Sequence[list[int]], limit: int | None) -> None:
    where = f"request {index}"
    if not texts or not all(texts):
        raise CalibrantError("has no continuation, or an empty one", where=where)
    longest = len(prompt) + max(map(len, texts))
    if limit is not None and longest > limit:
        raise CalibrantError(
            f"has {longest} tokens, the model reads {limit}", where=where, repair="Shorten the text"
        )


def _score_batch(
    model: Any,
    prompts: list[list[int]],
    continuations: list[Sequence[list[int]]],
    shared: tuple[int, Any],
    pad: int,
) -> list[tuple[float, ...]]:
    """Return the log probabilities of one batch; ``shared`` is the prefix's length and its cache."""
    import torch

    prefix, cache = shared
    rows = pad_after_prefix(prompts, prefix, pad)
    tokens = torch.tensor(rows.tokens, device=model.device)
    mask = torch.tensor(rows.mask, device=model.device)
    positions = (mask.cumsum(1) - 1).clamp(min=0)
    flat = [(row, text) for row, texts in enumerate(continuations) for text in texts]
    owner = torch.tensor([row for row, _ in flat], device=model.device)
    with torch.inference_mode():
        logits = model(
            input_ids=tokens[:, prefix:],
            attention_mask=mask,
            position_ids=positions[:, prefix:],
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        ).logits[:, -1]
        logits = logits.float()
        first = torch.tensor([text[0] for _, text in flat], device=model.device)
        totals = (logits[owner, first] - torch.logsumexp(logits, dim=-1)[owner]).double()
        longer = [position for position, (_, text) in enumerate(flat) if len(text) > 1]
        for group in by_length([flat[position][1] for position in longer], len(prompts)):
            chosen = [longer[member] for member in group]
            part = copy.deepcopy(cache)
            part.batch_select_indices(owner[chosen])
            texts = [flat[position][1] for position in chosen]
            totals[chosen] += _rest(model, texts, (part, mask[owner[chosen]]), pad)
    values = iter(totals.tolist())
    return [tuple(next(values) for _ in texts) for texts in continuations]


def _rest(model: Any, texts: list[list[int]], past: tuple[Any, Any], pad: int) -> Any:
    """Return the log probability of all tokens after the first, summed, shape (rows,), float64.

    Args:
        model: The model.
        texts: Token ids of the continuations, at least two each.
        past: The cache of their prompts, which is written to, and the mask of it.
        pad: Token for padding, which stands behind a row, where no token of the row sees it.
    """
    import torch

    cache, mask = past
    steps = max(map(len, texts)) - 1
    padded = torch.tensor([row + [pad] * (steps + 1 - len(row)) for row in texts])
    padded = padded.to(model.device)
    lengths = torch.tensor([len(row) - 1 for row in texts], device=model.device)
    start = mask.sum(1, keepdim=True)
    totals = torch.zeros(len(texts), dtype=torch.float64, device=model.device)
    block = max(1, _LOGITS // (len(texts) * model.config.vocab_size))
    for begin in range(0, steps, block):
        end = min(begin + block, steps)
        places = torch.arange(begin, end, device=model.device)
        mask = torch.cat([mask, mask.new_ones(len(texts), end - begin)], dim=1)
        logits = model(
            input_ids=padded[:, begin:end],
            attention_mask=mask,
            position_ids=start + places,
            past_key_values=cache,
            use_cache=True,
        ).logits
        log_probs = chosen_log_probs(logits, padded[:, begin + 1 : end + 1]).double()
        totals += (log_probs * (places < lengths[:, None])).sum(1)
    return totals
