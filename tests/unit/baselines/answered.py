"""Answers of a very small real model, made up so that every part of a text is known."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from calibrant.baselines.located_answers import GradedTexts, locate_answers
from calibrant.elicitation.parse import parse_completion
from calibrant.elicitation.scales import SCALES
from calibrant.rows import Completion, Prediction

SCALE = SCALES["percent"]


def prompt_of(question: str) -> str:
    return f"<|user|>{question}<|end|><|assistant|>"


def graded(
    texts: Sequence[tuple[str, str]],
    correct: Sequence[bool | None] | None = None,
    split: str = "test",
    name: str = "made",
) -> GradedTexts:
    """Return rows of prompts and completions, each answering a question of its own."""
    predictions, completions = [], []
    for at, (prompt, text) in enumerate(texts):
        question = f"{name}/{at}"
        statement = parse_completion(text, SCALE)
        completions.append(Completion(question, name, "base", 17, 0, prompt, text, "stop"))
        predictions.append(
            Prediction(
                question,
                name,
                "general",
                split,
                "short_text",
                "base",
                17,
                0,
                text,
                statement.answer,
                statement.confidence,
                statement.status,
                None if correct is None else correct[at],
                "",
                "short_text",
                true_probability=0.3,
                recorded_confidence=0.4,
                recorded_correct=True,
            )
        )
    return GradedTexts(predictions, completions)


def located(texts: Sequence[tuple[str, str]]) -> list[Any]:
    found = locate_answers(graded(texts), SCALE)
    assert len(found) == len(texts)
    return list(found.values())


def sharpened(tiny_model: Path, folder: Path) -> Path:
    """Write the tiny model with larger weights: random ones of the usual size predict nothing."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.float32)
    with torch.no_grad():
        for name, weights in model.named_parameters():
            if "norm" not in name:
                weights.mul_(8)
    model.save_pretrained(folder)
    AutoTokenizer.from_pretrained(tiny_model).save_pretrained(folder)
    return folder


def token_log_probs(model: Any, before: Sequence[int], tokens: Sequence[int]) -> list[float]:
    """Return the log probability of each token by one forward pass, without cache or batch."""
    import torch

    with torch.no_grad():
        logits = model(torch.tensor([[*before, *tokens]])).logits[0].double()
    table = torch.log_softmax(logits, dim=-1)
    return [float(table[len(before) - 1 + at, token]) for at, token in enumerate(tokens)]
