"""How the report looks."""

from pydantic import Field

from calibrant.settings import Settings


class Report(Settings):
    """How the report looks."""

    colour: str = Field(default="#1f5fa8", pattern="^#[0-9a-fA-F]{6}$")
    """Colour of curves and bars (#rrggbb)."""
