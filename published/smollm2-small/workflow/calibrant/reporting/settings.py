"""How the report looks."""

from typing import Literal

from pydantic import Field

from calibrant.settings import Settings


class Report(Settings):
    """How the report looks."""

    colour: str = Field(default="#1f5fa8", pattern="^#[0-9a-fA-F]{6}$")
    """Colour of curves and bars (#rrggbb)."""
    beside: Literal["", "rlcr"] = ""
    """Show what a publication reports for the same datasets beside the figures of this study, with
    what differs between the two. Empty: nothing."""
