"""Random replicates in chunks on several threads, with results that depend on the seed alone.

Replicate i of a stream has a generator of its own, made from (seed, stream, i). So neither the
chunk size nor the number of threads changes a result, and the first 500 replicates out of 1,000 are
those of a run with 500.
"""

import os
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass

import numpy as np

from calibrant.measures.sample import FloatArray

BOOTSTRAP_STREAM = 0
NOISE_FLOOR_STREAM = 1
_CELLS_PER_CHUNK = 1 << 18
_MOST_THREADS = 8

Progress = Callable[[str, int, int], None]
"""Called with the name of the stage, the replicates done, and their number; always from the thread
that started the work."""


@dataclass(frozen=True, slots=True)
class Execution:
    """How replicates are run; changes no result.

    Attributes:
        threads: Number of threads; None takes one per available core, at most 8.
        progress: Told after every chunk.
    """

    threads: int | None = None
    progress: Progress | None = None


DEFAULT_EXECUTION = Execution()


def replicate_generator(seed: int, stream: int, replicate: int) -> np.random.Generator:
    """Return the generator of one replicate."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(stream, replicate)))


def run_replicates(
    work: Callable[[range], Mapping[str, FloatArray]],
    replicates: int,
    *,
    stage: str,
    row_size: int,
    execution: Execution,
) -> dict[str, FloatArray]:
    """Call ``work`` on every replicate number and put the results together in order.

    Threads help because numpy gives up the interpreter lock inside its loops. A chunk holds about
    2 MB per array, so the memory in use does not grow with the number of replicates.

    Args:
        work: Given the numbers of a chunk, returns values of shape (len(chunk),) by name.
        replicates: Number of replicates.
        stage: Name of the work in progress reports.
        row_size: Cells that one replicate needs per array; sets the chunk size.
        execution: Threads and progress.

    Returns:
        Values of shape (replicates,) by name.
    """
    _keep_freed_memory()
    size = max(1, _CELLS_PER_CHUNK // max(1, row_size))
    chunks = [range(a, min(a + size, replicates)) for a in range(0, replicates, size)]
    parts: dict[range, Mapping[str, FloatArray]] = {}
    with ThreadPoolExecutor(max_workers=execution.threads or available_threads()) as pool:
        running: dict[Future[Mapping[str, FloatArray]], range] = {
            pool.submit(work, chunk): chunk for chunk in chunks
        }
        try:
            for done in as_completed(running):
                parts[running[done]] = done.result()
                if execution.progress is not None:
                    execution.progress(stage, sum(map(len, parts)), replicates)
        except BaseException:
            # Without this an interrupt would wait for every chunk still queued.
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    names = parts[chunks[0]]
    return {name: np.concatenate([parts[chunk][name] for chunk in chunks]) for name in names}


def _keep_freed_memory() -> None:
    """Make glibc reuse the memory of freed arrays instead of handing it back to the system.

    Otherwise every replicate of 100,000 rows maps some megabytes anew, and the page faults take as
    long as the arithmetic. Freeing one large block raises glibc's own thresholds (mallopt(3),
    M_MMAP_THRESHOLD); the block is never touched and costs nothing. No effect elsewhere.
    """
    np.empty(31 << 20, dtype=np.uint8)


def available_threads() -> int:
    """Return the number of cores this process may use, at most 8."""
    has_affinity = hasattr(os, "sched_getaffinity")  # Linux; not macOS
    cores = len(os.sched_getaffinity(0)) if has_affinity else os.cpu_count() or 1
    return min(cores, _MOST_THREADS)
