"""The verdict store keeps whole verdicts through torn files, parallel writers and kills."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibrant import cli
from calibrant.errors import CalibrantError
from calibrant.judging.case import Case, Verdict
from calibrant.judging.purge import purge
from calibrant.judging.store import VerdictStore, key_of
from calibrant.judging.store_files import StoredVerdict, line_of, read_segment, segments
from calibrant.judging.stored_judge import judged

PACKAGE_ROOT = str(Path(cli.__file__).parents[1])
START = "2024-05-01T00:00:0{}.000000+00:00"


def case(number: int) -> Case:
    return Case(f"Question {number}?", ("caf\u00e9", "\u65e5\n"), f"answer {number}")


def record(number: int, correct=True, probability=0.75, second=0, version="1"):
    it = case(number)
    return StoredVerdict(
        key_of("j", version, it), "j", version, it.question, it.references, it.answer,
        correct, probability, START.format(second),
    )  # fmt: skip


class CountingJudge:
    """Says what the number in the question decides, and writes down what it was asked."""

    prompt_version = "1"

    def __init__(self, log: Path | None = None, identity: str = "j", pause: float = 0.0) -> None:
        self.identity, self.log, self.pause, self.asked = identity, log, pause, []

    def judge(self, cases):
        # Backwards, since judges answer in any order.
        for position, asked in reversed(list(enumerate(cases))):
            time.sleep(self.pause)
            self.asked.append(asked)
            yield position, Verdict(len(asked.answer) % 2 == 0, len(asked.answer) / 100)
            if self.log:
                # Resumed only after the verdict was stored.
                with open(self.log, "a", encoding="utf-8") as handle:
                    handle.write(f"{asked.question}\n")


def test_what_was_put_is_found_by_another_store(tmp_path: Path) -> None:
    records = [record(1), record(2, correct=False, probability=0.1)]
    with VerdictStore(tmp_path / "new/store") as store:
        store.put(records)
        assert store.get([records[0].key, "unknown"]) == {records[0].key: records[0]}
    other = VerdictStore(tmp_path / "new/store")
    assert other.all() == sorted(records, key=lambda entry: entry.key)


def test_a_reader_sees_what_is_written_after_it_was_opened(tmp_path: Path) -> None:
    reader = VerdictStore(tmp_path)
    assert reader.get([record(1).key]) == {}
    with VerdictStore(tmp_path) as writer, VerdictStore(tmp_path) as second:
        for number, store in enumerate([writer, second, writer]):
            store.put([record(number)])
            assert reader.get([record(number).key]) == {record(number).key: record(number)}
    assert reader.stats().segments == 2


@given(
    st.tuples(st.text(), st.text(), st.text(), st.lists(st.text(), max_size=3), st.text()),
    st.tuples(st.text(), st.text(), st.text(), st.lists(st.text(), max_size=3), st.text()),
)
def test_keys_are_equal_where_the_parts_are(one, other) -> None:
    keys = [key_of(j, v, Case(q, tuple(refs), a)) for j, v, q, refs, a in (one, other)]
    assert (keys[0] == keys[1]) == (one == other)


def test_the_key_is_the_hash_of_canonical_json() -> None:
    import hashlib

    text = '["j","1","Q?",["a","b"],"\u00e9"]'
    assert key_of("j", "1", Case("Q?", ("a", "b"), "\u00e9")) == (
        hashlib.sha256(text.encode()).hexdigest()
    )


@given(st.text(st.characters(exclude_categories=[])), st.floats(0, 1), st.booleans())
def test_any_text_comes_back_as_it_was(tmp_path_factory, text, probability, correct) -> None:
    path = tmp_path_factory.mktemp("any") / "1-a.jsonl"
    written = StoredVerdict("k", text, text, text, (text,), text, correct, probability, "t")
    path.write_bytes(line_of(written) * 2)
    part = read_segment(path)
    assert (part.records, part.damaged, part.torn) == ([written] * 2, 0, False)


def test_a_segment_cut_at_every_byte_keeps_every_whole_record(tmp_path: Path) -> None:
    records = [record(1), record(2, False, 0.125), record(3, True, 1.0)]
    lines = [line_of(entry) for entry in records]
    data = b"".join(lines)
    path = tmp_path / "7-ab.jsonl"
    for cut in range(len(data) + 1):
        path.write_bytes(data[:cut])
        # A record is whole with its last brace; the line break behind it may be missing.
        whole = [
            entry
            for number, entry in enumerate(records)
            if cut >= len(b"".join(lines[: number + 1])) - 1
        ]
        store = VerdictStore(tmp_path)
        assert store.all() == sorted(whole, key=lambda entry: entry.key)
        stats = store.stats()
        ends = {len(b"".join(lines[:n])) for n in range(4)}
        assert stats.torn == (cut not in ends and cut + 1 not in ends), cut
        assert (stats.damaged, stats.clashes, stats.records) == (0, 0, len(whole))
        # Resuming after the cut.
        if cut % 97 == 0:
            with VerdictStore(tmp_path) as again:
                again.put(records)
                assert len(again.all()) == 3
                again._writer.path.unlink()


def test_a_changed_byte_anywhere_is_never_taken_for_a_verdict(tmp_path: Path) -> None:
    records = [record(1), record(2)]
    data = b"".join(map(line_of, records))
    path = tmp_path / "7-ab.jsonl"
    for place in range(len(data)):
        path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        found = read_segment(path)
        assert all(entry in records for entry in found.records)
        assert len(found.records) < 2 or place == len(data) - 1
        assert found.damaged + found.torn >= 1 or place == len(data) - 1


def test_equal_verdicts_are_no_clash_and_of_different_ones_the_first_wins(tmp_path: Path) -> None:
    late, early = record(1, False, 0.2, second=5), record(1, True, 0.9, second=3)
    with VerdictStore(tmp_path) as one, VerdictStore(tmp_path) as other:
        one.put([late, record(2), record(2)])
        assert other.get([late.key]) == {late.key: late}
        other.put([early])
        for store in (one, other, VerdictStore(tmp_path)):
            assert store.get([early.key]) == {early.key: early}
        stats = one.stats()
    assert (stats.records, stats.clashes, stats.verdicts) == (4, 1, {("j", "1"): 2})


def test_within_one_segment_the_first_of_equal_time_wins(tmp_path: Path) -> None:
    with VerdictStore(tmp_path) as store:
        store.put([record(1, True, 0.9), record(1, False, 0.2)])
        store.put([record(1, False, 0.3)])
        assert store.all() == [record(1, True, 0.9)]
        assert store.stats().clashes == 2


@pytest.mark.parametrize(
    "bad",
    [
        replace(record(1), key="0" * 64),
        replace(record(1), answer="other"),
        replace(record(1), probability=1.5),
        replace(record(1), probability=float("nan")),
    ],
)
def test_a_record_that_is_not_sound_is_refused_and_nothing_is_written(tmp_path, bad) -> None:
    with VerdictStore(tmp_path) as store, pytest.raises(CalibrantError, match="verdict"):
        store.put([record(2), bad])
    assert segments(tmp_path) == []


def test_a_line_of_another_kind_is_said_to_be_one(tmp_path: Path) -> None:
    from hashlib import sha256

    body = json.dumps({"key": "k"}).encode()
    (tmp_path / "1-a.jsonl").write_bytes(sha256(body).hexdigest().encode() + b" " + body + b"\n")
    with pytest.raises(CalibrantError, match="no verdict"):
        VerdictStore(tmp_path).all()


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(CalibrantError, match="cannot write"):
        VerdictStore(tmp_path / "file/store").put([record(1)])


def test_after_a_full_disk_nothing_follows_the_half_line(tmp_path: Path) -> None:
    import resource

    store = VerdictStore(tmp_path)
    store.put([record(1)])
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(line_of(record(1))) + 50, limits[1]))
    try:
        with pytest.raises(CalibrantError, match="cannot write"):
            store.put([record(2)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    store.put([record(3)])
    stats = store.stats()
    store.close()
    assert (stats.records, stats.torn, stats.damaged, stats.segments) == (2, 1, 0, 2)


def test_a_forked_process_writes_to_a_segment_of_its_own(tmp_path: Path) -> None:
    store = VerdictStore(tmp_path)
    store.put([record(1)])
    child = os.fork()
    if child == 0:
        store.put([record(2)])
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    store.put([record(3)])
    store.close()
    assert (store.stats().segments, len(store.all())) == (2, 3)


WRITER = """
import sys
sys.path[:0] = {paths!r}
from pathlib import Path
from {module} import *
"""


def start_python(code: str, *arguments: object) -> subprocess.Popen:
    here = Path(__file__)
    head = WRITER.format(paths=[PACKAGE_ROOT, str(here.parent)], module=here.stem)
    return subprocess.Popen([sys.executable, "-c", head + code, *map(str, arguments)])


PUT = """
first = int(sys.argv[2])
with VerdictStore(sys.argv[1]) as store:
    for number in range(first, first + 150):
        store.put([record(number % 200)], sync=number % 50 == 0)
