"""The text of the warm-up for answers of several sentences, each with its confidence.

Half the questions ask for one claim, in every wording, and are answered in one sentence; half ask about
two places and are answered in two. What a sentence says is drawn with the probability that the evidence
gives it, and its confidence as everywhere in the warm-up (``warm_up_text``).
"""

import random
from collections.abc import Sequence

from calibrant.data.lab import WORDS, lab_claim_questions, lab_questions
from calibrant.data.lab_claims import claim_sentence
from calibrant.data.raw import RawQuestion
from calibrant.data.settings import LabDataset
from calibrant.elicitation.prompts import build_messages
from calibrant.elicitation.scales import SCALES
from calibrant.elicitation.sentence_statements import write_sentences
from calibrant.rows import Question
from calibrant.stage_settings.warm_up import WarmUpSettings
from calibrant.training.warm_up_text import conversation, draw_confidence

Claims = list[tuple[str, str, float]]
"""What may be said: the sentence that is so, the one that is not, and the probability of the first."""


def sentence_examples(settings: WarmUpSettings, seed: int) -> list[dict[str, object]]:
    """Return the conversations of the warm-up, mixed, in the form of ``warm_up_examples``.

    Args:
        settings: How many questions, how confidences are stated, and the scale.
        seed: Seed of questions, sentences, confidences and order.
    """
    generator = random.Random(seed)
    half = -(-settings.warm_up.questions // 2)
    examples = []
    for wording in WORDS:
        single = LabDataset(wording=wording, size=-(-half // len(WORDS)))
        for raw in lab_questions(f"warm-up-{wording}", single, seed, odd=True).questions:
            examples.append(_example(raw, _one_claim(raw), settings, generator))
    double = LabDataset(wording="weather", size=half, claims=2)
    for raw, claims in lab_claim_questions("warm-up-claims", double, seed, odd=True):
        said: Claims = [
            (
                claim_sentence(claim.place, claim.outcome),
                claim_sentence(claim.place, _other(claim.outcome)),
                claim.probability,
            )
            for claim in claims
        ]
        examples.append(_example(raw, said, settings, generator))
    generator.shuffle(examples)
    return examples[: settings.warm_up.questions]


def _one_claim(raw: RawQuestion) -> Claims:
    if raw.true_probability is None:
        raise ValueError("a warm-up question needs a true probability")
    outcome = raw.references[0]
    return [(outcome, _other(outcome), raw.true_probability)]


def _other(outcome: str) -> str:
    return "no" if outcome == "yes" else "yes"


def _example(
    raw: RawQuestion,
    claims: Sequence[tuple[str, str, float]],
    settings: WarmUpSettings,
    generator: random.Random,
) -> dict[str, object]:
    said, off = [], 0.0
    for so, not_so, probability in claims:
        right = generator.random() < probability
        likely = probability if right else 1 - probability
        stated = draw_confidence(likely, settings, generator)
        said.append((so if right else not_so, stated))
        off += abs(stated - likely) / len(claims)
    question = Question(
        question_id=f"warm-up/{raw.source_id}", dataset="warm-up", domain=raw.domain,
        split="train", answer_type=raw.answer_type, question=raw.question, references=(),
        context=raw.context,
    )  # fmt: skip
    text = write_sentences(said, SCALES[settings.elicitation.scale])
    messages = build_messages(question, settings.elicitation)
    return conversation(messages, text, off, settings, generator)
