"""The process in which math-verify runs: one JSON line in, one word out.

math-verify guards itself with ``signal.alarm``, which works in a main thread only and cannot stop
``9^{9^{9^9}}``, a single call into C. This process sets a timer of processor time whose signal has
no handler: the system ends the process, whatever it is doing. Its caller can also kill it.
Run as ``python -m calibrant.grading.math_worker``; ``math_process`` is its only caller.
"""

import json
import logging
import os
import signal
import sys

_MEMORY = 4 << 30


def main() -> None:
    """Answer ``[reference, answer]`` with correct, wrong or cannot_parse until input ends."""
    reply = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    # ANTLR prints warnings to standard output, which belongs to the replies here.
    sys.stdout = sys.stderr
    logging.disable(logging.CRITICAL)
    _limit_memory()
    # The slow import happens here, before the caller's clock starts.
    import math_verify  # noqa: F401

    reply.write("ready\n")
    for line in sys.stdin:
        reference, answer, seconds = json.loads(line)
        _end_after(seconds)
        try:
            verdict = _compare(reference, answer)
        except Exception:  # sympy raises whatever it likes on odd input; none of it is an answer.
            verdict = "cannot_parse"
        _end_after(0)
        reply.write(f"{verdict}\n")


def _end_after(seconds: float) -> None:
    """Let this process be ended after ``seconds`` of processor time; 0 takes that back."""
    if hasattr(signal, "setitimer"):  # Windows has none; there only the caller's clock counts.
        signal.setitimer(signal.ITIMER_PROF, seconds)


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limit.
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, hard))


def _compare(reference: str, answer: str) -> str:
    from math_verify import verify

    gold, given = _parse(reference), _parse(answer)
    if not gold and not given:
        return "cannot_parse"
    # verify takes the reference first; it is not symmetric for equations and intervals.
    return "correct" if verify(gold, given, timeout_seconds=None) else "wrong"


def _parse(text: str) -> list[object]:
    from math_verify import ExprExtractionConfig, LatexExtractionConfig, parse

    configs = [LatexExtractionConfig(), ExprExtractionConfig()]
    parsed: list[object] = parse(text, extraction_config=configs, parsing_timeout=None)
    # The text itself comes last, and alone where nothing was understood.
    return [part for part in parsed if not isinstance(part, str)]


if __name__ == "__main__":
    main()
