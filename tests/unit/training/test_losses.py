"""Losses against worked numbers, plain loops, samples and automatic differentiation."""

import math

import pytest
import torch

from calibrant.training.advantages import expected_reward
from calibrant.training.losses import (
    expected_surrogate,
    explained_variance,
    level_entropy,
    value_loss,
)

CLIP, LEVELS, VOCABULARY, SAMPLES = 0.2, 4, 7, 100_000


def policy_loss(log_probs, old_log_probs, advantages, clip):
    """The sampled surrogate (PPO, arXiv 1707.06347, eq. 7); `expected_surrogate` is its mean."""
    ratio = (log_probs - old_log_probs).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages)


def grid(*rows):
    return torch.tensor(rows, dtype=torch.float64)


def close(ours, expected, atol=1e-10):
    torch.testing.assert_close(
        ours, torch.as_tensor(expected, dtype=torch.float64), rtol=0, atol=atol
    )


def random(*shape, seed=0):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def entries(*tensors):
    """Return the entries of tensors of one shape, as tuples of numbers."""
    return zip(*(tensor.reshape(-1).tolist() for tensor in tensors), strict=True)


def clamp(number, low, high):
    return min(max(number, low), high)


RATIOS, SIGNS = grid([1, 1.1, 1.5, 1.5, 0.5, 0.5]), grid([2, 1, 1, -1, 1, -1])


def test_the_surrogate_of_worked_ratios():
    """The clip holds what would go further the way it went, and never a step back."""
    ours = policy_loss(RATIOS.log(), torch.zeros_like(RATIOS), SIGNS, CLIP)
    close(ours, grid([-2, -1.1, -1.2, 1.5, -0.5, 0.8]))


def test_the_value_loss_of_worked_numbers():
    """Errors: 0.1; 1 against 0.8 clipped; 0.5 against 1.3 clipped; the last is masked."""
    values, old = grid([0.1, 2, 1.5, 9]), grid([0, 1, 0.5, 0])
    returns, mask = grid([0, 1, 2, 0]), grid([1, 1, 1, 0])
    expected = 0.5 * (0.1**2 + 1 + 1.3**2) / 3
    close(value_loss(values, old, returns, mask, CLIP), expected)


def test_the_value_loss_and_its_gradient_equal_plain_loops():
    values, old, returns = (random(4, 9, seed=seed) for seed in (5, 6, 7))
    mask = random(4, 9, seed=8) > 0
    values.requires_grad_()
    loss = value_loss(values, old, returns, mask, CLIP)
    loss.backward()
    errors, slopes, count = [], [], int(mask.sum())
    for v, o, r, m in entries(values, old, returns, mask):
        clipped = o + clamp(v - o, -CLIP, CLIP)
        plain_wins = (v - r) ** 2 >= (clipped - r) ** 2
        slope = v - r if plain_wins else (clipped - r) * (abs(v - o) <= CLIP)
        errors += [max((v - r) ** 2, (clipped - r) ** 2)] if m else []
        slopes.append(slope / count if m else 0)
    close(loss.detach(), 0.5 * sum(errors) / count)
    close(values.grad.view(-1), slopes)


def test_no_tokens_have_no_loss_and_no_gradient():
    values = random(2, 3).requires_grad_()
    loss = value_loss(values, values * 2, values * 3, torch.zeros(2, 3), CLIP)
    loss.backward()
    assert loss.item() == 0
    assert (values.grad == 0).all()


def test_explained_variance_of_worked_numbers():
    returns, mask = grid([1, 2, 3, 100]), grid([1, 1, 1, 0])
    assert explained_variance(returns, returns, mask) == 1
    assert explained_variance(returns + 5, returns, mask) == 1
    assert explained_variance(0 * returns, returns, mask) == 0
    # The errors 0, 2, 4 have a variance of 4; that of the returns is 1.
    assert explained_variance(-returns, returns, mask) == pytest.approx(-3)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("tokens", [0, 1, 6])
