"""Which layers get a low-rank adapter."""

from typing import Any

from calibrant.errors import CalibrantError
from calibrant.training.settings import Lora


def adapter_config(lora: Lora, model: Any) -> Any:
    """Return peft's configuration of the adapters.

    With ``last_layers`` every adapter is named in full, so that nothing below them needs a gradient:
    torch then neither keeps nor goes back through the layers beneath.

    Args:
        lora: Rank, scale, and which layers.
        model: The model that gets them.

    Raises:
        CalibrantError: If the model has fewer layers, or none of the names is a linear layer in them.
    """
    from peft import LoraConfig

    targets = lora.targets if lora.last_layers is None else _in_last_layers(lora, model)
    return LoraConfig(
        r=lora.rank, lora_alpha=lora.alpha, lora_dropout=lora.dropout,
        target_modules=targets, task_type="CAUSAL_LM",
    )  # fmt: skip


def _in_last_layers(lora: Lora, model: Any) -> list[str]:
    from torch.nn import Linear, ModuleList

    last, count = lora.last_layers or 0, model.config.num_hidden_layers
    where = "training.lora"
    if last > count:
        raise CalibrantError(
            f"`last_layers` is {last}, and the model has {count} layers", where=where,
            repair=f"At most {count}, or leave it out for all",
        )  # fmt: skip
    lists = [
        name
        for name, module in model.named_modules()
        if isinstance(module, ModuleList) and len(module) == count
    ]
    starts = tuple(f"{name}.{at}." for name in lists for at in range(count - last, count))
    found = [
        name
        for name, module in model.named_modules()
        if isinstance(module, Linear)
        and name.startswith(starts)
        and (lora.targets == "all-linear" or name.rsplit(".", 1)[-1] in lora.targets)
    ]
    if not found:
        raise CalibrantError(
            f"no linear layer of the last {last} is named as in `targets`", where=where,
            repair="Use `targets: all-linear`, or leave `last_layers` out",
        )  # fmt: skip
    return found
