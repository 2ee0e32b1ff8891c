"""How messages say between which stages a file stands."""

from calibrant.lineage.graph import Graph


def hop(graph: Graph, inner: str) -> str:
    """Return who wrote a file and who read it, as ``written by ..., read by ...``."""
    writer = graph.writer(inner)
    readers = graph.readers(inner)
    parts = [f"written by {writer.name}"] if writer else []
    if readers:
        more = f" and {len(readers) - 1} more" if len(readers) > 1 else ""
        parts.append(f"read by {readers[0].name}{more}")
    return ", ".join(parts)


def short(digest: str) -> str:
    """Return the first 12 of the 64 hexadecimal digits of a digest."""
    return digest[:12]
