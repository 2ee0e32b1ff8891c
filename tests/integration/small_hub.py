"""A Hugging Face hub in small: a server for the download of models, and the library's cache."""

import hashlib
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast

REVISION = "0123456789abcdef0123456789abcdef01234567"
TOKEN = "hf_of_a_reader"

Files = dict[str, bytes]


class HubServer(ThreadingHTTPServer):
    """A hub on a free port of this machine, where every repository has the one revision.

    Attributes:
        repositories: Files by path, by the name of the repository.
        gated: Repositories whose files need ``TOKEN``.
        disabled: Repositories that are closed to everybody.
        overstated: Files announced one byte longer than they are.
        asked: Method and path of every request for a repository.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.address = f"http://127.0.0.1:{self.server_port}"
        self.repositories: dict[str, Files] = {}
        self.gated: set[str] = set()
        self.disabled: set[str] = set()
        self.overstated: set[str] = set()
        self.asked: list[str] = []


def write_cache(home: Path, files: Files) -> None:
    """Lay ``owner/tiny`` out as the library does: blobs by digest, and links to them by name."""
    repository = home / "hub" / "models--owner--tiny"
    for name, body in files.items():
        blob = repository / "blobs" / hashlib.sha256(body).hexdigest()
        link = repository / "snapshots" / REVISION / name
        blob.parent.mkdir(parents=True, exist_ok=True)
        link.parent.mkdir(parents=True, exist_ok=True)
        blob.write_bytes(body)
        link.symlink_to(os.path.relpath(blob, link.parent))
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(REVISION)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        hub = cast(HubServer, self.server)
        path = self.path.partition("?")[0]
        parts = path.strip("/").split("/")
        listing = parts[:2] == ["api", "models"]
        # /api/models/OWNER/NAME/tree/REVISION or /OWNER/NAME/resolve/REVISION/FILE
        owner, name, verb, revision, *file = [*parts[2 * listing :], "", "", "", ""]
        if verb not in ("tree", "resolve"):
            # The library also asks for news about itself.
            return self._answer(404)
        hub.asked.append(f"{self.command} {path}")
        refusal = self._refusal(f"{owner}/{name}", revision, listing)
        if refusal:
            status, headers = refusal
            return self._answer(status, b"", **headers)
        files = hub.repositories[f"{owner}/{name}"]
        if listing:
            return self._answer(200, _tree(files))
        return self._give(files, "/".join(file).strip("/"))

    do_HEAD = do_GET  # noqa: N815

    def _refusal(
        self, repository: str, revision: str, listing: bool
    ) -> tuple[int, dict[str, str]] | None:
        hub = cast(HubServer, self.server)
        if repository not in hub.repositories:
            return 401, {"X_Error_Code": "RepoNotFound"}
        if repository in hub.disabled:
            return 403, {"X_Error_Message": "Access to this resource is disabled."}
        if revision != REVISION:
            return 404, {"X_Error_Code": "RevisionNotFound"}
        # Everybody may list the files of a gated repository.
        closed = repository in hub.gated and not listing
        if closed and self.headers["Authorization"] != f"Bearer {TOKEN}":
            return 403, {"X_Error_Code": "GatedRepo"}
        return None

    def _give(self, files: Files, file: str) -> None:
        body = files[file]
        overstated = file in cast(HubServer, self.server).overstated
        size = len(body) + (overstated and self.command == "HEAD")
        tag = f'"{hashlib.sha256(body).hexdigest()}"'
        self._answer(200, body, ETag=tag, X_Repo_Commit=REVISION, Content_Length=str(size))

    def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content_Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)


def _tree(files: Files) -> bytes:
    return json.dumps(
        [
            {"type": "file", "path": path, "size": len(body), "oid": hashlib.sha1(body).hexdigest()}
            for path, body in files.items()
        ]
    ).encode()
