"""The stage: what becomes of the rows, what the account says, what is refused; and the script."""

import json
import os
import runpy
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.unit.baselines.answered import SCALE, graded

from calibrant.baselines.answer_probability import answer_probabilities
from calibrant.baselines.located_answers import GradedTexts, locate_answers
from calibrant.baselines.p_true import P_TRUE_VERSION
from calibrant.baselines.probe import PENALTIES, Probe
from calibrant.baselines.score_answers import ScoredAnswers, open_text_engine, score_answers
from calibrant.baselines.scored_settings import ScoreSettings
from calibrant.baselines.text_engine import TextEngine
from calibrant.elicitation.settings import Elicitation
from calibrant.engines.checkpoint import describe_checkpoint
from calibrant.engines.settings import Generation
from calibrant.errors import CalibrantError
from calibrant.files import read_json, write_json
from calibrant.model_settings import MadeModel
from calibrant.rows import Completion, Prediction, read_rows, write_rows
from calibrant.training.made_model import make_model

pytestmark = pytest.mark.usefixtures("one_thread")

ROOT = Path(__file__).parents[3]
NOTHING = GradedTexts()


def asked(number: int) -> str:
    return f"Station {number:02} 01. Will tomorrow be wet?\nAnswer yes or no.\n"


# Right where the answer is yes: the last state sees the answer, so a probe can tell.
GIVEN = graded(
    [
        (asked(1), "<answer>yes</answer><confidence>90</confidence>"),
        (asked(2), "<answer>no</answer><confidence>40</confidence>"),
        (asked(3), "I cannot say."),
        (asked(4), "<answer>yes</answer>"),
        (asked(5), "<answer>4<think><answer>5</answer></think>2</answer>"),
    ],
    [True, False, None, True, None],
)
FIT = graded(
    [
        (asked(number), f"<answer>{'yes' if number % 3 else 'no'}</answer>")
        for number in range(10, 50)
    ],
    [bool(number % 3) for number in range(10, 50)],
    split="calibration",
    name="fitted",
)


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "model"
    folder.mkdir()
    make_model(MadeModel(kind="made", layers=1, width=32, heads=2, feed_forward=32), folder, 5)
    write_json(folder / "manifest.json", describe_checkpoint(folder))
    return folder / "manifest.json"


def settings_for(score: str) -> ScoreSettings:
    return ScoreSettings.model_validate(
        {"method": f"base, {score}", "score": score,
         "fitted_on": ["fitted"] if score == "probe" else [],
         "elicitation": Elicitation(examples=0), "generation": Generation(batch_size=4)}
    )  # fmt: skip


@pytest.fixture(scope="module")
def engine(manifest: Path) -> TextEngine:
    return open_text_engine(manifest, settings_for("p_true"), lambda results, total: results)


def fit_of(score: str) -> GradedTexts:
    return FIT if score == "probe" else NOTHING


@pytest.mark.parametrize("score", ["answer_probability", "p_true", "probe"])
def test_the_confidence_is_replaced_and_the_truth_is_kept(engine, score):
    found = score_answers(GIVEN, fit_of(score), settings_for(score), 3, engine)
    for before, after in zip(GIVEN.predictions, found.rows, strict=True):
        assert after.method == f"base, {score}"
        assert after.recorded_confidence is None
        assert after.recorded_correct is None
        kept = replace(
            after, method="base", confidence=before.confidence, recorded_confidence=0.4,
            confidence_status=before.confidence_status, recorded_correct=True,
        )  # fmt: skip
        assert kept == before
        assert after.true_probability == 0.3
    statuses = [row.confidence_status for row in found.rows]
    assert statuses == ["ok", "ok", "no_answer", "ok", "answer_not_located"]
    known = [row.confidence for row in found.rows if row.confidence_status == "ok"]
    assert all(value is not None and 0 < value < 1 for value in known)
    assert all(row.confidence is None for row in found.rows if row.confidence_status != "ok")
    account = found.account
    assert account["answers"] == 5
    assert account["statuses"] == {"answer_not_located": 1, "no_answer": 1, "ok": 3}
    assert account["mean_confidence"] == pytest.approx(np.mean(known))
    assert account.get("prompt") == (P_TRUE_VERSION if score == "p_true" else None)
    assert ("probe" in account) == (score == "probe")


