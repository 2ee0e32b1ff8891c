"""Jobs to run by hand: their commands in order, what they need and what they leave behind."""

from pathlib import Path

import pytest

from calibrant.errors import CalibrantError
from calibrant.files import write_json
from calibrant.orchestration.by_hand import by_hand
from calibrant.orchestration.planned_job import PlannedJob

ROOT = Path("results/s")


def job(
    rule: str, inputs: list[str], output: str, subject: str = "", option: str = "out"
) -> PlannedJob:
    record = f"results/s/records/{output.removeprefix('results/s/')}.json"
    return PlannedJob(
        rule=rule, subject=subject, inputs=tuple(inputs), read=tuple(inputs),
        outputs=(output, record), threads=1, snakemake="", root=ROOT,
        script=Path(f"workflow/scripts/{rule}.py"), code="c", lock=("core", "0"), settings={},
        seed=None, command=f" python workflow/scripts/{rule}.py --{option} {output} 2>&1"
        f" | tee results/s/logs/{rule}/a.log",
    )  # fmt: skip


MODEL = "results/s/model/tiny/base/manifest.json"
TRAINED = "results/s/train/rlcr/seed17/manifest.json"
ANSWERS = "results/s/predictions/a.parquet"
TRAIN = job("train", [MODEL, "data.json"], TRAINED, "rlcr/seed17", option="manifest")
GENERATE = job("generate", [TRAINED], ANSWERS)


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    files = [{"path": "config.json"}, {"path": "model.safetensors"}]
    write_json(Path(MODEL), {"schema": "calibrant-checkpoint/1", "files": files})
    write_json(Path("results/s/records/model/tiny/base/manifest.json.json"), {})


def test_a_checkpoint_travels_with_its_files_and_its_record() -> None:
    found = by_hand([GENERATE, TRAIN], ["train"])
    assert found.carry == (
        "workflow", "envs", "data.json", "results/s/model/tiny/base/config.json", MODEL,
        "results/s/model/tiny/base/model.safetensors",
        "results/s/records/model/tiny/base/manifest.json.json",
    )  # fmt: skip
    # What files a checkpoint will have is not known before, so its folder comes back.
    assert found.bring == (
        "results/s/logs/train/a.log",
        "results/s/records/train/rlcr/seed17/manifest.json.json",
        "results/s/train/rlcr/seed17",
    )
    assert found.jobs == ("train rlcr/seed17",)
    assert found.outputs == TRAIN.outputs
    assert "mkdir -p results/s/logs/train\npython workflow/scripts/train.py" in found.script


def test_a_chain_runs_in_order_and_does_not_carry_what_it_makes() -> None:
    found = by_hand([GENERATE, TRAIN], ["generate", "train"])
    assert found.script.index("scripts/train.py") < found.script.index("scripts/generate.py")
    assert TRAINED not in found.carry
    assert ANSWERS in found.bring


def test_what_is_not_there_yet_is_said() -> None:
    with pytest.raises(CalibrantError, match=r"which train has yet to make. Run it first"):
        by_hand([GENERATE, TRAIN], ["generate"])
    with pytest.raises(CalibrantError, match=r"no job of the rule 'measure' is to be done. *"):
        by_hand([GENERATE, TRAIN], ["measure"])


@pytest.mark.parametrize(
    ("rule", "option", "output"),
    [
        ("prepare", "account", "results/s/data/questions/manifest.json"),
        ("fetch", "manifest", "results/s/data/sources/manifest.json"),
    ],
)
def test_a_dataset_called_manifest_is_no_checkpoint(rule: str, option: str, output: str) -> None:
    record = f"results/s/records/{output.removeprefix('results/s/')}.json"
    sources = {"dataset": "manifest", "files": [{"repository": "a/b", "file": "c.json"}]}
    write_json(Path(output), sources)
    write_json(Path(record), {})
    left = by_hand([job(rule, [], output, option=option)], [rule])
    assert set(left.bring) == {f"results/s/logs/{rule}/a.log", output, record}
    read = by_hand([job("seal", [output], "results/s/data/overlap.json")], ["seal"])
    assert read.carry == ("workflow", "envs", output, record)
