"""The audit of the rewards as tables of the report."""

from collections.abc import Mapping
from typing import Any

from calibrant.reporting.document import Document
from calibrant.reporting.numbers import Numbers, escape_pointer
from calibrant.reporting.table import Table
from calibrant.rewards.verdict_table import noise_label

# Positions in the audit's grid of true probabilities that the table shows.
_SHOWN = {"0.1": 10, "0.3": 30, "0.5": 50, "0.7": 70, "0.9": 90}

_OUTCOMES = {"own": "each its own", "shared": "one for a question"}


def verdict_table(document: Document | None, numbers: Numbers) -> Table | None:
    """Return what every reward asks for at some true probabilities, or None without an audit."""
    if document is None:
        return None
    rows = []
    for name, verdict in document.content["verdicts"].items():
        place = f"/verdicts/{escape_pointer(name)}/report"
        asked = [
            ("num", numbers.add(f"rewards/{name}/asked/{p}", document, f"{place}/{at}", "figure"))
            if verdict["single"]
            else ("text", "any")
            for p, at in _SHOWN.items()
        ]
        proper = "strictly" if verdict["strictly_proper"] else "yes" if verdict["proper"] else "no"
        pays = "no" if verdict["pays_for_wrong_below"] is None else "yes"
        words = [verdict["accepted"] or ""]
        if name in document.content["faithful"]:
            words.append("pays for faithfulness too, which is left out here")
        rows.append(
            [
                ("quoted", name),
                ("text", proper),
                *asked,
                ("text", pays),
                ("quoted", "; ".join(filter(None, words))),
            ]
        )
    heads = [f"asked for at {p}" for p in _SHOWN]
    return Table(
        ("reward", "proper", *heads, "pays for wrong answers", "accepted because"),
        rows,
        quoted_heads=True,
    )


def bandit_table(document: Document | None, numbers: Numbers) -> Table | None:
    """Return how far each advantage estimator ends from the truth with each reward."""
    if document is None or not document.content["bandit"]:
        return None
    cells = document.content["bandit"]
    rewards = list(dict.fromkeys(cell["reward"] for cell in cells))
    tried = list(dict.fromkeys(map(_tried, cells)))
    position = {(cell["reward"], *_tried(cell)): at for at, cell in enumerate(cells)}
    rows = [
        [
            ("text", estimator.replace("_", " ")),
            ("quoted", labels),
            ("text", _OUTCOMES[outcomes]),
            *(
                (
                    "num",
                    numbers.add(
                        f"rewards/{reward}/bandit/{estimator}/{labels.replace('/', '-')}/{outcomes}",
                        document,
                        f"/bandit/{position[reward, estimator, labels, outcomes]}/worst_error",
                        "figure",
                    ),
                )
                for reward in rewards
            ),
        ]
        for estimator, labels, outcomes in tried
    ]
    return Table(("estimator", "labels", "outcomes", *rewards), rows, quoted_heads=True)


def _tried(cell: Mapping[str, Any]) -> tuple[str, str, str]:
    return cell["estimator"], noise_label(cell["noise"]), cell["outcomes"]