def test_the_answers_keep_their_places(engine):
    found = score_answers(GIVEN, NOTHING, settings_for("answer_probability"), 3, engine)
    located = locate_answers(GIVEN, SCALE)
    assert list(located) == [0, 1, 3]
    for at, answer in located.items():
        [alone] = answer_probabilities(engine, [answer])
        assert found.rows[at].confidence == pytest.approx(alone, rel=1e-4)


def test_a_probe_tells_right_from_wrong_where_the_states_do(engine):
    found = score_answers(GIVEN, FIT, settings_for("probe"), 3, engine)
    right, wrong, _, also_right, _ = (row.confidence for row in found.rows)
    assert min(right, also_right) > 0.9
    assert wrong < 0.1


def test_the_account_of_a_probe_is_enough_to_use_it_again(engine):
    found = score_answers(GIVEN, FIT, settings_for("probe"), 3, engine)
    account = json.loads(json.dumps(found.account))["probe"]
    assert (account["answers"], account["questions"]) == (40, 40)
    assert account["right"] == sum(number % 3 > 0 for number in range(10, 50))
    assert [pair[0] for pair in account["held_out_log_loss"]] == list(PENALTIES)
    assert account["penalty"] in PENALTIES
    ids = engine.encode(asked(1)) + engine.encode("<answer>yes")
    [(_, state)] = engine.last_states([ids])
    again = Probe.from_json(account).probabilities(state[None])
    assert again[0] == pytest.approx(found.rows[0].confidence, abs=1e-5)


def test_ungraded_answers_are_not_fitted_on_and_are_counted(engine):
    rows = [replace(row, correct=None) if at < 4 else row for at, row in enumerate(FIT.predictions)]
    fit = GradedTexts(rows, FIT.completions)
    account = score_answers(GIVEN, fit, settings_for("probe"), 3, engine).account["probe"]
    assert (account["answers"], account["left_out"]) == (36, 4)


def test_the_stated_confidence_of_an_answer_does_not_reach_its_score(engine):
    texts = [(asked(1), f"<answer>yes</answer><confidence>{c}</confidence>") for c in (0, 100)]
    for score in ("answer_probability", "p_true", "probe"):
        found = score_answers(graded(texts), fit_of(score), settings_for(score), 3, engine)
        low, high = (row.confidence for row in found.rows)
        assert low == pytest.approx(high, abs=1e-6)


@pytest.mark.parametrize("score", ["answer_probability", "p_true", "probe"])
def test_without_any_answer_there_is_no_mean(engine, score):
    given = graded([(asked(1), "I cannot say.")])
    found = score_answers(given, fit_of(score), settings_for(score), 3, engine)
    assert found.account["mean_confidence"] is None
    assert found.rows[0].confidence_status == "no_answer"


@pytest.mark.parametrize(("score", "fit"), [("probe", NOTHING), ("p_true", FIT)])
def test_a_probe_and_nothing_else_is_given_answers_to_fit_on(engine, score, fit):
    with pytest.raises(CalibrantError, match="a probe, and nothing else, is fitted"):
        score_answers(GIVEN, fit, settings_for(score), 3, engine)


def test_questions_fitted_on_are_scored_without_their_fold(engine):
    found = score_answers(FIT, FIT, settings_for("probe"), 3, engine)
    account = found.account["probe"]
    assert account["scored_without_their_fold"] == 40
    ids = engine.encode(asked(10)) + engine.encode("<answer>yes")
    [(_, state)] = engine.last_states([ids])
    [seen] = Probe.from_json(account).probabilities(state[None])
    assert found.rows[0].correct is True
    assert found.rows[0].confidence < seen
    other = score_answers(GIVEN, FIT, settings_for("probe"), 3, engine)
    assert other.account["probe"]["scored_without_their_fold"] == 0


