"""The measures as tables for a terminal, or as plain aligned text where there is none."""

from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

LABELS = {
    "accuracy": "accuracy",
    "mean_confidence": "mean confidence",
    "gap": "gap (confidence - accuracy)",
    "brier": "Brier score",
    "log_loss": "log loss",
    "ece": "ECE, equal width",
    "ece_equal_mass": "ECE, equal mass",
    "auroc": "AUROC",
    "aurc": "AURC",
    "expected_accuracy": "expected accuracy (mean true probability)",
    "truth_distance": "distance from the truth",
    "truth_bias": "bias (confidence - true)",
    "truth_bias_near_07": "bias where the truth is 0.65 to 0.75",
}
_GROUP_COLUMNS = ("accuracy", "gap", "brier", "ece", "auroc")
_ABSENT = "-"

Row = tuple[str, ...]


def print_summary(summary: Mapping[str, Any], stream: TextIO) -> None:
    """Print every measure with its interval, the best constant and the noise floor beside it.

    Args:
        summary: What ``summary.measure_sample`` returned.
        stream: Where to print; a terminal gets a drawn table.
    """
    level = f"{summary['settings']['level']:.4g}"
    header = ("measure", "value", f"interval ({level})", "best constant", "noise floor (mean, p95)")
    rows = [_summary_row(name, summary) for name in summary["measures"]]
    _print_table(header, rows, stream)
    for line in [*_count_lines(summary), *_remarks(summary)]:
        print(line, file=stream)


def print_groups(column: str, groups: Mapping[str, Mapping[str, Any]], stream: TextIO) -> None:
    """Print one line per group: its size and its main measures with their intervals."""
    header = (column, "n", *(LABELS[name].split(" (")[0] for name in _GROUP_COLUMNS))
    rows = [
        (
            _printable(group),
            str(summary["counts"]["n"]),
            *(_with_interval(summary["measures"][name]) for name in _GROUP_COLUMNS),
        )
        for group, summary in groups.items()
    ]
    _print_table(header, rows, stream)


def _summary_row(name: str, summary: Mapping[str, Any]) -> Row:
    figure = summary["measures"][name]
    constant, floor = summary["constant"], summary["noise_floor"].get(name)
    return (
        LABELS[name],
        _number(figure["value"]),
        _interval(figure),
        _number(constant[name]) if name in constant else "",
        f"{_number(floor['mean'])}, {_number(floor['p95'])}" if floor else "",
    )


def _number(value: float | None) -> str:
    # Rounding may leave a minus before zero.
    return _ABSENT if value is None else f"{value:.3f}".replace("-0.000", "0.000")


def _interval(figure: Mapping[str, Any]) -> str:
    if figure["low"] is None:
        return _ABSENT
    return f"[{_number(figure['low'])}, {_number(figure['high'])}]"


def _with_interval(figure: Mapping[str, Any]) -> str:
    return (
        _number(figure["value"])
        if figure["low"] is None
        else (f"{_number(figure['value'])} {_interval(figure)}")
    )


def _count_lines(summary: Mapping[str, Any]) -> list[str]:
    counts, settings = summary["counts"], summary["settings"]
    lines = [
        f"{counts['n']} answers measured, {counts['questions']} questions; "
        f"{counts['missing']} without a confidence ({_percent(counts['missing_share'])}, "
        f"policy {settings['policy']}); {counts['ungraded']} of {counts['rows']} rows ungraded"
    ]
    if counts["mode_confidence"] is not None:
        lines.append(
            f"{counts['distinct_confidences']} distinct confidences, the commonest "
            f"{counts['mode_confidence']:g} in {_percent(counts['mode_share'])} of the answers"
        )
    lines.append(
        f"intervals: {settings['replicates']} bootstrap replicates of questions, "
        f"seed {settings['seed']}; {settings['bins']} bins; "
        f"log loss clipped at {settings['log_loss_clip']:g}"
    )
    return lines


def _remarks(summary: Mapping[str, Any]) -> list[str]:
    remarks = []
    for name, figure in summary["measures"].items():
        label = LABELS[name].split(" (")[0]
        if figure["undefined"]:
            remarks.append(f"{label}: {figure['undefined']}")
        if figure["left_out"]:
            remarks.append(f"{label}: undefined on {figure['left_out']} replicates, left out")
        if figure["low"] is not None and figure["value"] is not None:
            remarks += _outside(label, figure)
    for name in ("ece", "ece_equal_mass"):
        value, floor = summary["measures"][name]["value"], summary["noise_floor"][name]["p95"]
        if value is not None and floor is not None and value <= floor:
            remarks.append(
                f"{LABELS[name]}: within the noise floor, so no evidence of miscalibration"
            )
    return remarks


def _outside(label: str, figure: Mapping[str, Any]) -> list[str]:
    if figure["low"] <= figure["value"] <= figure["high"]:
        return []
    return [f"{label}: the interval misses the value because redrawing adds noise to this measure"]


def _percent(share: float | None) -> str:
    return _ABSENT if share is None else f"{100 * share:.1f} %"


def _printable(text: str, longest: int = 40) -> str:
    clean = "".join(letter if letter.isprintable() else "?" for letter in text)
    return clean if len(clean) <= longest else clean[: longest - 3] + "..."


def _print_table(header: Row, rows: Sequence[Row], stream: TextIO) -> None:
    if stream.isatty():
        _print_rich(header, rows, stream)
        return
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    for row in (header, tuple("-" * width for width in widths), *rows):
        cells = [
            cell.ljust(width) if position == 0 else cell.rjust(width)
            for position, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        print("  ".join(cells).rstrip(), file=stream)


def _print_rich(header: Row, rows: Sequence[Row], stream: TextIO) -> None:
    table = Table()
    for position, name in enumerate(header):
        table.add_column(Text(name), justify="left" if position == 0 else "right")
    for row in rows:
        # Text, since a cell such as "[0.1, 0.2]" would be read as markup.
        table.add_row(*map(Text, row))
    Console(file=stream).print(table)
