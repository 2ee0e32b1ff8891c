"""How pages refer to the places on the page that tells where numbers come from."""

from calibrant.files import sha256_text

LINEAGE = "lineage.html"
"""Name of that page, beside the report."""

_DIGITS = 10


def file_anchor(file: str) -> str:
    """Return the anchor of a file that numbers come from; another file has another one."""
    return f"f-{sha256_text(file)[:_DIGITS]}"


def stage_anchor(output: str) -> str:
    """Return the anchor of a stage, by the first file it wrote."""
    return f"s-{sha256_text(output)[:_DIGITS]}"
