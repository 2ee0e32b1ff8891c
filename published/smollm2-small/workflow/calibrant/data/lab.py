"""The laboratory: yes-no questions whose true probability is known by construction.

Every question shows evidence about an event that is drawn with exactly the probability which the
evidence gives it. So the distance of a stated confidence from the truth can be measured question by
question, which no real dataset allows. Weather wording is trained on with rewards; medical and legal
wording have the same logic in other words and are held out of that, and so is one combination of
evidence, which the warm-up does not read either.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import get_args

from calibrant.data.lab_claims import (
    PLACES,
    QUESTION,
    Claim,
    claims_context,
    claims_references,
    joint_probability,
)
from calibrant.data.lab_reports import reports
from calibrant.data.raw import Loaded, RawJudgement, RawQuestion
from calibrant.data.settings import Evidence, LabDataset, LabVerdicts, Wording
from calibrant.files import canonical_json

PART = "lab"
EVIDENCE: tuple[Evidence, ...] = get_args(Evidence)

# Length of a record, and of a set of cards.
TEN = 10
# How often in ten a witness of each kind is right.
RELIABILITIES = (6, 7, 9)


@dataclass(frozen=True)
class Words:
    """The words of one world; ``yes`` and ``no`` are the two outcomes, as the evidence calls them."""

    domain: str
    case: str
    record: str
    yes: str
    no: str
    witness: str
    cards: str
    question: str


WORDS: dict[Wording, Words] = {
    "weather": Words(
        "weather", "Station", "The last ten days:", "wet", "dry",
        "Forecaster right {} in 10:", "Of ten days like this {} + {} were wet.",
        "Will tomorrow be wet?",
    ),
    "medicine": Words(
        "medical", "Patient", "Ten patients like this one:", "healed", "ill",
        "Doctor right {} in 10:", "Of ten such courses {} + {} ended healed.",
        "Will this patient be healed?",
    ),
    "law": Words(
        "legal", "Case", "Ten suits before this court:", "won", "lost",
        "Lawyer right {} in 10:", "Of ten suits on this point {} + {} were won.",
        "Will this suit be won?",
    ),
}  # fmt: skip
"""The three worlds."""


@dataclass(frozen=True)
class _Finding:
    """A piece of evidence as text, with the odds it gives and whether the event happens."""

    text: str
    odds: float
    happens: bool


def lab_questions(name: str, settings: LabDataset, seed: int, *, odd: bool = False) -> Loaded:
    """Make the questions of a lab dataset.

    Args:
        name: Name of the dataset in the study; another name gives other questions.
        settings: Wording, kinds of evidence, claims, size.
        seed: Seed of the study.
        odd: Number the cases oddly, as the warm-up does, so that it shares no question with a study.

    Returns:
        Rows of the part ``lab``, of answer type ``yes_no``, or ``short_text`` where a question asks for
        two claims (``lab_claim_questions``). ``context`` shows the evidence,
        ``references`` holds the outcome that was drawn, or a report of it (from the half that no
        judge is fitted or measured on), ``true_probability`` the probability of that outcome given
        the evidence shown, ``group`` wording and kind of evidence.
    """
    if settings.claims > 1:
        made = lab_claim_questions(name, settings, seed, odd=odd)
        return Loaded(questions=[question for question, _ in made])
    generator = random.Random(canonical_json([name, seed]))
    loaded = Loaded()
    for index in range(settings.size):
        kind = settings.evidence[index % len(settings.evidence)]
        loaded.questions.append(_question(settings, kind, 2 * index + odd, generator))
    return loaded


def lab_claim_questions(
    name: str, settings: LabDataset, seed: int, *, odd: bool = False
) -> list[tuple[RawQuestion, tuple[Claim, ...]]]:
    """Make questions about two places, each with its claims, whose truth is known one by one.

    Args:
        name: As for ``lab_questions``, and so are the others.
        settings: Of kinds of evidence and size; both places have evidence of the same kind.
        seed: Seed of the study.
        odd: Number the cases oddly.

    Returns:
        Rows of answer type ``short_text``: right is who says the outcome of both places, in either
        order. ``true_probability`` is that of both outcomes.
    """
    generator = random.Random(canonical_json([name, seed]))
    made = []
    for index in range(settings.size):
        kind = settings.evidence[index % len(settings.evidence)]
        made.append(_claim_question(settings, kind, 2 * index + odd, generator))
    return made


def _claim_question(
    settings: LabDataset, kind: Evidence, number: int, generator: random.Random
) -> tuple[RawQuestion, tuple[Claim, ...]]:
    words = WORDS[settings.wording]
    claims = tuple(_claim(place, _MAKERS[kind](words, generator)) for place in PLACES)
    question = RawQuestion(
        part=PART,
        question=QUESTION,
        context=f"{words.case} {_number(number)}. {claims_context(claims)}",
        references=claims_references(claims),
        answer_type="short_text",
        domain=words.domain,
        source_id=str(number),
        group=f"{settings.wording}/{kind}",
        true_probability=joint_probability(claims),
    )
    return question, claims


def _claim(place: str, finding: _Finding) -> Claim:
    yes = finding.odds / (1 + finding.odds)
    if finding.happens:
        return Claim(place, finding.text, "yes", yes)
    return Claim(place, finding.text, "no", 1 - yes)


def lab_verdicts(settings: LabVerdicts) -> Loaded:
    """Return answers to a laboratory question with verdicts that are true by construction.

    Returns:
        Every report of the judges' half with both answers, once each.
    """
    words = WORDS[settings.wording]
    loaded = Loaded()
    for outcome in ("yes", "no"):
        for report in reports(settings.wording, outcome, for_judges=True):
            for answer in ("yes", "no"):
                loaded.judgements.append(
                    RawJudgement(
                        question=words.question, references=(report,), answer=answer,
                        system="laboratory", domain=words.domain, verdict=answer == outcome,
                    )
                )  # fmt: skip
    return loaded


def _question(
    settings: LabDataset, kind: Evidence, number: int, generator: random.Random
) -> RawQuestion:
    words = WORDS[settings.wording]
    finding = _MAKERS[kind](words, generator)
    probability = finding.odds / (1 + finding.odds)
    return RawQuestion(
        part=PART,
        # The number makes every question a question of its own: the same evidence may come twice,
        # with either outcome.
        question=words.question,
        context=f"{words.case} {_number(number)}. {finding.text}",
        references=(_reference(settings, finding, generator),),
        answer_type="yes_no",
        domain=words.domain,
        source_id=str(number),
        group=f"{settings.wording}/{kind}",
        true_probability=probability if finding.happens else 1 - probability,
    )


def _reference(settings: LabDataset, finding: _Finding, generator: random.Random) -> str:
    outcome = "yes" if finding.happens else "no"
    if settings.references == "outcome":
        return outcome
    return generator.choice(reports(settings.wording, outcome, for_judges=False))


def _number(number: int) -> str:
    """Return a number in groups of two digits, which are one token each."""
    digits = f"{number:04d}"
    digits = digits.zfill(len(digits) + len(digits) % 2)
    return " ".join(digits[start : start + 2] for start in range(0, len(digits), 2))


def _record(words: Words, generator: random.Random) -> _Finding:
    """Ten outcomes at a rate drawn uniformly: Laplace's rule gives (k + 1) / 12 for the next."""
    rate = generator.random()
    outcomes = [generator.random() < rate for _ in range(TEN)]
    happens = generator.random() < rate
    count = sum(outcomes)
    text = " ".join(words.yes if outcome else words.no for outcome in outcomes)
    return _Finding(f"{words.record} {text}.", (count + 1) / (TEN - count + 1), happens)


