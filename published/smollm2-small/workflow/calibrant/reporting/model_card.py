"""The card of a trained model: what it does, how well, and where that ends.

A Markdown page with the Hub's metadata in front, which serves as the README.md of a model
repository. Every figure on it stands in a document of an earlier stage and goes through
``Numbers``, as those of the report do.
"""

from dataclasses import dataclass

from calibrant.elicitation.settings import Policy
from calibrant.errors import CalibrantError
from calibrant.reporting.document import Document
from calibrant.reporting.model_card_certificates import certificate_text
from calibrant.reporting.model_card_metadata import front_matter
from calibrant.reporting.model_card_results import (
    VIEW,
    card_of_dataset,
    cell,
    markdown_table,
    result_rows,
)
from calibrant.reporting.model_card_settings import ModelCardSettings
from calibrant.reporting.model_card_use import use_text
from calibrant.reporting.numbers import Numbers

_MISSING: dict[Policy, str] = {
    "drop": "Answers without a readable confidence count for accuracy alone.",
    "zero": "Answers without a readable confidence count as stated with 0.",
    "half": "Answers without a readable confidence count as stated with 0.5.",
    "worst": "Answers without a readable confidence count as stated with the one that costs most.",
}


@dataclass(frozen=True, slots=True)
class CardEvidence:
    """What a card is written from.

    Attributes:
        manifest: Manifest of the training, with its outcome.
        measures: One document of stage ``measure`` per dataset, at least one.
        certificates: One document per certificate: what its threshold does on each dataset.
    """

    manifest: Document
    measures: tuple[Document, ...]
    certificates: tuple[Document, ...] = ()


def model_card(evidence: CardEvidence, settings: ModelCardSettings) -> str:
    """Return the card.

    Raises:
        CalibrantError: If a document is of another method or seed, is given twice, names a dataset
            that the settings do not describe, or lacks a figure; or the manifest is no training's.
    """
    seed = _check(evidence, settings)
    numbers = Numbers()
    name = f"{settings.method}, seed {seed}"
    heads, rows = result_rows(evidence.measures, settings, numbers)
    parts = [
        front_matter(evidence.measures, settings, numbers),
        f"# {name}",
        f"A language model that was trained to say how sure it is of its answers: "
        f"{settings.description}. It comes from the study `{settings.study}`, made with Calibrant. "
        f"SHA-256 of its tensors: `{evidence.manifest.content['weights_sha256']}`.",
        "## How to use it",
        use_text(settings),
        "## How well it does",
        _reading(evidence.measures[0], numbers),
        markdown_table(heads, rows),
        "## What it was trained on",
        _training(evidence.manifest, settings, numbers),
        "## From which confidence an answer may be accepted",
        certificate_text(evidence.certificates, numbers),
        "## What this does not cover",
        _limits(evidence, settings, seed),
    ]
    return "\n\n".join(parts).replace("\N{NO-BREAK SPACE}", " ") + "\n"


def _check(evidence: CardEvidence, settings: ModelCardSettings) -> int:
    """Return the seed that all documents share."""
    if not evidence.measures:
        raise CalibrantError("a card needs measures", where="--measures")
    if "outcome" not in evidence.manifest.content:
        raise CalibrantError(
            "is no manifest of a training",
            where=evidence.manifest.path,
            repair="Give the manifest below results/STUDY/train",
        )
    seed: int = evidence.measures[0].content["seed"]
    for documents in (evidence.measures, evidence.certificates):
        seen: set[str] = set()
        for document in documents:
            content = document.content
            if (content["method"], content["seed"]) != (settings.method, seed):
                raise CalibrantError(
                    f"is of {content['method']}, seed {content['seed']}",
                    where=document.path,
                    repair=f"Give documents of {settings.method}, seed {seed}, alone",
                )
            if content["dataset"] in seen:
                raise CalibrantError(f"{content['dataset']} is given twice", where=document.path)
            seen.add(content["dataset"])
    return seed


def _reading(document: Document, numbers: Numbers) -> str:
    """Return how the figures of the table are to be read."""
    level, bins = (
        numbers[numbers.add(f"settings/{key}", document, f"{VIEW}/settings/{key}", "level")].printed
        for key in ("level", "bins")
    )
    policy = document.content["views"]["graded"]["settings"]["policy"]
    return (
        f"In brackets: bootstrap intervals over questions, level {level}. *Stated* is the mean "
        f"confidence. ECE has {bins} bins of equal width. {_MISSING[policy]}"
    )


def _training(manifest: Document, settings: ModelCardSettings, numbers: Numbers) -> str:
    figures = {
        key: numbers[numbers.add(f"training/{key}", manifest, f"/outcome/{key}", "count")].printed
        for key in ("rollouts", "rounds", "best_round")
    }
    reason = manifest.content["outcome"]["reason"]
    ended = "" if reason == "finished" else f" It was stopped early: {cell(reason)}."
    trained = [card_of_dataset(settings, name) for name in settings.trained_on]
    held = [card for card in settings.datasets if card.held_out]
    lines = [
        f"{figures['rollouts']} answers in {figures['rounds']} rounds; the checkpoint of round "
        f"{figures['best_round']} was kept, chosen on validation questions.{ended}",
        "\n".join(
            f"- {cell(card.name)}: {cell(card.title)}, {cell(card.domain)} ({cell(card.licence)})"
            for card in trained
        ),
    ]
    if settings.before is not None:
        lines.append(f"Before that: {settings.before}.")
    if held:
        names = ", ".join(f"{cell(card.name)} ({cell(card.domain)})" for card in held)
        lines.append(f"Held out of training with the reward: {names}.")
    return "\n\n".join(lines)


def _limits(evidence: CardEvidence, settings: ModelCardSettings, seed: int) -> str:
    domains = sorted({name for item in evidence.measures for name in item.content["domains"]})
    sentences = [
        f"Questions of other kinds than those in the table. Domains measured: "
        f"{', '.join(map(cell, domains))}; language: {settings.language}.",
        "Other ways of asking. Another prompt, scale, sampling temperature or quantisation can "
        "shift the stated confidences: measure again.",
        f"Other trainings. The figures are of seed {seed} alone.",
        "Single answers. A calibrated confidence of 0.9 is wrong one time in ten, and a confident "
        "answer is no advice.",
    ]
    judged = [
        card.name for card in settings.datasets if any("judged by" in use for use in card.uses)
    ]
    shown = [item.content["dataset"] for item in evidence.measures]
    if any(name in shown for name in judged):
        sentences.append(
            f"Errors of the judge that graded {', '.join(n for n in judged if n in shown)}: the "
            "figures in the table are not corrected for them."
        )
    return "\n".join(f"- {sentence}" for sentence in sentences)
