"""The model that rewords answers: behind a server, or a checkpoint on this machine."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calibrant.engines.interface import Engine
from calibrant.engines.settings import Generation
from calibrant.errors import CalibrantError
from calibrant.files import read_json

_TOKENIZER = "tokenizer_config.json"
# What transformers and safetensors raise for files that are not what they should be.
_UNREADABLE = (ImportError, LookupError, OSError, RuntimeError, ValueError)


@dataclass(frozen=True, slots=True)
class RewordingModel:
    """Who rewords, as the command line names it.

    Attributes:
        server: Address of a server with OpenAI's chat completions, or None.
        model: Name of the model on the server, or None.
        key_variable: Name of the environment variable that holds the server's key, or None where it
            wants none.
        checkpoint: Folder of a checkpoint, or None.
        max_new_tokens: A text is cut here (tokens).
    """

    server: str | None = None
    model: str | None = None
    key_variable: str | None = None
    checkpoint: Path | None = None
    max_new_tokens: int = 512

    @property
    def asked(self) -> bool:
        """Whether there is a model at all.

        Raises:
            CalibrantError: If what is named does not go together.
        """
        for name, value in (("--model", self.model), ("--key-variable", self.key_variable)):
            if value is not None and self.server is None:
                raise CalibrantError(
                    "names something of a server, and there is none",
                    where=name,
                    repair="Give its address with --server",
                )
        if self.server is not None and self.model is None:
            raise CalibrantError(
                "a server needs the name of its model",
                where="--server",
                repair="Give it with --model NAME",
            )
        return self.server is not None or self.checkpoint is not None


def open_rewording(model: RewordingModel) -> Engine:
    """Return an engine that takes the likeliest tokens.

    Args:
        model: Names a server or a checkpoint (``model.asked``).

    Raises:
        CalibrantError: If an address, a name or a number is none, the key is not in its variable, or
            the folder holds no model that chats.
    """
    generation = _checked(Generation, max_new_tokens=model.max_new_tokens, batch_size=8)
    if model.checkpoint is not None:
        return _checkpoint(model.checkpoint, generation)
    from calibrant.engines.server_engine import ServerEngine
    from calibrant.engines.server_settings import Server

    settings = _checked(
        Server, address=model.server, model=model.model, key_variable=model.key_variable
    )
    return ServerEngine(settings, generation)


def _checked(kind: Any, **values: Any) -> Any:
    """Return settings, or one line that says which option is wrong; never the value of a key."""
    from pydantic import ValidationError

    try:
        return kind(**values)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = str(first["loc"][0]) if first["loc"] else "server"
        option = {"address": "server"}.get(name, name.replace("_", "-"))
        message = first["msg"].removeprefix("Value error, ")
        raise CalibrantError(message, where=f"--{option}") from None


def _checkpoint(folder: Path, generation: Generation) -> Engine:
    if not (folder / "config.json").is_file():
        raise CalibrantError(
            "holds no model: there is no config.json",
            where=folder,
            repair="Name a Hugging Face folder with safetensors, such as a checkpoint of a study",
        )
    template = folder / "chat_template.jinja"
    named = folder / _TOKENIZER
    if not template.is_file() and not (named.is_file() and "chat_template" in read_json(named)):
        raise CalibrantError(
            "its tokenizer has no chat template, so it cannot be asked",
            where=folder,
            repair="Use a model that was tuned to follow instructions",
        )
    if (folder / "manifest.json").is_file():
        from calibrant.engines.checkpoint import check_manifest

        check_manifest(folder / "manifest.json", folder)
    from calibrant.engines.transformers_engine import TransformersEngine

    try:
        return TransformersEngine(folder, generation)
    except _UNREADABLE as error:
        raise CalibrantError(f"holds no model that can be read: {error}", where=folder) from error
