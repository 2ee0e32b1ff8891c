"""The floor: which figure of which domain is below, and the table that shows it."""

import numpy as np
import pytest
from pydantic import ValidationError

from calibrant.errors import CalibrantError, report_errors
from calibrant.judging.agreement import agreement_by
from calibrant.judging.agreement_figures import Resampling
from calibrant.judging.floor import check_floor, floor_table, require
from calibrant.judging.paired_verdicts import paired_verdicts
from calibrant.judging.settings import JudgeFloor

QUICK = Resampling(seed=4, replicates=200)


def measured(**tables):
    """Return the agreement by domain for tables tp, fp, fn, tn."""
    human, judge, domain = [], [], []
    for name, (tp, fp, fn, tn) in tables.items():
        human += [1] * tp + [0] * fp + [1] * fn + [0] * tn
        judge += [1] * tp + [1] * fp + [0] * fn + [0] * tn
        domain += [name] * (tp + fp + fn + tn)
    return agreement_by(paired_verdicts(human, judge), np.array(domain), QUICK)


GOOD = (90, 8, 10, 92)
WEAK = (50, 40, 50, 60)


def found(faults):
    return [(fault.domain, fault.figure) for fault in faults]


def test_a_good_judge_passes():
    by_domain = measured(law=GOOD, medicine=GOOD)
    assert check_floor(by_domain, JudgeFloor(kappa=0.6, youden=0.6)) == []
    require(by_domain, JudgeFloor(kappa=0.6, youden=0.6), "judge panel")


def test_a_weak_domain_fails_unless_all_domains_are_asked_for_together():
    by_domain = measured(law=GOOD, medicine=WEAK)
    faults = check_floor(by_domain, JudgeFloor(kappa=0.3, youden=0.3))
    assert found(faults) == [("medicine", "kappa"), ("medicine", "youden")]
    assert faults[0].found == by_domain["medicine"].kappa.low
    assert check_floor(by_domain, JudgeFloor(kappa=0.3, youden=0.3, per="pooled")) == []


def test_kappa_and_youden_have_floors_of_their_own():
    faults = check_floor(measured(law=WEAK), JudgeFloor(kappa=-1, youden=0.3))
    assert found(faults) == [("*", "youden"), ("law", "youden")]


def test_the_estimate_can_pass_where_the_lower_end_does_not():
    by_domain = measured(law=GOOD)
    kappa = by_domain["law"].kappa
    between = JudgeFloor(kappa=(kappa.low + kappa.value) / 2, youden=0)
    assert found(check_floor(by_domain, between)) == [("*", "kappa"), ("law", "kappa")]
    lenient = between.model_copy(update={"compare": "estimate"})
    assert check_floor(by_domain, lenient) == []


def test_a_figure_at_the_floor_is_not_below_it():
    by_domain = measured(law=GOOD)
    at = JudgeFloor(kappa=by_domain["law"].kappa.low, youden=0, per="pooled")
    assert check_floor(by_domain, at) == []


def test_a_domain_without_figures_takes_those_of_all_domains_and_the_table_says_so():
    by_domain = measured(law=GOOD, tax=(5, 5, 5, 5), sums=(40, 0, 2, 0))
    assert check_floor(by_domain, JudgeFloor()) == []
    lines = {line.split()[0]: line for line in floor_table(by_domain, JudgeFloor()).splitlines()}
    assert "not checked" in lines["tax"] and "fewer than 30" in lines["tax"]
    assert "not checked" in lines["sums"] and "every answer right" in lines["sums"]


def test_all_domains_together_must_have_figures():
    faults = check_floor(measured(tax=(5, 5, 5, 5)), JudgeFloor(per="pooled"))
    assert found(faults) == [("*", "kappa"), ("*", "youden")]
    assert faults[0].found is None and "fewer than 30" in faults[0].what
    with pytest.raises(CalibrantError, match="all domains"):
        check_floor({}, JudgeFloor())


def test_a_judge_that_always_says_right_fails_at_the_lowest_floor():
    faults = check_floor(measured(law=(60, 40, 0, 0)), JudgeFloor(kappa=-1, youden=0))
    assert ("law", "kappa") in found(faults) and ("law", "youden") in found(faults)


def test_the_table_shows_every_figure_and_what_is_below():
    by_domain = measured(law=GOOD, medicine=WEAK)
    table = floor_table(by_domain, JudgeFloor(kappa=0.3, youden=0.3)).splitlines()
    assert [line.split()[:2] for line in table[:4]] == [
        ["domain", "n"], ["*", "400"], ["law", "200"], ["medicine", "200"],
    ]  # fmt: skip
    medicine = by_domain["medicine"]
    for name in ("kappa", "sensitivity", "specificity", "youden"):
        estimate = getattr(medicine, name)
        cell = f"{estimate.value:.3f} [{estimate.low:.3f}, {estimate.high:.3f}]"
        assert cell in table[3]
    assert table[3].endswith("kappa, sens + spec - 1")
    assert table[2].endswith("]")
    columns = [table[0].index(name) for name in ("kappa", "sensitivity", "specificity")]
    assert all(line[at - 1] == " " and line[at] != " " for line in table[1:4] for at in columns)
    assert table[4].startswith("floor: kappa 0.3, sens + spec - 1 0.3")


def test_the_error_says_what_is_below_and_is_printed_with_the_table(capsys):
    by_domain, floor = measured(law=GOOD, medicine=WEAK), JudgeFloor(kappa=0.3, youden=0)
    assert report_errors(lambda: require(by_domain, floor, "judge panel")) == 2
    first, *table = capsys.readouterr().err.rstrip("\n").split("\n")
    low = by_domain["medicine"].kappa.low
    assert first.startswith(
        "error: judge panel: the judge is below the floor: "
        f"the lower end of kappa in domain 'medicine' is {low:.3f}, below 0.3"
    )
    assert "\n".join(table) == floor_table(by_domain, floor)


@pytest.mark.parametrize("wrong", [{"kappa": 1}, {"youden": -0.1}, {"per": "row"}, {"kapa": 0.3}])
def test_a_floor_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValidationError):
        JudgeFloor(**wrong)