"""


def test_four_processes_write_at_once(tmp_path: Path) -> None:
    writers = [start_python(PUT, tmp_path, 50 * number) for number in range(4)]
    reader = VerdictStore(tmp_path)
    while any(writer.poll() is None for writer in writers):
        assert all(entry == record(int(entry.answer.split()[1])) for entry in reader.all())
        time.sleep(0.02)
    assert [writer.returncode for writer in writers] == [0] * 4
    stats = reader.stats()
    assert (stats.segments, stats.records, stats.verdicts) == (4, 600, {("j", "1"): 200})
    assert (stats.torn, stats.damaged, stats.clashes) == (0, 0, 0)


JUDGE = """
with VerdictStore(sys.argv[1]) as store:
    judge = CountingJudge(Path(sys.argv[2]), pause=0.005)
    judged(store, judge, [case(number) for number in range(1000)])
"""


def test_ten_kills_cost_no_verdict_and_no_question(tmp_path: Path) -> None:
    folder, log = tmp_path / "store", tmp_path / "stored.txt"
    chance = random.Random(11)
    kills = 0
    for _ in range(10):
        stored = len(VerdictStore(folder).all())
        writer = start_python(JUDGE, folder, log)
        # Until it is at work, then for a moment: a start takes longer than the work.
        while len(VerdictStore(folder).all()) == stored and writer.poll() is None:
            time.sleep(0.005)
        time.sleep(chance.uniform(0, 0.05))
        writer.send_signal(signal.SIGKILL)
        kills += writer.wait() == -signal.SIGKILL
    assert kills == 10
    before = {entry.question for entry in VerdictStore(folder).all()}
    assert 0 < len(before) < 1000
    judge = CountingJudge(log)
    with VerdictStore(folder) as store:
        verdicts = judged(store, judge, [case(number) for number in range(1000)])
        assert store.stats().records == 1000
        assert store.stats().clashes == 0
    assert verdicts == [
        Verdict(len(case(n).answer) % 2 == 0, len(case(n).answer) / 100) for n in range(1000)
    ]
    assert not before & {asked.question for asked in judge.asked}
    stored_lines = log.read_text(encoding="utf-8").splitlines()
    assert len(stored_lines) == len(set(stored_lines))


def test_equal_cases_are_asked_for_once_and_stored_ones_never(tmp_path: Path) -> None:
    judge = CountingJudge()
    cases = [case(3), case(10), case(3), case(3)]
    with VerdictStore(tmp_path) as store:
        first = judged(store, judge, cases)
        assert len(judge.asked) == 2
        assert judged(store, judge, [*cases, case(4)]) == [*first, first[0]]
        assert judge.asked[2:] == [case(4)]
        assert judged(store, judge, []) == []
        # Another judge, or another prompt, has verdicts of its own.
        other = CountingJudge(identity="k")
        judged(store, other, cases)
        assert len(other.asked) == 2
    assert first[0] == first[2] == first[3] == Verdict(True, 0.08)
    assert first[1] == Verdict(False, 0.09)


class Failing(CountingJudge):
    """Fails in one of several ways after two verdicts."""

    def __init__(self, way: str) -> None:
        super().__init__()
        self.way = way

    def judge(self, cases):
        yield 1, Verdict(True, 0.5)
        yield 0, Verdict(True, 0.5)
        if self.way == "breaks":
            raise RuntimeError("the server has gone")
        if self.way == "twice":
            yield 1, Verdict(False, 0.5)
        if self.way == "unasked":
            yield 9, Verdict(False, 0.5)
        if self.way == "no probability":
            yield 2, Verdict(False, 1.5)


@pytest.mark.parametrize("way", ["breaks", "twice", "unasked", "no probability", "leaves one out"])
def test_a_judge_that_fails_is_refused_and_what_it_said_before_is_kept(tmp_path, way) -> None:
    cases = [case(number) for number in range(3)]
    with (
        VerdictStore(tmp_path) as store,
        pytest.raises(RuntimeError if way == "breaks" else CalibrantError),
    ):
        judged(store, Failing(way), cases)
    assert len(VerdictStore(tmp_path).all()) == 2


def test_a_purge_is_seen_by_a_reader_that_read_before(tmp_path: Path) -> None:
    with VerdictStore(tmp_path) as writer:
        writer.put([record(1), record(1, version="2"), record(2)])
    reader = VerdictStore(tmp_path)
    assert len(reader.all()) == 3
    purge(tmp_path, "1")
    assert reader.all() == [record(1, version="2")]


def test_a_purge_is_seen_where_the_segment_had_grown_in_between(tmp_path: Path) -> None:
    reader = VerdictStore(tmp_path)
    others = [record(number, version="2") for number in range(3)]
    with VerdictStore(tmp_path) as writer:
        writer.put([record(1)])
        assert len(reader.all()) == 1
        writer.put(others)
    purge(tmp_path, "1")
    assert reader.all() == sorted(others, key=lambda entry: entry.key)


def test_a_purge_drops_the_half_line_of_a_segment_it_rewrites(tmp_path: Path) -> None:
    path = tmp_path / "7-ab.jsonl"
    path.write_bytes(line_of(record(1)) + line_of(record(1, version="2")) + line_of(record(3))[:80])
    purge(tmp_path, "1")
    assert path.read_bytes() == line_of(record(1, version="2"))
