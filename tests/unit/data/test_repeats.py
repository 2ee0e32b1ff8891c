"""Repeats within a source: which row stays, which go, and that all are accounted for."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from calibrant.data.prepare import CLASHING, REPEATED
from calibrant.data.raw import RawQuestion
from calibrant.data.repeats import drop_repeats


def row(question: str, *references: str, context: str | None = None) -> RawQuestion:
    return RawQuestion("test", question, references, "short_text", "factual", context)


ROWS = st.lists(
    st.builds(
        row,
        st.sampled_from(["Who?", "who", "WHO ?!", "Where?", "3 + 5", "3 - 5"]),
        st.sampled_from(["Ann", "ann", "Bo"]),
        context=st.sampled_from([None, "A text."]),
    ),
    max_size=12,
)


def test_case_and_punctuation_make_no_other_question_but_signs_do() -> None:
    dropped: Counter[str] = Counter()
    rows = [row("What is 3 + 5?", "8"), row("what is 3 + 5", "8"), row("What is 3 - 5?", "-2")]
    assert drop_repeats(rows, dropped) == [rows[0], rows[2]]
    assert dropped == {REPEATED: 1}


def test_another_context_makes_another_question() -> None:
    rows = [row("Who?", "Ann", context="Ann won."), row("Who?", "Bo", context="Bo won.")]
    assert drop_repeats(rows, Counter()) == rows


def test_rows_without_an_answer_in_common_are_all_dropped() -> None:
    dropped: Counter[str] = Counter()
    rows = [row("Who?", "Ann", "Bo"), row("Who?", "Bo", "Cy"), row("Who?", "Cy", "Ann")]
    assert drop_repeats(rows[:2], dropped) == rows[:1]
    assert drop_repeats(rows, dropped) == []
    assert dropped == {REPEATED: 1, CLASHING: 3}


@given(ROWS)
def test_every_row_is_kept_or_counted_and_a_second_pass_finds_nothing(
    rows: list[RawQuestion],
) -> None:
    dropped: Counter[str] = Counter()
    kept = drop_repeats(rows, dropped)
    assert len(kept) + dropped.total() == len(rows)
    assert [r for r in rows if any(r is k for k in kept)] == kept
    again: Counter[str] = Counter()
    assert drop_repeats(kept, again) == kept
    assert not again
