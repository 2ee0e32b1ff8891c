"""Files are whole or absent."""

import hashlib
import json
import os
import threading
from pathlib import Path

import pytest

from calibrant.errors import CalibrantError, report_errors
from calibrant.files import atomic_path, canonical_json, read_json, sha256_file, write_json


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.json"
    write_json(path, {"old": True})
    with pytest.raises(RuntimeError), atomic_path(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert read_json(path) == {"old": True}
    assert [file.name for file in tmp_path.iterdir()] == ["a.json"]


def test_a_place_that_cannot_be_written_is_one_clear_line(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(CalibrantError, match="cannot write"):
        write_json(blocked / "below.json", {})


def test_canonical_json_does_not_depend_on_order_and_refuses_nan():
    assert canonical_json({"b": 1, "a": [1.5, "é"]}) == '{"a":[1.5,"é"],"b":1}'
    with pytest.raises(ValueError, match="Out of range"):
        canonical_json({"a": float("nan")})


def test_broken_json_names_the_file_and_the_place(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('{"a": 1,}')
    with pytest.raises(CalibrantError, match=r"a\.json: not valid JSON.*line 1"):
        read_json(path)


def test_the_digest_of_a_large_file_is_that_of_its_bytes(tmp_path):
    content = bytes(range(256)) * 10_000
    path = tmp_path / "large"
    path.write_bytes(content)
    assert sha256_file(path) == hashlib.sha256(content).hexdigest()


def test_an_error_is_one_line_and_exit_code_2(capsys):
    def fail() -> int:
        raise CalibrantError("is\nwrong", where="file:3", repair="Mend it")

    assert report_errors(fail) == 2
    assert capsys.readouterr().err == "error: file:3: is wrong. Mend it\n"


def test_a_defect_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError):
        report_errors(lambda: 1 // 0)


def test_written_json_is_the_same_whatever_the_order(tmp_path):
    write_json(tmp_path / "a", {"x": 1, "y": 2})
    write_json(tmp_path / "b", {"y": 2, "x": 1})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert json.loads((tmp_path / "a").read_text()) == {"x": 1, "y": 2}


def test_a_pipe_is_written_to_and_a_link_stays_a_link(tmp_path):
    target, link = tmp_path / "target.json", tmp_path / "link.json"
    link.symlink_to(target)
    write_json(link, {"a": 1})
    assert link.is_symlink()
    assert read_json(target) == {"a": 1}
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    received = []
    reader = threading.Thread(target=lambda: received.append(pipe.read_text()))
    reader.start()
    write_json(pipe, {"b": 2})
    reader.join(timeout=10)
    assert json.loads(received[0]) == {"b": 2}
    assert pipe.is_fifo()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
def test_a_full_device_is_one_clear_line():
    with pytest.raises(CalibrantError, match="cannot write: No space left"):
        write_json("/dev/full", {"a": 1})
