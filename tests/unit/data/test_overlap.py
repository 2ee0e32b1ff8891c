import time
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibrant.data.overlap import drop_overlapping, find_overlap
from calibrant.data.shingles import exact_key, words_of
from calibrant.rows import Question

POND = "a heron stands in the shallow pond behind the old mill"  # 11 words


def rows(
    dataset: str, texts: Sequence[str], context: str | None = None, options: tuple[str, ...] = ()
) -> list[Question]:
    return [
        Question(
            question_id=f"{dataset}/{i}",
            dataset=dataset,
            domain="toy",
            split="train",
            answer_type="choice" if options else "number",
            question=text,
            references=("A",),
            context=context,
            options=options,
        )
        for i, text in enumerate(texts)
    ]


def counts(train: list[Question], test: list[Question], words: int = 8) -> tuple[int, int, int]:
    [cell] = find_overlap({"train": train}, {"test": test}, words)
    assert (cell.training_rows, cell.evaluation_rows) == (len(train), len(test))
    return cell.exact, cell.shingle, cell.ignored_shingles


def test_words_are_letters_digits_and_the_signs_of_sums() -> None:
    assert words_of("A Well-Known 3.5, isn't it?") == [
        "a",
        "well",
        "known",
        "3",
        "5",
        "isn",
        "t",
        "it",
    ]
    assert words_of("(3+5)*2 = 16") == ["(", "3", "+", "5", ")", "*", "2", "=", "16"]
    assert words_of("-( 4 )") == ["-", "(", "4"]


def test_sums_that_differ_in_a_sign_or_a_bracket_are_different() -> None:
    sums = ["2 + 3 * 4", "2 - 3 * 4", "( 2 + 3 ) * 4", "2 + ( 3 * 4 )", "2 + -3 * 4", "2 + 3 / 4"]
    assert len({exact_key(row) for row in rows("a", sums)}) == len(sums)


def test_exact_matches_ignore_case_and_punctuation() -> None:
    train = rows("train", ["What's 7+1?", "What's 7+2?"])
    assert counts(train, rows("test", ["what s 7 + 1"])) == (1, 0, 0)


def test_context_and_options_belong_to_the_text() -> None:
    asked = rows("test", ["Is it so?"], context="Pigs fly.")
    assert counts(rows("train", ["Is it so?"], context="Pigs fly!"), asked)[0] == 1
    assert counts(rows("train", ["Is it so?"], context="Fish swim."), asked)[0] == 0
    colours = rows("test", ["Which?"], options=("red", "blue"))
    assert counts(rows("train", ["Which?"], options=("blue", "Red")), colours)[0] == 1
    assert counts(rows("train", ["Which?"], options=("blue", "green")), colours)[0] == 0


@pytest.mark.parametrize(("shared", "found"), [(8, 1), (7, 0)])
def test_a_run_of_exactly_that_many_words_matches(shared: int, found: int) -> None:
    run = " ".join(POND.split()[:shared])
    train = rows("train", [f"Tell me whether {run} or not today"])
    test = rows("test", [f"Once upon some day {run} and then"])
    assert counts(train, test) == (0, found, 0)


def test_a_run_inside_the_context_matches() -> None:
    train = rows("train", ["Why is that?"], context=f"They say {POND}.")
    assert counts(train, rows("test", ["Who saw it?"], context=f"{POND}, at noon."))[1] == 1


def test_a_short_question_matches_as_a_whole() -> None:
    # With other options it is no exact match, and it has no run of eight words.
    train = rows("train", ["Who wrote Hamlet?"], options=("Bacon", "Marlowe"))
    test = rows("test", ["who wrote hamlet", "Who wrote Hamlet and Macbeth?"])
    assert counts(train, test) == (0, 1, 0)
    assert counts(rows("train", ["Who wrote Hamlet in 1600?"]), test) == (0, 0, 0)


def sums(first: int, n: int) -> list[str]:
    wording = "Calculate the answer to the following sum of numbers and give it:"
    return [f"{wording} {i} + {i * i % 97} + 12" for i in range(first, first + n)]


@pytest.mark.parametrize("n", [4, 40, 400])
def test_the_wording_of_a_template_drops_nothing(n: int) -> None:
    exact, shingle, ignored = counts(rows("train", sums(0, n)), rows("test", sums(n, n)))
    assert (exact, shingle) == (0, 0)
    assert ignored >= 5  # the wording has 12 words, so at least 12 - 8 + 1 runs


def test_an_exact_match_counts_inside_a_template() -> None:
    train = rows("train", sums(0, 50))
    assert counts(train, rows("test", sums(49, 50)))[:2] == (1, 0)


