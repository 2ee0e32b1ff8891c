"""The settings of a server that speaks OpenAI's protocol over HTTP."""

import re
from typing import Literal

from pydantic import ConfigDict, Field, field_validator, model_validator

from calibrant.settings import Settings


class Server(Settings):
    """A server with OpenAI's chat completions: vLLM, llama.cpp, a provider on the internet."""

    # A key that was written where the name of its variable belongs must not reach a message.
    model_config = ConfigDict(hide_input_in_errors=True)

    address: str
    """Address before `/chat/completions`, such as `http://127.0.0.1:8000/v1`."""
    model: str = Field(min_length=1)
    """Name of the model on the server."""
    key_variable: str | None = None
    """Name of the environment variable that holds the key. Empty: the server wants none."""
    concurrency: int = Field(default=16, ge=1, le=1024)
    """Requests under way at once (requests)."""
    timeout: float = Field(default=120.0, gt=0, le=3600)
    """An attempt whose reply is not complete by then has failed (seconds)."""
    attempts: int = Field(default=8, ge=1, le=1000)
    """Attempts per request, the first one included, before the run ends with an error."""
    first_wait: float = Field(default=1.0, gt=0, le=60)
    """Longest wait before the second attempt; it doubles from attempt to attempt (seconds)."""
    longest_wait: float = Field(default=60.0, gt=0, le=3600)
    """No wait between attempts grows beyond this (seconds)."""
    longest_retry_after: float = Field(default=300.0, ge=0, le=86400)
    """A server that asks for a longer wait (`Retry-After`) is asked again after this (seconds)."""
    jitter_seed: int = Field(default=0, ge=0)
    """Seed of the random waits; changes when requests are sent, not what they answer."""
    scoring: Literal["prompt_logprobs", "first_token"] = "first_token"
    """How given continuations are scored. `prompt_logprobs`: every token, on vLLM alone.
    `first_token`: from the 20 likeliest first tokens, on any server that lists them."""
    price_per_million_input: float = Field(default=0.0, ge=0)
    """Price of a million tokens read (any currency)."""
    price_per_million_output: float = Field(default=0.0, ge=0)
    """Price of a million tokens written (the same currency)."""
    max_cost: float | None = Field(default=None, gt=0)
    """A run stops before it costs more than this (the same currency). Empty: no limit."""
    max_requests: int | None = Field(default=None, ge=1)
    """A run stops after this many attempts, repeated ones included. Empty: no limit."""

    @field_validator("address")
    @classmethod
    def _address_is_a_base(cls, address: str) -> str:
        if not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s/?#@]+)*", address):
            raise ValueError(
                "the address must look like http://127.0.0.1:8000/v1: http or https, no slash at "
                "the end, no name or password"
            )
        if address.endswith("/completions"):
            raise ValueError("the address ends before /chat/completions")
        return address

    @field_validator("key_variable")
    @classmethod
    def _key_variable_is_a_name(cls, name: str | None) -> str | None:
        if name is not None and not re.fullmatch(r"[A-Z_][A-Z0-9_]{0,63}", name):
            raise ValueError(
                "key_variable is the name of an environment variable, such as OPENAI_API_KEY; "
                "the key itself belongs in that variable and in no file"
            )
        return name

    @model_validator(mode="after")
    def _bounds_agree(self) -> "Server":
        if self.longest_wait < self.first_wait:
            raise ValueError("longest_wait is shorter than first_wait")
        if self.max_cost and not self.price_per_million_input + self.price_per_million_output:
            raise ValueError("max_cost needs price_per_million_input or price_per_million_output")
        return self
