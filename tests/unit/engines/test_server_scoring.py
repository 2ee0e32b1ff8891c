"""What the likeliest first tokens say about given continuations."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibrant.engines.server_refusal import quote
from calibrant.engines.server_replies import ListedToken
from calibrant.engines.server_scoring import first_token_log_probs


def listed(**probabilities: float) -> list[ListedToken]:
    return tokens(probabilities)


def tokens(probabilities: dict[str, float]) -> list[ListedToken]:
    return [ListedToken(token=t, logprob=math.log(p)) for t, p in probabilities.items()]


def probabilities(continuations: tuple[str, ...], items: list[ListedToken]) -> list[float]:
    return [math.exp(log) for log in first_token_log_probs(continuations, items)]


def test_equal_tokens_are_added_up_whatever_their_case_and_spaces() -> None:
    items = tokens({"Yes": 0.3, " yes": 0.2, "YES\n": 0.1, "No": 0.25, "maybe": 0.05})
    assert probabilities(("yes", " NO "), items) == pytest.approx([0.6, 0.25])


def test_a_token_that_is_the_beginning_of_a_continuation_counts() -> None:
    items = tokens({"incor": 0.4, "cor": 0.3, "I": 0.1, "corn": 0.1})
    assert probabilities(("Correct", "Incorrect"), items) == pytest.approx([0.3, 0.5])


def test_a_longer_token_than_the_continuation_does_not_count() -> None:
    assert probabilities(("no", "yes"), tokens({"not": 0.5, "no": 0.2, "y": 0.1})) == pytest.approx(
        [0.2, 0.1]
    )


def test_a_continuation_that_is_not_listed_gets_the_smallest_listed_probability() -> None:
    assert probabilities(("yes", "no"), listed(yes=0.9, the=0.05, so=0.01)) == pytest.approx(
        [0.9, 0.01]
    )


def test_tokens_without_a_visible_character_say_nothing() -> None:
    assert probabilities(("yes", "no"), tokens({"": 0.5, " \n": 0.3, "no": 0.1})) == pytest.approx(
        [0.1, 0.1]
    )


def test_no_listed_continuation_is_an_error() -> None:
    with pytest.raises(ValueError, match="likeliest tokens: 'Well', 'the'"):
        first_token_log_probs(("yes", "no"), listed(Well=0.9, the=0.1))


def test_probabilities_of_practically_nothing_can_be_added() -> None:
    items = [ListedToken(token=token, logprob=-9999.0) for token in ("yes", "Yes")]
    [score] = first_token_log_probs(("yes",), items)
    assert score == pytest.approx(-9999 + math.log(2))


@given(st.lists(st.floats(1e-6, 0.05), min_size=2, max_size=20))
def test_a_score_is_at_most_the_listed_total_and_at_least_the_smallest(shares: list[float]) -> None:
    names = ["yes", "Yes", " YES", "y", *map(str, range(20))]
    items = tokens(dict(zip(names, shares, strict=False)))
    for score in probabilities(("yes", "no"), items):
        assert min(shares) * (1 - 1e-9) <= score <= sum(shares) * (1 + 1e-9)


def test_a_quoted_reply_is_one_short_printable_line_without_the_key() -> None:
    said = quote("a\x1b[31m\nb sk-made-up" + "c" * 500, "sk-made-up")
    assert said.startswith(" (the server says: a [31m b (key)ccc") and said.endswith("...)")
    assert len(said) < 240 and said.isprintable()
    assert quote("  \n", None) == ""
