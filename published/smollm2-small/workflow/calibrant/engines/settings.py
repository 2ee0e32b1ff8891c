"""The settings of generation."""

from typing import Literal

from pydantic import Field

from calibrant.settings import Settings


class Generation(Settings):
    """How text is generated."""

    engine: Literal["transformers", "vllm"] = "transformers"
    """Who generates. `vllm` fills the place of a finished answer at once; it needs the environment of
    `envs/vllm.in`, and draws other samples than `transformers` from the same seed."""
    max_new_tokens: int = Field(default=64, ge=1, le=32768)
    """An answer is cut here (tokens)."""
    temperature: float = Field(default=0.0, ge=0, le=2)
    """0 takes the likeliest token; above 0 samples."""
    samples: int = Field(default=1, ge=1, le=1024)
    """Answers per question."""
    batch_size: int = Field(default=32, ge=1, le=4096)
    """Questions answered at once (questions); changes speed, not answers."""
