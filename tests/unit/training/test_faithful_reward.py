"""The reward for faithfulness, and RLMF's advantage over it with exact credit."""

import dataclasses
import itertools

import numpy as np
import pytest
import torch

from calibrant.rewards.reward import reward_parts
from calibrant.rewards.settings import Reward
from calibrant.rows import Question
from calibrant.training.advantages import rlmf
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


def scored(texts, reward=FAITHFUL, rows=None, cut=()):
    rows = rows or [0] * len(texts)
    size = len(texts) // len(set(rows))
    scorer = Scorer([YES, NO], reward, "percent", group=size)
    limits = [at in cut for at in range(len(texts))]
    return scorer, scorer.score(rows, texts, [5] * len(texts), limits)


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
    texts = [said("yes", 90), said("no", 90), said("yes", 90), said("yes", 90)]
    _, found = scored(texts, rows=[0, 0, 1, 1])
    assert found.intrinsic == pytest.approx([0, 0, 1, 1])


def test_completions_that_do_not_lie_side_by_side_are_a_mistake() -> None:
    texts = [said("yes", 90)] * 4
    with pytest.raises(ValueError, match="side by side"):
        scored(texts, rows=[0, 1, 0, 1])


def test_a_completion_that_was_cut_says_nothing_to_the_others() -> None:
    texts = [said("yes", 90), said("yes", 90), said("no", 90)]
    assert scored(texts)[1].intrinsic == pytest.approx([0.5, 0.5, 0])
    assert scored(texts, cut=(2,))[1].intrinsic == pytest.approx([1, 1, NAN], nan_ok=True)


@pytest.mark.parametrize("processes", [2, 4])
def test_a_group_shared_out_over_processes_is_seen_whole(processes: int) -> None:
    texts = [said("yes", 60), said("yes", 90), said("no", 20), said("no", 30),
             said("yes", 70), said("yes", 80), said("yes", 90), said("no", 10)]  # fmt: skip
    rows = [0, 0, 0, 0, 1, 1, 1, 1]
    _, whole = scored(texts, rows=rows)
    everything: list[dict[str, object]] = []
    Scorer(
        [YES, NO], FAITHFUL, "percent", group=4, gather=lambda r: (everything.extend(r), (r, 0))[1]
    ).score(rows, texts, [5] * 8, [False] * 8)
    share = 8 // processes
    for process in range(processes):
        own = slice(process * share, (process + 1) * share)
        scorer = Scorer(
            [YES, NO], FAITHFUL, "percent", group=4, gather=lambda _, at=own.start: (everything, at)
        )
        part = scorer.score(rows[own], texts[own], [5] * share, [False] * share)
        assert part.intrinsic == pytest.approx(whole.intrinsic[own])
        assert part.total == pytest.approx(whole.total[own])
        assert part.others_faithful == pytest.approx(whole.others_faithful[own])


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


def batch_of(found, levels=None, quality=None, others=None):
    if quality is not None:
        nothing = np.zeros(len(quality))
        others = nothing if others is None else others
        found = dataclasses.replace(
            found, self_judged=SelfJudged(nothing, nothing, quality, others)
        )
    mask = torch.ones(len(found.correct), 4)
    return Batch(found, mask, levels, None, lambda x: x, 0, GROUP)


def method(**more):
    usual = {"kind": "trained", "reward": "r", "estimator": "grpo", "scale": "none"}
    return TrainedMethod(**usual | more)


GROUP = 3
TEXTS = [said("yes", 60), said("yes", 90), said("no", 20),
         said("no", 40), said("yes", 70), said("yes", 80)]  # fmt: skip
ROWS = [0, 0, 0, 1, 1, 1]
MIXED = Reward(faithfulness=12.0)
QUALITY = np.array([1.0, -1.0, 0.3, 0.7, 0.0, 0.5])
OTHERS = np.array([0.5, -0.4, 1.0, -1.0, 0.2, 0.0])


def parts_of(found):
    f = torch.tensor(found.parts.faithfulness, dtype=torch.float32)
    return torch.tensor(found.total, dtype=torch.float32) - f, f


def test_the_published_form_is_the_published_formula() -> None:
    _, found = scored(TEXTS, MIXED, rows=ROWS)
    credit = assign_credit(batch_of(found, quality=QUALITY), method(feedback="rlmf"), Critic())
    o, f = parts_of(found)
    expected = rlmf(o, f, torch.tensor(QUALITY, dtype=torch.float32), GROUP, 1.0)
    assert credit.advantages.tolist() == pytest.approx(expected.tolist(), abs=1e-5)


def test_the_published_form_without_any_quality_is_plain_rl() -> None:
    _, found = scored(TEXTS, MIXED, rows=ROWS)
    judged = assign_credit(batch_of(found, quality=np.zeros(6)), method(feedback="rlmf"), Critic())
    plain = assign_credit(batch_of(found), method(), Critic())
    assert judged.advantages.tolist() == pytest.approx(plain.advantages.tolist(), abs=1e-5)


