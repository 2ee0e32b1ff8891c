"""A published figure is met to the tolerance, or the study stops and says which is not."""

import json
import math
from pathlib import Path

import pytest

from calibrant.errors import CalibrantError
from calibrant.measures.published import compare_published

TOLERANCE = 1e-9
PUBLISHED = {
    "RLCR-7B": {"accuracy": 0.75, "ece": 0.0625, "auroc": 0.6875},
    "Base-7B": {"accuracy": 0.5, "ece": 0.25, "auroc": 0.53125},
    "Unused": {"accuracy": 0.1, "ece": 0.1, "auroc": 0.1},
}
SYSTEMS = {"RLCR": "RLCR-7B", "Base": "Base-7B"}


def measures(folder: Path, method: str, **changes: float | None) -> Path:
    """Write a measures document with the published figures, but for the changes."""
    ours = {**PUBLISHED[SYSTEMS[method]], "brier": 0.2, **changes}
    figures = {name: {"value": value, "low": None, "high": None} for name, value in ours.items()}
    # Our own grades differ and are not compared.
    graded = {name: {"value": 0.999} for name in ours}
    views = {"recorded": {"measures": figures}, "graded": {"measures": graded}}
    path = folder / f"{method}.json"
    path.write_text(
        json.dumps({"method": method, "dataset": "set", "views": views}), encoding="utf-8"
    )
    return path


def test_every_published_figure_is_compared(tmp_path) -> None:
    files = [measures(tmp_path, "RLCR", ece=0.0625 + 5e-10), measures(tmp_path, "Base")]
    document = compare_published(PUBLISHED, SYSTEMS, files, TOLERANCE)
    assert document["schema"] == "calibrant-published/1"
    assert [(cell["method"], cell["measure"]) for cell in document["cells"]] == [
        (method, name) for method in ("RLCR", "Base") for name in ("accuracy", "ece", "auroc")
    ]
    second = document["cells"][1]
    assert second == {
        "method": "RLCR", "dataset": "set", "measure": "ece", "published": 0.0625,
        "ours": 0.0625 + 5e-10, "difference": pytest.approx(5e-10, rel=1e-6),
    }  # fmt: skip
    assert document["largest_difference"] == second["difference"]
    assert document["tolerance"] == TOLERANCE
    assert json.loads(json.dumps(document, allow_nan=False)) == document


@pytest.mark.parametrize("off", [2e-9, -2e-9])
def test_a_figure_that_is_off_by_more_is_refused_and_named(tmp_path, off: float) -> None:
    files = [measures(tmp_path, "Base"), measures(tmp_path, "RLCR", auroc=0.6875 + off)]
    with pytest.raises(CalibrantError) as caught:
        compare_published(PUBLISHED, SYSTEMS, files, TOLERANCE)
    assert str(caught.value).startswith(
        f"set: auroc of RLCR is {0.6875 + off!r}, 0.6875 was published. The rows or the definition"
    )


def test_the_worst_of_several_is_named(tmp_path) -> None:
    files = [
        measures(tmp_path, "Base", ece=0.26, accuracy=0.4),
        measures(tmp_path, "RLCR", ece=0.1),
    ]
    with pytest.raises(CalibrantError, match=r"accuracy of Base is 0\.4, 0\.5 was published"):
        compare_published(PUBLISHED, SYSTEMS, files, TOLERANCE)


def test_a_difference_of_exactly_the_tolerance_is_met(tmp_path) -> None:
    path = measures(tmp_path, "RLCR", accuracy=0.75 + 2**-30)
    assert compare_published(PUBLISHED, SYSTEMS, [path], 2**-30)["largest_difference"] == 2**-30
    with pytest.raises(CalibrantError, match="accuracy of RLCR"):
        compare_published(PUBLISHED, SYSTEMS, [path], math.nextafter(2**-30, 0))


def test_a_figure_that_is_not_defined_here_is_refused_and_named(tmp_path) -> None:
    path = measures(tmp_path, "RLCR", auroc=None)
    with pytest.raises(CalibrantError, match=r"auroc of RLCR is not defined, 0\.6875 was"):
        compare_published(PUBLISHED, SYSTEMS, [path], TOLERANCE)


@pytest.mark.parametrize("method", ["RLCR", "Base"])
def test_a_published_figure_that_is_no_number_is_refused(tmp_path, method: str) -> None:
    published = {name: dict(figures) for name, figures in PUBLISHED.items()}
    published[SYSTEMS[method]]["ece"] = math.nan
    files = [measures(tmp_path, "RLCR"), measures(tmp_path, "Base")]
    with pytest.raises(CalibrantError, match=f"ece of {method} is .*, nan was published"):
        compare_published(published, SYSTEMS, files, TOLERANCE)


def test_two_methods_may_show_the_same_system(tmp_path) -> None:
    path = measures(tmp_path, "RLCR")
    systems = {"RLCR": "RLCR-7B", "again": "RLCR-7B"}
    document = compare_published(PUBLISHED, systems, [path, path], TOLERANCE)
    assert document["largest_difference"] == 0
    assert len(document["cells"]) == 6


def test_a_missing_file_is_named(tmp_path) -> None:
    with pytest.raises(CalibrantError, match="cannot read"):
        compare_published(PUBLISHED, SYSTEMS, [tmp_path / "gone.json"], TOLERANCE)
