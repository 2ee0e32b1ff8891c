"""Where the confidence stands among the tokens of a completion, and which tokens it may be.

`exact` credit needs a confidence that is one token out of a known set. Whether it is depends on the
tokenizer: `percent` is one token for tokenizers that keep numbers whole, `digit` for all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from calibrant.elicitation.scales import SCALES
from calibrant.errors import CalibrantError

OPENING = "<confidence>"
# Tokens looked back through for the opening tag, which has twelve letters and signs.
_WINDOW = 16


@dataclass(frozen=True)
class ConfidenceTokens:
    """The tokens that a confidence may be.

    Attributes:
        ids: Token of every level.
        values: The confidence each of them states, in [0, 1]; the same order.
    """

    ids: tuple[int, ...]
    values: tuple[float, ...]

    def find(self, completion: Sequence[int], tokenizer: Any) -> int | None:
        """Return the position of the token after the last opening tag, whatever it is, or None."""
        for position in range(len(completion) - 1, 0, -1):
            before = tokenizer.decode(
                list(completion[max(0, position - _WINDOW) : position]), skip_special_tokens=False
            )
            if before.endswith(OPENING):
                return position
        return None


def confidence_tokens(tokenizer: Any, scale_name: str) -> ConfidenceTokens:
    """Return the tokens of all confidences that a scale writes.

    Args:
        tokenizer: Of the model.
        scale_name: Name in ``SCALES``.

    Raises:
        CalibrantError: If some confidence is not a single token between its tags.
    """
    scale = SCALES[scale_name]
    steps = round(1 / scale.step)
    texts = list(dict.fromkeys(scale.write(index / steps) for index in range(steps + 1)))
    encoded = [
        tokenizer(f"<answer>a</answer>{OPENING}{text}</confidence>", add_special_tokens=False)[
            "input_ids"
        ]
        for text in texts
    ]
    before = _common([row[:] for row in encoded])
    after = _common([row[::-1] for row in encoded])
    middles = [row[before : len(row) - after] for row in encoded]
    if any(len(middle) != 1 for middle in middles):
        number = next(i for i, middle in enumerate(middles) if len(middle) != 1)
        raise CalibrantError(
            "exact credit and a bonus for entropy need confidences of one token; "
            f"{texts[number]!r} is not one for this tokenizer on the scale {scale_name!r}",
            where="methods: credit; training: entropy",
            repair="Use `scale: digit`, or `credit: sampled` with `entropy` and `last_entropy` 0",
        )
    values = tuple(float(scale.read(text).value or 0.0) for text in texts)
    return ConfidenceTokens(tuple(middle[0] for middle in middles), values)


def _common(rows: Sequence[Sequence[int]]) -> int:
    """Return the length of the longest common beginning."""
    length = 0
    for column in zip(*rows, strict=False):
        if len(set(column)) > 1:
            break
        length += 1
    return length