def test_the_symmetric_form_by_a_plain_loop() -> None:
    _, found = scored(TEXTS, MIXED, rows=ROWS)
    credit = assign_credit(
        batch_of(found, quality=QUALITY, others=OTHERS), method(feedback="rlmf_symmetric"), Critic()
    )
    o, f = parts_of(found)
    for i in range(6):
        group = [j for j in range(6) if ROWS[j] == ROWS[i]]
        without = [j for j in group if j != i]
        # The others are compared with each other alone.
        texts = [TEXTS[j] for j in without]
        baseline = float(
            scored(texts, FAITHFUL, rows=[0] * len(texts))[1].parts.faithfulness.mean()
        )
        if ROWS[i] == 1:
            scorer = Scorer([YES, NO], FAITHFUL, "percent", group=2)
            again = scorer.score([1, 1], texts, [5, 5], [False, False])
            baseline = float(again.parts.faithfulness.mean())
        rest = float(o[i]) - np.mean([float(o[j]) for j in group])
        factor = max(0.0, 1 + OTHERS[i])
        expected = rest + (GROUP - 1) / GROUP * (float(f[i]) - baseline) * factor
        assert float(credit.advantages[i]) == pytest.approx(expected, abs=1e-4)


def test_without_any_quality_the_symmetric_form_is_plain_rloo_but_for_its_scale() -> None:
    _, found = scored(TEXTS, MIXED, rows=ROWS)
    symmetric = assign_credit(
        batch_of(found, quality=np.zeros(6)), method(feedback="rlmf_symmetric"), Critic()
    )
    plain = assign_credit(batch_of(found), method(estimator="rloo"), Critic())
    scaled = plain.advantages * (GROUP - 1) / GROUP
    assert symmetric.advantages.tolist() == pytest.approx(scaled.tolist(), abs=1e-4)


def test_leaving_the_own_answer_out_twice_is_unbiased_and_once_is_not() -> None:
    """The expected advantage of an answer over the draws of the group, by enumeration.

    Answers A with chance 0.7 and B with 0.3, stated as they are: both are as faithful, so neither
    may be pushed.
    """
    chances, stated = {"yes": 0.7, "no": 0.3}, {"yes": 70, "no": 30}
    pushed = {"grpo": 0.0, "rloo": 0.0}
    for drawn in itertools.product(("yes", "no"), repeat=3):
        _, found = scored([said(answer, stated[answer]) for answer in drawn])
        weight = float(np.prod([chances[answer] for answer in drawn[1:]]))
        sign = 1 if drawn[0] == "yes" else -1
        for estimator in pushed:
            credit = assign_credit(batch_of(found), method(estimator=estimator), Critic())
            pushed[estimator] += sign * weight * float(credit.advantages[0])
    assert pushed["rloo"] == pytest.approx(0, abs=1e-4)
    assert abs(pushed["grpo"]) > 0.3


def exact(found, scorer):
    values = [0.2, 0.6, 0.7, 0.9]
    rewards, rest = scorer.level_rewards(found, values)
    n = len(found.correct)
    chances = torch.full((n, 4), 0.2)
    return Levels(
        torch.full((n,), 2), torch.ones(n), chances.log(), torch.tensor(rewards).float(),
        torch.tensor(rest).float(), torch.tensor(scorer.confidence_rewards(found, values)).float(),
    )  # fmt: skip


@pytest.mark.parametrize("scale", ["none", "batch"])
def test_exact_credit_scales_what_is_for_faithfulness_and_leaves_the_rest(scale) -> None:
    scorer, found = scored(TEXTS, MIXED, rows=ROWS)
    levels = exact(found, scorer)
    symmetric = {"feedback": "rlmf_symmetric", "credit": "exact", "scale": scale}
    credit = assign_credit(batch_of(found, levels, QUALITY, OTHERS), method(**symmetric), Critic())
    plain = assign_credit(batch_of(found, levels), method(credit="exact", scale=scale), Critic())
    factor = (1 + torch.tensor(OTHERS).float()).clamp(min=0)[:, None]
    spread = (plain.levels.rewards / levels.rewards).nanmean()
    other = (levels.rewards - levels.scaled) * spread
    centre = levels.expected_scaled()[:, None] * spread
    expected = other + centre + factor * (levels.scaled * spread - centre)
    assert torch.allclose(credit.levels.rewards, expected, rtol=1e-3, atol=1e-3)
    # What nobody can read never is faithful; it loses what is expected of one that can be.
    rest = levels.rest * spread + (1 - factor[:, 0]) * centre[:, 0]
    assert torch.allclose(credit.levels.rest, rest, rtol=1e-3, atol=1e-3)
    assert torch.allclose(credit.levels.expected(), plain.levels.expected(), rtol=1e-3, atol=1e-3)


