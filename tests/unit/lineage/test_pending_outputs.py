"""Outputs that move together: what a failure in the middle of the move leaves."""

from pathlib import Path

import pytest

from calibrant.errors import CalibrantError
from calibrant.lineage.outputs import PendingOutputs


@pytest.fixture
def pending(tmp_path: Path) -> PendingOutputs:
    """Two outputs with older bytes and their records, and new bytes waiting."""
    finals = {"a": tmp_path / "a.txt", "b": tmp_path / "deep/b.txt"}
    records = {name: tmp_path / f"records/{name}.json" for name in finals}
    for path in (*finals.values(), *records.values()):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("old")
    outputs = PendingOutputs(finals, records)
    outputs.prepare()
    for name in finals:
        outputs.temporary(name).write_text("new")
    return outputs


def files(folder: Path) -> dict[str, str]:
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text() for path in found}


def test_a_commit_replaces_outputs_and_records(pending: PendingOutputs, tmp_path: Path) -> None:
    pending.commit("record")
    pending.discard()
    assert files(tmp_path) == {
        "a.txt": "new",
        "deep/b.txt": "new",
        "records/a.json": "record",
        "records/b.json": "record",
    }


def test_discarding_keeps_what_was_there(pending: PendingOutputs, tmp_path: Path) -> None:
    pending.discard()
    assert set(files(tmp_path).values()) == {"old"}
    assert len(files(tmp_path)) == 4


def test_a_commit_that_fails_halfway_leaves_no_record_of_other_bytes(
    pending: PendingOutputs, tmp_path: Path
) -> None:
    (tmp_path / "deep/b.txt").unlink()
    (tmp_path / "deep/b.txt").mkdir()
    with pytest.raises(CalibrantError, match="cannot write"):
        pending.commit("record")
    pending.discard()
    assert files(tmp_path) == {"a.txt": "new"}


def test_a_commit_that_cannot_write_the_record_changes_nothing(
    pending: PendingOutputs, tmp_path: Path
) -> None:
    (tmp_path / "records/b.json").unlink()
    (tmp_path / "records/a.json").rename(tmp_path / "a.json")
    (tmp_path / "records").rmdir()
    (tmp_path / "records").write_text("a file where a folder should be")
    with pytest.raises(CalibrantError, match="cannot write"):
        pending.commit("record")
    found = files(tmp_path)
    assert (found["a.txt"], found["deep/b.txt"]) == ("old", "old")


def test_a_temporary_file_keeps_its_ending_and_its_folder(
    pending: PendingOutputs, tmp_path: Path
) -> None:
    assert pending.temporary("b").parent == tmp_path / "deep"
    assert pending.temporary("b").suffix == ".txt"


def test_an_output_that_was_not_written_is_a_defect(pending: PendingOutputs) -> None:
    pending.temporary("b").unlink()
    with pytest.raises(RuntimeError, match="without writing its output b"):
        pending.check_written()


def test_a_folder_moves_before_its_manifest(pending: PendingOutputs, tmp_path: Path) -> None:
    (pending.folder("b") / "x").write_text("shard")
    (tmp_path / "deep/x").mkdir()
    (tmp_path / "deep/x/.partial-elsewhere").mkdir()
    with pytest.raises(CalibrantError, match="cannot write"):
        pending.commit("record")
    pending.discard()
    found = files(tmp_path)
    assert "deep/b.txt" not in found, "no manifest stands beside files it may not describe"
    assert found["a.txt"] == "old"


def test_files_of_an_earlier_folder_do_not_stay_beside_the_new_ones(
    pending: PendingOutputs, tmp_path: Path
) -> None:
    (tmp_path / "deep/old.bin").write_text("earlier weights")
    (pending.folder("b") / "new.bin").write_text("weights")
    for name in ("a", "b"):
        pending.temporary(name).write_text("new")
    pending.commit("record")
    assert "deep/old.bin" not in files(tmp_path)
    assert files(tmp_path)["deep/new.bin"] == "weights"


def test_files_of_a_folder_can_be_read_by_whoever_can_read_its_manifest(
    pending: PendingOutputs, tmp_path: Path
) -> None:
    weights = pending.folder("b") / "model.safetensors"
    weights.write_text("weights")
    weights.chmod(0o600)
    pending.temporary("b").chmod(0o644)
    pending.commit("record")
    assert (tmp_path / "deep/model.safetensors").stat().st_mode & 0o777 == 0o644
