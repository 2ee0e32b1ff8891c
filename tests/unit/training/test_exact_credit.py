"""The confidences a completion could have stated, and sums over them in plain numpy."""

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

from calibrant.model_settings import MadeModel
from calibrant.rewards.settings import Reward
from calibrant.rows import Question
from calibrant.training.exact_credit import Levels, find_levels, level_log_probs
from calibrant.training.made_model import make_model
from calibrant.training.scorer import Scorer
from calibrant.training.statement_tokens import ConfidenceTokens, confidence_tokens

ROWS, LEVELS = 6, 5
STATED = "<answer>yes</answer><confidence>{}</confidence>"
# Text, and whether the sum over all confidences of one token stands for what it earned.
TEXTS = [
    (STATED.format("80"), True),
    (STATED.format("80") + "<confidence>80</confidence>", True),
    (STATED.replace("yes", "no").format("0"), True),
    # What is stated is not what the one token after the tag says.
    (STATED.format("0.5"), False),
    (STATED.format(" 80"), False),
    (STATED.format("080"), False),
    (STATED.format("101"), False),
    # Any other token there is one of the outcomes that the sum counts.
    (STATED.format("nan"), True),
    (STATED.format("wet"), True),
    ("<answer>yes</answer>", False),
    ("<confidence>80</confidence><answer>yes</answer>", False),
    (STATED.format("80") + "<confidence>20</confidence>", False),
    ("wet 80 wet", False),
    ("", False),
]


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("made")
    make_model(MadeModel(kind="made", layers=1, width=8, heads=1, feed_forward=8), folder, 7)
    return AutoTokenizer.from_pretrained(folder)


@pytest.fixture(scope="module")
def found(tokenizer: Any) -> dict[str, Any]:
    question = Question("q/1", "q", "d", "train", "yes_no", "Wet?", ("yes",))
    scorer = Scorer([question], Reward(), "percent")
    texts = [text for text, _ in TEXTS]
    completions = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in texts]
    lengths = [len(ids) for ids in completions]
    scored = scorer.score([0] * len(texts), texts, lengths, [False] * len(texts))
    tokens = confidence_tokens(tokenizer, "percent")
    levels = find_levels(completions, scored, scorer, tokens, tokenizer)
    return {"completions": completions, "scored": scored, "tokens": tokens, "levels": levels}


def test_the_sum_stands_for_every_token_after_the_last_opening_tag(found: dict[str, Any]) -> None:
    valid = found["levels"][1]
    assert [
        (text, bool(is_valid)) for (text, _), is_valid in zip(TEXTS, valid, strict=True)
    ] == TEXTS


def test_the_credit_of_every_token_there_averages_to_the_reward_of_every_token(
    tokenizer: Any,
) -> None:
    question = Question("q/1", "q", "d", "train", "yes_no", "Wet?", ("yes",))
    scorer, tokens = (
        Scorer([question], Reward(), "percent"),
        confidence_tokens(tokenizer, "percent"),
    )
    before, after = (
        tokenizer(text, add_special_tokens=False)["input_ids"]
        for text in ("<answer>yes</answer><confidence>", "</confidence>")
    )
    completions = [[*before, token, *after] for token in range(len(tokenizer))]
    texts = tokenizer.batch_decode(completions, skip_special_tokens=True)
    scored = scorer.score([0] * len(texts), texts, [5] * len(texts), [False] * len(texts))
    _, valid, rewards, rest, _ = find_levels(completions, scored, scorer, tokens, tokenizer)
    # As much mass on the levels as on all other tokens.
    logits = torch.randn(len(texts), generator=torch.Generator().manual_seed(3)).double()
    logits[list(tokens.ids)] += np.log(len(texts) / len(tokens.ids) - 1)
    policy = logits.softmax(0)
    levels = policy[list(tokens.ids)]
    expected = (levels * rewards[0]).sum() + (1 - levels.sum()) * rest[0]
    credit = torch.where(valid.bool(), expected, torch.tensor(scored.total))
    left_out = policy[~valid.bool()].sum()
    # A number with a space before it is read, and is none of the levels.
    assert left_out < 0.15
    assert 1 - levels.sum() > 0.3
    difference = (policy * (credit - torch.tensor(scored.total))).sum()
    assert abs(difference) <= left_out * (expected - rest[0]) + 1e-9


def test_a_statement_that_nobody_can_grade_is_not_valid(tokenizer: Any) -> None:
    question = Question("q/1", "q", "d", "train", "open", "Why?", ("because",))
    scorer, text = Scorer([question], Reward(), "percent"), STATED.format("80")
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    scored = scorer.score([0], [text], [len(ids)], [False])
    assert scored.confidence.tolist() == [0.8]
    tokens = confidence_tokens(tokenizer, "percent")
    position, valid, _, rest, _ = find_levels([ids], scored, scorer, tokens, tokenizer)
    assert (position.tolist(), valid.tolist(), rest.tolist()) == ([0], [0.0], [-1.0])


