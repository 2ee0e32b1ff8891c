"""From our settings to TRL's configuration."""

import math
from pathlib import Path
from typing import Any

from calibrant.engines.device import has_gpu
from calibrant.training.settings import TrainedMethod, Training


def trainer_arguments(
    method: TrainedMethod, training: Training, work: Path, seed: int, processes: int
) -> dict[str, Any]:
    """Return the keyword arguments of TRL's configuration.

    Args:
        method: Estimator and scale.
        training: Everything else.
        work: Folder of the checkpoints to restart from.
        seed: Seed of sampling and of the order of questions.
        processes: Processes that train together.
    """
    minibatch = training.questions * training.samples // training.minibatches
    micro = training.micro_batch or minibatch // processes
    accumulation = minibatch // processes // micro
    steps = training.minibatches * training.epochs
    return {
        "output_dir": str(work),
        "seed": seed,
        "per_device_train_batch_size": micro,
        "gradient_accumulation_steps": accumulation,
        "steps_per_generation": training.minibatches * accumulation,
        "num_iterations": training.epochs,
        "num_generations": training.samples,
        "max_steps": training.rounds * steps,
        "learning_rate": training.learning_rate,
        # transformers' plain constant schedule leaves the rise out.
        "lr_scheduler_type": (
            "constant_with_warmup" if training.schedule == "constant" else training.schedule
        ),
        # In steps: the trainer would take a share of 1.0 for one step.
        "warmup_steps": math.ceil(training.warm_up_share * training.rounds * steps),
        "weight_decay": training.weight_decay,
        # Trainings are short: a mean over the last thousand steps would still hold the first ones.
        "adam_beta2": 0.95,
        "max_grad_norm": training.max_grad_norm,
        "epsilon": training.clip,
        "beta": training.kl,
        # `group` and `batch` of TRL; ours are worked out on top where they differ.
        "scale_rewards": method.scale,
        # Sums over the tokens of the whole batch, whatever the number of processes.
        "loss_type": "dapo",
        "max_completion_length": training.rollouts.max_new_tokens,
        "temperature": training.rollouts.temperature,
        # The order of the rows is ours, so that a restart goes on with the next question.
        "shuffle_dataset": False,
        "activation_checkpointing": False,
        # TRL's default of bfloat16 is some thirty times slower on a CPU without its instructions.
        "bf16": has_gpu(),
        "dataloader_pin_memory": has_gpu(),
        "logging_steps": steps,
        "logging_first_step": False,
        "logging_nan_inf_filter": False,
        "save_strategy": "no",
        "report_to": "none",
        "disable_tqdm": True,
        **_rollout_arguments(training),
    }


def _rollout_arguments(training: Training) -> dict[str, Any]:
    rollouts = training.rollouts
    if rollouts.engine == "transformers":
        return {"use_vllm": False}
    if rollouts.engine == "vllm_colocate":
        return {
            "use_vllm": True,
            "vllm_mode": "colocate",
            "vllm_gpu_memory_utilization": rollouts.gpu_memory,
        }
    return {"use_vllm": True, "vllm_mode": "server", "vllm_server_base_url": rollouts.server}
