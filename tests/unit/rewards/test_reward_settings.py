"""What the settings of a reward accept and refuse."""

import pytest
from pydantic import ValidationError

from calibrant.rewards import settings
from calibrant.rewards.settings import ArticleMatrix, Reward
from calibrant.settings import Settings


def test_the_default_is_rlcr():
    reward = Reward()
    assert reward.score.rule == "brier"
    assert (reward.weight, reward.correctness, reward.format.malformed_penalty) == (1, 1, 1)
    assert reward.accept_improper is None


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ({"rule": "none"}, settings.NoRule),
        ({"rule": "brier"}, settings.Brier),
        ({"rule": "power", "k": 3}, settings.Power),
        ({"rule": "log", "clip": 0.01}, settings.Log),
        ({"rule": "spherical"}, settings.Spherical),
        ({"rule": "beta", "a": 2, "b": 0.5}, settings.Beta),
        ({"rule": "threshold", "t": 0.8}, settings.Threshold),
        ({"rule": "article"}, settings.Article),
        ({"rule": "article_matrix", "high": 0.9}, settings.ArticleMatrix),
    ],
)
def test_the_rule_decides_which_parameters_there_are(written, kind):
    assert type(Reward.model_validate({"score": written}).score) is kind


@pytest.mark.parametrize(
    "written",
    [
        {"score": {"rule": "brier", "k": 2}},
        {"score": {"rule": "absolute"}},
        {"score": {"rule": "power", "k": 1}},
        {"score": {"rule": "log", "clip": 0.5}},
        {"score": {"rule": "beta", "a": 0}},
        {"score": {"rule": "threshold", "t": 1}},
        {"weight": float("nan")},
        {"weight": float("inf")},
        {"weight": -1},
        {"weight": 1e-12},
        {"accept_improper": True},
        {"format": {"malformed_penalty": -1}},
    ],
)
def test_impossible_settings_are_refused(written):
    with pytest.raises(ValidationError):
        Reward.model_validate(written)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"low": 0.9, "high": 0.8}, "must not be above"),
        ({"right_low": -3.0}, "must cost more"),
        ({"wrong_low": 1.0}, "must earn less"),
    ],
)
def test_a_matrix_against_the_articles_order_is_refused(values, message):
    with pytest.raises(ValidationError, match=message):
        ArticleMatrix(**values)


@pytest.mark.parametrize("words", [None, "", "  \n"])
def test_blank_words_accept_nothing(words):
    assert Reward(accept_improper=words).accept_improper is None


def test_every_setting_is_described():
    models = [item for item in vars(settings).values() if isinstance(item, type)]
    models = [item for item in models if issubclass(item, Settings) and item is not Settings]
    assert len(models) == 11
    for model in models:
        assert model.__doc__
        for name, field in model.model_fields.items():
            assert field.description, f"{model.__name__}.{name}"
