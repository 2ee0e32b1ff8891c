"""What is watched while a batch is generated: where each row ends, and how likely its tokens were."""

from typing import Any


class StopAfter:
    """A stopping criterion: a row ends once its newest tokens hold a text.

    Args:
        text: The text after which nothing is read.
        tokenizer: Turns tokens into text.
        window: How many of the newest tokens are looked at; ``text`` must fit in.

    Attributes:
        lengths: Tokens each row has generated when it ended, or None while it goes on. What a row
            holds beyond is padding, which no model wrote.
    """

    def __init__(self, text: str, tokenizer: Any, window: int) -> None:
        self._text = text
        self._tokenizer = tokenizer
        self._window = window
        self._step = 0
        self.lengths: list[int | None] = []

    def __call__(self, input_ids: Any, scores: Any, **_: Any) -> Any:
        """Tell for each row, shape (batch,), whether it has ended."""
        import torch

        self._step += 1
        tails = self._tokenizer.batch_decode(input_ids[:, -self._window :])
        found = [self._text in tail for tail in tails]
        known = self.lengths or [None] * len(found)
        self.lengths = [
            self._step if length is None and end else length
            for length, end in zip(known, found, strict=True)
        ]
        return torch.tensor(found, device=input_ids.device)


class TokenLogProbs:
    """A logits processor that changes nothing and notes how likely each chosen token was.

    It must stand first: there it sees the model's own logits, before temperature and noise. A step's
    choice is only known in the next one, so one step of logits is kept, never all of them.
    """

    def __init__(self) -> None:
        self._logits: Any = None
        self._columns: list[Any] = []

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        """Return the scores, shape (batch, vocabulary), as they are."""
        if self._logits is not None:
            self._columns.append(chosen_log_probs(self._logits, input_ids[:, -1]))
        self._logits = scores
        return scores

    def rows(self, sequences: Any) -> list[list[float]]:
        """Return the natural log probability of every generated token, padding included.

        Args:
            sequences: What ``generate`` returned, prompts included, shape (batch, length).
        """
        import torch

        if self._logits is None:
            return [[] for _ in range(sequences.shape[0])]
        last = chosen_log_probs(self._logits, sequences[:, -1])
        rows: list[list[float]] = torch.stack([*self._columns, last], dim=1).tolist()
        return rows


def chosen_log_probs(logits: Any, tokens: Any) -> Any:
    """Return the natural log probability of given tokens, in float32.

    Args:
        logits: Shape (..., vocabulary).
        tokens: Token ids, shape (...).

    Returns:
        A tensor of shape (...).
    """
    import torch

    # Not log_softmax, which would write another tensor as large as the logits.
    logits = logits.float()
    chosen = logits.gather(-1, tokens[..., None])[..., 0]
    return chosen - torch.logsumexp(logits, dim=-1)
