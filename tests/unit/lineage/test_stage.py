"""What a stage that succeeds leaves behind."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from calibrant.files import sha256_bytes, sha256_file
from calibrant.lineage.record import read_record


def test_success_leaves_outputs_and_one_record_for_each(counting: Any) -> None:
    answer = counting.run(*counting.plan(), "--seed", "7")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.startswith("[count demo] wrote the words\n[count demo] done in ")
    files = counting.results()
    assert set(files) == {
        "counts.json",
        "more/words.txt",
        "records/counts.json.json",
        "records/more/words.txt.json",
    }
    assert files["counts.json"] == "3"
    assert files["records/counts.json.json"] == files["records/more/words.txt.json"]


def test_the_record_tells_what_ran(counting: Any) -> None:
    planned = counting.plan()
    counting.run(*planned, "--seed", "7", "--subject", "demo again")
    record = counting.record()
    lock = {"name": "core", "sha256": sha256_bytes(b"six==1.16.0\n")}
    assert record["stage"] == "count"
    assert record["subject"] == "demo again"
    assert record["outputs"][0] == {
        "name": "counts",
        "path": "results/demo/counts.json",
        "sha256": sha256_bytes(b"3"),
        "bytes": 1,
    }
    assert record["inputs"] == [
        {
            "name": "text",
            "path": "text.txt",
            "sha256": sha256_bytes(b"one two three"),
            "bytes": 13,
            "record": None,
        }
    ]
    assert record["code"]["digest"] == planned[1]
    assert {"scripts/count.py", "calibrant/counting.py"} <= set(record["code"]["modules"])
    assert record["settings_sha256"] == sha256_bytes(b'{"then":null}')
    assert record["lock"] == lock
    assert record["planned"] == {"code": planned[1], "lock": lock}
    assert record["seed"] == 7
    assert record["command"][0] == counting.script
    assert record["metrics"] == {"words": 3}
    assert record["notes"] == ["counted"]
    assert record["git"] is None
    assert record["started"] < record["finished"]
    assert record["finished"].endswith("Z")
    assert record["seconds"] > 0


def test_an_input_made_by_a_stage_is_chained_to_its_record(counting: Any) -> None:
    counting.run()
    first = sha256_file(counting.root / "records/more/words.txt.json")
    answer = subprocess.run(
        [
            sys.executable, counting.script, "--text", str(counting.words),
            "--root", "results/demo", "--counts", "results/demo/next.json",
            "--words", "results/demo/next.txt",
        ],
        capture_output=True, env=counting.environment(), check=False,
    )  # fmt: skip
    assert answer.returncode == 0
    record = read_record(counting.root / "records/next.json.json")
    assert record["inputs"][0]["record"] == first


def test_by_hand_nothing_was_planned(counting: Any) -> None:
    assert counting.run().returncode == 0
    assert counting.record()["planned"] is None
    assert counting.record()["lock"] is None


def test_a_record_whose_output_is_gone_does_not_survive_a_failed_run(counting: Any) -> None:
    counting.run()
    counting.counts.unlink()
    assert counting.run(then="fail").returncode == 2
    assert set(counting.results()) == {"more/words.txt", "records/more/words.txt.json"}


def test_files_of_a_manifest_move_with_it(counting: Any) -> None:
    assert counting.run(then="folder").returncode == 0
    assert counting.results()["shards/1.bin"] == "shard"
    assert len(counting.results()) == 5


def test_code_loaded_outside_the_closure_is_noted(counting: Any) -> None:
    answer = counting.run(then="load")
    assert answer.returncode == 0
    note = "ran calibrant/undeclared.py, which the code digest does not cover"
    assert counting.record()["notes"] == ["counted", note]
    assert f"warning: {note}" in answer.stdout
    declared = 'IMPORTS_MODULES = ("calibrant.undeclared",)\n'
    Path(counting.script).write_text(declared + counting.text)
    counting.run(then="load")
    assert counting.record()["notes"] == ["counted"]


def test_secrets_on_the_command_line_are_not_recorded(counting: Any) -> None:
    text = counting.text.replace('inputs=("text",)', 'inputs=("text", "api_token")')
    Path(counting.script).write_text(text)
    Path("hush").write_text("x")
    assert counting.run("--api-token", "hush").returncode == 0
    assert "hush" not in counting.record()["command"]
    assert "[redacted]" in counting.record()["command"]
