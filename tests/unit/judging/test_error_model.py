"""The error model: whose errors are used, what is refused, and that corrections are unbiased."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from calibrant.errors import CalibrantError
from calibrant.files import read_json, write_json
from calibrant.judging.agreement_figures import Resampling
from calibrant.judging.corrected_rate import CountedShare, rogan_gladen
from calibrant.judging.error_model import ErrorModel, Source, fit_error_model
from calibrant.judging.paired_verdicts import paired_verdicts
from calibrant.judging.settings import Limits
from calibrant.rewards.noise import corrected_label

QUICK = Resampling(seed=4, replicates=200)
SOURCE = Source(judge="panel", prompt_version="2", dataset="made-up")


def judged(human, sensitivity, specificity, seed=0):
    generator = np.random.default_rng(seed)
    return generator.random(len(human)) < np.where(human, sensitivity, 1 - specificity)


def rows_by_domain(sizes):
    """Return human verdicts, the judge's and domains; sizes are right, wrong, errors in each."""
    human, judge, domain = [], [], []
    for name, (right, wrong, missed, passed) in sizes.items():
        human += [1] * right + [0] * wrong
        judge += [0] * missed + [1] * (right - missed) + [1] * passed + [0] * (wrong - passed)
        domain += [name] * (right + wrong)
    return np.array(human), np.array(judge), np.array(domain)


def model_of(sizes, limits=None):
    human, judge, domain = rows_by_domain(sizes)
    return fit_error_model(paired_verdicts(human, judge), domain, SOURCE, QUICK, limits)


SIZES = {"law": (100, 50, 10, 10), "medicine": (40, 60, 8, 6), "tax": (60, 10, 6, 4)}


def known_model(sensitivity, specificity):
    """Return a model that knows the errors of its judge."""
    share = {"low": 0.0, "high": 1.0, "worth": 1e6}
    youden = sensitivity + specificity - 1
    errors = {
        "right": 10**6,
        "wrong": 10**6,
        "sensitivity": share | {"value": sensitivity},
        "specificity": share | {"value": specificity},
        "youden": {"value": youden, "low": youden, "high": youden},
    }
    return ErrorModel.from_json(
        {
            "version": 1,
            "source": SOURCE.model_dump(),
            "limits": {},
            "level": 0.95,
            "domains": {"*": errors},
        }
    )


def test_a_domain_is_corrected_with_its_own_errors_if_they_rest_on_enough():
    model = model_of(SIZES)
    law, tax = model.for_domain("law"), model.for_domain("tax")
    assert law.measured_in == "law"
    assert (law.sensitivity.value, law.specificity.value) == pytest.approx((0.9, 0.8))
    # 60 right answers, but 10 wrong ones: the errors of all 320 answers.
    assert tax.measured_in == "*"
    assert (tax.sensitivity.value, tax.specificity.value) == pytest.approx((176 / 200, 100 / 120))
    assert model.domains["tax"].specificity.value == pytest.approx(0.6)
    assert model.for_domain("never seen") == model.for_domain("tax")
    assert model_of(SIZES, Limits(least=10)).for_domain("tax").measured_in == "tax"


def test_labels_are_corrected_domain_by_domain():
    labels = model_of(SIZES).correct([1, 0, 1], ["law", "law", "medicine"])
    assert labels.tolist() == pytest.approx(
        [*corrected_label([1, 0], 0.9, 0.8), *corrected_label([1], 0.8, 0.9)]
    )


@settings(max_examples=25, deadline=None)
@given(st.floats(0, 1), st.floats(0.6, 1), st.floats(0.6, 1), st.integers(0, 10**6))
def test_labels_corrected_with_the_true_errors_have_the_true_mean(
    p, sensitivity, specificity, seed
):
    n = 100_000
    human = np.random.default_rng(seed).random(n) < p
    verdicts = judged(human, sensitivity, specificity, seed + 1)
    labels = known_model(sensitivity, specificity).correct(verdicts, ["any"] * n)
    # The labels take two values 1 / youden apart, so their mean has at most this standard error.
    error = 0.5 / (sensitivity + specificity - 1) / np.sqrt(n)
    assert labels.mean() == pytest.approx(p, abs=6 * error)


def test_uncorrected_verdicts_do_not_have_the_true_mean():
    human = np.random.default_rng(2).random(100_000) < 0.3
    verdicts = judged(human, 0.9, 0.8)
    assert verdicts.mean() == pytest.approx(0.41, abs=0.01)
    labels = known_model(0.9, 0.8).correct(verdicts, ["any"] * 100_000)
    assert labels.mean() == pytest.approx(0.3, abs=0.01)


def test_a_judge_that_may_be_no_better_than_chance_corrects_nothing():
    coin = model_of({"law": (100, 100, 48, 50)})
    assert coin.for_domain("law").youden.value > 0
    for correct in (
        lambda: coin.correct([1, 0], ["law", "law"]),
        lambda: coin.corrected_rate([1, 0], "law"),
    ):
        with pytest.raises(CalibrantError, match=r"domain 'law'.*cannot be corrected") as error:
            correct()
        assert error.value.where == "judge panel (2) on made-up"


def test_a_bad_domain_is_refused_though_all_domains_together_are_good():
    model = model_of({"law": (200, 200, 10, 10), "medicine": (50, 50, 25, 25)})
    model.correct([1], ["law"])
    model.correct([1], ["tax"])
    with pytest.raises(CalibrantError, match="'medicine'"):
        model.correct([1, 1], ["law", "medicine"])


def test_the_whole_interval_must_lie_above_the_floor_a_study_sets():
    low = model_of(SIZES).for_domain("law").youden.low
    assert 0.5 < low < 0.7
    model_of(SIZES, Limits(least_youden=low - 1e-6)).correct([1], ["law"])
    with pytest.raises(CalibrantError, match="not surely above"):
        model_of(SIZES, Limits(least_youden=low)).correct([1], ["law"])


