"""The gate before any job: a study goes on with no reward that fails, unless somebody accepts it."""

from collections.abc import Mapping

from calibrant.errors import CalibrantError
from calibrant.rewards.settings import Reward
from calibrant.rewards.theory import Verdict, judge_reward


def judge_rewards(rewards: Mapping[str, Reward]) -> dict[str, Verdict]:
    """Return the verdict on every reward, by name; faithfulness is left out."""
    return {name: judge_reward(without_faithfulness(reward)) for name, reward in rewards.items()}


def without_faithfulness(reward: Reward) -> Reward:
    """Return a reward without its factor on faithfulness.

    What that asks for is a matter of the model, not of the outcome that verdicts and audit go by.
    """
    return reward.model_copy(update={"faithfulness": 0.0})


def check_rewards(where: object, rewards: Mapping[str, Reward]) -> None:
    """Refuse to go on with a reward that fails and that nobody accepted in words.

    Args:
        where: The study, for the error.
        rewards: The rewards by name. It takes some hundredths of a second for each.

    Raises:
        CalibrantError: Names the first refused reward and its faults.
    """
    refused = {name: found for name, found in judge_rewards(rewards).items() if found.refused}
    if not refused:
        return
    first, *others = refused
    more = f" (refused too: {', '.join(others)})" if others else ""
    raise CalibrantError(
        f"this reward is refused: {'; '.join(refused[first].faults)}{more}",
        where=f"{where}: rewards.{first}",
        repair="Change the rule or its weight, or say in `accept_improper` why it is used all the same",
    )
