"""Rules of plain strings, on cases worked by hand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibrant.judging.case import Case
from calibrant.judging.string_rules import STRING_RULES

ADA = ("Ada Torvik",)


@pytest.mark.parametrize(
    ("references", "answer", "exact", "contained", "half"),
    [
        (ADA, "Ada Torvik", True, True, True),
        (ADA, "ada torvik.", True, True, True),
        (ADA, "It was Ada Torvik, in 1911", False, True, True),
        # Two shared of 2 + 7: F1 is 4 / 9.
        (ADA, "I think that it was Ada Torvik", False, True, False),
        # One shared of 2 + 2: F1 is exactly a half.
        (ADA, "Ada Lund", False, False, True),
        (ADA, "Ada of Lund", False, False, False),
        # In a row, and in this order.
        (ADA, "Torvik Ada", False, False, True),
        (ADA, "Ada the Torvik", True, True, True),
        # Whole words only.
        (("art",), "a party", False, False, False),
        (("Oslo", "Kristiania"), "Kristiania", True, True, True),
        (("seven",), "7", True, True, True),
        # A token counts as often as it is there: one shared of 1 + 3.
        (("no",), "no no no", False, True, True),
        (("no",), "no no no no", False, True, False),
        (ADA, "", False, False, False),
        (ADA, "not Ada Torvik", False, True, True),
    ],
)
def test_worked_cases(
    references: tuple[str, ...], answer: str, exact: bool, contained: bool, half: bool
) -> None:
    case = Case("Who won?", references, answer)
    found = {name: rule(case) for name, rule in STRING_RULES.items()}
    assert found == {
        "exact match": exact, "reference contained": contained, "token F1 of half": half,
    }  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=40), st.lists(st.text(max_size=20), min_size=1, max_size=3), st.randoms())
def test_the_order_of_references_does_not_matter(answer, references, random) -> None:
    shuffled = random.sample(references, len(references))
    for rule in STRING_RULES.values():
        assert rule(Case("q", tuple(references), answer)) == rule(
            Case("q", tuple(shuffled), answer)
        )


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet="abc ", min_size=1, max_size=20).filter(str.strip))
def test_a_reference_as_answer_passes_every_rule(reference: str) -> None:
    case = Case("q", ("other", reference), reference)
    assert all(rule(case) for rule in STRING_RULES.values())
