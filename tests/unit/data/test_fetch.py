"""Fetching against a real HTTP server on this machine: good, cut, wrong and absent files."""

import hashlib
import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from calibrant.data.catalog import SourceFile
from calibrant.data.fetch import fetch_dataset, fetch_source, resolve_mirror
from calibrant.errors import CalibrantError
from calibrant.stage_settings.sources import FetchSettings

BODY = b'{"question": "How many legs have two spiders?", "answer": "16"}\n' * 50
SOURCE = SourceFile(
    repository="owner/name",
    commit="0" * 40,
    file="data/my rows.jsonl",
    sha256=hashlib.sha256(BODY).hexdigest(),
    bytes=len(BODY),
)


class Handler(BaseHTTPRequestHandler):
    """Serves one file in several conditions."""

    def do_GET(self) -> None:
        if self.path in ("/missing", "/broken"):
            self.send_error(404 if self.path == "/missing" else 503)
            return
        body = {"/wrong": BODY.replace(b"16", b"61"), "/short": BODY[:-7]}.get(self.path, BODY)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        # "/cut" promises the whole file and closes the connection half-way.
        self.wfile.write(body[: len(body) // 2] if self.path == "/cut" else body)

    def log_message(self, *arguments: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("NO_PROXY", "*")
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        Thread(target=httpd.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()


@pytest.fixture
def closed_port(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("NO_PROXY", "*")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    return f"http://127.0.0.1:{port}/good"


def put(folder: Path, body: bytes) -> Path:
    path = folder / SOURCE.path
    path.parent.mkdir(parents=True)
    path.write_bytes(body)
    return path


def files_under(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_address_is_the_pinned_commit_with_spaces_encoded() -> None:
    expected = f"https://raw.githubusercontent.com/owner/name/{'0' * 40}/data/my%20rows.jsonl"
    assert SOURCE.address == expected


def test_download_lands_in_the_cache_under_its_own_path_and_nothing_else(
    tmp_path: Path, server: str
) -> None:
    path = fetch_source(SOURCE, tmp_path, None, address=f"{server}/good")
    assert path == tmp_path / "owner/name" / ("0" * 40) / "data/my rows.jsonl"
    assert path.read_bytes() == BODY
    assert files_under(tmp_path) == [path]


def test_download_is_silent(tmp_path: Path, server: str, capfd: pytest.CaptureFixture[str]) -> None:
    fetch_source(SOURCE, tmp_path, None, address=f"{server}/good")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("wrong", ["SHA-256", SOURCE.sha256, "is expected", "was found"]),
        ("short", ["is cut", f"{len(BODY) - 7:,} of {len(BODY):,} bytes"]),
        ("cut", ["is cut", "connection"]),
        ("missing", ["HTTP 404"]),
        ("broken", ["HTTP 503"]),
    ],
)
def test_bad_download_is_an_error_that_names_address_and_file_and_leaves_nothing(
    tmp_path: Path, server: str, condition: str, words: list[str]
) -> None:
    address = f"{server}/{condition}"
    with pytest.raises(CalibrantError) as caught:
        fetch_source(SOURCE, tmp_path, None, address=address)
    for word in [*words, address, SOURCE.file]:
        assert word in str(caught.value)
    assert caught.value.repair
    assert files_under(tmp_path) == []


def test_refused_connection_says_so_and_leaves_nothing(tmp_path: Path, closed_port: str) -> None:
    with pytest.raises(CalibrantError, match="no answer") as caught:
        fetch_source(SOURCE, tmp_path, None, address=closed_port)
    assert closed_port in str(caught.value)
    assert SOURCE.file in str(caught.value)
    assert "CALIBRANT_MIRROR" in str(caught.value.repair)
    assert files_under(tmp_path) == []


def test_cached_file_is_used_without_mirror_or_network(tmp_path: Path, closed_port: str) -> None:
    path = put(tmp_path, BODY)
    assert fetch_source(SOURCE, tmp_path, None, address=closed_port) == path


@pytest.mark.parametrize("bad", [BODY[:-1], BODY.replace(b"16", b"61"), b""])
def test_damaged_cached_file_is_removed_with_an_error_and_then_fetched_anew(
    tmp_path: Path, server: str, bad: bytes
) -> None:
    path = put(tmp_path, bad)
    with pytest.raises(CalibrantError, match="run again") as caught:
        fetch_source(SOURCE, tmp_path, None, address=f"{server}/good")
    assert str(path) in str(caught.value)
    assert server in str(caught.value)
    assert not path.exists()
    assert fetch_source(SOURCE, tmp_path, None, address=f"{server}/good").read_bytes() == BODY


def test_mirror_comes_before_the_network(tmp_path: Path, closed_port: str) -> None:
    put(tmp_path / "mirror", BODY)
    path = fetch_source(SOURCE, tmp_path / "cache", tmp_path / "mirror", address=closed_port)
    assert path.is_relative_to(tmp_path / "cache")
    assert path.read_bytes() == BODY
    assert files_under(tmp_path / "cache") == [path]


@pytest.mark.parametrize("bad", [BODY[:-1], BODY.replace(b"16", b"61")])
def test_damaged_mirror_file_is_an_error_and_stays_where_it_is(
    tmp_path: Path, server: str, bad: bytes
) -> None:
    original = put(tmp_path / "mirror", bad)
    address = f"{server}/good"
    with pytest.raises(CalibrantError, match="mirror's copy") as caught:
        fetch_source(SOURCE, tmp_path / "cache", tmp_path / "mirror", address=address)
    assert address in str(caught.value)
    assert str(original) in str(caught.value)
    assert original.read_bytes() == bad
    assert files_under(tmp_path / "cache") == []


def test_file_missing_in_the_mirror_is_downloaded(tmp_path: Path, server: str) -> None:
    (tmp_path / "mirror").mkdir()
    path = fetch_source(SOURCE, tmp_path / "cache", tmp_path / "mirror", address=f"{server}/good")
    assert path.read_bytes() == BODY


def test_error_tells_of_mirror_and_network_when_both_fail(tmp_path: Path, closed_port: str) -> None:
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    with pytest.raises(CalibrantError) as caught:
        fetch_source(SOURCE, tmp_path / "cache", mirror, address=closed_port)
    assert "no answer" in str(caught.value)
    assert f"the mirror {mirror} does not hold {SOURCE.path}" in str(caught.value)


def test_manifest_names_every_file_relative_to_the_cache(tmp_path: Path) -> None:
    put(tmp_path / "mirror", BODY)
    said: list[str] = []
    entry = FetchSettings(dataset="spiders", licence="MIT", sources=[SOURCE])
    manifest = fetch_dataset("spiders", entry, tmp_path / "c", tmp_path / "mirror", said.append)
    assert manifest == {
        "dataset": "spiders",
        "files": [
            {
                "address": SOURCE.address,
                "file": "data/my rows.jsonl",
                "path": f"owner/name/{'0' * 40}/data/my rows.jsonl",
                "sha256": SOURCE.sha256,
                "bytes": len(BODY),
                "licence": "MIT",
            }
        ],
    }
    assert len(said) == 1
    assert "data/my rows.jsonl" in said[0]


def test_mirror_setting_wins_over_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("set", "environment"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("CALIBRANT_MIRROR", str(tmp_path / "environment"))
    assert resolve_mirror(str(tmp_path / "set")) == tmp_path / "set"
    assert resolve_mirror(None) == tmp_path / "environment"
    monkeypatch.setenv("CALIBRANT_MIRROR", "")
    assert resolve_mirror(None) is None
    monkeypatch.delenv("CALIBRANT_MIRROR")
    assert resolve_mirror(None) is None


def test_mirror_that_does_not_exist_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = str(tmp_path / "gone")
    with pytest.raises(CalibrantError, match="not a folder") as caught:
        resolve_mirror(gone)
    assert gone in str(caught.value)
    monkeypatch.setenv("CALIBRANT_MIRROR", gone)
    with pytest.raises(CalibrantError, match="not a folder"):
        resolve_mirror(None)
