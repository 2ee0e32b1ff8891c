"""The reward for faithfulness, and RLMF's advantage over it with exact credit."""

import dataclasses

import numpy as np
import pytest
import torch

from calibrant.rewards.reward import reward_parts
from calibrant.rewards.settings import Reward
from calibrant.rows import Question
from calibrant.training.advantages import rlmf, rlmf_symmetric, symmetric_factor
from calibrant.training.exact_credit import Levels
from calibrant.training.round import Batch, assign_credit
from calibrant.training.scorer import Scorer
from calibrant.training.self_judgement import SelfJudged
from calibrant.training.settings import Critic, TrainedMethod

NAN = float("nan")
YES = Question("q/1", "q", "d", "train", "yes_no", "Will tomorrow be wet?", ("yes",))
NO = dataclasses.replace(YES, question_id="q/2", question="Dry?", references=("no",))
FAITHFUL = Reward(score={"rule": "none"}, correctness=0.0, faithfulness=12.0)


def said(answer: str, confidence: int) -> str:
    return f"<answer>{answer}</answer><confidence>{confidence}</confidence>"


def scored(texts, reward=FAITHFUL, rows=None):
    scorer = Scorer([YES, NO], reward, "percent")
    rows = rows or [0] * len(texts)
    return scorer, scorer.score(rows, texts, [5] * len(texts), [False] * len(texts))


def test_worked_parts() -> None:
    parts = reward_parts(
        [1, 0, 1, 1, 0], [0.9, 0.9, 0.0, NAN, 1.0], [True, True, True, False, True], FAITHFUL,
        intrinsic=[0.9, 0.4, 1.0, 0.5, NAN],
    )  # fmt: skip
    assert parts.faithfulness == pytest.approx([12, 12 * 0.75, 0, 0, 0])
    assert parts.total == pytest.approx([12, 9, 0, -1, 0])


def test_faithfulness_needs_the_intrinsic_confidence() -> None:
    with pytest.raises(ValueError, match="intrinsic"):
        reward_parts([1], [0.5], [True], FAITHFUL)


def test_the_intrinsic_confidence_is_how_often_the_others_say_the_same() -> None:
    _, found = scored([said("yes", 60), said("yes", 50), said("no", 50), "nothing"])
    assert found.intrinsic == pytest.approx([0.5, 0.5, 0.0, NAN], nan_ok=True)
    assert found.parts.faithfulness[:3] == pytest.approx([12 * 0.99, 12, 12 * 0.75])


def test_groups_of_two_questions_do_not_mix() -> None:
    texts = [said("yes", 90), said("yes", 90), said("no", 90), said("no", 90)]
    _, found = scored(texts, rows=[0, 1, 0, 1])
    assert found.intrinsic == pytest.approx([0, 0, 0, 0])


def test_every_level_earns_what_it_would_have_earned() -> None:
    texts = [said("yes", 60), said("yes", 50), said("no", 50)]
    scorer, found = scored(texts)
    levels, unread = scorer.level_rewards(found, [0.0, 0.5, 1.0])
    for at, level in enumerate((0, 50, 100)):
        for row, answer in enumerate(("yes", "yes", "no")):
            other = list(texts)
            other[row] = said(answer, level)
            assert levels[row, at] == pytest.approx(scored(other)[1].total[row])
    assert unread == pytest.approx([-1, -1, -1])


def test_the_confidence_that_pays_best_is_the_models_own() -> None:
    grid = np.linspace(0, 1, 101)
    p = 0.3
    # The other answers agree with chance p; the expectation over 0 to 4 of 4 that do.
    chances = [1 - p, p]
    expected = sum(
        weight * reward_parts(0.0, grid, True, FAITHFUL, intrinsic=float(agree)).total
        for agree, weight in enumerate(chances)
    )
    assert grid[int(np.argmax(expected))] == pytest.approx(p)


def batch_of(found, levels=None, quality=None):
    if quality is not None:
        nothing = np.zeros(len(quality))
        found = dataclasses.replace(found, self_judged=SelfJudged(nothing, nothing, quality))
    mask = torch.ones(len(found.correct), 4)
    return Batch(found, mask, levels, None, lambda x: x, 0, 2)


def method(**more):
    usual = {"kind": "trained", "reward": "r", "estimator": "grpo", "scale": "none"}
    return TrainedMethod(**usual | more)


TEXTS = [said("yes", 60), said("yes", 90), said("no", 20), said("yes", 70)]
MIXED = Reward(faithfulness=12.0)