def test_equal_returns_leave_nothing_to_explain(dtype, tokens):
    mask = torch.arange(7) < tokens
    returns = torch.full((1, 7), 0.1, dtype=dtype)
    assert explained_variance(random(1, 7).to(dtype), returns, mask[None]) == 0


def surrogate_in_loops(new, old, rewards, rest, clip):
    """Return the definition, outcome by outcome, for one row of probabilities."""
    new, old, rewards = [*new, 1 - sum(new)], [*old, 1 - sum(old)], [*rewards, rest]
    baseline = sum(p * r for p, r in zip(old, rewards, strict=True))
    total = 0.0
    for p, q, r in zip(new, old, rewards, strict=True):
        ratio, gain = p / q, r - baseline
        total += q * min(ratio * gain, clamp(ratio, 1 - clip, 1 + clip) * gain)
    return -total


def levels_of(logits):
    """Return the log probabilities of the first tokens of the vocabulary, the levels."""
    return torch.log_softmax(logits, dim=-1)[..., :LEVELS]


def test_the_expected_surrogate_of_worked_numbers():
    """Old .5, .3, rest .2 earning 1, 0, -1: mean .3; new .75, .2, rest .05."""
    old, new = grid([0.5, 0.3]).log(), grid([0.75, 0.2]).log()
    ours = expected_surrogate(new, old, grid([1, 0]), torch.tensor([-1.0]).double(), CLIP)
    # .7 * .6 (clipped from .75), -.3 * .24 (clipped from .2), -1.3 * .16 (clipped from .05).
    close(ours, [-(0.42 - 0.072 - 0.208)])


def test_the_expected_surrogate_equals_plain_loops():
    old = random(50, VOCABULARY, seed=10)
    new, rewards, rest = old + 0.4 * random(50, VOCABULARY, seed=11), random(50, 4), random(50)
    ours = expected_surrogate(levels_of(new), levels_of(old), rewards, rest, CLIP)
    rows = zip(levels_of(new).exp(), levels_of(old).exp(), rewards, rest, strict=True)
    close(ours, [surrogate_in_loops(*(x.tolist() for x in row), CLIP) for row in rows])


def test_where_the_policies_agree_the_gradient_is_that_of_the_expected_reward():
    rewards, rest = random(20, LEVELS, seed=12), random(20, seed=13)
    ours, exact = (random(20, VOCABULARY, seed=14).requires_grad_() for _ in range(2))
    expected_surrogate(levels_of(ours), levels_of(ours), rewards, rest, CLIP).sum().backward()
    (-expected_reward(levels_of(exact).exp(), rewards, rest)).sum().backward()
    close(ours.grad, exact.grad, atol=1e-14)
    assert exact.grad.abs().max() > 0.1


def drawn(probabilities, seed):
    """Return a large sample of indices."""
    generator = torch.Generator().manual_seed(seed)
    return torch.multinomial(probabilities, SAMPLES, replacement=True, generator=generator)


def assert_mean(samples, expected):
    """The mean of the rows is within 4 standard errors of what is expected, in every column."""
    error = samples.std(dim=0) / math.sqrt(len(samples))
    assert (error > 0).all()
    assert ((samples.mean(dim=0) - expected).abs() <= 4 * error).all()


def test_the_gradient_is_the_mean_of_sampled_gradients():
    """Samples are tokens of the whole vocabulary, several of which are no level."""
    logits, rewards, rest = random(VOCABULARY, seed=15), random(LEVELS, seed=16), torch.tensor(-0.5)
    ours = logits[None].clone().requires_grad_()
    expected_surrogate(
        levels_of(ours), levels_of(ours), rewards[None], rest[None].double(), CLIP
    ).sum().backward()
    probabilities = torch.softmax(logits, dim=-1)
    earned = torch.cat([rewards, rest.double().expand(VOCABULARY - LEVELS)])
    tokens = drawn(probabilities, seed=17)[:, None]
    each = logits.expand(SAMPLES, -1).clone().requires_grad_()
    chosen = torch.log_softmax(each, dim=-1).gather(1, tokens)
    advantages = earned[tokens] - (probabilities * earned).sum()
    policy_loss(chosen, chosen.detach(), advantages, CLIP).sum().backward()
    assert_mean(each.grad, ours.grad[0])


