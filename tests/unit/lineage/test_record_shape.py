"""A record that anybody may have edited is refused in one line, whatever stands in it."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.integration.made_up_records import record

from calibrant.errors import CalibrantError
from calibrant.lineage.record import Record
from calibrant.lineage.record_shape import check_shape

WHERE = Path("records/x.json")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
UNCHECKED = {"schema", "host", "cpus", "device", "slurm_job"}


def test_what_a_stage_writes_is_accepted() -> None:
    check_shape(record("grade", "predictions/x.parquet"), WHERE)


@pytest.mark.parametrize("name", sorted(Record.__required_keys__ - UNCHECKED))
def test_a_field_of_another_kind_is_refused_by_its_name(name: str) -> None:
    for value in (True, object()):
        with pytest.raises(CalibrantError, match=f"{name} is malformed"):
            check_shape({**record("grade", "x"), name: value}, WHERE)


@given(name=st.sampled_from(sorted(Record.__required_keys__)), value=JSON)
def test_nothing_but_a_refusal_comes_of_any_json(name: str, value: Any) -> None:
    try:
        check_shape({**record("grade", "x"), name: value}, WHERE)
    except CalibrantError as error:
        assert error.what.endswith(f"{name} is malformed")


@pytest.mark.parametrize(
    "entry",
    [
        {"name": "out", "path": "x", "sha256": "a" * 63, "bytes": 1},
        {"name": "out", "path": "x", "sha256": "A" * 64, "bytes": 1},
        {"name": "out", "path": "x", "sha256": "a" * 64},
        {"name": "out", "path": None, "sha256": "a" * 64, "bytes": 1},
        # Whoever copies what a record names must not be led out of the study's folder.
        {"name": "out", "path": "results/s/../../.ssh/id", "sha256": "a" * 64, "bytes": 1},
        {"name": "out", "path": "x", "sha256": "a" * 64, "bytes": 1, "record": "1"},
    ],
)
def test_a_malformed_file_is_refused(entry: dict[str, Any]) -> None:
    with pytest.raises(CalibrantError, match="inputs is malformed"):
        check_shape(record("grade", "x", inputs=[entry]), WHERE)