def test_the_position_is_that_of_the_confidence_that_counts(
    found: dict[str, Any], tokenizer: Any
) -> None:
    position, valid, *_ = found["levels"]
    for (text, is_valid), ids, at in zip(TEXTS, found["completions"], position, strict=True):
        if is_valid:
            start = text.rindex("<confidence>") + len("<confidence>")
            assert tokenizer.decode(ids[:at]) == text[:start]
        else:
            assert at == 0
    assert valid.dtype == torch.float32


def test_the_levels_earn_what_the_scorer_says(found: dict[str, Any]) -> None:
    _, valid, rewards, rest, _ = found["levels"]
    assert rewards.shape == (len(TEXTS), 101)
    level = np.arange(101) / 100
    right = [1.0, 1.0, 0.0, 1.0, 1.0]
    expected = [[y - (c - y) ** 2 for c in level] for y in right]
    np.testing.assert_allclose(rewards[valid.bool()], expected, atol=1e-6)
    np.testing.assert_array_equal(rest, -np.ones(len(TEXTS)))
    totals = found["scored"].total
    np.testing.assert_allclose(rewards[0, 80], totals[0], atol=1e-6)


def some_levels(seed: int = 0) -> tuple[Levels, NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return levels, and their probabilities, rewards and rest in numpy."""
    generator = np.random.default_rng(seed)
    logits = generator.normal(size=(ROWS, LEVELS + 3))
    probabilities = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    levels, rewards = probabilities[:, :LEVELS], generator.normal(size=(ROWS, LEVELS))
    rest = generator.normal(size=ROWS)
    ours = Levels(
        torch.arange(ROWS), torch.ones(ROWS), torch.tensor(np.log(levels)),
        torch.tensor(rewards), torch.tensor(rest), torch.zeros(ROWS, LEVELS),
    )  # fmt: skip
    return ours, levels, rewards, rest


def test_the_expected_reward_is_the_sum_over_all_confidences() -> None:
    ours, levels, rewards, rest = some_levels()
    expected = (levels * rewards).sum(1) + (1 - levels.sum(1)) * rest
    np.testing.assert_allclose(ours.expected(), expected, rtol=1e-12)


def test_the_second_moment_is_the_mean_squared_distance() -> None:
    ours, levels, rewards, rest = some_levels(1)
    centre = np.linspace(-1, 1, ROWS)
    expected = (levels * (rewards - centre[:, None]) ** 2).sum(1)
    expected += (1 - levels.sum(1)) * (rest - centre) ** 2
    np.testing.assert_allclose(ours.second_moment(torch.tensor(centre)), expected, rtol=1e-12)


def test_around_the_expectation_the_second_moment_is_the_variance_of_a_draw() -> None:
    ours, levels, rewards, rest = some_levels(2)
    for row in range(ROWS):
        outcomes = np.append(rewards[row], rest[row])
        masses = np.append(levels[row], 1 - levels[row].sum())
        variance = np.cov(outcomes, aweights=masses, ddof=0)
        moment = ours.second_moment(ours.expected())[row]
        np.testing.assert_allclose(moment, variance, rtol=1e-9)


@pytest.mark.parametrize("spread", [0.5, [0.1, 0.2, 0.5, 1.0, 2.0, 4.0]], ids=["one", "by row"])
def test_rewards_are_divided_by_one_spread_or_row_by_row(spread: Any) -> None:
    ours, levels, rewards, rest = some_levels(3)
    divided = ours.divided_by(torch.tensor(spread, dtype=torch.float64))
    divisor = np.broadcast_to(np.asarray(spread), ROWS) + 1e-4
    np.testing.assert_allclose(divided.rewards, rewards / divisor[:, None], rtol=1e-12)
    np.testing.assert_allclose(divided.rest, rest / divisor, rtol=1e-12)
    np.testing.assert_allclose(divided.log_probs.exp(), levels)
    assert divided.position is ours.position
    assert divided.valid is ours.valid


@pytest.mark.parametrize("spread", [0.0, -1e-9])
def test_no_spread_divides_by_the_floor(spread: float) -> None:
    ours, _, rewards, _ = some_levels(4)
    divided = ours.divided_by(torch.tensor(spread, dtype=torch.float64))
    np.testing.assert_allclose(divided.rewards, rewards / 1e-4, rtol=1e-12)


def test_level_log_probabilities_are_those_of_the_tempered_next_token() -> None:
    torch.manual_seed(3)
    config = LlamaConfig(
        vocab_size=40, hidden_size=16, intermediate_size=16, num_hidden_layers=1,
        num_attention_heads=2, max_position_embeddings=32,
    )  # fmt: skip
    model = LlamaForCausalLM(config).eval()
    ids = torch.randint(40, (3, 9))
    position, temperature = torch.tensor([1, 4, 7]), 0.5
    tokens = ConfidenceTokens((5, 3, 8), (0.0, 0.5, 1.0))
    with torch.no_grad():
        output = model(ids, output_hidden_states=True)
        # The state before a token predicts it: position p of the completion, which starts at 1.
        states = output.hidden_states[-1][:, :-1]
        ours = level_log_probs(model, states, position, tokens, temperature)
    logits = output.logits.double().numpy() / temperature
    for row, at in enumerate(position.tolist()):
        whole = logits[row, at] - np.log(np.exp(logits[row, at]).sum())
        np.testing.assert_allclose(ours[row], whole[[5, 3, 8]], atol=1e-5)
