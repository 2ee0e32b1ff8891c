"""Rewriting by rule: every claim survives, and every confidence can be read back."""

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.wording.made_up_answers import TEMPLATES, made_up_answers, made_up_sentence

from calibrant.errors import CalibrantError
from calibrant.wording.claims import claim_words, claims_preserved, unhedged
from calibrant.wording.hedges import hedge_for, hedge_map
from calibrant.wording.rewrite import Statement, recovered, rewrite

STYLES = sorted(hedge_map())
ANSWERS = made_up_answers(400)


def joined(statements: list[Statement]) -> str:
    return "\n".join(statement.text for statement in statements)


@pytest.mark.parametrize(
    ("text", "confidence", "expected"),
    [
        ("The court agreed with it.", 0.95, "It is very likely that the court agreed with it."),
        ("Ada wrote the first program.", 1, "It is almost certain that Ada wrote the first program."),
        ("I saw it in Rome.", 0.5, "It is about as likely as not that I saw it in Rome."),
        ("NASA did not fly there.", 0, "It is almost impossible that NASA did not fly there."),
        ("1945 was the last year.", 0.9, "It is likely that 1945 was the last year."),
        ("In Rome, it rains now.", 0.8, "It is rather likely that in Rome, it rains now."),
        ("The Hague is a city.", 0.95, "It is very likely that The Hague is a city."),
        ("The Rhine is a river.", 0.95, "It is very likely that the Rhine is a river."),
        ("A Farewell to Arms sold.", 0.9, "It is likely that A Farewell to Arms sold."),
        ("However, it did not rain.", 0.2, "However, it is rather unlikely that it did not rain."),
        ("- It rains all day.", 0.9, "- It is likely that it rains all day."),
        ("No patient died of it.", 0.95, "It is very likely that no patient died of it."),
        ("No, they did not.", 0.9, "It is likely that the following is right: No, they did not."),
        ("Paris", 0.95, "It is very likely that the following is right: Paris."),
        ("Was it safe to go?", 0.9, "It is likely that the following is right: Was it safe to go?"),
        ("It is likely that Bob won.", 0.3, "It is somewhat unlikely that it is likely that Bob won."),
    ],
)  # fmt: skip
def test_a_sentence_by_hand(text, confidence, expected) -> None:
    assert rewrite([Statement(text, confidence)]) == expected


def test_casual_style_keeps_its_own_capital_behind_a_marker() -> None:
    text = rewrite([Statement("However, they did not come.", 0.9)], "casual")
    assert text == "However, I'm confident that they did not come."
    assert recovered(text) == [0.875]


@pytest.mark.parametrize("style", STYLES)
def test_every_claim_of_four_hundred_answers_survives(style) -> None:
    for answer in ANSWERS:
        after = rewrite(answer, style)
        assert claims_preserved(joined(answer), after), after
        expected = [hedge_for(s.confidence, style).point for s in answer]
        assert recovered(after) == expected, after
        for statement, read in zip(answer, recovered(after), strict=True):
            assert abs(statement.confidence - read) <= 0.05 + 1e-9


def test_the_answers_cover_what_they_should() -> None:
    everything = "\n".join(joined(answer) for answer in ANSWERS)
    fixed = [max(re.split(r"\{\w+\}", template), key=len) for template in TEMPLATES]
    assert all(part in everything for part in fixed)
    assert len({joined(answer) for answer in ANSWERS}) == 400


def test_no_character_of_a_statement_is_lost() -> None:
    # Independent of the check of claims: with spaces, capitals and hedges apart, the text is there.
    for answer in ANSWERS:
        after = "".join(rewrite(answer).split()).lower()
        for statement in answer:
            for piece in re.split(
                r"(?<=[.!?])\s|^[-0-9.]+\s|However,|In contrast,", statement.text
            ):
                assert "".join(piece.split()).lower() in after


def damaged(text: str, source: random.Random) -> list[str]:
    """Return versions of a text with one word lost, doubled, changed or moved."""
    words = text.split()
    at = source.randrange(len(words))
    versions = [words[:at] + words[at + 1 :], [*words[:at], "never", *words[at:]]]
    versions.append([*words[:at], "17", *words[at:]])
    versions.append([*words[:at], "zebra", *words[at + 1 :]])
    versions.append([*words[:at], words[at], *words[at:]])
    if at:
        versions.append([*words[: at - 1], words[at], words[at - 1], *words[at + 1 :]])
    return [" ".join(version) for version in versions]


