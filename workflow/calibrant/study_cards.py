"""What the report says of a study's datasets and methods, in words."""

from pathlib import Path

from calibrant.baselines.settings import CalibratedMethod, SampledMethod, VotedMethod
from calibrant.data.catalog import load_catalog
from calibrant.data.lab import WORDS
from calibrant.data.settings import LabDataset, LabVerdicts, OwnDataset
from calibrant.elicitation.settings import Elicitation
from calibrant.model_settings import HubModel, LocalModel, Model, PackagedModel
from calibrant.recorded_settings import RecordedMethod
from calibrant.stage_settings.report import DatasetCard
from calibrant.study import Study
from calibrant.study_datasets import dataset_entry, defined_dataset, is_held_out, kind_of
from calibrant.study_methods import DerivedMethod, ModelMethod
from calibrant.training.settings import TrainedMethod


def card_of(study: Study, dataset: str) -> DatasetCard:
    """Return what the report says about a dataset."""
    title, domain, licence, origin = _origin(study, dataset)
    entry = dataset_entry(study, dataset)
    return DatasetCard(
        name=dataset,
        title=title,
        domain=domain,
        licence=licence,
        origin=origin,
        held_out=is_held_out(study, dataset),
        uses=_uses(study, dataset),
        faults=entry.faults if entry else [],
        notes=entry.notes if entry else "",
    )


def _origin(study: Study, dataset: str) -> tuple[str, str, str, str]:
    """Return title, domain, licence and origin of a dataset."""
    defined = defined_dataset(study, dataset)
    if defined is None:
        entry = load_catalog()[dataset]
        return entry.title, entry.domain, entry.licence, entry.homepage
    if isinstance(defined, OwnDataset):
        # A report is published, and where a file lies on this machine is nobody's business.
        return Path(defined.file).name, defined.domain, defined.licence, "own file"
    if isinstance(defined, LabDataset | LabVerdicts):
        domain = WORDS[defined.wording].domain
        kind = "verdicts on " if isinstance(defined, LabVerdicts) else ""
        return f"laboratory: {kind}{defined.wording}", domain, "Apache-2.0", "made in the run"
    title = f"reasoning-gym: {defined.task}"
    return title, defined.domain, "Apache-2.0", "generated in the run"


def describe_recorded(method: RecordedMethod) -> str:
    """Return what the report says about recorded transcripts."""
    source = "stated in the text" if method.confidence == "stated" else "stored beside the text"
    return f"recorded transcripts of {method.system}; confidence {source}"


def describe_derived(method: DerivedMethod) -> str:
    """Return what the report says about a method made from the answers of another."""
    match method:
        case SampledMethod():
            also = "" if method.self_judgement is None else ", asked how faithful the first was"
            return f"the model of {method.of}, {method.samples} answers to every question{also}"
        case CalibratedMethod():
            fitted = " and ".join(method.datasets)
            return f"{method.of}, its confidence mapped: {method.calibrator}, fitted on {fitted}"
        case VotedMethod():
            some = "" if method.answers is None else f" of the first {method.answers} answers"
            return f"{method.of}, {method.vote} vote{some}, confidence by {method.confidence}"
    fitted = f", fitted on {' and '.join(method.datasets)}" if method.datasets else ""
    return f"{method.of}, confidence by {method.score.replace('_', ' ')}{fitted}"


def describe_answering(
    method: ModelMethod | TrainedMethod, name: str, model: Model, elicitation: Elicitation
) -> str:
    """Return what the report says about a method whose model, called ``name``, answers."""
    parts = [name, _describe_model(model)]
    if model.warm_up:
        own = model.warm_up.own_replies is not None
        parts.append("warmed up on its own replies" if own else "warmed up")
    if isinstance(method, TrainedMethod):
        parts.append(f"trained with reward {method.reward}: {method.estimator}")
        parts.append(f"{method.credit} credit")
        if method.learns == "confidence":
            parts.append("the confidence alone")
        elif method.learns == "apart":
            parts.append("answer and confidence apart")
        if method.scale != "batch":
            parts.append("not scaled" if method.scale == "none" else "scaled by group")
        if method.datasets is not None:
            parts.append(f"on {' and '.join(method.datasets)}")
        if method.questions != "all":
            parts.append(f"on the {method.questions} set of questions")
        if method.noise is not None:
            kind = "corrected" if method.noise.corrected else "uncorrected"
            parts.append(f"{kind} labels of a simulated judge")
        if method.feedback != "none":
            parts.append(f"feedback {method.feedback}")
    else:
        parts.append(f"asked for {elicitation.format.replace('_', ', ')}")
    return ", ".join(parts)


def _describe_model(model: Model) -> str:
    if isinstance(model, PackagedModel):
        return f"from the package {model.package}"
    if isinstance(model, LocalModel):
        return f"from {model.path}"
    if isinstance(model, HubModel):
        return f"from {model.repository} at {model.revision[:7]}"
    return "a Llama made in the run"


def _uses(study: Study, dataset: str) -> list[str]:
    uses = ["training" for use in study.datasets.train if use.dataset == dataset]
    uses += [f"measures {name}" for name in study.judges if study.judges[name].verdicts == dataset]
    verdicts = kind_of(study, dataset) == "judgements"
    evaluated = [use for use in study.datasets.evaluate if use.dataset == dataset]
    uses += ["human verdicts" if verdicts else use.split for use in evaluated]
    judges = [use.judge for use in study.datasets.train if use.dataset == dataset]
    judges += [use.judge for use in evaluated]
    return uses + [f"judged by {judge}" for judge in dict.fromkeys(judges) if judge is not None]
