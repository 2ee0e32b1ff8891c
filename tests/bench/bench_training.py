"""Training samples per second: our PPO with its critic against TRL's own GRPO, in one paired run."""

import time
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from calibrant.data.lab import lab_questions
from calibrant.data.prepare import to_questions
from calibrant.data.settings import LabDataset
from calibrant.elicitation.prompts import build_messages
from calibrant.elicitation.settings import Elicitation
from calibrant.model_settings import MadeModel
from calibrant.rewards.settings import Reward
from calibrant.training.made_model import make_model
from calibrant.training.scorer import Scorer
from calibrant.training.settings import Critic, TrainedMethod, Training
from calibrant.training.statement_tokens import confidence_tokens
from calibrant.training.trainer_arguments import trainer_arguments

ROUNDS, PAIRS, QUESTIONS, SAMPLES = 3, 3, 64, 4
ELICITATION = Elicitation(format="answer_confidence", scale="percent", examples=0)


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    make_model(MadeModel(kind="made"), folder, 1)
    return folder


def clock() -> Any:
    """Return a callback that notes when each optimiser step ends."""
    from transformers import TrainerCallback

    class Clock(TrainerCallback):
        def __init__(self) -> None:
            self.times: list[float] = []

        def on_step_end(self, *_: Any, **__: Any) -> None:
            self.times.append(time.perf_counter())

    return Clock()


def rate(kind: str, folder: Path, work: Path) -> float:
    """Return completions trained on per second; the first round, which warms up, is left out."""
    from datasets import Dataset
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from trl import GRPOConfig, GRPOTrainer

    from calibrant.training.trainer import PolicyConfig, PolicyTrainer

    training = Training(rounds=ROUNDS + 1, questions=QUESTIONS, samples=SAMPLES, epochs=2)
    method = TrainedMethod(
        kind="trained", reward="r", estimator="grpo" if kind == "trl" else "ppo",
        credit="exact" if kind == "exact" else "sampled",
        training=training.model_copy(update={"critic": Critic()}),
    )  # fmt: skip
    made = lab_questions("bench", LabDataset(wording="weather", size=2000), 1)
    questions, _ = to_questions("bench", made, {"lab": {"test": 1.0}})
    rows = Dataset.from_list(
        [
            {"prompt": build_messages(question, ELICITATION), "row": index}
            for index, question in enumerate(questions[: QUESTIONS * (ROUNDS + 1)])
        ]
    )
    scorer = Scorer(questions, Reward(), "percent")
    tokenizer = AutoTokenizer.from_pretrained(folder, padding_side="left")
    arguments = trainer_arguments(method, training, work, 1, 1)
    # A random model would run to the limit; all of them write the same number of tokens.
    arguments |= {"max_completion_length": 8, "generation_kwargs": {"min_new_tokens": 8}}
    timer = clock()
    common = {
        "model": AutoModelForCausalLM.from_pretrained(folder), "train_dataset": rows,
        "processing_class": tokenizer, "callbacks": [timer],
    }  # fmt: skip
    if kind == "trl":

        def score(completions: Any, completion_ids: Any, row: Any, **_: Any) -> list[float]:
            texts = [turns[0]["content"] for turns in completions]
            lengths = [len(ids) for ids in completion_ids]
            total: list[float] = scorer.score(row, texts, lengths, [True] * len(row)).total.tolist()
            return total

        trainer = GRPOTrainer(reward_funcs=score, args=GRPOConfig(**arguments), **common)
    else:
        tokens = confidence_tokens(tokenizer, "percent") if kind == "exact" else None
        trainer = PolicyTrainer(
            scorer=scorer, method=method, training=training, tokens=tokens,
            starting_folder=folder, args=PolicyConfig(**arguments), **common,
        )  # fmt: skip
    trainer.train()
    per_round = training.epochs * training.minibatches
    seconds = timer.times[-1] - timer.times[per_round - 1]
    return ROUNDS * QUESTIONS * SAMPLES / seconds


def test_ppo_against_grpo_of_trl(model_folder: Path, tmp_path: Path, capsys: Any) -> None:
    kinds = ("trl", "ppo", "exact")
    rates: dict[str, list[float]] = {kind: [] for kind in kinds}
    for pair in range(PAIRS):
        for kind in kinds if pair % 2 == 0 else reversed(kinds):
            rates[kind].append(rate(kind, model_folder, tmp_path / f"{kind}{pair}"))
    ratios = {
        kind: median(a / b for a, b in zip(rates[kind], rates["trl"], strict=True))
        for kind in kinds[1:]
    }
    with capsys.disabled():
        print(
            f"\n{QUESTIONS * SAMPLES} completions a round, 2 epochs: TRL's GRPO "
            f"{median(rates['trl']):.0f} completions a second; PPO with critic "
            f"{median(rates['ppo']):.0f}, ratio {ratios['ppo']:.2f}; with exact credit "
            f"{median(rates['exact']):.0f}, ratio {ratios['exact']:.2f}"
        )
