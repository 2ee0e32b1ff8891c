import time
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibrant.data.overlap import DroppedRow, drop_overlapping, find_overlap
from calibrant.data.shingles import exact_keys, words_of
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
    assert " ".join(words_of("A Well-Known 3.5, isn't it?")) == "a well known 3 5 isn t it"
    assert words_of("(3+5)*2 = 16") == ["(", "3", "+", "5", ")", "*", "2", "=", "16"]
    assert words_of("-( 4 )") == ["-", "(", "4"]


def test_sums_that_differ_in_a_sign_or_a_bracket_are_different() -> None:
    sums = ["2 + 3 * 4", "2 - 3 * 4", "( 2 + 3 ) * 4", "2 + ( 3 * 4 )", "2 + -3 * 4", "2 + 3 / 4"]
    keys = [key for row in rows("a", sums) for key in exact_keys(row)]
    assert len(set(keys)) == len(keys)


def test_exact_matches_ignore_case_and_punctuation() -> None:
    train = rows("train", ["What's 7+1?", "What's 7+2?"])
    assert counts(train, rows("test", ["what s 7 + 1"])) == (1, 0, 0)


def test_signs_are_the_text_where_they_are_more_than_punctuation() -> None:
    grids = ["Count them in\n# # .\n. # .", "Count them in\n. # .\n. # ."]
    for other, exact in ((grids[1], 0), ("count them in # # . . # .", 1)):
        test = {"b": rows("b", [other])}
        [cell] = find_overlap({"a": rows("a", grids[:1])}, test, 8, generated=["a", "b"])
        assert (cell.exact, cell.shingle) == (exact, 0)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("Is it\n so?", ["is it so?", "is it so"]),
        ("What's 7 + 1?", ["what's 7 + 1?", "what s 7 + 1"]),
        ("Do 5% of $12 (or more)!", ["do 5% of $12 (or more)!", "do 5 of 12 or more"]),
        ("Read the emoji: \U0001f617\U000e0147.", ["read the emoji: \U0001f617\U000e0147."]),
        ("_ Q _\n_ _ _", ["_ q _ _ _ _"]),
        ("5 % 3", ["5 % 3"]),
    ],
)
def test_a_question_in_prose_is_known_by_its_words_as_well(text: str, keys: list[str]) -> None:
    [question] = rows("a", [text])
    assert exact_keys(question) == keys


def test_options_of_signs_are_told_apart() -> None:
    asked = rows("test", ["Which sign?"], options=("<", ">"))
    assert counts(rows("train", ["Which sign?"], options=(">", "<")), asked)[0] == 1
    assert counts(rows("train", ["Which sign?"], options=("<", "=")), asked)[0] == 0


def test_texts_without_words_share_no_shingle() -> None:
    assert counts(rows("train", ["?! ?"]), rows("test", ["!?", "?! ?!"])) == (0, 0, 0)


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
    test = rows("test", ["Who saw it?"], context=f"{POND}, at noon.")
    assert counts(rows("train", ["Why is that?"], context=f"They say {POND}."), test)[1] == 1


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
    assert counts(rows("train", sums(0, 50)), rows("test", sums(49, 50)))[:2] == (1, 0)


def test_one_test_question_with_the_wording_of_a_template_does_not_drop_the_set() -> None:
    # 9 words of wording and 7 of numbers: the two runs of the wording are 2 of 9.
    wording = "Calculate the answer to the following sum of numbers:"
    made = [f"{wording} {i} + {i * i % 97} + {i % 7} + 12" for i in range(101)]
    bees = [f"What is fact number {i} about bees?" for i in range(9)]
    assert counts(rows("train", made[:100]), rows("test", [made[100], *bees])) == (0, 0, 2)


@pytest.mark.parametrize(("copies", "others"), [(5, 175), (10, 170), (20, 160), (3, 9), (100, 0)])
def test_many_copies_of_one_test_question_are_all_dropped(copies: int, others: int) -> None:
    texts = [f"Example {i}. Is it true that {POND}?" for i in range(copies)]
    texts += [f"What is item {i} on list {i * 7}?" for i in range(others)]
    test = rows("test", [f"Is it true that {POND}?", "What is the speed of a swallow?"])
    _, dropped = drop_overlapping({"train": rows("train", texts)}, {"test": test}, 8)
    assert [row.question_id for row in dropped] == [f"train/{i}" for i in range(copies)]
    assert {row.containment for row in dropped} == {1.0}