def test_a_probe_is_not_fitted_on_another_split(engine):
    rows = [replace(row, split="test") for row in FIT.predictions]
    with pytest.raises(CalibrantError, match="is of the split test, and only rows of calibration"):
        score_answers(GIVEN, GradedTexts(rows, FIT.completions), settings_for("probe"), 3, engine)


def test_a_model_that_changed_is_refused(manifest: Path, tmp_path: Path):
    other = tmp_path / "manifest.json"
    other.write_text(manifest.read_text())
    with pytest.raises(CalibrantError, match="is not the file the manifest describes"):
        open_text_engine(other, settings_for("p_true"), lambda results, total: results)


def command_for(folder: Path, manifest: Path, score: str) -> list[str]:
    """Write the files and return the command; the answers to fit on lie in two files."""
    halves = [
        GradedTexts(FIT.predictions[part], FIT.completions[part])
        for part in (slice(0, 20), slice(20, None))
    ]
    fits = halves if score == "probe" else []
    for name, rows in [("given", GIVEN), *((f"fit{at}", half) for at, half in enumerate(fits))]:
        write_rows(folder / f"{name}.predictions.parquet", rows.predictions, Prediction)
        write_rows(folder / f"{name}.completions.parquet", rows.completions, Completion)
    settings: Any = settings_for(score).model_dump(mode="json")
    numbers = range(len(fits))
    command = [
        ROOT / "workflow/scripts/score_answers.py", "--root", folder,
        "--settings", json.dumps(settings), "--seed", "3", "--model", manifest,
        "--predictions", folder / "given.predictions.parquet",
        "--completions", folder / "given.completions.parquet",
        "--fit-predictions", *(folder / f"fit{at}.predictions.parquet" for at in numbers),
        "--fit-completions", *(folder / f"fit{at}.completions.parquet" for at in numbers),
        "--scored", folder / "scored.parquet", "--account", folder / "account.json",
    ]  # fmt: skip
    return list(map(str, command))


def assert_written(folder: Path, expected: ScoredAnswers) -> None:
    written = read_rows(folder / "scored.parquet", Prediction)
    for row, other in zip(written, expected.rows, strict=True):
        assert replace(row, confidence=None) == replace(other, confidence=None)
        if other.confidence is None:
            assert row.confidence is None
        else:
            assert row.confidence == pytest.approx(other.confidence, rel=1e-4)
    account = read_json(folder / "account.json")
    assert account["statuses"] == expected.account["statuses"]
    metrics = read_json(folder / "records/scored.parquet.json")["metrics"]
    assert metrics["answers"] == 5
    assert metrics["confidence.no_answer"] == 1
    assert metrics["mean_confidence"] == account["mean_confidence"]
    assert metrics.get("penalty") == account.get("probe", {}).get("penalty")


def test_the_script_writes_what_the_function_finds(engine, manifest, tmp_path, monkeypatch):
    command = command_for(tmp_path, manifest, "answer_probability")
    monkeypatch.setattr(sys, "argv", command)
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(command[0], run_name="__main__")
    assert ended.value.code == 0
    settings = settings_for("answer_probability")
    assert_written(tmp_path, score_answers(GIVEN, NOTHING, settings, 3, engine))


def test_a_probe_fitted_on_two_files_in_a_process_of_its_own(engine, manifest, tmp_path):
    """Its own process loads only what the script imports: all of it must be in the code digest."""
    done = subprocess.run(
        [sys.executable, *command_for(tmp_path, manifest, "probe")],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "workflow"), "OMP_NUM_THREADS": "1"},
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "warning" not in done.stdout
    assert_written(tmp_path, score_answers(GIVEN, FIT, settings_for("probe"), 3, engine))
