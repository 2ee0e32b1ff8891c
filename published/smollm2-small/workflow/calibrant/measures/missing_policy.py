"""The policies for answers without a readable confidence (applied by ``sample``)."""

from typing import Literal, get_args

MissingPolicy = Literal["drop", "zero", "half", "worst"]
MISSING_POLICIES: tuple[str, ...] = get_args(MissingPolicy)
