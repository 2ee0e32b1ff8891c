"""The metadata in front of a model card, in the form the Hugging Face Hub reads.

Keys as in its model card specification (huggingface.co/docs/hub/model-cards): the results stand in
``model-index``, one entry per dataset, from which the Hub builds its tables.
"""

from collections.abc import Sequence
from typing import Any

import yaml

from calibrant.reporting.document import Document
from calibrant.reporting.model_card_results import METRICS, card_of_dataset, metric_id
from calibrant.reporting.model_card_settings import ModelCardSettings
from calibrant.reporting.numbers import Number, Numbers

TASK = {"type": "text-generation", "name": "Question answering with a stated confidence"}
TAGS = ("calibration", "confidence", "uncertainty", "calibrant")
# Whatever a name in the Hub's metadata says, the files of these origins are there.
_HUB_DATASETS = "https://huggingface.co/datasets/"


def front_matter(
    documents: Sequence[Document], settings: ModelCardSettings, numbers: Numbers
) -> str:
    """Return the metadata as YAML between two lines of dashes.

    A measure without a value has no entry in ``model-index``: the Hub knows no missing value.

    Raises:
        CalibrantError: If a document lacks a figure, or a dataset has no description.
    """
    metadata: dict[str, Any] = {
        "license": settings.licence,
        "language": settings.language,
        "library_name": "transformers",
        "pipeline_tag": "text-generation",
        "tags": list(TAGS),
        "datasets": [_hub_name(settings, name) for name in settings.trained_on],
        "metrics": list(METRICS),
        "model-index": [
            {
                "name": settings.method,
                "results": [_result(item, settings, numbers) for item in documents],
            }
        ],
    }
    if settings.base_model is not None:
        metadata["base_model"] = settings.base_model
    text = yaml.safe_dump(metadata, sort_keys=False, allow_unicode=True, width=100)
    return f"---\n{text}---"


def _result(document: Document, settings: ModelCardSettings, numbers: Numbers) -> dict[str, Any]:
    content = document.content
    card = card_of_dataset(settings, content["dataset"])
    found = {measure: numbers[metric_id(document, measure, numbers)] for measure in METRICS}
    return {
        "task": dict(TASK),
        "dataset": {
            "type": _hub_name(settings, card.name),
            "name": f"{card.name} ({card.title})",
            "split": content["split"],
        },
        "metrics": [
            _metric(measure, number)
            for measure, number in found.items()
            if number.value is not None
        ],
    }


def _metric(measure: str, number: Number) -> dict[str, Any]:
    # The name carries the interval, for which the Hub has no place of its own.
    point, _, interval = number.printed.replace("\N{NO-BREAK SPACE}", " ").partition(" ")
    name = f"{METRICS[measure]} {interval}".strip()
    return {"type": measure, "value": float(point), "name": name}


def _hub_name(settings: ModelCardSettings, dataset: str) -> str:
    origin = card_of_dataset(settings, dataset).origin
    return origin.removeprefix(_HUB_DATASETS) if origin.startswith(_HUB_DATASETS) else dataset
