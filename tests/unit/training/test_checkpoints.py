"""Checkpoints to restart from: whatever moment a kill comes at, one is complete or not there."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import calibrant
from calibrant.training.checkpoints import (
    MANIFEST,
    last_checkpoint,
    prune_checkpoints,
    seal_checkpoint,
)

KILLED = 9
# Seals a checkpoint, but dies where the finished manifest would get its name.
DIES_WHILE_SEALING = f"""
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
os.replace = lambda *_: os._exit({KILLED})
from calibrant.training.checkpoints import seal_checkpoint
seal_checkpoint(Path(sys.argv[1]), {{"round": 2}})
"""


def write_files(work: Path, step: int) -> Path:
    """Write what a trainer writes, without a manifest."""
    folder = work / f"checkpoint-{step}"
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(bytes(range(256)) * 4)
    (folder / "trainer_state.json").write_text(f'{{"global_step": {step}}}')
    return folder


def seal(work: Path, step: int) -> Path:
    folder = write_files(work, step)
    seal_checkpoint(folder, {"round": step // 2, "best_step": None, "stopped": ""})
    return folder


def names(work: Path) -> set[str]:
    return {path.name for path in work.iterdir()}


def test_without_a_checkpoint_there_is_none(tmp_path: Path) -> None:
    assert last_checkpoint(tmp_path) is None
    assert last_checkpoint(tmp_path / "absent") is None


def test_a_sealed_checkpoint_comes_back_with_its_step_and_state(tmp_path: Path) -> None:
    folder = seal(tmp_path, 40)
    found = last_checkpoint(tmp_path)
    assert found is not None
    assert found.folder == folder
    assert found.step == 40
    assert found.state == {"round": 20, "best_step": None, "stopped": ""}


def test_the_manifest_lists_every_file(tmp_path: Path) -> None:
    manifest = json.loads((seal(tmp_path, 2) / MANIFEST).read_text())
    assert set(manifest["files"]) == {"model.safetensors", "trainer_state.json"}


def test_the_newest_is_found_by_number_and_older_ones_stay(tmp_path: Path) -> None:
    for step in (9, 100, 20):
        seal(tmp_path, step)
    found = last_checkpoint(tmp_path)
    assert found is not None
    assert found.step == 100
    assert names(tmp_path) == {"checkpoint-9", "checkpoint-20", "checkpoint-100"}


def lose_the_manifest(folder: Path) -> None:
    (folder / MANIFEST).unlink()


def lose_a_file(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def change_a_byte(folder: Path) -> None:
    data = bytearray((folder / "model.safetensors").read_bytes())
    data[500] ^= 1
    (folder / "model.safetensors").write_bytes(data)


def cut_a_file(folder: Path) -> None:
    with (folder / "model.safetensors").open("r+b") as file:
        file.truncate(100)


def leave_half_a_manifest(folder: Path) -> None:
    text = (folder / MANIFEST).read_text()
    (folder / MANIFEST).unlink()
    (folder / f".{MANIFEST}.4711.tmp").write_text(text[: len(text) // 2])


def empty(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


@pytest.mark.parametrize(
    "damage",
    [lose_the_manifest, lose_a_file, change_a_byte, cut_a_file, leave_half_a_manifest, empty],
)
def test_a_damaged_checkpoint_is_removed_and_the_one_before_is_used(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    seal(tmp_path, 10)
    damage(seal(tmp_path, 20))
    found = last_checkpoint(tmp_path)
    assert found is not None
    assert found.step == 10
    assert names(tmp_path) == {"checkpoint-10"}


def test_all_that_is_incomplete_goes_also_where_nothing_is_left(tmp_path: Path) -> None:
    for step in (10, 20, 30):
        change_a_byte(seal(tmp_path, step))
    assert last_checkpoint(tmp_path) is None
    assert names(tmp_path) == set()


def test_a_folder_that_is_being_written_is_not_a_checkpoint(tmp_path: Path) -> None:
    seal(tmp_path, 10)
    (tmp_path / "checkpoint-20.tmp").mkdir()
    (tmp_path / "tmp-checkpoint-20").mkdir()
    found = last_checkpoint(tmp_path)
    assert found is not None
    assert found.step == 10
    assert names(tmp_path) == {"checkpoint-10", "tmp-checkpoint-20"}


def test_other_files_of_the_work_folder_are_left_alone(tmp_path: Path) -> None:
    seal(tmp_path, 10)
    for name in ("job.json", "outcome.json", "curve.jsonl"):
        (tmp_path / name).write_text("{}")
    last_checkpoint(tmp_path)
    prune_checkpoints(tmp_path, set())
    assert names(tmp_path) == {"job.json", "outcome.json", "curve.jsonl"}


def test_a_process_that_dies_while_sealing_leaves_no_checkpoint(tmp_path: Path) -> None:
    seal(tmp_path, 10)
    folder = write_files(tmp_path, 20)
    package = str(Path(calibrant.__file__).parent.parent)
    command = [sys.executable, "-c", DIES_WHILE_SEALING, str(folder), package]
    assert subprocess.run(command, check=False, timeout=60).returncode == KILLED
    left = names(folder)
    assert MANIFEST not in left
    assert len(left) == 3, "the manifest was not being written"
    found = last_checkpoint(tmp_path)
    assert found is not None
    assert found.step == 10
    assert names(tmp_path) == {"checkpoint-10"}


def test_the_trainer_may_write_a_removed_step_again(tmp_path: Path) -> None:
    write_files(tmp_path, 20)
    assert last_checkpoint(tmp_path) is None
    seal(tmp_path, 20)
    found = last_checkpoint(tmp_path)
    assert found is not None
    assert found.step == 20


@pytest.mark.parametrize("keep", [{30}, {10, 30}, {10, 20, 30}, set(), {40}])
def test_pruning_keeps_what_is_asked(tmp_path: Path, keep: set[int]) -> None:
    for step in (10, 20, 30):
        seal(tmp_path, step)
    prune_checkpoints(tmp_path, keep)
    assert names(tmp_path) == {f"checkpoint-{step}" for step in keep & {10, 20, 30}}


def test_pruning_takes_unsealed_checkpoints_as_well(tmp_path: Path) -> None:
    write_files(tmp_path, 10)
    seal(tmp_path, 20)
    prune_checkpoints(tmp_path, {20})
    assert names(tmp_path) == {"checkpoint-20"}


def test_a_kill_while_pruning_leaves_nothing_that_looks_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for step in (10, 20):
        seal(tmp_path, step)

    def killed(_: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "rmtree", killed)
        with pytest.raises(KeyboardInterrupt):
            prune_checkpoints(tmp_path, {20})
    assert (tmp_path / "checkpoint-10").exists()
    found = last_checkpoint(tmp_path)
    assert found is not None
    assert found.step == 20
    assert names(tmp_path) == {"checkpoint-20"}