def test_a_bad_self_judgement_does_not_take_the_format_and_the_outcome_away() -> None:
    scorer, found = scored(TEXTS, MIXED, rows=ROWS)
    levels = exact(found, scorer)
    credit = assign_credit(
        batch_of(found, levels, QUALITY, np.full(6, -1.0)),
        method(feedback="rlmf_symmetric", credit="exact"),
        Critic(),
    )
    left = credit.levels.rewards - credit.levels.rewards.mean(dim=1, keepdim=True)
    outcome = levels.rewards - levels.scaled
    assert torch.allclose(left, outcome - outcome.mean(dim=1, keepdim=True), atol=1e-4)
    assert (credit.levels.rest < credit.levels.rewards.min(dim=1).values).all()


def test_exact_and_symmetric_without_quality_is_plain_exact_credit() -> None:
    scorer, found = scored(TEXTS, MIXED, rows=ROWS)
    levels = exact(found, scorer)
    plain = assign_credit(batch_of(found, levels), method(credit="exact"), Critic())
    same = assign_credit(
        batch_of(found, levels, np.zeros(6)),
        method(feedback="rlmf_symmetric", credit="exact"),
        Critic(),
    )
    assert torch.allclose(plain.levels.rewards, same.levels.rewards, atol=1e-5)
    assert torch.allclose(plain.levels.rest, same.levels.rest, atol=1e-5)


def test_a_method_may_learn_its_confidence_alone() -> None:
    scorer, found = scored(TEXTS, MIXED, rows=ROWS)
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


@pytest.mark.parametrize("estimator", ["grpo", "rloo"])
def test_learnt_apart_an_answer_does_not_gain_by_being_easy_to_be_sure_of(estimator: str) -> None:
    # Right and wrong, sure and unsure: what precedes the confidence learns from correctness alone.
    texts = [said("yes", 100), said("yes", 100), said("no", 30)]
    scorer, found = scored(texts, MIXED)
    batch = dataclasses.replace(batch_of(found, exact(found, scorer)), group=3)
    plain = method(estimator=estimator, credit="exact")
    apart = assign_credit(batch, plain.model_copy(update={"learns": "apart"}), Critic())
    whole = assign_credit(batch, plain, Critic())
    right = torch.tensor([1.0, 1.0, 0.0])
    others = (right.sum() - right) / 2 if estimator == "rloo" else right.mean()
    assert apart.advantages[:, 0].tolist() == pytest.approx((right - others).tolist())
    assert not torch.allclose(whole.advantages, apart.advantages, atol=0.1)
    assert torch.equal(apart.levels.rewards, whole.levels.rewards)


def test_learnt_apart_the_self_judgement_scales_the_confidence_and_nothing_else() -> None:
    scorer, found = scored(TEXTS, MIXED, rows=ROWS)
    levels = exact(found, scorer)
    judged = batch_of(found, levels, QUALITY, OTHERS)
    symmetric = method(feedback="rlmf_symmetric", credit="exact")
    apart = assign_credit(judged, symmetric.model_copy(update={"learns": "apart"}), Critic())
    unjudged = assign_credit(
        batch_of(found, levels), method(credit="exact", learns="apart"), Critic()
    )
    assert torch.equal(apart.advantages, unjudged.advantages)
    assert torch.equal(
        apart.levels.rewards, assign_credit(judged, symmetric, Critic()).levels.rewards
    )


def test_learnt_apart_an_unreadable_statement_is_still_punished() -> None:
    scorer, found = scored([said("yes", 60), said("yes", 90), "yes, surely"], MIXED)
    batch = dataclasses.replace(batch_of(found, exact(found, scorer)), group=3)
    credit = assign_credit(batch, method(credit="exact", learns="apart"), Critic())
    assert credit.advantages[2, 0] < 0 < credit.advantages[0, 0]


def test_the_critic_predicts_the_answers_reward_where_the_two_are_learnt_apart() -> None:
    scorer, found = scored(TEXTS, MIXED, rows=ROWS)
    batch = dataclasses.replace(
        batch_of(found, exact(found, scorer)), values=torch.zeros(6, 4), group=1
    )
    credit = assign_credit(
        batch, method(estimator="ppo", credit="exact", learns="apart"), Critic(trace=1.0)
    )
    assert credit.returns[:, 0].tolist() == pytest.approx(found.correct.tolist())


def test_learning_apart_needs_exact_credit_and_a_scale_of_its_own() -> None:
    with pytest.raises(ValueError, match="credit: exact"):
        method(learns="apart")
    with pytest.raises(ValueError, match="whole completions"):
        method(learns="apart", credit="exact", scale="group")
