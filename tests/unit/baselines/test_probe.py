"""A probe against scikit-learn, on states that separate, on states that say nothing; real states."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.baselines.answered import prompt_of

from calibrant.baselines.probe import PENALTIES, Probe, fit_logistic, fit_probe
from calibrant.baselines.question_folds import MOST_FOLDS, question_folds
from calibrant.baselines.text_engine import TextEngine
from calibrant.engines.settings import Generation
from calibrant.errors import CalibrantError


def cloud(n: int, width: int, strength: float, seed: int = 0):
    """Return states whose first number tells right from wrong, in units of its own spread."""
    chance = np.random.default_rng(seed)
    labels = chance.random(n) < 0.6
    states = chance.normal(size=(n, width)) * 5 + 2
    states[:, 0] += strength * 5 * np.where(labels, 1, -1)
    return states, labels.tolist(), [f"q/{at}" for at in range(n)]


@pytest.mark.parametrize("penalty", [0.1, 1.0, 100.0, 1e5])
@pytest.mark.parametrize(("n", "width"), [(60, 4), (30, 80)])
def test_the_regression_is_that_of_scikit_learn(n, width, penalty):
    linear_model = pytest.importorskip("sklearn.linear_model")
    states, labels, _ = cloud(n, width, 0.5)
    columns = (states - states.mean(axis=0)) / states.std(axis=0)
    coefficients, intercept = fit_logistic(columns, np.asarray(labels, dtype=float), penalty)
    oracle = linear_model.LogisticRegression(C=1 / penalty, tol=1e-10, max_iter=10_000)
    oracle.fit(columns, labels)
    assert coefficients == pytest.approx(oracle.coef_[0], abs=1e-4)
    assert intercept == pytest.approx(float(oracle.intercept_[0]), abs=1e-4)


@pytest.mark.parametrize(("n", "width"), [(80, 4), (40, 90)])
def test_the_probe_is_scikit_learn_s_choice_and_fit_on_the_same_folds(n, width):
    linear_model = pytest.importorskip("sklearn.linear_model")
    metrics = pytest.importorskip("sklearn.metrics")
    states, labels, questions = cloud(n, width, 0.6)
    y = np.asarray(labels, dtype=float)
    fitted = fit_probe(states, labels, questions, 5)
    folds = question_folds(y, questions, 5)
    columns = (states - states.mean(axis=0)) / states.std(axis=0)

    def oracle(penalty: float, rows: np.ndarray):
        model = linear_model.LogisticRegression(C=1 / penalty, tol=1e-10, max_iter=10_000)
        return model.fit(columns[rows], y[rows])

    losses = []
    for penalty in PENALTIES:
        chances = np.empty(n)
        for fold in range(MOST_FOLDS):
            out = folds == fold
            chances[out] = oracle(penalty, ~out).predict_proba(columns[out])[:, 1]
        losses.append(metrics.log_loss(y, chances))
    assert fitted.losses == pytest.approx(losses, rel=1e-4)
    assert fitted.penalty == PENALTIES[int(np.argmin(losses))]
    expected = oracle(fitted.penalty, np.full(n, True)).predict_proba(columns)[:, 1]
    assert fitted.probe.probabilities(states) == pytest.approx(expected, abs=1e-4)


def test_a_question_fitted_on_is_scored_by_scikit_learn_s_fit_on_the_other_folds():
    linear_model = pytest.importorskip("sklearn.linear_model")
    states, labels, _ = cloud(80, 6, 0.6)
    questions = [f"q/{at // 2}" for at in range(80)]
    y = np.asarray(labels, dtype=float)
    fitted = fit_probe(states, labels, questions, 5)
    folds = question_folds(y, questions, 5)
    columns = (states - states.mean(axis=0)) / states.std(axis=0)
    expected = np.empty(80)
    for fold in range(MOST_FOLDS):
        out = folds == fold
        model = linear_model.LogisticRegression(C=1 / fitted.penalty, tol=1e-10, max_iter=10_000)
        expected[out] = model.fit(columns[~out], y[~out]).predict_proba(columns[out])[:, 1]
    assert fitted.probabilities(states, questions) == pytest.approx(expected, abs=1e-4)
    new = [f"new/{at}" for at in range(80)]
    assert (fitted.probabilities(states, new) == fitted.probe.probabilities(states)).all()


def test_scores_of_questions_fitted_on_are_not_flattered_by_their_grades():
    """Grades by chance, more numbers than answers: a fit repeats the grades it has seen."""
    chance = np.random.default_rng(8)
    states, labels = chance.normal(size=(100, 300)), (chance.random(100) < 0.5).tolist()
    questions = [f"q/{at}" for at in range(100)]
    fitted = fit_probe(states, labels, questions, 0)
    seen = fitted.probe.probabilities(states)
    assert np.mean((seen > 0.5) == np.asarray(labels)) > 0.85
    apart = fitted.probabilities(states, questions)
    assert np.mean((apart > 0.5) == np.asarray(labels)) < 0.65


def test_states_that_separate_are_told_apart_on_other_answers():
    states, labels, questions = cloud(120, 30, 3.0, seed=1)
    fitted = fit_probe(states, labels, questions, 0)
    other, truth, _ = cloud(200, 30, 3.0, seed=2)
    chances = fitted.probe.probabilities(other)
    assert np.mean((chances > 0.5) == np.asarray(truth)) > 0.97
    assert fitted.penalty < PENALTIES[-1]


@pytest.mark.parametrize("seed", range(5))
def test_states_that_say_nothing_do_little_harm_on_other_answers(seed):
    states, labels, questions = cloud(150, 40, 0.0, seed)
    fitted = fit_probe(states, labels, questions, 0)
    assert fitted.penalty >= 100
    other, truth, _ = cloud(2000, 40, 0.0, seed + 100)
    constant = log_loss(np.full(2000, np.mean(labels)), truth)
    loss = log_loss(fitted.probe.probabilities(other), truth)
    assert loss < constant + 0.03
    # Without the penalty the same states would cost much more.
    columns = (states - states.mean(axis=0)) / states.std(axis=0)
    free, start = fit_logistic(columns, np.asarray(labels, dtype=float), 1e-3)
    log_odds = (other - states.mean(axis=0)) / states.std(axis=0) @ free + start
    assert log_loss(1 / (1 + np.exp(-log_odds)), truth) > constant + 0.1


def log_loss(chances: np.ndarray, truth: list[bool]) -> float:
    return float(-np.mean(np.log(np.where(truth, chances, 1 - chances))))


def test_repeats_of_a_question_do_not_pass_for_evidence():
    """States that name the question: answers to one are all alike, and another tells nothing."""
    chance = np.random.default_rng(4)
    per_question = chance.normal(size=(30, 60))
    grades = chance.random(30) < 0.5
    states = np.repeat(per_question, 8, axis=0)
    labels = np.repeat(grades, 8).tolist()
    grouped = fit_probe(states, labels, [f"q/{at // 8}" for at in range(240)], 0)
    mixed = fit_probe(states, labels, [f"q/{at}" for at in range(240)], 0)
    assert min(mixed.losses) < 0.1
    assert min(grouped.losses) > 0.5
    assert grouped.penalty > mixed.penalty


def test_neither_the_unit_nor_the_origin_of_a_state_matters_nor_a_constant():
    states, labels, questions = cloud(60, 5, 0.7)
    units = np.array([1e-3, 1.0, 10.0, 1e4, 7.0])
    moved = np.hstack([states * units + 3, np.full((60, 1), 0.1)])
    first, second = (fit_probe(rows, labels, questions, 1) for rows in (states, moved))
    assert second.penalty == first.penalty
    assert second.probe.probabilities(moved) == pytest.approx(
        first.probe.probabilities(states), abs=1e-6
    )
    assert second.probe.weights[-1] == 0


def test_states_that_are_all_alike_give_the_share_of_right_answers():
    fitted = fit_probe(np.ones((8, 3)), [True] * 6 + [False] * 2, [f"q/{at}" for at in range(8)], 0)
    assert fitted.penalty == PENALTIES[-1]
    assert fitted.probe.probabilities(np.ones((1, 3)))[0] == pytest.approx(0.75)


def test_the_seed_decides_the_folds_and_the_order_of_rows_does_not():
    states, labels, questions = cloud(60, 5, 0.7)
    first = fit_probe(states, labels, questions, 1)
    order = np.random.default_rng(0).permutation(60)
    shuffled = fit_probe(
        states[order], [labels[at] for at in order], [questions[at] for at in order], 1
    )
    assert shuffled.losses == pytest.approx(first.losses)
    assert shuffled.probe.weights == pytest.approx(first.probe.weights)
    assert fit_probe(states, labels, questions, 2).losses != pytest.approx(first.losses)


def test_a_probe_survives_its_json():
    states, labels, questions = cloud(40, 5, 0.7)
    probe = fit_probe(states, labels, questions, 1).probe
    again = Probe.from_json(json.loads(json.dumps(probe.to_json())))
    assert (again.probabilities(states) == probe.probabilities(states)).all()


def test_states_of_another_model_are_refused():
    probe = Probe(np.zeros(3), 0.0)
    with pytest.raises(CalibrantError, match="reads 3 numbers"):
        probe.probabilities(np.zeros((2, 4)))


@pytest.mark.parametrize("labels", [[True] * 4, [True, False, True, True], [False] * 3 + [True]])
def test_too_few_right_or_wrong_questions_are_refused(labels):
    with pytest.raises(CalibrantError, match="two questions with a right answer"):
        fit_probe(np.eye(4), labels, ["a", "b", "c", "d"], 0)


def test_ten_samples_of_one_question_are_one_question():
    with pytest.raises(CalibrantError, match="there are 1 and 1"):
        fit_probe(np.eye(10), [True, False] * 5, ["a"] * 10, 0)


def test_a_state_that_is_not_finite_is_refused():
    states, labels, questions = cloud(10, 2, 1.0)
    states[3, 1] = np.nan
    with pytest.raises(CalibrantError, match="not finite"):
        fit_probe(states, labels, questions, 0)


ROWS = st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=4, max_size=40)


@settings(max_examples=200)
@given(ROWS, st.integers(0, 5))
def test_folds_keep_questions_whole_and_every_rest_has_both_grades(rows, seed):
    questions = [f"q/{question}" for question, _ in rows]
    labels = np.asarray([float(label) for _, label in rows])
    kinds = [{q for q, label in zip(questions, labels, strict=True) if label == y} for y in (0, 1)]
    if min(map(len, kinds)) < 2:
        with pytest.raises(CalibrantError):
            question_folds(labels, questions, seed)
        return
    folds = question_folds(labels, questions, seed)
    assert len({(q, f) for q, f in zip(questions, folds.tolist(), strict=True)}) == len(
        set(questions)
    )
    assert set(folds.tolist()) == set(range(min(MOST_FOLDS, len(set(questions)))))
    for fold in set(folds.tolist()):
        assert set(labels[folds != fold]) == {0, 1}


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("batch_size", [1, 3])
def test_states_are_those_of_a_forward_pass_by_hand(sharp_model, reference, batch_size):
    import torch

    engine = TextEngine(sharp_model, Generation(batch_size=batch_size))
    texts = [
        engine.encode(prompt_of("Two and two?") + "<answer>4"),
        engine.encode(prompt_of("Two and three, or so?") + "<answer>five"),
        engine.encode(prompt_of("?") + "<answer>Ada"),
        engine.encode("no common beginning"),
    ]
    for chosen in (texts, texts[:2], texts[:1]):
        found = dict(engine.last_states(chosen))
        assert sorted(found) == list(range(len(chosen)))
        for index, ids in enumerate(chosen):
            with torch.no_grad():
                states = reference(torch.tensor([ids]), output_hidden_states=True).hidden_states
            assert found[index] == pytest.approx(states[-1][0, -1].double().numpy(), abs=1e-3)


def test_a_text_longer_than_the_context_is_refused(sharp_model):
    engine = TextEngine(sharp_model, Generation())
    with pytest.raises(CalibrantError, match="ends after 2049 tokens, the model reads 2048"):
        list(engine.last_states([[5] * 2049]))


def test_no_texts_have_no_states(sharp_model):
    assert list(TextEngine(sharp_model, Generation()).last_states([])) == []
