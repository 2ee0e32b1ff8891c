"""What a usable reply of a server looks like; anything else is asked for again."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, model_validator

# Rounding can leave a certain token a hair above 0.
LogProb = Annotated[FiniteFloat, Field(le=0.001)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class Usage(_Part):
    """Tokens that are paid for."""

    prompt_tokens: int = Field(ge=0)
    completion_tokens: int = Field(default=0, ge=0)


class ServerReply(_Part):
    """A reply of any kind."""

    usage: Usage | None = None


class ListedToken(_Part):
    """A token and its natural log probability."""

    token: str
    logprob: LogProb


class _Logprobs(_Part):
    content: list[ListedToken] | None = None


class _Message(_Part):
    content: str | None


class _ChatChoice(_Part):
    message: _Message
    finish_reason: str
    logprobs: _Logprobs | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "_ChatChoice":
        # A model that thinks first may use up all its tokens before it answers.
        if self.message.content is None and self.finish_reason != "length":
            raise ValueError("message.content is null")
        return self


class ChatReply(ServerReply):
    """A completion of a chat."""

    choices: list[_ChatChoice] = Field(min_length=1)

    @model_validator(mode="after")
    def _tells_its_length(self) -> "ChatReply":
        if self.usage is None and self.log_probs is None:
            raise ValueError("neither usage nor logprobs tell the number of tokens")
        return self

    @property
    def log_probs(self) -> tuple[float, ...] | None:
        """Natural log probability of every generated token, or None where it is not told."""
        logprobs = self.choices[0].logprobs
        if logprobs is None or logprobs.content is None:
            return None
        return tuple(token.logprob for token in logprobs.content)

    @property
    def tokens(self) -> int:
        """Number of tokens generated."""
        return self.usage.completion_tokens if self.usage else len(self.log_probs or ())


class _FirstPosition(_Part):
    top_logprobs: list[ListedToken] = Field(min_length=1)


class _FirstLogprobs(_Part):
    content: list[_FirstPosition] = Field(min_length=1)


class _FirstChoice(_Part):
    logprobs: _FirstLogprobs


class FirstTokenReply(ServerReply):
    """The likeliest first tokens of a completion."""

    choices: list[_FirstChoice] = Field(min_length=1)

    @property
    def listed(self) -> list[ListedToken]:
        """The tokens, at least one."""
        return self.choices[0].logprobs.content[0].top_logprobs


class TokenizeReply(ServerReply):
    """The token ids of a text or a chat (vLLM)."""

    tokens: list[int]


class _PromptToken(_Part):
    logprob: LogProb


class _PromptChoice(_Part):
    # By position and token id; nothing comes before the first token, so it has no probability.
    prompt_logprobs: list[dict[int, _PromptToken] | None] = Field(min_length=1)


class PromptReply(ServerReply):
    """The log probability of every token of a prompt (vLLM)."""

    choices: list[_PromptChoice] = Field(min_length=1)
