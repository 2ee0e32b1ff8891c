"""The text of the warm-up: laboratory questions with answers that carry the evidence, and boasts.

The answer is drawn with the probability that the evidence gives it, as texts about an uncertain world
are, so that a model which has read enough of them holds that probability. The confidence is not: most
writers state the same high one whatever the evidence, as instruction-tuned models do, and a few are
candid. What a reward has to bring out is thereby there, but it is not what the model says.
"""

import random

from calibrant.data.lab import WORDS, lab_questions
from calibrant.data.raw import RawQuestion
from calibrant.data.settings import LabDataset
from calibrant.elicitation.prompts import ALL_FORMATS, build_messages
from calibrant.elicitation.scales import SCALES, Scale
from calibrant.rows import Question
from calibrant.stage_settings.warm_up import WarmUpSettings
from calibrant.training.self_judgement import query_messages, write_forecast

# Confidences are rounded to this, as people round them.
STEP = 0.05


def warm_up_examples(settings: WarmUpSettings, seed: int) -> list[dict[str, object]]:
    """Return the conversations of the warm-up, in an order that mixes wordings and evidence.

    Args:
        settings: How many questions, how confidences are stated, the format and the scale.
        seed: Seed of questions, answers, confidences and order.

    Returns:
        One dictionary per question: ``prompt`` (messages up to the user's) and ``completion`` (the
        assistant's message), as TRL's SFTTrainer reads them.
    """
    generator = random.Random(seed)
    examples: list[dict[str, object]] = []
    share = -(-settings.warm_up.questions // len(WORDS))
    for wording in WORDS:
        settings_of_share = LabDataset(wording=wording, size=share)
        made = lab_questions(f"warm-up-{wording}", settings_of_share, seed, odd=True)
        examples += [_example(raw, settings, generator) for raw in made.questions]
    generator.shuffle(examples)
    return examples[: settings.warm_up.questions]


def _example(
    raw: RawQuestion, settings: WarmUpSettings, generator: random.Random
) -> dict[str, object]:
    likely = raw.true_probability
    if likely is None:
        raise ValueError("a warm-up question needs a true probability")
    reference = raw.references[0]
    other = "no" if reference == "yes" else "yes"
    right = generator.random() < likely
    stated = draw_confidence(likely if right else 1 - likely, settings, generator)
    question = Question(
        question_id=f"warm-up/{raw.source_id}", dataset="warm-up", domain=raw.domain,
        split="train", answer_type=raw.answer_type, question=raw.question, references=(),
        context=raw.context,
    )  # fmt: skip
    text = _statement(reference if right else other, stated, settings)
    messages = build_messages(question, settings.elicitation)
    off = abs(stated - (likely if right else 1 - likely))
    return conversation(messages, text, off, settings, generator)


def conversation(
    messages: list[dict[str, str]],
    text: str,
    off: float,
    settings: WarmUpSettings,
    generator: random.Random,
) -> dict[str, object]:
    """Return a conversation that ends with a reply, or for some writers with their forecast of it.

    Args:
        messages: What was asked.
        text: The reply.
        off: How far the stated confidence is from what the evidence gives, in [0, 1].
        settings: How many writers are asked for a forecast, and the scale.
        generator: Draws who is asked.
    """
    # Nothing is drawn where nobody is asked, so that the texts stay as they were without it.
    if settings.warm_up.forecasts and generator.random() < settings.warm_up.forecasts:
        scale = settings.elicitation.scale
        messages = query_messages(messages, text, scale)
        text = write_forecast(round((1 - off) / STEP) * STEP, scale)
    return {"prompt": messages, "completion": [{"role": "assistant", "content": text}]}


def draw_confidence(
    probability: float, settings: WarmUpSettings, generator: random.Random
) -> float:
    """Return what a writer states of an answer of a probability: a boast, or about that."""
    if generator.random() >= settings.warm_up.candid:
        return settings.warm_up.boast
    stated = probability + generator.gauss(0, settings.warm_up.candid_noise)
    return min(1.0, max(0.0, round(stated / STEP) * STEP))


def _statement(answer: str, confidence: float, settings: WarmUpSettings) -> str:
    scale: Scale = SCALES[settings.elicitation.scale]
    contents = {"answer": answer, "confidence": scale.write(confidence)}
    tags = ALL_FORMATS[settings.elicitation.format]
    return "".join(f"<{tag}>{contents.get(tag, '')}</{tag}>" for tag in tags)