@pytest.mark.parametrize("sizes", [(29, 100, 2, 2), (100, 29, 2, 2), (100, 0, 2, 0)])
def test_too_few_human_verdicts_are_refused(sizes):
    with pytest.raises(CalibrantError, match=f"{sizes[0]} answers right and {sizes[1]} wrong"):
        model_of({"law": sizes}).correct([1], ["law"])


def test_a_model_without_an_error_in_its_sample_does_not_claim_certainty():
    law = model_of({"law": (40, 40, 0, 0)}).for_domain("law")
    assert law.sensitivity.value == 1 and law.sensitivity.low < 0.95 and law.youden.low < 0.9


def test_json_gives_the_model_back(tmp_path):
    model = model_of(SIZES | {"lab": (20, 0, 1, 0)})
    write_json(tmp_path / "errors.json", model.to_json())
    assert ErrorModel.from_json(read_json(tmp_path / "errors.json")) == model
    assert model.domains["lab"].specificity is None


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"version": 2}, "version"),
        ({"level": "high"}, "level"),
        ({"domains": {}}, "all domains together"),
        ({"extra": 1}, "extra"),
    ],
)
def test_json_that_is_no_error_model_is_refused(change, what):
    with pytest.raises(CalibrantError, match=what) as error:
        ErrorModel.from_json(model_of(SIZES).to_json() | change, where="errors.json")
    assert error.value.where == "errors.json"


def test_what_cannot_be_corrected_is_refused():
    model = model_of(SIZES)
    with pytest.raises(CalibrantError, match="neither right"):
        model.correct([0.7], ["law"])
    with pytest.raises(CalibrantError, match="shape"):
        model.correct([1, 0], ["law"])
    with pytest.raises(CalibrantError, match="no verdicts"):
        model.corrected_rate([], "law")


def test_a_rate_corrected_by_hand():
    found = model_of(SIZES).corrected_rate([1] * 41 + [0] * 59, "law")
    # (.41 + .8 - 1) / (.9 + .8 - 1)
    assert float(found.value) == pytest.approx(0.3)
    assert float(found.low) < 0.3 < float(found.high)


def test_the_mean_of_corrected_labels_is_the_corrected_rate():
    model, verdicts = model_of(SIZES), [1] * 30 + [0] * 25
    labels = model.correct(verdicts, ["law"] * 55)
    assert labels.mean() == pytest.approx(float(model.corrected_rate(verdicts, "law").value))


def test_answers_repeated_within_their_question_add_no_certainty_to_a_rate():
    model, verdicts = model_of(SIZES), np.array([1] * 30 + [0] * 25)
    once = model.corrected_rate(verdicts, "law")
    repeated = model.corrected_rate(np.repeat(verdicts, 6), "law", np.repeat(np.arange(55), 6))
    assert (repeated.low, repeated.high) == pytest.approx((once.low, once.high))
    naive = model.corrected_rate(np.repeat(verdicts, 6), "law")
    assert naive.high - naive.low < 0.75 * (once.high - once.low)


def test_with_many_verdicts_the_interval_is_the_delta_method():
    q, a, b, t = 0.41, 0.9, 0.8, 0.3
    found = rogan_gladen(CountedShare(q, 1e6), CountedShare(a, 2e5), CountedShare(b, 1e5))
    variance = q * (1 - q) / 1e6 + t**2 * a * (1 - a) / 2e5 + (1 - t) ** 2 * b * (1 - b) / 1e5
    reach = norm.ppf(0.975) * np.sqrt(variance) / 0.7
    assert float(found.low) == pytest.approx(t - reach, abs=0.01 * reach)
    assert float(found.high) == pytest.approx(t + reach, abs=0.01 * reach)


def simulated(p, errors, sizes, runs=2000):
    """Return samples of judged answers and of right and wrong ones that people judged."""
    generator, (sensitivity, specificity) = np.random.default_rng(11), errors
    said_right = p * sensitivity + (1 - p) * (1 - specificity)
    return [
        CountedShare(generator.binomial(n, share, runs) / n, np.full(runs, n))
        for share, n in zip((said_right, sensitivity, specificity), sizes, strict=True)
    ]


def coverage(found, p):
    return np.mean((found.low <= p) & (p <= found.high))


@pytest.mark.parametrize(
    ("p", "errors", "sizes"),
    [
        (0.3, (0.9, 0.8), (1000, 200, 200)),
        (0.5, (0.8, 0.7), (300, 60, 60)),
        (0.1, (0.95, 0.9), (500, 100, 100)),
        (0.7, (0.99, 0.98), (400, 80, 80)),
        (0.9, (0.85, 0.6), (500, 300, 40)),
    ],
)
def test_the_interval_of_a_rate_holds_the_truth_as_often_as_it_says(p, errors, sizes):
    found = rogan_gladen(*simulated(p, errors, sizes))
    assert 0.93 <= coverage(found, p) <= 0.97
    assert np.mean(found.value) == pytest.approx(p, abs=0.01)


def test_an_interval_that_takes_the_errors_for_known_is_too_narrow():
    judged_share, *people = simulated(0.5, (0.8, 0.7), (300, 60, 60))
    known = [CountedShare(share.value, np.full(2000, 1e9)) for share in people]
    assert coverage(rogan_gladen(judged_share, *known), 0.5) < 0.85


def test_a_rate_without_a_judge_above_chance_is_refused():
    with pytest.raises(CalibrantError, match="cannot be corrected"):
        rogan_gladen(CountedShare(0.5, 100), CountedShare(0.5, 100), CountedShare(0.5, 100))
