"""``calibrant reword`` with a model: a server on this machine, or a checkpoint."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.integration.engines.stub_server import Answer, Asked, chat_reply, serving

from calibrant.cli import main
from calibrant.errors import CalibrantError
from calibrant.tables.plain_tables import read_table
from calibrant.wording.claims import claims_preserved
from calibrant.wording.rewrite import Statement, recovered, rewrite

ROWS = [
    {"answer": "The dose is 3.5 mg.", "confidence": 0.9},
    {"answer": "No patient died. Two recovered.", "confidence": 0.3},
    {"answer": "Berlin lies on the Spree.", "confidence": 0.75},
    {"answer": "It rains.", "confidence": None},
    {"answer": None, "confidence": 0.5},
]
HEDGED = [rewrite([Statement(str(row["answer"]), row["confidence"])]) for row in ROWS[:3]]


def write_rows(path: Path) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    return path


def well(asked: Asked) -> str:
    """Do as the request says: its opening words, then its sentence."""
    found = re.fullmatch(r'1\. Begin with "(.*)"\. Sentence: (.*)', asked.text)
    assert found
    apart = found[1].endswith("right:")
    sentence = found[2] if apart or found[2].startswith("Berlin") else found[2].lower()
    return f"{found[1]} {sentence}"


def badly(asked: Asked) -> str:
    return f"Sure, here you are: {well(asked)}"


def forgetfully(asked: Asked) -> str:
    """Drop a number, a name, or the confidence of all sentences but the first."""
    changed = well(asked).replace("3.5 mg", "low").replace("Berlin", "Bonn")
    return changed.replace("the following is right: No", "no")


def answering(write: Callable[[Asked], str]) -> Callable[[Asked], Answer]:
    return lambda asked: Answer(chat_reply(write(asked), [("a", -0.5)]))


def cells(path: Path, *names: str) -> list[list[object]]:
    table = read_table(path)
    return [list(table.cells(name)) for name in names]


@pytest.mark.parametrize(
    ("write", "by", "refused", "said"),
    [
        (well, ["model"] * 3, [None] * 3, ["by the model: 3", "failed a check: 0"]),
        (
            badly,
            ["rule"] * 3,
            ["confidences"] * 3,
            ["by the model: 0", "failed a check: 3", "a confidence not given back: 3"],
        ),
        (
            forgetfully,
            ["rule"] * 3,
            ["numbers", "confidences", "names"],
            ["a number changed: 1", "a name changed: 1", "a confidence not given back: 1"],
        ),
    ],
)
def test_a_server_words_what_passes_and_the_rules_word_the_rest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *, write, by, refused, said
) -> None:
    path, out = write_rows(tmp_path / "a.jsonl"), tmp_path / "b.jsonl"
    with serving(answering(write)) as server:
        words = ["--server", server.address, "--model", "made-up", "--out", str(out)]
        assert main(["reword", str(path), *words]) == 0
    assert len(server.asked) == 3, "rows without a confidence or an answer are not asked about"
    assert {asked.body["model"] for asked in server.asked} == {"made-up"}
    texts, authors, checks = cells(out, "worded", "worded_by", "worded_refused")
    assert authors == [*by, None, None] and checks == [*refused, None, None]
    assert texts[3:] == ["It rains.", None]
    for row, text, hedged in zip(ROWS, texts, HEDGED, strict=False):
        assert recovered(str(text)) == recovered(hedged)
        assert claims_preserved(str(row["answer"]), str(text))
    printed = capsys.readouterr().out
    assert "reworded 3 of 5 answers" in printed
    for line in said:
        assert line in printed


def test_a_number_changed_in_one_answer_costs_that_answer_alone(tmp_path: Path) -> None:
    path, out = write_rows(tmp_path / "a.jsonl"), tmp_path / "b.parquet"
    with serving(answering(lambda asked: well(asked).replace("3.5", "3.6"))) as server:
        main(["reword", str(path), "--server", server.address, "--model", "m", "--out", str(out)])
    texts, authors, checks = cells(out, "worded", "worded_by", "worded_refused")
    assert authors == ["rule", "model", "model", None, None]
    assert checks == ["numbers", None, None, None, None]
    assert texts[0] == HEDGED[0]


def test_the_key_comes_from_the_environment_and_nowhere_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MADE_UP_KEY", "not-a-real-key")
    path, out = write_rows(tmp_path / "a.jsonl"), tmp_path / "b.csv"
    with serving(answering(well)) as server:
        named = ["--server", server.address, "--model", "m", "--key-variable", "MADE_UP_KEY"]
        assert main(["reword", str(path), *named, "--out", str(out)]) == 0
    assert {asked.headers["authorization"] for asked in server.asked} == {"Bearer not-a-real-key"}
    assert "not-a-real-key" not in capsys.readouterr().out + out.read_text(encoding="utf-8")


def test_a_server_that_refuses_ends_the_run_with_one_line_and_no_file(tmp_path: Path) -> None:
    path, out = write_rows(tmp_path / "a.jsonl"), tmp_path / "b.jsonl"
    with serving(lambda _: Answer({"error": {"message": "no such model"}}, 404)) as server:
        words = [str(path), "--server", server.address, "--model", "m", "--out", str(out)]
        done = subprocess.run(
            [sys.executable, "-m", "calibrant.cli", "reword", *words],
            capture_output=True, text=True, check=False,
            env={**os.environ, "PYTHONPATH": "workflow"},
        )  # fmt: skip
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert "no such model" in done.stderr and not out.exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--model", "m"), "--model: names something of a server"),
        (("--key-variable", "KEY"), "--key-variable: names something of a server"),
        (("--server", "http://127.0.0.1:1/v1"), "needs the name of its model"),
        (("--server", "127.0.0.1", "--model", "m"), "--server: the address must look like"),
        (("--server", "http://127.0.0.1:1/v1", "--model", "m", "--key-variable", "sk-1"),
         "--key-variable: key_variable is the name of"),
        (("--server", "http://127.0.0.1:1/v1", "--model", "m", "--max-new-tokens", "0"),
         "--max-new-tokens"),
        (("--checkpoint", "nowhere"), "nowhere: holds no model"),
    ],
)  # fmt: skip
def test_a_model_that_cannot_be_asked_is_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    path = write_rows(tmp_path / "a.jsonl")
    with pytest.raises(CalibrantError) as error:
        main(["reword", str(path), *words, "--out", "b.jsonl"])
    assert said in str(error.value), str(error.value)
    assert "sk-1" not in str(error.value)
    assert [file.name for file in tmp_path.iterdir()] == ["a.jsonl"]


def test_a_server_and_a_checkpoint_are_not_asked_at_once(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.jsonl")
    with pytest.raises(SystemExit):
        main(["reword", str(path), "--server", "http://127.0.0.1:1/v1", "--checkpoint", "x"])


def test_a_checkpoint_that_writes_noise_leaves_all_to_the_rules(
    tmp_path: Path, tiny_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = write_rows(tmp_path / "a.jsonl"), tmp_path / "b.jsonl"
    words = ["--checkpoint", str(tiny_model), "--max-new-tokens", "8", "--out", str(out)]
    assert main(["reword", str(path), *words]) == 0
    texts, authors = cells(out, "worded", "worded_by")
    assert texts[:3] == HEDGED and authors[:3] == ["rule"] * 3
    assert "by the model: 0" in capsys.readouterr().out


def test_a_checkpoint_that_cannot_chat_or_was_changed_is_refused(
    tmp_path: Path, tiny_model: Path
) -> None:
    path, folder = write_rows(tmp_path / "a.jsonl"), tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(CalibrantError, match="no chat template"):
        main(["reword", str(path), "--checkpoint", str(folder)])
    (folder / "chat_template.jinja").write_text("{{ messages }}", encoding="utf-8")
    with pytest.raises(CalibrantError, match="no model that can be read"):
        main(["reword", str(path), "--checkpoint", str(folder)])
    listed = {"files": [{"path": "config.json", "sha256": "0" * 64, "bytes": 2}]}
    (folder / "manifest.json").write_text(json.dumps(listed), encoding="utf-8")
    with pytest.raises(CalibrantError, match="not among the files of the manifest"):
        main(["reword", str(path), "--checkpoint", str(folder)])
