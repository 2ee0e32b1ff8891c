import ast
import inspect
import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibrant.data import splits
from calibrant.data.raw import RawQuestion
from calibrant.data.splits import assign_split, content_hash, question_id, unit_interval
from calibrant.errors import CalibrantError
from calibrant.rows import SPLITS

SHARES = {"train": 0.5, "validation": 0.1, "calibration": 0.15, "test": 0.25}
texts = st.text(max_size=40)


def raw(
    question: str, context: str | None = None, options: tuple[str, ...] = (), **fields: str
) -> RawQuestion:
    answer_type = "choice" if options else "short_text"
    return RawQuestion(
        part=fields.get("part", "all"),
        question=question,
        references=(fields.get("reference", "A"),),
        answer_type=answer_type,
        domain=fields.get("domain", "general"),
        context=context,
        options=options,
    )


def test_known_hashes_do_not_change() -> None:
    # These were taken once. A change here moves every question of every study to another split.
    plain = raw("How many legs has a spider?")
    choice = raw("Which is a planet?", options=("Mars", "Sirius"))
    accented = raw("Où est la gare?\n", context="Straße\tNr. 5")
    assert [content_hash(row) for row in (plain, choice, accented)] == [
        "8d6fd667d5166cfdc37a67e1031b467466577946a16366aa7edb9c07ed63fd78",
        "d99038473ce3342eb13f758c1930964ce2ae6cda0a79d4f9063588803b99edd0",
        "6301aad21405872e8c01db00f0302abd1f04dc02bb10fa8e13bf0744156e17e7",
    ]
    assert question_id("zoo", plain) == "zoo/8d6fd667d5166cfd"
    assert unit_interval(content_hash(plain)) == 0.8027045155805412
    assert [assign_split(content_hash(row), SHARES) for row in (plain, choice, accented)] == [
        "test",
        "calibration",
        "calibration",
    ]


def test_ascii_whitespace_and_the_order_of_options_do_not_count() -> None:
    assert content_hash(raw(" a \t b\r\n")) == content_hash(raw("a b"))
    assert content_hash(raw("q", options=("x", "y "))) == content_hash(raw("q", options=("y", "x")))
    assert content_hash(raw("q", context="")) == content_hash(raw("q"))


@pytest.mark.parametrize(
    "other",
    [
        raw("Is it so?"),
        raw("is it\u00a0so?"),  # no-break space is not ASCII whitespace
        raw("is it so?", context="It is."),
        raw("is it so?", options=("yes", "no")),
        raw("is it so? yes no"),
    ],
)
def test_everything_that_is_asked_counts(other: RawQuestion) -> None:
    assert content_hash(other) != content_hash(raw("is it so?"))


def test_composed_and_decomposed_letters_are_different_texts() -> None:
    # Making them equal would need Unicode tables, which differ between Python versions.
    assert content_hash(raw("caf\u00e9")) != content_hash(raw("cafe\u0301"))


def test_references_and_description_do_not_count() -> None:
    assert content_hash(raw("q", reference="x", domain="law", part="dev")) == content_hash(raw("q"))


@given(texts, texts, texts)
def test_fields_cannot_run_into_each_other(question: str, context: str, rest: str) -> None:
    moved = raw(question + "x", context="y" + context)
    assert content_hash(moved) != content_hash(raw(question, context="xy" + context))
    assert content_hash(raw("q", options=(rest + ",", "b"))) != content_hash(
        raw("q", options=(rest, ",b"))
    )


@given(st.text(alphabet=st.characters(), max_size=20))
def test_any_text_has_a_hash(question: str) -> None:
    assert len(content_hash(raw(question))) == 64
    assert len(content_hash(raw(question + "\ud800"))) == 64


def test_the_module_uses_nothing_that_differs_between_versions_or_runs() -> None:
    tree = ast.parse(inspect.getsource(splits))
    called = {
        node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    }
    tables = {"lower", "upper", "casefold", "title", "normalize", "isalnum", "isspace", "split"}
    assert not called & (tables | {"hash", "random"})
    assert "sub" in called  # the walk sees calls at all
    assert splits._WHITESPACE.flags & splits.re.ASCII


def test_unit_interval_is_uniform() -> None:
    # Kolmogorov's distance of 20,000 uniform draws stays below 1.95 / sqrt(n) but once in 1,000.
    values = sorted(unit_interval(content_hash(raw(f"question {i}"))) for i in range(20_000))
    n = len(values)
    distance = max(max((i + 1) / n - v, v - i / n) for i, v in enumerate(values))
    assert values[0] >= 0 and values[-1] < 1
    assert distance < 1.95 / math.sqrt(n)


def test_shares_are_met_within_sampling_error() -> None:
    n = 20_000
    counts = Counter(assign_split(content_hash(raw(f"question {i}")), SHARES) for i in range(n))
    for split, share in SHARES.items():
        error = 4 * math.sqrt(share * (1 - share) / n)
        assert abs(counts[split] / n - share) < error


def test_splits_are_cut_in_a_fixed_order() -> None:
    hashes = [content_hash(raw(f"question {i}")) for i in range(2_000)]
    by_position = sorted(hashes, key=unit_interval)
    # The order in which the shares are written does not matter.
    reversed_shares = dict(reversed(SHARES.items()))
    assigned = [assign_split(content, reversed_shares) for content in by_position]
    assert assigned == sorted(assigned, key=SPLITS.index)


@given(st.text(min_size=1, max_size=20), st.sampled_from(SPLITS))
def test_a_share_of_one_takes_all_and_a_share_of_zero_none(text: str, split: str) -> None:
    shares = dict.fromkeys(SPLITS, 0.0) | {split: 1.0}
    assert assign_split(content_hash(raw(text)), shares) == split


def test_growing_the_training_share_only_moves_rows_into_it() -> None:
    hashes = [content_hash(raw(f"question {i}")) for i in range(500)]
    small = {h for h in hashes if assign_split(h, {"train": 0.3, "test": 0.7}) == "train"}
    large = {h for h in hashes if assign_split(h, {"train": 0.6, "test": 0.4}) == "train"}
    assert small < large


@pytest.mark.parametrize(
    ("shares", "message"),
    [
        ({"train": 0.5, "test": 0.4}, "not a division"),
        ({"train": 1.5, "test": -0.5}, "not a division"),
        ({}, "not a division"),
        ({"train": 0.5, "dev": 0.5}, "unknown split 'dev'"),
    ],
)
def test_wrong_shares_are_refused(shares: dict[str, float], message: str) -> None:
    with pytest.raises(CalibrantError, match=message):
        assign_split("0" * 64, shares)
