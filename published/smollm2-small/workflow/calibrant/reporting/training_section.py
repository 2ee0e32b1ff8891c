"""Training: how reward, accuracy and confidence went, and how every training ended."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from calibrant.reporting.curves import Curve, finite
from calibrant.reporting.numbers import Numbers, Place
from calibrant.reporting.seed_groups import add_seed_count
from calibrant.reporting.seed_summary import summarise_seeds
from calibrant.reporting.table import Table

PANELS = {
    "train/reward": "reward",
    "train/accuracy": "accuracy",
    "train/confidence_mean": "mean stated confidence",
    "train/confidence_distinct": "distinct confidences",
    "train/confidence_entropy": "entropy of the confidence (nats)",
    "validation/truth_distance": "distance from the truth, validation",
}
"""What is drawn, as kind and key of the curve's lines, with its title."""

Line = list[tuple[float, float]]
"""Points (rollouts, value) of one method."""

Cell = tuple[str, str]


@dataclass(frozen=True, slots=True)
class TrainingSection:
    """What the page shows of training.

    Attributes:
        table: One row per trained method.
        lines: Panel (a key of ``PANELS``) to method to its line; only panels with a line.
    """

    table: Table
    lines: dict[str, dict[str, Line]]


def training_section(curves: Sequence[Curve], numbers: Numbers) -> TrainingSection | None:
    """Return the section, or None where nothing was trained."""
    if not curves:
        return None
    methods: dict[str, list[Curve]] = {}
    for curve in sorted(curves, key=lambda item: item.seed):
        methods.setdefault(curve.method, []).append(curve)
    # In the order given, not that of the seeds.
    order = list(dict.fromkeys(curve.method for curve in curves))
    heads = ("system", "seeds", "rollouts", "rounds", "best round",
             "seconds per thousand rollouts", "ended")  # fmt: skip
    rows = [_row(name, methods[name], numbers) for name in order]
    lines: dict[str, dict[str, Line]] = {}
    for panel in PANELS:
        kind, key = panel.split("/")
        for name in order:
            line = median_by_round(methods[name], kind, key)
            if line:
                lines.setdefault(panel, {})[name] = line
    return TrainingSection(Table(heads, rows), lines)


def median_by_round(curves: Sequence[Curve], kind: str, key: str) -> Line:
    """Return the medians over seeds of rollouts and of one key, round by round.

    Lines without the key, the round or the rollouts are left out, and a seed that stopped early
    no longer counts in the rounds after.
    """
    rounds: dict[float, list[tuple[float, float]]] = {}
    for curve in curves:
        for _, line in curve.of_kind(kind):
            at, rollouts, value = (finite(line, name) for name in ("round", "rollouts", key))
            if at is not None and rollouts is not None and value is not None:
                rounds.setdefault(at, []).append((rollouts, value))
    return [
        (median(x for x, _ in points), median(y for _, y in points))
        for _, points in sorted(rounds.items())
    ]


def _row(method: str, curves: Sequence[Curve], numbers: Numbers) -> list[Cell]:
    base = f"train/{method}"
    places = [Place(curve.document.path, "") for curve in curves]
    seeds = add_seed_count(numbers, f"{base}/seeds", places)
    add = _Adder(curves, numbers)
    return [
        ("quoted", method),
        ("num", seeds),
        add.cell(f"{base}/rollouts", "count", lambda line: finite(line, "rollouts")),
        add.cell(f"{base}/rounds", "count", lambda line: finite(line, "rounds")),
        add.cell(f"{base}/best_round", "count", lambda line: finite(line, "best_round")),
        add.cell(
            f"{base}/seconds_per_thousand", "duration", _pace,
            of="1000 x seconds / rollouts",
        ),
        ("quoted", _ended(curves)),
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Adder:
    """Enters figures of the last lines (kind ``end``) of several curves."""

    curves: Sequence[Curve]
    numbers: Numbers

    def cell(
        self,
        name: str,
        style: str,
        read: Callable[[Mapping[str, Any]], float | None],
        *,
        of: str | None = None,
    ) -> Cell:
        """Return a cell with the median over seeds, or words where no curve says."""
        key = name.rpartition("/")[2]
        values, places = [], []
        for curve in self.curves:
            for at, line in curve.of_kind("end")[-1:]:
                value = read(line)
                if value is not None:
                    values.append(value)
                    pointer = f"/{at}" if of else f"/{at}/{key}"
                    places.append(Place(curve.document.path, pointer))
        if not values:
            return ("text", "not recorded")
        summary = summarise_seeds(values, absent=len(self.curves) - len(values), of=of)
        return ("num", self.numbers.add_summary(name, summary, places, style))


def _pace(line: Mapping[str, Any]) -> float | None:
    seconds, rollouts = finite(line, "seconds"), finite(line, "rollouts")
    return 1000 * seconds / rollouts if seconds is not None and rollouts else None


def _ended(curves: Sequence[Curve]) -> str:
    """Return why the trainings ended; seeds are named where they differ."""
    reasons: dict[str, list[str]] = {}
    for curve in curves:
        ends = [line for _, line in curve.of_kind("end")]
        reason = str(ends[-1].get("reason") or "not recorded") if ends else "not recorded"
        reasons.setdefault(reason, []).append(str(curve.seed))
    if len(reasons) == 1:
        return next(iter(reasons))
    return "; ".join(
        f"{reason} ({'seed' if len(seeds) == 1 else 'seeds'} {', '.join(seeds)})"
        for reason, seeds in reasons.items()
    )