def _cards(words: Words, generator: random.Random) -> _Finding:
    """A share of ten given as a sum of two numbers; one of the ten is drawn."""
    count = generator.randrange(1, TEN)
    first = generator.randrange(0, count + 1)
    happens = generator.random() < count / TEN
    return _Finding(words.cards.format(first, count - first), count / (TEN - count), happens)


def _witness(words: Words, generator: random.Random, happens: bool) -> tuple[str, float]:
    """One witness and the likelihood ratio of what was said."""
    right_in_ten = generator.choice(RELIABILITIES)
    says_yes = happens == (generator.randrange(10) < right_in_ten)
    ratio = right_in_ten / (10 - right_in_ten)
    said = words.yes if says_yes else words.no
    return f"{words.witness.format(right_in_ten)} {said}.", ratio if says_yes else 1 / ratio


def _witnesses(words: Words, generator: random.Random) -> _Finding:
    """One to three independent witnesses of an event that is as likely as not beforehand."""
    happens = generator.random() < 0.5
    odds, texts = 1.0, []
    for _ in range(generator.randrange(1, 4)):
        text, ratio = _witness(words, generator, happens)
        texts.append(text)
        odds *= ratio
    return _Finding(" ".join(texts), odds, happens)


def _with_witness(first: Callable[[Words, random.Random], _Finding]) -> Callable[..., _Finding]:
    def both(words: Words, generator: random.Random) -> _Finding:
        finding = first(words, generator)
        text, ratio = _witness(words, generator, finding.happens)
        return _Finding(f"{finding.text} {text}", finding.odds * ratio, finding.happens)

    return both


_MAKERS: dict[Evidence, Callable[[Words, random.Random], _Finding]] = {
    "record": _record,
    "witnesses": _witnesses,
    "sum": _cards,
    "record_witness": _with_witness(_record),
    "sum_witness": _with_witness(_cards),
}
