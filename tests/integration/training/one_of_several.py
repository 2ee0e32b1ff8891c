"""Trains as one of the processes that torchrun starts; run by a test.

Run as ``python one_of_several.py MODEL FOLDER METHODS``, METHODS being a JSON list. The weights of
policy and critic at the end of each go into FOLDER.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from tests.integration.training.small_training import make_trainer, settings


def train_all(model: Path, folder: Path, methods: list[dict[str, Any]]) -> None:
    """Train with every method in turn and write ``0-0.safetensors``: method, then process"""
    from safetensors.torch import save_file

    processes = int(os.environ.get("WORLD_SIZE", "1"))
    for number, method in enumerate(methods):
        chosen = settings(method, rounds=3, processes=processes, learning_rate=0.001)
        trainer = make_trainer(model, chosen, folder / f"work-{number}", processes=processes)
        trainer.train()
        policy = trainer.accelerator.unwrap_model(trainer.model).state_dict()
        weights = {name: value.contiguous() for name, value in policy.items()}
        if trainer.critic is not None:
            critic = trainer.critic.module.state_dict()
            weights |= {f"critic.{name}": value.contiguous() for name, value in critic.items()}
        rank = trainer.accelerator.process_index
        save_file(weights, folder / f"{number}-{rank}.safetensors")


if __name__ == "__main__":
    train_all(Path(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3]))
