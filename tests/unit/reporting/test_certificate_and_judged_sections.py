"""Tables of certificates and of judged answers, from the documents of their stages."""

from dataclasses import replace

import numpy as np
import pytest

from calibrant.judging.agreement_figures import Resampling
from calibrant.judging.error_model import Source, fit_error_model
from calibrant.judging.judged_figures import judged_figures
from calibrant.judging.paired_verdicts import paired_verdicts
from calibrant.reporting.certificate_section import certificate_section
from calibrant.reporting.judged_section import judged_section
from calibrant.reporting.numbers import Numbers
from calibrant.stage_settings.judging import CorrectJudgedSettings


def shown(table, numbers):
    return [[numbers[text].printed.replace("\xa0", " ") if kind == "num" else text
             for kind, text in row] for row in table.rows]  # fmt: skip


def share(value, undefined=None):
    ends = (None, None) if value is None else (value - 0.1, value + 0.1)
    return {"value": value, "low": ends[0], "high": ends[1], "undefined": undefined}


def applied(made_up, *, threshold):
    why = None if threshold is not None else "nothing is certified, so all is deferred"
    rule = {"accepted": 5, "errors": 1, "coverage": share(0.5), "risk": share(0.2)}
    certified = rule if threshold is not None else rule | {
        "coverage": share(None, why), "risk": share(None, why)}  # fmt: skip
    cells = [
        {"dataset": name, "covered": name == "sky", "questions": 10,
         "certified": certified, "fixed": rule, "all": rule}
        for name in ("sky", "ward")
    ]  # fmt: skip
    content = {"method": "rlcr", "seed": 17, "dataset": "sky", "alpha": 0.1, "delta": 0.05,
               "threshold": threshold, "level": 0.95, "cells": cells}  # fmt: skip
    return made_up.document("certificates/rlcr/seed17/sky.applied.json", content)


def test_a_certificate_has_a_row_per_dataset_and_is_named_once(made_up):
    numbers = Numbers()
    section = certificate_section([applied(made_up, threshold=0.8)], numbers)
    rows = shown(section.table, numbers)
    assert rows[0][:5] == ["rlcr, seed 17, on sky", "0.8", "sky", "yes", "10"]
    assert rows[1][:5] == ["", "", "ward", "no", "10"]
    assert rows[1][6] == "0.200 [0.100, 0.300]"
    assert numbers[section.alpha].printed == "0.1"


def test_a_refusal_is_not_a_number(made_up):
    numbers = Numbers()
    section = certificate_section([applied(made_up, threshold=None)], numbers)
    assert shown(section.table, numbers)[0][1] == "not defined"
    assert "deferred" in numbers["certificates/rlcr/17/sky/sky/certified/risk"].undefined


def test_judged_answers_have_the_judges_figures_and_the_corrected_ones(made_up):
    human = np.arange(400) % 2 == 0
    said = np.where(np.arange(400) % 10 == 0, ~human, human)
    source = Source(judge="panel", prompt_version="-", dataset="reports")
    pairs = paired_verdicts(human, said, [str(at) for at in range(400)])
    errors = fit_error_model(pairs, np.full(400, "made up"), source, Resampling(1, 200, 0.95))
    answers = [(0.7, at % 3 > 0) for at in range(60)]
    rows = [
        replace(row, grader="judge panel") for row in made_up.predictions("rlcr", "told", answers)
    ]
    document = judged_figures(rows, errors, CorrectJudgedSettings(bins=5, level=0.95), 1)
    numbers = Numbers()
    section = judged_section([made_up.document("told.judged.json", document)], numbers)
    by_judge, corrected = shown(section.table, numbers)
    assert by_judge[:4] == ["rlcr on told", "by the judge", "60", "0.667"]
    assert corrected[:3] == ["", "corrected", "60"]
    a, b = (
        errors.for_domain("made up").sensitivity.value,
        errors.for_domain("made up").specificity.value,
    )
    assert float(corrected[3].split()[0]) == pytest.approx((2 / 3 + b - 1) / (a + b - 1), abs=5e-4)
    assert shown(section.errors, numbers)[0][:3] == ["panel", "made up", "reports, made up"]


def test_nothing_judged_and_nothing_certified_is_no_section():
    assert judged_section([], Numbers()) is None
    assert certificate_section([], Numbers()) is None
