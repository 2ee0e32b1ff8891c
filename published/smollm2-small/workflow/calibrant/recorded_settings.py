"""The settings of a method whose answers somebody else recorded."""

from typing import Literal

from calibrant.settings import Settings


class RecordedMethod(Settings):
    """Transcripts that somebody else's model wrote."""

    kind: Literal["recorded"]
    """Recorded transcripts of a dataset of that kind (such as `rlcr_commonsenseqa`)."""
    system: str
    """Name of the system in the transcripts."""
    confidence: Literal["stated", "recorded"] = "stated"
    """Read the confidence from the text, or take the number stored beside it (for a classifier)."""