def test_one_test_question_with_the_wording_of_a_template_does_not_drop_the_set() -> None:
    test = rows(
        "test", [sums(900, 1)[0], *[f"What is fact number {i} about bees?" for i in range(9)]]
    )
    assert counts(rows("train", sums(0, 100)), test)[:2] == (0, 0)


def test_many_variants_of_one_test_question_are_all_dropped() -> None:
    # Five per cent of the rows, below the share that makes a template.
    variants = [f"Ann sees {i} frogs. How often is it that {POND}?" for i in range(5)]
    others = [f"What is item {i} on list {i * 7}?" for i in range(95)]
    test = rows("test", [f"Is it true that {POND}?", "What is the speed of a swallow?"])
    assert counts(rows("train", variants + others), test)[:2] == (0, 5)


def test_a_run_in_many_test_questions_points_to_none() -> None:
    orders = [f"Find value {i} of {i * 3}, and {POND}" for i in range(6)]
    filler = [f"Name river {i} in country {i * 11}" for i in range(194)]
    train = rows("train", [f"It is said that {POND}", *filler[:30]])
    assert counts(train, rows("test", orders + filler[30:]))[1] == 0
    assert counts(train, rows("test", orders[:5] + filler[30:]))[1] == 1


def test_between_generated_datasets_only_exact_matches_count() -> None:
    train = {"made": rows("made", [f"Tom knows that {POND}", "Two?"])}
    test = {"made": rows("made", [f"Eve hopes that {POND}", "two"]), "real": rows("real", [POND])}
    made, real = find_overlap(train, test, 8, generated=["made"])
    assert (made.exact, made.shingle) == (1, 0)
    assert made.ignored_shingles == 5 + 1  # runs of eight in "that" and 11 words, and "two"
    assert (real.exact, real.shingle) == (0, 1)


def test_dropped_rows_say_which_question_and_why() -> None:
    train = {"a": rows("a", [f"Tom knows that {POND}", "Two?", "Free."]), "b": rows("b", ["Two!"])}
    test = {"x": rows("x", ["One?", f"Eve hopes {POND}"]), "y": rows("y", ["two"])}
    kept, dropped = drop_overlapping(train, test, 8)
    assert {name: [row.question for row in own] for name, own in kept.items()} == {
        "a": ["Free."],
        "b": [],
    }
    assert [
        (row.question_id, row.dataset, row.evaluation_id, row.evaluation, row.match)
        for row in dropped
    ] == [
        ("a/0", "a", "x/1", "x", "shingle"),
        ("a/1", "a", "y/0", "y", "exact"),
        ("b/0", "b", "y/0", "y", "exact"),
    ]
    assert dropped[0].shared == "a heron stands in the shallow pond behind"
    assert dropped[1].shared == "two"


def test_an_exact_match_goes_before_a_shingle_and_a_row_is_dropped_once() -> None:
    train = {"a": rows("a", [POND])}
    test = {"near": rows("near", [f"See how {POND}"]), "same": rows("same", [POND.upper()])}
    kept, [dropped] = drop_overlapping(train, test, 8)
    assert kept == {"a": []}
    assert (dropped.evaluation, dropped.match) == ("same", "exact")


short_texts = st.lists(
    st.lists(st.sampled_from(["red", "blue", "12", "7", "+", "cat"]), max_size=6).map(" ".join),
    max_size=8,
)


@given(short_texts, short_texts, st.integers(3, 5))
def test_counts_are_the_rows_dropped(train: list[str], test: list[str], words: int) -> None:
    source, target = {"a": rows("a", train)}, {"x": rows("x", test)}
    [cell] = find_overlap(source, target, words)
    kept, dropped = drop_overlapping(source, target, words)
    assert cell.exact + cell.shingle == len(dropped) == len(train) - len(kept["a"])
    keys = {exact_key(row) for row in target["x"]}
    assert cell.exact == sum(exact_key(row) in keys for row in source["a"])
    for row in dropped:
        other = target["x"][int(row.evaluation_id.partition("/")[2])]
        assert row.shared in exact_key(other)


def test_two_sets_of_twenty_thousand_rows_take_seconds() -> None:
    def made(dataset: str, step: int) -> list[Question]:
        numbers = range(step, 20_000 * step + step, step)
        return rows(dataset, [" ".join(f"w{n * k % 9973}" for k in range(1, 21)) for n in numbers])

    train, test = made("train", 3), made("test", 7)
    start = time.perf_counter()
    find_overlap({"train": train}, {"test": test}, 8)
    assert time.perf_counter() - start < 30  # about 4 s on one slow core
