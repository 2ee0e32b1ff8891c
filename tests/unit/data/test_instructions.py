import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibrant.data.instructions import strip_instructions


@pytest.mark.parametrize(
    ("question", "stripped"),
    [
        ("Multiply: 2 * 3. Give only the result as your final answer.", "Multiply: 2 * 3."),
        ("How many? Give the result as your final answer. No units.", "How many? No units."),
        ("Day? Respond with just the number.", "Day? Respond with the number."),
        ("Who? Reply only with a name.", "Who? Reply with a name."),
        ("Solve it.\nOnly reply with the value.\n1 + 1", "Solve it.\nReply with the value.\n1 + 1"),
        ("Please only give the angle.", "Please give the angle."),
        ("Your output should be only the number.", "Your output should be the number."),
        ("Your final answer should just be the grid.", "Your final answer should be the grid."),
        ("Steps? Give only a number, no other text or formatting.", "Steps? Give a number."),
        (
            "1. Use '*'.\n2. Do not include any other text or formatting.\n",
            "1. Use '*'.",
        ),
        (
            "Find the rule. Describe your reasoning before you submit your answer. Go.",
            "Find the rule. Go.",
        ),
    ],
)
def test_orders_that_exclude_a_confidence_are_taken_out(question: str, stripped: str) -> None:
    assert strip_instructions(question) == stripped


@pytest.mark.parametrize(
    "question",
    [
        "She can only give three apples. How many remain?",
        "He will return just two books. How many has he?",
        "You can only use each number once.",
        "Solve for x and answer as a reduced fraction.",
        "State the final answer to the following arithmetic problem: 1 + 1 =",
        "How many units? Do not include units.",
        'How often does "l" occur in "only state the facts"?',
        "A grid:\n  1 \n 2  ",
    ],
)
def test_questions_and_the_form_of_an_answer_stay(question: str) -> None:
    assert strip_instructions(question) == question.strip()


PIECES = [
    *("Only ", "only ", "just ", "Give ", "reply ", "with ", "please ", "the ", "result "),
    *("as your final answer", "Do not include any other text", ". ", "? ", "\n", "7"),
]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_nothing_is_added_and_numbers_stay(question: str) -> None:
    stripped = strip_instructions(question)
    assert len(stripped) <= len(question)
    kept_with_orders = question.partition("Do not include")[0].count("7")
    assert stripped.count("7") >= kept_with_orders - question.count("your final answer")
