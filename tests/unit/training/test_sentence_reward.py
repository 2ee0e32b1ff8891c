"""What answers of several sentences earn, worked by hand, and how faithful they are."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibrant.elicitation.sentence_statements import parse_sentences
from calibrant.rewards.sentence_reward import sentence_reward_parts
from calibrant.rewards.settings import FormatTerms, Reward
from calibrant.rows import Question
from calibrant.training.scorer import Scored, Scorer
from calibrant.training.self_judgement import judge_sentence_quality
from calibrant.training.sentence_groups import SentenceView, said_sentences, view_sentences

NAN = float("nan")
BOTH = ("The coast: yes. The hills: no.", "The hills: no. The coast: yes.")
TWO = Question("q/1", "q", "d", "train", "short_text", "Wet on the coast, and in the hills?", BOTH)
NONE = FormatTerms(malformed_penalty=0.0)
FAITHFUL = Reward(score={"rule": "none"}, correctness=0.0, faithfulness=12.0, format=NONE)  # type: ignore[arg-type]
PUBLISHED = Reward(faithfulness=12.0, format=FormatTerms(malformed_penalty=0.0, strict=3, graded=3))


def say(*sentences: tuple[str, object]) -> str:
    return "".join(
        f"<sentence>{text}</sentence><confidence>{said}</confidence>" for text, said in sentences
    )


def coast(said: object, outcome: str = "yes") -> tuple[str, object]:
    return f"The coast: {outcome}.", said


def hills(said: object, outcome: str = "no") -> tuple[str, object]:
    return f"The hills: {outcome}.", said


def score(texts: list[str], reward: Reward = FAITHFUL, cut: tuple[int, ...] = ()) -> Scored:
    scorer = Scorer([TWO], reward, "percent", group=len(texts), layout="sentences")
    limits = [at in cut for at in range(len(texts))]
    return scorer.score([0] * len(texts), texts, [5] * len(texts), limits)


# The first of three completions; the others say that the coast is wet, and one that the hills are not.
OTHERS = [say(coast(50), hills(50)), say(coast(50))]
# Its text, whether it was cut, and the mean of 1 - (c - g)^2 with g = 1 for the coast, 1/2 for hills.
FAITHFULNESS = {
    "as it is": (say(coast(100), hills(50)), False, 1.0),
    "certain, one right so": (say(coast(100), hills(100)), False, (1 + 0.75) / 2),
    "never, one is always said": (say(coast(0), hills(0)), False, (0 + 0.75) / 2),
    "one sentence": (say(hills(50)), False, 1.0),
    "said by nobody else": (say(coast(0, "no"), coast(100, "no")), False, (1 + 0) / 2),
    "in other signs and case": (say(("the COAST, yes", 100)), False, 1.0),
    "the same twice": (say(coast(100), coast(50)), False, (1 + 0.75) / 2),
    "one without confidence": (say(coast(100)) + "<sentence>The hills: no.</sentence>", False, 0.0),
    "one out of range": (say(coast(100), hills(101)), False, 0.0),
    "none with a confidence": ("<sentence>The coast: yes.</sentence>", False, -1.0),
    "stray text": (say(coast(100)) + " Bye.", False, 1.0),
    "no sentence": ("The coast: yes.", False, -1.0),
    "nothing": ("", False, -1.0),
    "truncated": (say(coast(100), hills(50)), True, -1.0),
}


@pytest.mark.parametrize("case", FAITHFULNESS)
def test_faithfulness_by_hand(case: str) -> None:
    text, is_cut, expected = FAITHFULNESS[case]
    scored = score([text, *OTHERS], cut=(0,) if is_cut else ())
    assert scored.parts.faithfulness[0] == pytest.approx(12 * expected)
    assert scored.total[0] == pytest.approx(12 * expected)


def test_who_says_nothing_disagrees_with_everybody() -> None:
    texts = [say(coast(50)), say(coast(50)), "nothing", say(coast(50))]
    found = score(texts, cut=(3,))
    # Of three others one agrees: the third says nothing, and the last was cut.
    assert found.intrinsic == pytest.approx([1 / 3, 1 / 3, NAN, NAN], nan_ok=True)
    assert found.parts.faithfulness[:2] == pytest.approx([12 * (1 - (1 / 2 - 1 / 3) ** 2)] * 2)


def test_a_completion_is_never_among_those_it_is_compared_with() -> None:
    alike = score([say(coast(100))] * 3)
    alone = score([say(coast(0)), say(hills(0)), say(coast(0, "no"))])
    assert alike.parts.faithfulness == pytest.approx([12] * 3)
    assert alone.parts.faithfulness == pytest.approx([12] * 3)


def test_the_composed_reward_as_published() -> None:
    texts = [
        say(coast(100), hills(50)),  # right
        say(coast(100), hills(50, "yes")),  # wrong
        say(coast(60)) + "<sentence>The hills: no.</sentence>",  # no mean
    ]
    found = score(texts, PUBLISHED)
    assert found.correct.tolist() == [1, 0, 1]
    assert found.readable.tolist() == [True, True, False]
    assert found.confidence == pytest.approx([0.75, 0.75, NAN], nan_ok=True)
    assert found.parts.correctness == pytest.approx([1, 0, 0])
    # The published 1 - (correct - mean)^2 but for the 1.
    assert found.parts.calibration == pytest.approx([-(0.25**2), -(0.75**2), 0])
    assert found.parts.format == pytest.approx([3, 3, -3 - 3 * 1 / 2])
    # g: coast 1; hills no 1/2, hills yes 0; the third's coast 1 and the other sentence -1.
    faithful = [1, (1 + 0.75) / 2, (1 - 0.4**2 - 1) / 2]
    assert found.parts.faithfulness == pytest.approx([12 * part for part in faithful])


def test_answers_in_either_order_are_right_and_half_an_answer_is_not() -> None:
    texts = [say(hills(50), coast(50)), say(coast(50)), say(coast(50), hills(50, "yes"))]
    assert score(texts).correct.tolist() == [1, 0, 0]


def test_the_penalty_is_for_what_cannot_be_read() -> None:
    reward = Reward(score={"rule": "none"}, correctness=0.0)  # type: ignore[arg-type]
    texts = [say(coast(50)), say(coast(50)) + "hm", say(coast("x")), "", say(coast(50))]
    assert score(texts, reward, cut=(4,)).total == pytest.approx([0, 0, -1, -1, -1])


def test_what_is_not_known_earns_nothing_and_is_no_number_made_up() -> None:
    found = score([say(coast(50))])
    assert found.intrinsic == pytest.approx([NAN], nan_ok=True)
    assert found.parts.faithfulness == pytest.approx([0])


def test_faithfulness_needs_the_other_completions() -> None:
    with pytest.raises(ValueError, match="faithful"):
        sentence_reward_parts([1], [0.5], [True], FAITHFUL, [parse_sentences(say(coast(1)))])


SAID = st.lists(
    st.sampled_from([coast(0), coast(40), hills(90), coast("x"), hills(20, "yes")]), max_size=3
)
GROUPS = st.lists(SAID, min_size=3, max_size=5)


@given(GROUPS)
@settings(deadline=None, max_examples=40)
def test_others_are_seen_as_if_the_own_completion_were_not_there(group) -> None:
    texts = [say(*sentences) for sentences in group]
    found = score(texts)
    assert found.others_faithful is not None
    for own in range(len(texts)):
        without = score([text for at, text in enumerate(texts) if at != own])
        expected = without.parts.faithfulness.mean()
        assert found.others_faithful[own] == pytest.approx(expected, abs=1e-9)


@given(GROUPS, st.integers(1, 3))
@settings(deadline=None, max_examples=40)
def test_a_group_shared_out_over_processes_is_seen_whole(group, first: int) -> None:
    texts = [say(*sentences) for sentences in group]
    whole, size = score(texts), len(texts)
    first = min(first, size - 1)
    everyone: list[dict[str, object]] = []
    scorer = Scorer(
        [TWO], FAITHFUL, "percent", group=size, layout="sentences",
        gather=lambda rows: (everyone.extend(rows), (rows, 0))[1],
    )  # fmt: skip
    scorer.score([0] * size, texts, [5] * size, [False] * size)
    scorer.gather = lambda _: (everyone, first)
    rest = size - first
    part = scorer.score([0] * rest, texts[first:], [5] * rest, [False] * rest)
    assert part.total == pytest.approx(whole.total[first:])
    assert part.others_faithful == pytest.approx(whole.others_faithful[first:])


def view(*group: str) -> SentenceView:
    said = [said_sentences(parse_sentences(text)) for text in group]
    return view_sentences([said], [(0, at) for at in range(len(group))])


# Sentences with confidences, beside two completions that both say the first and one the second.
GOLD = {
    "both within": ([("A", 1), ("B", 0.5)], 1.0),
    "at the tolerance": ([("A", 0.9), ("B", 0.6)], 1.0),
    "just beyond it": ([("A", 0.899), ("B", 0.601)], 0.0),
    "one of two": ([("A", 1), ("B", 1)], 0.5),
    "one of two cannot be read": ([("A", 1), ("B", "x")], 0.0),
    "one is off and one unread": ([("A", 0), ("B", "x")], -0.5),
    "no sentence": ([], -1.0),
}


@pytest.mark.parametrize("case", GOLD)
def test_gold_by_hand(case: str) -> None:
    sentences, expected = GOLD[case]
    seen = view(say(*sentences), say(("A", 1), ("B", 1)), say(("A", 1)))
    forecast = np.array([0.5, NAN, 0.0])
    judged = judge_sentence_quality(forecast, np.tile(forecast, (3, 1)), seen, 0.1)
    assert judged.gold[0] == pytest.approx(expected)
    assert judged.quality[0] == pytest.approx(1 - (0.5 - expected) ** 2)
    assert judged.quality[1] == -1


def test_the_others_are_judged_without_the_own_completion() -> None:
    seen = view(say(("A", 0.5)), say(("B", 0.5)), say(("B", 1)))
    judged = judge_sentence_quality([1.0] * 3, np.ones((3, 3)), seen, 0.1)
    # Together g is 0, 1/2, 1/2. Without the first both B agree; without a B nobody agrees.
    assert judged.gold == pytest.approx([0, 1, 0])
    assert judged.others == pytest.approx([0.5, 0, 0])


def test_one_statement_earns_what_one_sentence_does_where_all_can_be_read() -> None:
    """The two formats agree on what they share: one answer, graded, its confidence stated."""
    reward = Reward(faithfulness=2.0)
    question = dataclasses.replace(TWO, answer_type="yes_no", references=("yes",))
    rows = [("yes", 80), ("yes", 30), ("no", 60), ("yes", 100)]
    single = [f"<answer>{said}</answer><confidence>{c}</confidence>" for said, c in rows]
    several = [say(row) for row in rows]
    found = [
        Scorer([question], reward, "percent", group=4, layout=layout).score(
            [0] * 4, texts, [5] * 4, [False] * 4
        )
        for layout, texts in (("answer_confidence", single), ("sentences", several))
    ]
    assert found[0].total == pytest.approx(found[1].total)
    assert found[0].others_faithful == pytest.approx(found[1].others_faithful)
