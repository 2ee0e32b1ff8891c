"""What the rewards ask for, as the report shows it."""

import pytest

from calibrant.reporting.audit_tables import bandit_table, verdict_table
from calibrant.reporting.document import Document
from calibrant.reporting.numbers import Numbers
from calibrant.rewards.audit import audit
from calibrant.rewards.bandit_settings import BanditSettings, LabelNoise
from calibrant.rewards.settings import Article, Brier, NoRule, Reward

REWARDS = {
    "correctness": Reward(score=NoRule()),
    "a/b 2": Reward(score=Brier()),
    "article": Reward(score=Article(), correctness=0, accept_improper="a <demonstration>"),
}


@pytest.fixture(scope="module")
def document() -> Document:
    few = BanditSettings(steps=20, runs=5)
    report = audit(REWARDS, ["rloo", "group_std"], [LabelNoise()], 17, few)
    return Document("results/s/rewards/audit.json", report)


def cells(row) -> list[str]:
    return [text for _, text in row]


def test_a_row_says_what_is_asked_for_and_why_it_is_accepted(document):
    numbers = Numbers()
    table = verdict_table(document, numbers)
    assert table is not None
    by_name = {cells(row)[0]: row for row in table.rows}
    printed = {
        name: [numbers[text].printed for kind, text in row if kind == "num"]
        for name, row in by_name.items()
    }
    assert printed["a/b 2"] == ["0.100", "0.300", "0.500", "0.700", "0.900"]
    # min(1, (p / (2.5 (1 - p)))^(2/3))
    assert printed["article"] == ["0.125", "0.309", "0.543", "0.955", "1.000"]
    assert printed["correctness"] == []
    assert cells(by_name["correctness"])[2:7] == ["any"] * 5
    assert cells(by_name["a/b 2"])[1] == "strictly"
    assert cells(by_name["article"])[1] == "no"
    assert cells(by_name["article"])[-1] == "a <demonstration>"


def test_every_estimator_meets_every_reward(document):
    numbers = Numbers()
    table = bandit_table(document, numbers)
    assert table is not None
    assert list(table.heads) == ["estimator", "labels", "outcomes", *REWARDS]
    assert [(cells(row)[0], cells(row)[2]) for row in table.rows] == [
        (estimator, outcomes)
        for estimator in ("rloo", "group std")
        for outcomes in ("each its own", "one for a question")
    ]
    worst = {
        (cell["reward"], cell["estimator"], cell["outcomes"]): cell["worst_error"]
        for cell in document.content["bandit"]
    }
    for name in REWARDS:
        for estimator in ("rloo", "group_std"):
            for outcomes in ("own", "shared"):
                number = numbers[f"rewards/{name}/bandit/{estimator}/true/{outcomes}"]
                assert number.value == worst[name, estimator, outcomes]


def test_without_an_audit_there_is_no_table():
    assert verdict_table(None, Numbers()) is None
    assert bandit_table(None, Numbers()) is None
