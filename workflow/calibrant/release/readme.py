"""The page that a person opens first in a release."""

from calibrant.release.contents import rows_left_out
from calibrant.release.plan import Plan

_CHECK = "calibrant verify ."


def write_readme(plan: Plan) -> str:
    """Return a release's README in Markdown: what it is, how to check it, what is not in it."""
    left_out = [file for file in plan.files if file.left_out]
    parts = [
        f"# Calibrant study {plan.about.study}",
        f"Released {plan.about.published}. Results of {len(plan.graph.runs)} stage runs, with the "
        "record of each, the code that ran, and `ro-crate-metadata.json`, which describes all of it "
        "as a Provenance Run Crate 0.5. The report is `report/report.html`.",
        f"Check it with `{_CHECK}` in an environment with Calibrant: every digest, every link "
        "between stages and every printed number.",
        "## Datasets",
        "\n".join(_dataset_lines(plan)),
        "## Not in this release",
        _left_out(len(left_out), sum(file.bytes for file in left_out)),
    ]
    if plan.code.absent:
        parts.append(
            f"{len(plan.code.absent)} files of code were not at hand as they ran: `release.json` "
            "lists them, and the records name their commit."
        )
    return "\n\n".join(parts) + "\n"


def _dataset_lines(plan: Plan) -> list[str]:
    lines = ["| name | title | licence | origin | rows |", "|---|---|---|---|---|"]
    for origin in plan.origins.values():
        reason = rows_left_out(plan.files, origin)
        rows = f"left out: {reason}" if reason else "in"
        cells = (origin.name, origin.title, origin.licence or "not stated", origin.origin, rows)
        lines.append(f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |")
    return lines


def _left_out(count: int, size: int) -> str:
    if not count:
        return "Every file that a record describes is here."
    return (
        f"Files left out: {count}, {size / 1e6:,.1f} MB in all. `release.json` lists them with path, "
        f"size, SHA-256 and reason. `{_CHECK}` names them too and ends with exit code 2."
    )
