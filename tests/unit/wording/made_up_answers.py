"""Answers with confidences, put together from sentences of many shapes."""

import random

from calibrant.wording.rewrite import Statement

NAMES = [
    "Ada Lovelace",
    "Dr. Ngozi Okafor",
    "J. R. R. Tolkien",
    "O'Brien",
    "Müller",
    "McDonald v. Chicago",
]
PLACES = ["Berlin", "the U.S.", "Côte d'Ivoire", "The Hague", "New South Wales", "Mt. Fuji"]
DRUGS = ["Metformin", "aspirin", "Vitamin C", "beta-blockers", "HMG-CoA reductase inhibitors"]
NUMBERS = ["3.5", "1,200", "40 %", "0.05", "1945", "-7", "2/3", "$4.99", "12:30", "10^-6"]

MEDICAL = [
    "{drug} lowers the risk by {n}.",
    "Patients over 65 should not take {drug}, e.g. after surgery.",
    "No patient at the clinic in {place} died within {n} days.",
    "The dose is {n} mg/kg t.i.d., according to {name}.",
    "MRI showed no lesion larger than {n} mm.",
    "Symptoms don't resolve without treatment in {n} of cases.",
    "{name} reported that \u201cnothing helped\u201d before {n}.",
    "Is {drug} safe in pregnancy?",
    "Take {drug} at {n} and never with alcohol.",
    "May is when {drug} is least often prescribed.",
]
LEGAL = [
    "The Supreme Court held in {name} that the statute isn't retroactive.",
    "Under Art. 6 no tenant may be evicted without {n} days' notice.",
    "However, the clause in Sec. 4(b) does not apply in {place}.",
    '{name} argued, "We never signed it," and the court agreed.',
    "It is likely that the appeal in {place} was filed after {n}.",
    "Neither party may assign the contract, unless {name} consents.",
    "A court in {place} cannot award more than {n}.",
    "Yes, the lease (No. {n}) is void.",
]
WEATHER = [
    "Rain is expected in {place} by {n}.",
    "Temperatures won't fall below {n} \u00b0C tonight.",
    "- Heavy snow near {place}, about {n} cm.",
    "2. Winds of {n} km/h will reach {place}.",
    "I don't think that {place} will see the sun before {n}.",
    "In contrast, {place} stays dry; no storm is in sight.",
    "I'm fairly confident that it will not rain in {place}.",
]
HISTORY = [
    "{name} was born in {place} in {n}.",
    "In {n}, {name} left {place} for good.",
    "{name} never visited {place}, i.e. the story is false.",
    "The treaty of {n} was signed by {name} et al. in {place}.",
    "Snow White is not set in {place}.",
    "\u201cTo be, or not to be\u201d was not written by {name}.",
    "And {name} didn't return.",
    "{place}",
    "They moved to {place}. They stayed until {n}. It is unlikely that {name} knew.",
    "Who ruled {place} in {n}? Nobody but {name}!",
    "iPhones did not exist in {n}...",
    "{n} people lived in {place} then",
]
TEMPLATES = MEDICAL + LEGAL + WEATHER + HISTORY


def made_up_sentence(source: random.Random) -> str:
    text = source.choice(TEMPLATES).format(
        drug=source.choice(DRUGS),
        n=source.choice(NUMBERS),
        place=source.choice(PLACES),
        name=source.choice(NAMES),
    )
    return text[0].upper() + text[1:] if not text.startswith("iPhones") else text


def made_up_answers(count: int, seed: int = 11) -> list[list[Statement]]:
    """Return ``count`` different answers of one to five statements."""
    source = random.Random(seed)
    answers: dict[tuple[str, ...], list[Statement]] = {}
    while len(answers) < count:
        texts = tuple(made_up_sentence(source) for _ in range(source.randint(1, 5)))
        answers.setdefault(texts, [Statement(t, source.randint(0, 100) / 100) for t in texts])
    return list(answers.values())