STORY = [f"word{i}" for i in range(23)]  # 16 runs of eight


@pytest.mark.parametrize(("held", "found"), [(15, 40), (14, 0)])
def test_half_of_a_question_counts_however_often_it_is_repeated(held: int, found: int) -> None:
    # The first 15 of 23 words are 8 of 16 runs.
    train = rows("train", [f"Case number {i}: {' '.join(STORY[:held])}" for i in range(40)])
    test = rows("test", [" ".join(STORY), "What is the speed of a swallow?"])
    assert counts(train, test)[:2] == (0, found)


def test_a_long_run_is_no_passing_match() -> None:
    # The run of 16 words is 9 of 43 runs: less than half, yet more than a passing match.
    test = rows("test", [" ".join(f"word{i}" for i in range(50))])
    for held, found in ((16, 40), (15, 0)):
        train = rows("train", [f"Case {i}: {' '.join(STORY[:held])} ends" for i in range(40)])
        assert counts(train, test)[1] == found


ASKED = ["who waits", "who eats frogs", "what is old", "where is it", "how deep", "is it cold"]
PASSAGE = f"Once upon a time {POND} and waits for frogs that never come back"


@pytest.mark.parametrize("asked", [5, 6])
@pytest.mark.parametrize("apart", [True, False])
def test_a_row_built_on_a_passage_is_dropped_however_many_ask_about_it(
    asked: int, apart: bool
) -> None:
    questions = [question if apart else f"{PASSAGE}: {question}" for question in ASKED[:asked]]
    test = rows("test", questions, context=PASSAGE if apart else None)
    filler = [f"Name river {i} in country {i * 11}" for i in range(30)]
    assert counts(rows("train", [f"Tell it in short: {PASSAGE}", *filler]), test)[:2] == (0, 1)
    read = rows("train", ["what is this about", "who tells it"], context=PASSAGE)
    assert counts(read, test)[:2] == (0, 2)


def test_the_text_of_a_question_is_enough_without_its_context() -> None:
    test = rows("test", [f"Is it so that {POND}?"], context=" ".join(STORY * 4))
    assert counts(rows("train", [f"{i}. Is it so that {POND}?" for i in range(40)]), test)[1] == 40


@pytest.mark.parametrize("apart", [True, False])
def test_a_text_asked_of_many_contexts_or_options_is_no_question_by_itself(apart: bool) -> None:
    def asked(dataset: str, first: int, n: int) -> list[Question]:
        filler = rows(dataset, [f"Name river {i} in country {i * 11}" for i in range(first, 60, 2)])
        for i in range(first, first + 2 * n, 2):
            more = (f"{i} and {i + 1} in all", ()) if apart else (None, (f"{i}", "no"))
            filler += rows(dataset, [f"Is it so that {POND}?"], *more)
        return filler

    assert counts(asked("train", 0, 20), asked("test", 1, 6))[:2] == (0, 0)
    assert counts(asked("train", 0, 20), asked("test", 1, 5))[:2] == (0, 20)


def test_the_instruction_that_both_sides_begin_with_is_no_content() -> None:
    order = "You are given a sentence and say in one word which of its words is the verb"
    train = [f"{order}: {i} cats see {i * 3} dogs at sea" for i in range(20)]
    others = [f"{order}: {i} owls hear {i * 3} mice in barns" for i in range(20)]
    assert counts(rows("train", train), rows("test", others))[:2] == (0, 0)
    # Nor is one number and one word in common: 2 of the 12 runs are left of such a question.
    train, others = [f"{order}: 7 apes sit", *train], [f"{order}: 7 apes stand", *others]
    assert counts(rows("train", train), rows("test", others))[:2] == (0, 0)


