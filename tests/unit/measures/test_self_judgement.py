"""A model asked how faithful its first answers were, and its forecasts against its other answers."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, roc_auc_score

from calibrant.data.settings import DatasetUse
from calibrant.elicitation.settings import Elicitation
from calibrant.engines.interface import Reply, Request
from calibrant.engines.settings import Generation
from calibrant.engines.transformers_engine import TransformersEngine
from calibrant.errors import CalibrantError
from calibrant.measures.ask_self_judgement import ask_self_judgement
from calibrant.measures.forecast_rows import Forecast, read_forecasts, write_forecasts
from calibrant.measures.self_judged_figures import measure_self_judgement
from calibrant.rows import Prediction, Question
from calibrant.stage_settings.answers import GenerateSettings
from calibrant.stage_settings.self_judgement import SelfJudgedSettings, SelfJudgeSettings

QUESTIONS = {
    f"sky/{at}": Question(
        f"sky/{at}", "sky", "weather", "test", "yes_no", f"Wet on day {at}?", ("yes",)
    )
    for at in range(60)
}
FIGURES = SelfJudgedSettings(tolerance=0.1, bins=5, replicates=200, level=0.95)


def asked(**generation: object) -> SelfJudgeSettings:
    generate = GenerateSettings(
        method="again",
        use=DatasetUse(dataset="sky"),
        elicitation=Elicitation(format="answer_confidence", scale="percent", examples=0),
        generation=Generation(max_new_tokens=16, **generation),
    )
    return SelfJudgeSettings(generate=generate)


def rows(answers: dict[int, list[tuple[str | None, float | None]]]) -> list[Prediction]:
    """Return predictions from question to (answer, confidence) of each sample."""
    return [
        Prediction(
            question_id=f"sky/{question}", dataset="sky", domain="weather", split="test",
            answer_type="yes_no", method="again", seed=17, sample=sample,
            completion=f"<answer>{answer}</answer> written as number {sample}",
            answer=answer, confidence=sure,
            confidence_status="ok" if sure is not None else "no_confidence",
            correct=None if answer is None else answer == "yes", grade_reason="", grader="yes_no",
        )
        for question, given in answers.items()
        for sample, (answer, sure) in enumerate(given)
    ]  # fmt: skip


class Replying:
    """Answers the last request first, each question with its own reply."""

    def __init__(self, replies: dict[int, str]) -> None:
        self.replies = replies
        self.requests: list[Request] = []

    def generate(self, requests: Sequence[Request]) -> Iterator[Reply]:
        self.requests = list(requests)
        for index in reversed(range(len(requests))):
            day = requests[index].messages[-3]["content"].split("day ")[1].split("?")[0]
            yield Reply(index, "", self.replies[int(day)], "stop", 5)


def test_the_first_answer_alone_is_asked_about_and_the_others_alone_judge_it() -> None:
    given = {
        # Two of three others agree.
        0: [("yes", 0.7), ("yes", 0.1), ("no", 0.1), ("yes", 0.1)],
        # None of them does.
        1: [("no", 0.9), ("yes", 0.9), ("yes", 0.9), ("yes", 0.9)],
    }
    engine = Replying({0: "<match>80</match>", 1: "<match>35</match> or so"})
    found = ask_self_judgement(rows(given), QUESTIONS, asked(), engine)
    assert [(row.question_id, row.forecast, row.stated) for row in found] == [
        ("sky/0", 0.8, 0.7), ("sky/1", 0.35, 0.9),
    ]  # fmt: skip
    assert [row.intrinsic for row in found] == [pytest.approx(2 / 3), 0.0]
    for request in engine.requests:
        assert [message["role"] for message in request.messages[-3:]] == [
            "user", "assistant", "user",
        ]  # fmt: skip
        assert request.messages[-2]["content"].endswith("written as number 0")
        assert "from 0 to 100" in request.messages[-1]["content"]


def test_rows_in_another_order_give_the_same_forecasts() -> None:
    given = {at: [("yes", 0.9), ("yes", 0.2), ("no", 0.3)] for at in range(4)}
    engine = Replying(dict.fromkeys(range(4), "<match>50</match>"))
    straight = ask_self_judgement(rows(given), QUESTIONS, asked(), engine)
    turned = ask_self_judgement(rows(given)[::-1], QUESTIONS, asked(), engine)
    assert sorted(turned, key=lambda row: row.question_id) == straight


@pytest.mark.parametrize(
    ("stated", "tolerance", "faithful"),
    [(0.9, 0.1, 1), (0.89, 0.1, 0), (0.89, 0.11, 1), (0.5, 0.5, 1), (1.0, 0.01, 1)],
)
def test_the_tolerance_itself_counts_as_within(stated, tolerance, faithful) -> None:
    engine = Replying({0: "<match>50</match>"})
    given = {0: [("yes", stated), ("yes", 0.1), ("yes", 0.1)]}
    found = ask_self_judgement(rows(given), QUESTIONS, asked(), engine)
    assert found[0].intrinsic == 1.0
    figures = measure_self_judgement(found, FIGURES.model_copy(update={"tolerance": tolerance}), 3)
    assert figures["view"]["measures"]["accuracy"]["value"] == faithful
    assert figures["settings"]["tolerance"] == tolerance


@pytest.mark.parametrize(
    ("given", "stated"),
    [
        ([("yes", None), ("yes", 0.5), ("yes", 0.5)], None),
        ([(None, 0.5), ("yes", 0.5), ("yes", 0.5)], 0.5),
        ([("yes", 0.5), (None, None), (None, None)], 0.5),
    ],
)
def test_what_is_not_known_to_be_faithful_is_neither_faithful_nor_not(given, stated) -> None:
    engine = Replying({0: "<match>100</match>"})
    [row] = ask_self_judgement(rows({0: given}), QUESTIONS, asked(), engine)
    assert row.stated == stated and row.forecast == 1.0
    figures = measure_self_judgement([row], FIGURES, 3)
    assert figures["counts"] == {"asked": 1, "unread": 0, "not_known": 1}
    assert figures["view"]["counts"]["n"] == 0


@pytest.mark.parametrize(
    "reply", ["", "80", "<match>140</match>", "<match>very</match>", "<match>8"]
)
def test_a_reply_without_a_forecast_stays_without_one(reply) -> None:
    given = {0: [("yes", 0.9), ("yes", 0.9)]}
    [row] = ask_self_judgement(rows(given), QUESTIONS, asked(), Replying({0: reply}))
    assert row.forecast is None and row.reply == reply
    assert (row.stated, row.intrinsic) == (0.9, 1.0)


@pytest.mark.parametrize(
    ("given", "said"),
    [({0: [("yes", 1.0)]}, "one answer to a question"), ({99: [("yes", 1.0)] * 2}, "not in sky")],
)
def test_nothing_to_compare_with_is_refused(given, said) -> None:
    with pytest.raises(CalibrantError, match=said):
        ask_self_judgement(rows(given), QUESTIONS, asked(), Replying({}))


def test_a_request_left_unanswered_is_an_error() -> None:
    class Silent:
        def generate(self, requests: Sequence[Request]) -> Iterator[Reply]:
            return iter(())

    with pytest.raises(CalibrantError, match="0 of 1"):
        ask_self_judgement(rows({0: [("yes", 1.0)] * 2}), QUESTIONS, asked(), Silent())


def test_a_real_model_is_asked_and_its_noise_is_counted(tiny_model: Path) -> None:
    settings = asked(batch_size=2)
    engine = TransformersEngine(tiny_model, settings.generate.generation)
    given = {at: [("yes", 0.9), ("yes", 0.9)] for at in range(3)}
    found = ask_self_judgement(rows(given), QUESTIONS, settings, engine)
    figures = measure_self_judgement(found, FIGURES, 3)
    assert figures["counts"] == {"asked": 3, "unread": 3, "not_known": 0}
    assert figures["unread"]["value"] == 1.0
    assert figures["view"]["measures"]["brier"]["value"] is None


def forecasts(said: Sequence[float | None], gold: Sequence[int | None]) -> list[Forecast]:
    intrinsic = {None: None, 0: 0.0, 1: 0.5}
    return [
        Forecast(f"sky/{at}", "sky", "again", 17, "", forecast, 0.5, intrinsic[faithful])
        for at, (forecast, faithful) in enumerate(zip(said, gold, strict=True))
    ]


def test_figures_are_those_of_sklearn_on_what_is_known() -> None:
    rng = np.random.default_rng(4)
    said: list[float | None] = [float(value) for value in np.round(rng.random(60), 2)]
    gold: list[int | None] = [int(rng.random() < value) for value in said]
    said[3], gold[7], said[11], gold[11] = None, None, None, None
    found = measure_self_judgement(forecasts(said, gold), FIGURES, 3)
    both = [(f, g) for f, g in zip(said, gold, strict=True) if f is not None and g is not None]
    known_said, known_gold = zip(*both, strict=True)
    figures = found["view"]["measures"]
    assert figures["brier"]["value"] == pytest.approx(brier_score_loss(known_gold, known_said))
    assert figures["auroc"]["value"] == pytest.approx(roc_auc_score(known_gold, known_said))
    assert figures["mean_confidence"]["value"] == pytest.approx(np.mean(known_said))
    assert figures["accuracy"]["value"] == np.mean([g for g in gold if g is not None])
    assert found["view"]["constant"]["mean_confidence"] == pytest.approx(np.mean(known_gold))
    assert found["counts"] == {"asked": 60, "unread": 2, "not_known": 2}
    assert found["unread"]["value"] == pytest.approx(2 / 60)
    for figure in (found["unread"], *(figures[name] for name in ("brier", "auroc", "accuracy"))):
        assert figure["low"] < figure["value"] < figure["high"]


def test_a_model_that_knows_itself_beats_the_best_constant_and_one_that_does_not_cannot() -> None:
    gold = [at % 3 > 0 for at in range(60)]
    knows = measure_self_judgement(forecasts([0.9 if g else 0.1 for g in gold], gold), FIGURES, 3)
    boasts = measure_self_judgement(forecasts([0.95] * 60, gold), FIGURES, 3)
    constant = knows["view"]["constant"]["brier"]
    assert knows["view"]["measures"]["brier"]["high"] < constant
    assert boasts["view"]["measures"]["brier"]["value"] > constant
    assert boasts["view"]["measures"]["auroc"]["value"] == 0.5


def test_forecasts_come_back_from_their_file(tmp_path: Path) -> None:
    written = forecasts([0.5, None, 0.0], [1, 0, None])
    write_forecasts(tmp_path / "a.parquet", written)
    assert read_forecasts(tmp_path / "a.parquet") == written
    write_forecasts(tmp_path / "b.parquet", written)
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    with pytest.raises(CalibrantError, match="not a table of forecasts"):
        read_forecasts(path)
    path.write_bytes(b"PAR1 not really")
    with pytest.raises(CalibrantError, match="not a table of forecasts"):
        read_forecasts(path)


def test_nothing_asked_is_nothing_measured() -> None:
    with pytest.raises(CalibrantError, match="no forecast"):
        measure_self_judgement([], FIGURES, 3)
