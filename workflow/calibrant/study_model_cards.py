"""What the stage that writes model cards is told of a study."""

from calibrant.model_settings import HubModel, Model
from calibrant.reporting.model_card_settings import AnswerKind, ModelCardSettings
from calibrant.study import Study
from calibrant.study_cards import card_of
from calibrant.study_cells import cells_of, elicitation_of, generation_of, model_of
from calibrant.study_certificates import certificates_of
from calibrant.study_datasets import dataset_entry, defined_dataset
from calibrant.study_parts import asked, describe_method
from calibrant.training.settings import TrainedMethod

_MADE_LICENCE = "apache-2.0"


def model_card_settings(study: Study, name: str, method: str, place: str) -> ModelCardSettings:
    """Return the settings of ``model_card`` for one trained method.

    Args:
        study: The study.
        name: Its name.
        method: The method.
        place: Where the trained model is loaded from.
    """
    trained, model = study.methods[method], study.models[model_of(study, method)]
    chosen = trained.datasets if isinstance(trained, TrainedMethod) else None
    learnt_from = [
        use.dataset for use in study.datasets.train if chosen is None or use.dataset in chosen
    ]
    measured = [dataset for cell, _, dataset in cells_of(study) if cell == method]
    return ModelCardSettings(
        study=name,
        method=method,
        description=describe_method(study, method),
        place=place,
        # A model made in the run is ours; any other keeps a licence that nobody told us.
        licence=_MADE_LICENCE if model.kind == "made" else "other",
        base_model=model.repository if isinstance(model, HubModel) else None,
        trained_on=learnt_from,
        before=_before(model),
        datasets=[card_of(study, item) for item in dict.fromkeys([*learnt_from, *measured])],
        elicitation=asked(elicitation_of(study, method)),
        answer_type=_answer_type(study, learnt_from[0]),
        generation=generation_of(study, method),
    )


def _before(model: Model) -> str | None:
    """Return what the model learnt before the reward."""
    if model.warm_up is None:
        return None
    if model.warm_up.own_replies is not None:
        return "a warm-up on its own replies to training questions, right or wrong"
    return "a warm-up on laboratory text of every wording, medical and legal too"


def _answer_type(study: Study, dataset: str) -> AnswerKind:
    entry = dataset_entry(study, dataset)
    found = (
        entry.answer_type
        if entry
        else getattr(defined_dataset(study, dataset), "answer_type", None)
    )
    # The laboratory asks yes or no.
    kind: AnswerKind = found or "yes_no"
    return kind


def certified_datasets(study: Study, method: str) -> list[str]:
    """Return the datasets on which a method has a certificate."""
    found = [dataset for name, _, dataset in certificates_of(study) if name == method]
    return list(dict.fromkeys(found))
