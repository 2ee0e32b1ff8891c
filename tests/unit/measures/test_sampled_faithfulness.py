"""Stated confidences against how often the same model gives an answer again."""

import numpy as np
import pytest

from calibrant.errors import CalibrantError
from calibrant.measures.sampled_faithfulness import measure_faithfulness
from calibrant.rows import Prediction, Question
from calibrant.stage_settings.measure import FaithfulnessSettings

SETTINGS = FaithfulnessSettings(replicates=200, level=0.95)
QUESTIONS = {
    f"sky/{at}": Question(f"sky/{at}", "sky", "weather", "test", "yes_no", "Wet?", ("yes",))
    for at in range(40)
}


def rows(answers: dict[int, list[tuple[str | None, float | None]]]) -> list[Prediction]:
    """Return predictions from question to (answer, confidence) of each sample."""
    return [
        Prediction(
            question_id=f"sky/{question}", dataset="sky", domain="weather", split="test",
            answer_type="yes_no", method="again", seed=17, sample=sample, completion="",
            answer=answer, confidence=sure,
            confidence_status="ok" if sure is not None else "no_confidence",
            correct=None if answer is None else answer == "yes", grade_reason="", grader="yes_no",
        )
        for question, given in answers.items()
        for sample, (answer, sure) in enumerate(given)
    ]  # fmt: skip


def measured(answers):
    return measure_faithfulness(rows(answers), QUESTIONS, SETTINGS, 3)


def test_worked_means() -> None:
    found = measured({
        0: [("yes", 1.0), ("yes", 1.0), ("yes", 0.7)],
        1: [("yes", 0.5), ("no", 0.5), ("no", 0.5)],
    })  # fmt: skip
    # Question 0: intrinsic 1, 1, 1. Question 1: 0, 1/2, 1/2.
    assert found["figures"]["mfg"]["value"] == pytest.approx(1 - (0 + 0 + 0.3 + 0.5 + 0 + 0) / 6)
    assert found["intrinsic_mean"] == pytest.approx(4 / 6)
    assert found["samples"] == {"fewest": 3, "most": 3}
    assert found["figures"]["support_width"]["value"] == 1.0


def test_right_or_wrong_does_not_matter() -> None:
    wrong = {at: [("no", 1.0), ("no", 1.0)] for at in range(5)}
    assert measured(wrong)["figures"]["mfg"]["value"] == 1.0


def test_answers_without_a_confidence_are_left_out_and_still_compared_with() -> None:
    found = measured({at: [("yes", 1.0), ("yes", None), (None, None)] for at in range(5)})
    assert found["figures"]["responses"] == 5
    assert found["figures"]["left_out"] == 10
    assert found["figures"]["mfg"]["value"] == 1.0


def test_a_model_that_says_how_sure_it_is_scores_higher_than_one_that_boasts() -> None:
    rng = np.random.default_rng(5)

    def answers(honest: bool):
        found = {}
        for at in range(40):
            p = rng.choice([0.5, 0.7, 0.95])
            said = np.where(rng.random(16) < p, "yes", "no")
            found[at] = [(str(a), (p if a == "yes" else 1 - p) if honest else 0.95) for a in said]
        return found

    found = [measured(answers(kind)) for kind in (True, False)]
    honest, boastful = (item["figures"]["cmfg_star"] for item in found)
    assert honest["low"] > boastful["high"]
    # What can be reached depends on the answers and not on what is stated with them.
    for item in found:
        reach = item["attainable"]["cmfg_star"]
        assert reach["low"] <= reach["value"] <= reach["high"] < 1
        assert honest["value"] == pytest.approx(reach["value"], abs=0.03)


def test_one_answer_per_question_is_refused() -> None:
    with pytest.raises(CalibrantError, match="nothing to compare it with"):
        measured({0: [("yes", 1.0)], 1: [("no", 1.0)]})


def test_an_unknown_question_is_refused() -> None:
    with pytest.raises(CalibrantError, match="not in sky"):
        measured({99: [("yes", 1.0), ("yes", 1.0)]})