def test_a_damaged_claim_is_noticed() -> None:
    source = random.Random(5)
    noticed = 0
    for _ in range(300):
        before = made_up_sentence(source)
        for version in damaged(before, source):
            if claim_words(version) == claim_words(before):
                # An article, or a mark without letters, was hit.
                continue
            after = rewrite([Statement(version, 0.9)])
            assert not claims_preserved(before, after), (before, after)
            noticed += 1
    assert noticed > 1000


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("It is not safe.", "It is likely that it is safe."),
        ("It isn't safe.", "It is likely that it is safe."),
        ("Take 3.5 mg.", "It is likely that take 35 mg."),
        ("It fell to -5 degrees.", "It is likely that it fell to 5 degrees."),
        ("Anna met Bob.", "It is likely that Bob met Anna."),
        ("It rose 5 %.", "It is likely that it rose 5."),
        ("Rose is red.", "It is likely that rose is red."),
        ("It may help.", "It is likely that it must help."),
        ("It is likely that Bob won.", "It is unlikely that Bob won."),
        ("It helps with pain.", "It is likely that it helps without pain."),
        ("Bob won.", "It is likely that Bob very likely won."),
        ("Bob won.", "It is likely that Bob won. It is likely that Ann lost."),
    ],
)
def test_a_changed_claim_is_no_preserved_claim(before, after) -> None:
    assert not claims_preserved(before, after)


def test_articles_may_change() -> None:
    assert claims_preserved("The dog bit a man.", "It is likely that a dog bit the man.")


def test_what_is_not_hedged_is_left_alone_by_the_reader() -> None:
    assert recovered("He said it is likely that it rains, e.g. it is likely that it pours.") == []
    assert unhedged("Nothing here.") == "Nothing here."
    assert recovered("") == []


def test_a_claim_that_speaks_as_the_rewriter_does_stays_whole() -> None:
    text = "The following is right: it rains all day."
    after = rewrite([Statement(text, 0.9)])
    assert after == f"It is likely that the following is right: {text}"
    assert claims_preserved(text, after)
    once_more = rewrite([Statement(after, 0.1)])
    assert recovered(once_more) == [0.125] and claims_preserved(after, once_more)


def test_a_hedge_inside_several_sentences_is_part_of_the_claim() -> None:
    text = "It rained. I doubt that it will stop. However, it is likely that it cools."
    after = rewrite([Statement(text, 0.9)])
    assert after == (
        "It is likely that the following is right: It rained. And I doubt that it will stop. "
        "However, and it is likely that it cools."
    )
    assert recovered(after) == [0.875]


def test_an_answer_without_statements_is_empty() -> None:
    assert rewrite([]) == ""


@pytest.mark.parametrize(
    ("statement", "style"),
    [
        (Statement(" ", 0.5), "plain"),
        (Statement("It rains.", 1.01), "plain"),
        (Statement("It rains.", float("nan")), "plain"),
        (Statement("It rains.", 0.5), "plane"),
    ],
)
def test_what_cannot_be_rewritten_is_refused(statement, style) -> None:
    with pytest.raises(CalibrantError):
        rewrite([statement], style)


PIECES = [h.words for hedges in hedge_map().values() for h in hedges]
PIECES += ["However, ", "- ", "1. ", "U.S. ", "e.g. ", "The ", "I ", "it rains", ". ", "? ", "\n"]
PIECES += ['"', ")", "It", " 3.5", " not", "the following is right:", ", ", " ", "\u2019", "And "]
TEXT = st.one_of(
    st.text(max_size=40), st.lists(st.sampled_from(PIECES), max_size=9).map("".join)
).filter(str.strip)


@given(st.lists(st.tuples(TEXT, st.floats(0, 1)), min_size=1, max_size=4), st.sampled_from(STYLES))
def test_any_text_keeps_its_words_and_gives_its_confidences_back(rows, style) -> None:
    answer = [Statement(text, confidence) for text, confidence in rows]
    after = rewrite(answer, style)
    assert recovered(after) == [hedge_for(s.confidence, style).point for s in answer]
    assert claims_preserved(joined(answer), after)
