"""RLMF in the real trainer: the second query asked of the policy, and its advantage."""

from pathlib import Path

import numpy as np
import pytest
import torch
from tests.integration.training.small_training import (
    ELICITATION,
    first_batch,
    make_trainer,
    settings,
)

from calibrant.training.advantages import rlmf
from calibrant.training.second_query import SecondQuery

REWARD = {"faithfulness": 12.0, "score": {"rule": "brier"}}
METHOD = {"estimator": "grpo", "scale": "none", "feedback": "rlmf", "self_judgement": {}}


@pytest.fixture
def trainer(taught: Path, tmp_path: Path):
    chosen = settings(METHOD, REWARD, samples=4)
    trainer = make_trainer(taught, chosen, tmp_path)
    trainer.second_query = SecondQuery(
        trainer.scorer.questions,
        ELICITATION,
        chosen.trained.self_judgement,
        trainer.processing_class,
    )
    return trainer


def test_every_completion_is_judged_and_its_advantage_is_the_published_one(trainer) -> None:
    batch = first_batch(trainer)
    scored = trainer._scored
    judged = scored.self_judged
    assert judged is not None
    # An untrained model forecasts nothing that can be read, and is given nothing for it.
    unread = np.isnan(judged.forecast) & ~np.isnan(judged.gold)
    assert (judged.quality[unread] == -1).all()
    f = torch.tensor(scored.parts.faithfulness, dtype=torch.float32)
    o = torch.tensor(scored.total, dtype=torch.float32) - f
    expected = rlmf(o, f, torch.tensor(judged.quality, dtype=torch.float32), 4, 1.0)
    assert batch["advantages"].view(-1).tolist() == pytest.approx(expected.tolist(), abs=1e-4)
    assert 0 <= trainer.summary["intrinsic"] <= 1
    assert trainer.summary["forecast_rate"] == np.mean(~np.isnan(judged.forecast[scored.readable]))


def test_asking_leaves_the_random_numbers_of_the_training_alone(trainer) -> None:
    asked = trainer.second_query
    states = []

    def watched(*arguments):
        before = torch.random.get_rng_state()
        scored = asked(*arguments)
        states.append(torch.equal(torch.random.get_rng_state(), before))
        return scored

    trainer.second_query = watched
    first_batch(trainer)
    assert states == [True]
