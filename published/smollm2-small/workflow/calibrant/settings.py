"""The base class of everything a study sets."""

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """Base of all settings.

    An unknown key is an error, nothing is converted (``true`` is no number), and a study that was
    read never changes.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False, use_attribute_docstrings=True
    )
