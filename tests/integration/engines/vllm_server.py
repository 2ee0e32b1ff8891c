"""A real vLLM server on this machine, in another interpreter, gone when the test is done."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

START = 900.0
END = 60.0


@contextmanager
def vllm_server(python: str, model: Path, log: Path) -> Iterator[str]:
    """Serve the model ``made`` of a folder and give the address before ``/chat/completions``."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                *(python, "-m", "vllm.entrypoints.openai.api_server", "--model", str(model)),
                *("--served-model-name", "made", "--dtype", "float32", "--enforce-eager"),
                *("--max-num-seqs", "8", "--host", "127.0.0.1", "--port", str(port)),
            ],
            stdout=output, stderr=subprocess.STDOUT, env=vllm_environment(),
            # A group of its own: its workers go with it, whatever becomes of it.
            start_new_session=True,
        )  # fmt: skip
        try:
            _wait_until_healthy(process, f"http://127.0.0.1:{port}/health", log)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            _end(process)


def vllm_environment() -> dict[str, str]:
    """Return the environment of a process that runs vLLM on a small machine, without a network."""
    own = {
        "PYTHONPATH": "workflow",
        "OMP_WAIT_POLICY": "PASSIVE",
        "HF_HUB_OFFLINE": "1",
        "VLLM_NO_USAGE_STATS": "1",
        "VLLM_CPU_KVCACHE_SPACE": "1",
        # Or it starts a C++ compiler when it is first asked for likelihoods.
        "TORCH_COMPILE_DISABLE": "1",
    }
    return {**os.environ, **own}


def _wait_until_healthy(process: "subprocess.Popen[bytes]", address: str, log: Path) -> None:
    deadline = time.monotonic() + START
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise AssertionError(f"the server ended with {process.returncode}:\n{_tail(log)}")
        try:
            if httpx.get(address, timeout=5).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.5)
    raise AssertionError(f"the server was not ready after {START:.0f} s:\n{_tail(log)}")


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-30:])


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the server as an operator does; whatever is left after that is killed."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(END)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