def test_a_run_in_many_test_questions_points_to_none() -> None:
    orders = [f"Find value {i} of {i * 3}, and {POND}" for i in range(6)]
    filler = [f"Name river {i} in country {i * 11}" for i in range(194)]
    train = rows("train", [f"It is said that {POND}", *filler[:30]])
    # The row holds 4 of the 9 runs of a test question.
    assert counts(train, rows("test", orders + filler[30:]))[1] == 0
    assert counts(train, rows("test", orders[:5] + filler[30:]))[1] == 1


def test_between_generated_datasets_only_exact_matches_count() -> None:
    train = {"made": rows("made", [f"Tom knows that {POND}", "Two?"])}
    test = {"sums": rows("sums", [f"Eve hopes that {POND}", "two"]), "real": rows("real", [POND])}
    made, real = find_overlap(train, test, 8, generated=["made", "sums"])
    assert (made.exact, made.shingle) == (1, 0)
    assert made.ignored_shingles == 5 + 1  # runs of eight in "that" and 11 words, and "two"
    assert (real.exact, real.shingle) == (0, 1)


def test_dropped_rows_say_which_question_and_why() -> None:
    train = {"a": rows("a", [f"Tom knows that {POND}", "Two?", "Free."]), "b": rows("b", ["Two!"])}
    test = {"x": rows("x", ["One?", f"Eve hopes {POND}"]), "y": rows("y", ["two"])}
    kept, dropped = drop_overlapping(train, test, 8)
    assert [row.question for own in kept.values() for row in own] == ["Free."]
    run = " ".join(POND.split()[:8])
    assert dropped == [
        DroppedRow("a/0", "a", "x/1", "x", "shingle", run, 4 / 6),  # 11 of 13 words
        DroppedRow("a/1", "a", "y/0", "y", "exact", "two", 1.0),
        DroppedRow("b/0", "b", "y/0", "y", "exact", "two", 1.0),
    ]


def test_an_exact_match_goes_before_a_shingle_and_a_row_is_dropped_once() -> None:
    train = {"a": rows("a", [POND])}
    test = {"near": rows("near", [f"See how {POND}"]), "same": rows("same", [POND.upper()])}
    kept, [dropped] = drop_overlapping(train, test, 8)
    assert (kept, dropped.evaluation, dropped.match) == ({"a": []}, "same", "exact")


def test_a_dataset_is_not_compared_with_its_own_training_rows() -> None:
    own, others = rows("a", ["Same?", POND, f"See {POND}"]), rows("b", ["Same?"])
    train = {"a": own[:2], "b": others}
    mine, cross, theirs, itself = find_overlap(train, {"a": own, "b": others}, 8)
    assert (mine.evaluation_rows, mine.exact, mine.shingle) == (1, 0, 1)  # the third row alone
    assert (cross.evaluation_rows, cross.exact) == (1, 1)
    assert (theirs.evaluation_rows, theirs.exact) == (3, 1)
    assert (itself.evaluation_rows, itself.exact) == (0, 0)


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
    keys = {key for row in target["x"] for key in exact_keys(row)}
    assert cell.exact == sum(not keys.isdisjoint(exact_keys(row)) for row in source["a"])
    for row in dropped:
        other = target["x"][int(row.evaluation_id.partition("/")[2])]
        held = row.shared in " ".join(words_of(other.question))
        assert row.shared in exact_keys(other) if row.match == "exact" else held
        assert 0 <= row.containment <= 1


@pytest.mark.parametrize("templates", [0, 3])
def test_two_sets_of_twenty_thousand_rows_take_seconds(templates: int) -> None:
    def made(dataset: str, step: int) -> list[Question]:
        numbers = range(step, 20_000 * step + step, step)
        texts = [" ".join(f"w{n * k % 9973}" for k in range(1, 21)) for n in numbers]
        wording = [" ".join(f"t{k}w{i}" for i in range(20)) for k in range(templates)] or [""]
        texts = [f"{wording[i % len(wording)]} {text}" for i, text in enumerate(texts)]
        return rows(dataset, texts)

    train, test = made("train", 3), made("test", 7)
    # Time of this process, whatever else the machine does.
    start = time.process_time()
    find_overlap({"train": train}, {"test": test}, 8)
    assert time.process_time() - start < 30  # about 4 and 8 s on one slow core
