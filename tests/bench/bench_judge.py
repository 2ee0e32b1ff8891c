"""Verdicts per second: the scoring engine against one chat after the other, in one paired run."""

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pytest

from calibrant.engines.settings import Generation
from calibrant.judging.case import Case
from calibrant.judging.language_judge import LanguageJudge
from calibrant.judging.prompts import DEFAULT_PROMPT, PROMPTS

PAIRS, CASES, LOOPED = 3, 128, 16
PROMPT = PROMPTS[DEFAULT_PROMPT]
NAMES = ("Ada Torvik", "Ole Brandt", "Mira Solheim", "Jon Askew", "Lene Dahl")
PLACES = ("Brelm", "Ostwick", "Karrow", "Lund Bay", "Hask", "Morvay")


def made_cases(count: int) -> list[Case]:
    """Answers of a few words and of a sentence, as models give to short questions."""
    rng = np.random.default_rng(1)
    cases = []
    for number in range(count):
        place, name, other = rng.choice(PLACES), rng.choice(NAMES), rng.choice(NAMES)
        question = f"Who kept the records of {place} in {1800 + number}?"
        answer = str(other)
        if number % 2:
            answer = f"The records of {place} were kept by {other}, who lived there for years."
        cases.append(Case(question, (str(name),), answer))
    return cases


def one_by_one(model: Any, tokenizer: Any, cases: list[Case]) -> dict[int, float]:
    """Return P(correct) per case from a token generated for each, the whole chat read every time."""
    import torch

    yes, no = (tokenizer(reply[0], add_special_tokens=False)["input_ids"][0]
               for reply in (PROMPT.yes, PROMPT.no))  # fmt: skip
    found = {}
    for index, case in enumerate(cases):
        chat = tokenizer.apply_chat_template(
            list(PROMPT.messages(case)), add_generation_prompt=True, return_tensors="pt",
            return_dict=True,
        )  # fmt: skip
        with torch.inference_mode():
            made = model.generate(
                **chat, max_new_tokens=1, do_sample=False, output_logits=True,
                return_dict_in_generate=True, pad_token_id=tokenizer.eos_token_id,
            )  # fmt: skip
        logits = made.logits[0][0].double()
        found[index] = float(torch.sigmoid(logits[yes] - logits[no]))
    return found


def rate(judge: Callable[[list[Case]], dict[int, float]], cases: list[Case]) -> Any:
    start = time.perf_counter()
    found = judge(cases)
    return len(found) / (time.perf_counter() - start), found


def test_scoring_against_one_chat_after_the_other(smollm2_folder: Path, capsys: Any) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from calibrant.engines.transformers_engine import TransformersEngine

    engine = TransformersEngine(smollm2_folder, Generation(batch_size=32))
    judge = LanguageJudge(engine, PROMPT, "bench")
    model = AutoModelForCausalLM.from_pretrained(smollm2_folder, dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(smollm2_folder)
    cases = made_cases(CASES)

    def ours(cases: list[Case]) -> dict[int, float]:
        return {index: verdict.probability for index, verdict in judge.judge(cases)}

    def loop(cases: list[Case]) -> dict[int, float]:
        return one_by_one(model, tokenizer, cases)

    # The first call of each allocates memory and chooses kernels.
    ours(cases[:2]), loop(cases[:2])
    pairs = []
    for pair in range(PAIRS):
        measured = {}
        for run in (ours, loop) if pair % 2 == 0 else (loop, ours):
            measured[run] = rate(run, cases if run is ours else cases[:LOOPED])
        pairs.append((measured[ours][0], measured[loop][0]))
        for index, probability in measured[loop][1].items():
            assert measured[ours][1][index] == pytest.approx(probability, abs=1e-4)
    with capsys.disabled():
        print(
            f"\n{CASES} cases, {torch.get_num_threads()} threads: "
            f"{median(a for a, _ in pairs):.1f} verdicts a second; one chat after the other "
            f"{median(b for _, b in pairs):.2f}; ratio {median(a / b for a, b in pairs):.1f}"
        )
