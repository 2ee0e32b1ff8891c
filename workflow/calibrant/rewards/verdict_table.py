"""The audit as tables for a terminal, or as plain aligned text where there is none."""

from collections.abc import Mapping, Sequence
from typing import Any, TextIO

Row = tuple[str, ...]
_CELL = ("reward", "estimator", "labels", "outcomes")
_SHOWN = (0.1, 0.3, 0.5, 0.7, 0.9)


def print_audit(report: Mapping[str, Any], stream: TextIO) -> None:
    """Print the verdicts, what speaks against each reward, and the ends of the bandit.

    Args:
        report: What ``audit`` returned.
        stream: Where to print; a terminal gets drawn tables.
    """
    header = ("reward", "rule", "proper", *(f"c* at {p:g}" for p in _SHOWN), "range",
              "pays for wrong", "safe weight", "malformed gain", "verdict")  # fmt: skip
    rows = [_verdict_row(name, verdict) for name, verdict in report["verdicts"].items()]
    _print_table(header, rows, stream)
    print("*: one of many equally good confidences, the nearest to p", file=stream)
    for name, verdict in report["verdicts"].items():
        for line in _remarks(verdict):
            print(f"{name}: {line}", file=stream)
    if report["bandit"]:
        print(file=stream)
        _print_table(
            (*_CELL, *(f"p = {p:g}" for p in _SHOWN), "worst error"),
            [_bandit_row(cell) for cell in report["bandit"]],
            stream,
        )
        print("± the interval of the mean over independent runs", file=stream)
        print(
            "outcomes: whether the completions of a question are right or wrong each on its own, or "
            "together, as those with the same answer are",
            file=stream,
        )
    for name, reason in report["skipped"].items():
        print(f"{name}: no bandit, {reason}", file=stream)


def _verdict_row(name: str, verdict: Mapping[str, Any]) -> Row:
    below, gain = verdict["pays_for_wrong_below"], verdict["dodging_gain"]
    report = dict(zip((round(p, 2) for p in verdict["p"]), verdict["report"], strict=True))
    return (
        name,
        _rule(verdict["rule"]),
        "strictly" if verdict["strictly_proper"] else "yes" if verdict["proper"] else "no",
        *(_asked(verdict, report[p]) for p in _SHOWN),
        f"{_bound(verdict['low'], '-inf')} to {_bound(verdict['high'], 'inf')}",
        "never" if below is None else f"p < {below:.3f}",
        _safe(verdict),
        "none" if gain <= 0 else _number(gain),
        _decision(verdict),
    )


def _rule(rule: Mapping[str, Any]) -> str:
    settings = [f"{key} {value:g}" for key, value in rule.items() if key != "rule"]
    # The six numbers of the matrix do not fit; its statement is printed below the table.
    shown = f"({', '.join(settings)})" if 0 < len(settings) <= 2 else ""
    return f"{rule['rule']}{shown}"


def _asked(verdict: Mapping[str, Any], report: float) -> str:
    if verdict["rule"]["rule"] == "none":
        return "any"
    return _number(report) + ("" if verdict["single"] else "*")


def _number(value: float) -> str:
    return f"{value:.3f}".replace("-0.000", "0.000")


def _bound(value: float | None, infinite: str) -> str:
    return infinite if value is None else f"{value:.3g}"


def _safe(verdict: Mapping[str, Any]) -> str:
    weight = verdict["largest_safe_weight"]
    return "any" if weight is None else f"{weight:.3g}" if weight > 0 else "none"


def _decision(verdict: Mapping[str, Any]) -> str:
    if verdict["refused"]:
        return "refused"
    return "accepted" if verdict["faults"] else "sound"


def _remarks(verdict: Mapping[str, Any]) -> list[str]:
    remarks = [verdict["statement"], *verdict["faults"]]
    if verdict["faults"] and verdict["accepted"]:
        remarks.append(f"accepted: {' '.join(verdict['accepted'].split())}")
    if not verdict["penalty_covers_worst"]:
        remarks.append(
            "a wrong answer stated with full confidence costs more than malformed text: a model "
            "that is over-confident before training may learn to break the format"
        )
    return remarks


def _bandit_row(cell: Mapping[str, Any]) -> Row:
    means = (
        f"{_number(mean)} ± {_number((high - low) / 2)}"
        for mean, low, high in zip(cell["mean"], cell["low"], cell["high"], strict=True)
    )
    worst = _number(cell["worst_error"])
    labels = noise_label(cell["noise"])
    return (cell["reward"], cell["estimator"], labels, cell["outcomes"], *means, worst)


def noise_label(noise: Mapping[str, Any]) -> str:
    """Return a judge in a few words, such as ``0.9/0.8 corrected`` or ``true``."""
    if noise["sensitivity"] == noise["specificity"] == 1:
        return "true"
    state = "corrected" if noise["corrected"] else "as judged"
    return f"{noise['sensitivity']:g}/{noise['specificity']:g} {state}"


def _print_table(header: Row, rows: Sequence[Row], stream: TextIO) -> None:
    if stream.isatty():
        _print_drawn(header, rows, stream)
        return
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    for row in (header, tuple("-" * width for width in widths), *rows):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        print("  ".join(cells).rstrip(), file=stream)


def _print_drawn(header: Row, rows: Sequence[Row], stream: TextIO) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table()
    for name in header:
        table.add_column(Text(name))
    for row in rows:
        # Text, since a name in brackets would be read as markup.
        table.add_row(*map(Text, row))
    Console(file=stream).print(table)
