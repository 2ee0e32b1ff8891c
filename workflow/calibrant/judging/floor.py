"""How good a judge must be to be used, and the table that shows where it is not."""

from collections.abc import Mapping
from dataclasses import dataclass

from calibrant.errors import CalibrantError
from calibrant.judging.agreement import POOLED, Agreement
from calibrant.judging.agreement_figures import Estimate
from calibrant.judging.settings import JudgeFloor


@dataclass(frozen=True, slots=True)
class Fault:
    """One figure below the floor.

    Attributes:
        domain: The domain, ``*`` for all together.
        figure: ``kappa`` or ``youden``.
        found: What was compared, or None where it is undefined.
        least: The floor.
        what: The fault in words.
    """

    domain: str
    figure: str
    found: float | None
    least: float
    what: str


class JudgeBelowFloorError(CalibrantError):
    """A judge below the floor; unlike other errors it shows a table below its line.

    Attributes:
        table: The table.
    """

    def __init__(self, faults: list[Fault], table: str, where: object) -> None:
        super().__init__(
            f"the judge is below the floor: {'; '.join(fault.what for fault in faults)}",
            where=where,
            repair="Use a better judge, have people judge more answers, or lower the floor",
        )
        self.table = table

    def __str__(self) -> str:
        """Return the line, and the table below it."""
        return f"{super().__str__()}\n{self.table}"


def check_floor(by_domain: Mapping[str, Agreement], floor: JudgeFloor) -> list[Fault]:
    """Return what is below the floor, empty where the judge passes.

    Args:
        by_domain: Agreement by domain and of all together as ``*``, as ``agreement_by`` gives it.
        floor: The floor.

    Raises:
        CalibrantError: If there is no ``*``.
    """
    if POOLED not in by_domain:
        raise CalibrantError(f"there is no agreement of all domains, {POOLED!r}", where="judge")
    checked = by_domain if floor.per == "domain" else {POOLED: by_domain[POOLED]}
    faults = []
    for domain, measured in checked.items():
        if domain != POOLED and not _has_figures(measured):
            continue
        for figure, least in (("kappa", floor.kappa), ("youden", floor.youden)):
            estimate: Estimate = getattr(measured, figure)
            found = estimate.value if floor.compare == "estimate" else estimate.low
            if found is None or found < least:
                what = _say(domain, figure, estimate, found, floor)
                faults.append(Fault(domain, figure, found, least, what))
    return faults


def floor_table(by_domain: Mapping[str, Agreement], floor: JudgeFloor) -> str:
    """Return the figures by domain as plain text for a monospaced font.

    The last column says which are below the floor, and which domains have no figures to check.
    """
    faults = check_floor(by_domain, floor)
    lines: list[tuple[str, ...]] = [
        ("domain", "n", "kappa", "sensitivity", "specificity", "sens + spec - 1", "below floor")
    ]
    for domain, measured in by_domain.items():
        below = [_NAMES[fault.figure] for fault in faults if fault.domain == domain]
        remark = ", ".join(below)
        if not _has_figures(measured) and domain != POOLED:
            remark = f"not checked: {measured.kappa.reason}"
        figures = (measured.kappa, measured.sensitivity, measured.specificity, measured.youden)
        lines.append((domain, str(measured.rows), *map(_cell, figures), remark))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rows = [
        "  ".join(
            text.rjust(width) if place == 1 else text.ljust(width)
            for place, (text, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]
    compared = "figure itself" if floor.compare == "estimate" else "lower end of the interval"
    rule = (
        f"floor: kappa {floor.kappa:g}, sens + spec - 1 {floor.youden:g}; compared: {compared}; "
        f"{POOLED} is all domains together"
    )
    return "\n".join([*rows, rule])


def require(by_domain: Mapping[str, Agreement], floor: JudgeFloor, where: object) -> None:
    """Stop unless the judge reaches the floor.

    Args:
        by_domain: As for ``check_floor``.
        floor: The floor.
        where: The judge, and the study that sets the floor, for the error.

    Raises:
        JudgeBelowFloorError: With the table.
    """
    faults = check_floor(by_domain, floor)
    if faults:
        raise JudgeBelowFloorError(faults, floor_table(by_domain, floor), where)


_NAMES = {"kappa": "kappa", "youden": "sens + spec - 1"}


def _has_figures(measured: Agreement) -> bool:
    return measured.kappa.value is not None and measured.youden.value is not None


def _say(
    domain: str, figure: str, estimate: Estimate, found: float | None, floor: JudgeFloor
) -> str:
    place = "over all domains" if domain == POOLED else f"in domain {domain!r}"
    if found is None:
        return f"{_NAMES[figure]} {place} is not known ({estimate.reason})"
    end = "" if floor.compare == "estimate" else "the lower end of "
    least = floor.kappa if figure == "kappa" else floor.youden
    return f"{end}{_NAMES[figure]} {place} is {found:.3f}, below {least:g}"


def _cell(estimate: Estimate) -> str:
    if estimate.value is None:
        return "-"
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:.3f}"
    return f"{estimate.value:.3f} [{estimate.low:.3f}, {estimate.high:.3f}]"