def test_away_from_the_old_policy_the_value_is_the_mean_of_sampled_surrogates():
    old, shift = random(VOCABULARY, seed=18), random(VOCABULARY, seed=19)
    rewards, rest = random(1, LEVELS, seed=20), random(1, seed=21)
    new, old = levels_of(old + 0.5 * shift)[None], levels_of(old)[None]
    outcomes = [
        torch.cat([x.exp(), 1 - x.exp().sum(-1, keepdim=True)], dim=-1)[0] for x in (new, old)
    ]
    earned = torch.cat([rewards[0], rest])
    sample = drawn(outcomes[1], seed=22)
    advantages = earned[sample] - (outcomes[1] * earned).sum()
    sampled = policy_loss(*(x.log()[sample] for x in outcomes), advantages, CLIP)
    ratios = outcomes[0] / outcomes[1]
    assert ratios.min() < 1 - CLIP
    assert ratios.max() > 1 + CLIP
    assert_mean(sampled[:, None], expected_surrogate(new, old, rewards, rest, CLIP))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("outside", [-30.0, -1000.0, -math.inf])
def test_no_mass_outside_the_levels_is_safe(dtype, outside):
    """Then the levels are all there is, and the other tokens' reward no longer matters."""
    logits = torch.cat([random(64, LEVELS), torch.full((64, 3), outside)], dim=-1).to(dtype)
    rewards = random(64, LEVELS, seed=23).to(dtype)
    gradients = []
    for rest in (-100.0, 100.0):
        ours = logits.clone().requires_grad_()
        old = levels_of(logits)
        value = expected_surrogate(
            levels_of(ours), old, rewards, torch.full((64,), rest, dtype=dtype), CLIP
        )
        value.sum().backward()
        assert value.isfinite().all()
        gradients.append(ours.grad[:, :LEVELS])
    plain = logits[:, :LEVELS].clone().requires_grad_()
    (-(torch.softmax(plain, dim=-1) * rewards).sum()).backward()
    for gradient in gradients:
        torch.testing.assert_close(gradient, plain.grad, rtol=0, atol=1e-4)


def test_a_level_without_mass_is_safe():
    old = grid([0.6, 0.0, 0.3]).log()
    new = old.clone().requires_grad_()
    rewards, rest = grid([1, 2, 0]), torch.tensor([-1.0]).double()
    expected_surrogate(new, old, rewards, rest, CLIP).sum().backward()
    # Each outcome's slope is pi (R - rest).
    close(new.grad, grid([-1.2, 0, -0.3]))


def test_the_entropy_of_worked_levels():
    """A quarter and a half, and a quarter on other tokens that does not count."""
    ours = level_entropy(grid([0.25, 0.5], [0.0, 1.0]).log())
    close(ours, [0.25 * math.log(4) + 0.5 * math.log(2), 0])


def test_the_gradient_of_the_entropy_is_finite_at_a_level_without_mass():
    logits = grid([0.0, -math.inf, 0.0]).requires_grad_()
    level_entropy(torch.log_softmax(logits, dim=-1)).sum().backward()
    close(logits.grad, grid([0, 0, 0]))


def test_the_entropy_of_all_tokens_is_that_of_trl():
    utils = pytest.importorskip("trl.trainer.utils", reason="TRL is not installed")
    logits = random(30, 11, seed=24)
    ours = level_entropy(torch.log_softmax(logits, dim=-1))
    close(ours, utils.entropy_from_logits(logits), atol=1e-12)