@pytest.mark.parametrize(("feedback", "form"), [("rlmf", rlmf), ("rlmf_symmetric", rlmf_symmetric)])
def test_the_factor_is_on_faithfulness_and_the_rest_is_plain(feedback, form) -> None:
    _, found = scored(TEXTS, MIXED, rows=[0, 0, 1, 1])
    quality = np.array([1.0, -1.0, 0.3, 0.7])
    credit = assign_credit(
        batch_of(found, quality=quality), method(feedback=feedback, gain=1.0), Critic()
    )
    f = torch.tensor(found.parts.faithfulness, dtype=torch.float32)
    o = torch.tensor(found.total, dtype=torch.float32) - f
    expected = form(o, f, torch.tensor(quality, dtype=torch.float32), 2, 1.0)
    assert credit.advantages.tolist() == pytest.approx(expected.tolist(), abs=1e-5)


@pytest.mark.parametrize("feedback", ["rlmf", "rlmf_symmetric"])
def test_without_any_quality_it_is_plain_rl(feedback) -> None:
    _, found = scored(TEXTS, MIXED, rows=[0, 0, 1, 1])
    nothing = np.zeros(4)
    judged = assign_credit(batch_of(found, quality=nothing), method(feedback=feedback), Critic())
    plain = assign_credit(batch_of(found), method(), Critic())
    assert judged.advantages.tolist() == pytest.approx(plain.advantages.tolist(), abs=1e-5)


def test_a_gain_of_nought_without_quality_leaves_the_rest_alone() -> None:
    _, found = scored(TEXTS, MIXED, rows=[0, 0, 1, 1])
    credit = assign_credit(
        batch_of(found, quality=np.zeros(4)), method(feedback="rlmf_symmetric", gain=0.0), Critic()
    )
    o = torch.tensor(found.total - found.parts.faithfulness).view(2, 2)
    expected = (o - o.mean(1, keepdim=True)).view(-1)
    assert credit.advantages.tolist() == pytest.approx(expected.tolist(), abs=1e-5)


def exact(found, scorer):
    values = [0.2, 0.6, 0.7, 0.9]
    rewards, rest = scorer.level_rewards(found, values)
    chances = torch.full((4, 4), 0.2)
    return Levels(
        torch.full((4,), 2), torch.ones(4), chances.log(), torch.tensor(rewards).float(),
        torch.tensor(rest).float(),
    )  # fmt: skip


def test_exact_credit_stretches_what_the_confidence_earns_by_the_others_quality() -> None:
    scorer, found = scored(TEXTS, MIXED, rows=[0, 0, 1, 1])
    levels, quality = exact(found, scorer), np.array([1.0, -1.0, 0.3, 0.7])
    credit = assign_credit(
        batch_of(found, levels, quality),
        method(feedback="rlmf_symmetric", credit="exact"),
        Critic(),
    )
    factor = symmetric_factor(torch.tensor(quality, dtype=torch.float32), 2)
    assert factor.tolist() == pytest.approx([0.0, 2.0, 1.7, 1.3])
    centre = levels.expected()[:, None]
    assert credit.levels is not None
    moved = credit.levels.rewards - centre
    assert torch.allclose(moved, factor[:, None] * (levels.rewards - centre), atol=1e-5)
    # The expected reward stays, so the answers before the confidence are credited as before.
    assert torch.allclose(credit.levels.expected(), levels.expected(), atol=1e-5)


def test_exact_and_symmetric_without_quality_is_plain_exact_credit() -> None:
    scorer, found = scored(TEXTS, MIXED, rows=[0, 0, 1, 1])
    levels = exact(found, scorer)
    plain = assign_credit(batch_of(found, levels), method(credit="exact"), Critic())
    same = assign_credit(
        batch_of(found, levels, np.zeros(4)),
        method(feedback="rlmf_symmetric", credit="exact"),
        Critic(),
    )
    assert torch.allclose(plain.advantages, same.advantages, atol=1e-5)
    assert torch.allclose(plain.levels.rewards, same.levels.rewards, atol=1e-5)


def test_a_method_may_learn_its_confidence_alone() -> None:
    scorer, found = scored(TEXTS, MIXED, rows=[0, 0, 1, 1])
    levels = exact(found, scorer)
    whole = assign_credit(batch_of(found, levels), method(credit="exact"), Critic())
    alone = assign_credit(
        batch_of(found, levels), method(credit="exact", learns="confidence"), Critic()
    )
    assert whole.advantages.abs().sum() > 0
    assert alone.advantages.abs().sum() == 0
    assert torch.equal(alone.levels.rewards, whole.levels.rewards)
    with pytest.raises(ValueError, match="credit: exact"):
        method(learns="confidence")
