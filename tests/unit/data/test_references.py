import pytest

from calibrant.data.references import as_reference
from calibrant.rows import AnswerType


@pytest.mark.parametrize(
    ("answer", "answer_type", "reference"),
    [
        ("Yes", "yes_no", "yes"),
        ("FALSE", "yes_no", "no"),
        ("maybe", "yes_no", None),
        ("Maybe", "yes_no_maybe", "maybe"),
        ("probably", "yes_no_maybe", None),
        ("1,200 km", "number", "1,200 km"),
        ("Tuesday", "number", None),
        ("Tuesday", "short_text", "Tuesday"),
        ("", "open", None),
    ],
)
def test_references_by_answer_type(
    answer: str, answer_type: AnswerType, reference: str | None
) -> None:
    assert as_reference(answer, answer_type) == reference
