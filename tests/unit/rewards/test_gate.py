"""A reward that fails goes no further, unless somebody accepts it."""

import pytest

from calibrant.errors import CalibrantError
from calibrant.rewards.gate import check_rewards
from calibrant.rewards.settings import Article, Reward

SOUND = {"rlcr": Reward(), "faithful": Reward(faithfulness=12)}
ARTICLE = Reward(score=Article())


def test_sound_and_accepted_rewards_pass() -> None:
    check_rewards("a study", {})
    accepted = ARTICLE.model_copy(update={"accept_improper": "to see what it does"})
    check_rewards("a study", SOUND | {"article": accepted})


def test_the_first_refused_reward_is_named_with_its_faults_and_the_others_by_name() -> None:
    heavy = Reward(weight=1.5)
    with pytest.raises(CalibrantError) as caught:
        check_rewards("a study", SOUND | {"heavy": heavy, "article": ARTICLE})
    said = str(caught.value)
    assert said.startswith(
        "a study: rewards.heavy: this reward is refused: it pays more for a wrong"
    )
    assert "refused too: article" in said
    assert "accept_improper" in said


def test_a_factor_on_faithfulness_accepts_nothing() -> None:
    with pytest.raises(CalibrantError, match="it is improper"):
        check_rewards("a study", {"article": ARTICLE.model_copy(update={"faithfulness": 12})})
