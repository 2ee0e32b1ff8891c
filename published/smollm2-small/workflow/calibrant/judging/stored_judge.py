"""Judging through the store: no case is asked for twice, whatever was killed in between."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime

from calibrant.errors import CalibrantError
from calibrant.judging.case import Case, Judge, Verdict
from calibrant.judging.store import VerdictStore, key_of
from calibrant.judging.store_files import StoredVerdict

_MOST_UNSYNCED = 64
_LONGEST_UNSYNCED = 1.0  # seconds


def judged(store: VerdictStore, judge: Judge, cases: Sequence[Case]) -> list[Verdict]:
    """Return the verdicts on ``cases``, asking ``judge`` only for those that the store lacks.

    Equal cases are asked for once. Each verdict is stored as soon as it is known and then outlives
    a kill; the disk is synced every 64 verdicts or every second, against a power cut.

    Args:
        store: Where verdicts are looked up and kept.
        judge: Who gives the others.
        cases: What is to be judged, n of them.

    Returns:
        n verdicts, in the order of the cases.

    Raises:
        CalibrantError: If the judge leaves out a case, answers one twice or gives a probability
            outside [0, 1]; what it gave before is stored.
    """
    keys = [key_of(judge.identity, judge.prompt_version, case) for case in cases]
    known = {
        key: Verdict(record.correct, record.probability) for key, record in store.get(keys).items()
    }
    wanted = {key: case for key, case in zip(keys, cases, strict=True) if key not in known}
    if wanted:
        known |= _ask(store, judge, wanted)
        # Where a parallel stage was first, its verdict is the one that everybody reads.
        for key, record in store.get(list(wanted)).items():
            known[key] = Verdict(record.correct, record.probability)
    return [known[key] for key in keys]


def _ask(store: VerdictStore, judge: Judge, wanted: dict[str, Case]) -> dict[str, Verdict]:
    keys, cases = list(wanted), list(wanted.values())
    given: dict[str, Verdict] = {}
    unsynced, synced = 0, time.monotonic()
    try:
        for position, verdict in judge.judge(cases):
            if not 0 <= position < len(keys) or keys[position] in given:
                raise CalibrantError(
                    f"answered case {position} of {len(keys)} twice or without being asked",
                    where=f"judge {judge.identity}",
                )
            key = keys[position]
            store.put([_record(key, judge, cases[position], verdict)], sync=False)
            given[key] = verdict
            unsynced += 1
            if unsynced >= _MOST_UNSYNCED or time.monotonic() - synced >= _LONGEST_UNSYNCED:
                store.sync()
                unsynced, synced = 0, time.monotonic()
    finally:
        store.sync()
    if len(given) < len(keys):
        raise CalibrantError(
            f"gave {len(given)} verdicts on {len(keys)} cases", where=f"judge {judge.identity}"
        )
    return given


def _record(key: str, judge: Judge, case: Case, verdict: Verdict) -> StoredVerdict:
    return StoredVerdict(
        key=key,
        judge=judge.identity,
        prompt_version=judge.prompt_version,
        question=case.question,
        references=case.references,
        answer=case.answer,
        correct=bool(verdict.correct),
        probability=float(verdict.probability),
        time=datetime.now(UTC).isoformat(timespec="microseconds"),
    )
