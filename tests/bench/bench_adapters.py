"""CPU seconds of training adapters on a pretrained model's last layers: our passes against full ones.

Both sides are our trainer on the same questions. One leaves out what it need not work out twice, the
other runs every pass through all layers and TRL's head over all positions. Generation is in both.
"""

import time
from pathlib import Path
from statistics import median
from typing import Any

from tests.integration.training.by_hand import in_full
from tests.integration.training.small_training import make_trainer, settings

from calibrant.training.adapters import adapter_config
from calibrant.training.settings import Lora

PAIRS = 2
LORA = Lora(rank=16, alpha=32, last_layers=10)


def seconds(folder: Path, work: Path, full: bool) -> tuple[float, float]:
    """Return the CPU seconds of a round, and of its passes for log-probabilities and gradients alone."""
    chosen = settings(
        {"estimator": "ppo"}, rounds=1, questions=8, samples=1, epochs=1, minibatches=2,
        micro_batch=4, rollouts={"max_new_tokens": 24},
    )  # fmt: skip
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(folder, dtype="float32", local_files_only=True)
    trainer = make_trainer(folder, chosen, work, rollouts=None, peft=adapter_config(LORA, model))
    writing = 0.0
    generate = trainer._generate_single_turn

    def timed(*args: Any, **kwargs: Any) -> Any:
        nonlocal writing
        start = time.process_time()
        written = generate(*args, **kwargs)
        writing = time.process_time() - start
        return written

    trainer._generate_single_turn = timed
    if full:
        in_full(trainer)
    start = time.process_time()
    trainer.train()
    total = time.process_time() - start
    return total, total - writing


def test_passes_against_full_ones(smollm2_folder: Path, tmp_path: Path, capsys: Any) -> None:
    taken: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
    for pair in range(PAIRS):
        for full in (True, False) if pair % 2 == 0 else (False, True):
            taken[full].append(seconds(smollm2_folder, tmp_path / f"{full}{pair}", full))
    whole, scoring = (
        median(a[at] / b[at] for a, b in zip(taken[True], taken[False], strict=True))
        for at in (0, 1)
    )
    full_round, our_round = (median(total for total, _ in taken[full]) for full in (True, False))
    with capsys.disabled():
        print(
            f"\n8 completions, adapters on the last {LORA.last_layers} layers: {full_round:.1f} CPU "
            f"seconds with full passes, {our_round:.1f} with ours, ratio {whole:.2f}; without "
            f"generation, ratio {scoring:.2f}"
        )
