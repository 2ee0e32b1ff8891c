"""Where sentences end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibrant.wording.sentences import split_sentences


@pytest.mark.parametrize(
    "sentences",
    [
        [],
        ["It rains."],
        ["It rains.", "It pours!", "Does it?", "Yes."],
        ["Dr. Smith gave 3.5 mg at 8 a.m.", "The patient slept."],
        ["J. K. Rowling met Mr. Bean in Washington, D.C. on Jan. 5."],
        ["He lives in the U.S.", "The law differs there, e.g. in Ohio."],
        ["The U.S. Senate met."],
        ["She asked for vitamin C.", "However, none was left."],
        ["See Fig. 3 and Sec. 4 of No. 12.", "The answer is no.", "That is art.", "Really."],
        ['He said "stop."', "Then he left."],
        ["It cost $3.50.", "£4 is more."],
        ["Smith et al. Found it", "Next line"],
        ["1. First of all.", "2. Second one."],
        ["Wait... what?", "So it is."],
        ["Roe v. Wade was decided in 1973.", "It was overruled."],
        ["Neither he nor I.", "She did."],
    ],
)
def test_sentences_by_hand(sentences) -> None:
    text = (
        "\n".join(sentences) if sentences[:1] == ["Smith et al. Found it"] else " ".join(sentences)
    )
    assert split_sentences(text) == sentences


@given(st.text())
def test_no_character_but_white_space_is_lost(text) -> None:
    assert "".join("".join(split_sentences(text)).split()) == "".join(text.split())


@given(st.text())
def test_a_sentence_is_neither_empty_nor_padded(text) -> None:
    assert all(sentence and sentence == sentence.strip() for sentence in split_sentences(text))
