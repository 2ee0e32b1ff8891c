"""A change of one setting changes the parts of the stages that depend on it, and no others."""

from typing import Any

import pytest

from calibrant import study_parts
from calibrant.data import catalog
from calibrant.errors import CalibrantError
from calibrant.files import canonical_json
from calibrant.stage_settings import PrepareSettings
from calibrant.study import Study

OWN = {"licence": "MIT", "domain": "law", "answer_type": "yes_no"}
BASE: dict[str, Any] = {
    "title": "A study",
    "datasets": {
        "train": [{"dataset": "gsm8k", "limit": 50}, {"dataset": "sums"}],
        "evaluate": [
            {"dataset": "sums"},
            {"dataset": "svamp", "limit": 10},
            {"dataset": "mine", "split": "calibration"},
            {"dataset": "yours"},
            {"dataset": "rlcr_commonsenseqa"},
            {"dataset": "judge_truthfulqa"},
        ],
        "generated": {"sums": {"task": "chain_sum", "size": 40}},
        "own": {
            "mine": {"file": "mine.csv", "held_out": True, **OWN,
                     "fractions": {"calibration": 0.5, "test": 0.5}},
            "yours": {"file": "yours.csv", **OWN},
        },
    },
    "model": {"kind": "local", "path": "models/tiny"},
    "methods": {
        "base": {"kind": "model"},
        "theirs": {"kind": "recorded", "system": "RLCR"},
        "classifier": {"kind": "recorded", "system": "RLVR-Classifier", "confidence": "recorded"},
    },
}  # fmt: skip
QUESTIONS = ["sums", "svamp", "mine", "yours"]


def study_with(**changes: Any) -> Study:
    """Return the study with settings changed, named as ``datasets__own__mine__file``."""
    document = Study(**BASE).model_dump()
    for name, value in changes.items():
        *path, last = name.split("__")
        place = document
        for key in path:
            place = place[int(key)] if key.isdigit() else place[key]
        place[int(last) if last.isdigit() else last] = value
    return Study(**document)


def parts_of(study: Study) -> dict[str, str]:
    """Return every stage's part, as the workflow passes it on."""
    parts = {"seal": study_parts.seal_settings(study), "model": study_parts.model_settings(study)}
    for dataset in study_parts.datasets_of(study):
        parts[f"prepare {dataset}"] = study_parts.prepare_settings(study, dataset)
        if study_parts.dataset_entry(study, dataset):
            parts[f"fetch {dataset}"] = study_parts.fetch_settings(study, dataset)
        if study_parts.kind_of(study, dataset) == "transcripts":
            parts[f"compare {dataset}"] = study_parts.compare_settings(study, dataset)
    for method, dataset in study_parts.cells_of(study):
        if study.methods[method].kind == "model":
            part = study_parts.generate_settings(study, method, dataset)
            parts[f"generate {method} {dataset}"] = part
        else:
            part = study_parts.transcript_settings(study, method, dataset)
            parts[f"transcripts {method} {dataset}"] = part
        parts[f"grade {method}"] = study_parts.grade_settings(study, method)
        parts["measure"] = study_parts.measure_settings(study)
    parts["report"] = study_parts.report_settings(study, "mine")
    parts["publish"] = study_parts.publish_settings("mine")
    return {name: canonical_json(part.model_dump(mode="json")) for name, part in parts.items()}


def changed(study: Study) -> set[str]:
    before, after = parts_of(study_with()), parts_of(study)
    assert set(before) == set(after)
    return {name for name in before if before[name] != after[name]}


GENERATE = {f"generate base {dataset}" for dataset in QUESTIONS}
GRADE = {"grade base", "grade theirs", "grade classifier"}
SOURCE = catalog.load_catalog()["svamp"].sources[0]


@pytest.mark.parametrize(
    ("setting", "value", "stages"),
    [
        ("report__colour", "#ff0000", {"report"}),
        ("title", "Another", {"report"}),
        ("description", "What for.", {"report"}),
        ("measures__bins", 15, {"measure"}),
        ("measures__level", 0.9, {"measure"}),
        ("measures__replicates", 500, {"measure"}),
        ("generation__temperature", 0.7, GENERATE),
        ("generation__samples", 4, GENERATE),
        ("generation__max_new_tokens", 8, GENERATE),
        ("elicitation__missing_confidence", "half", {"measure", "report"}),
        ("elicitation__examples", 0, GENERATE),
        ("elicitation__scale", "unit", GENERATE | GRADE),
        ("elicitation__format", "think_answer_confidence", GENERATE | {"report"}),
        ("model__path", "models/other", {"model", "report"}),
        ("model__weights_sha256", "0" * 64, {"model"}),
        ("datasets__shingle_words", 9, {"seal"}),
        ("datasets__train__0__limit", 60, {"seal"}),
        ("datasets__evaluate__1__limit", 20, {"generate base svamp"}),
        ("datasets__evaluate__2__split", "test", {"seal", "generate base mine", "report"}),
        ("datasets__evaluate__4__limit", 20,
         {"transcripts theirs rlcr_commonsenseqa", "transcripts classifier rlcr_commonsenseqa"}),
        ("datasets__own__mine__file", "other.csv", {"prepare mine", "report"}),
        ("datasets__own__mine__columns__question", "q", {"prepare mine"}),
        ("datasets__own__mine__fractions", {"calibration": 0.1, "test": 0.9}, {"prepare mine"}),
        ("datasets__own__mine__answer_type", "short_text", {"prepare mine"}),
        ("datasets__own__mine__domain", "tax law", {"prepare mine", "report"}),
        ("datasets__own__mine__licence", "CC0", {"report"}),
        ("datasets__own__mine__held_out", False, {"report"}),
        ("datasets__generated__sums__size", 41, {"prepare sums"}),
        ("datasets__generated__sums__grades", [{"max_terms": 3}], {"prepare sums"}),
        ("methods__theirs__system", "RLVR",
         {"transcripts theirs rlcr_commonsenseqa", "compare rlcr_commonsenseqa", "report"}),
        ("methods__classifier__confidence", "stated",
         {"transcripts classifier rlcr_commonsenseqa", "grade classifier", "report"}),
        # The seed is no part of any settings: stages get it as an argument of its own.
        ("seed", 18, set()),
    ],
)  # fmt: skip
def test_a_setting_changes_the_stages_that_depend_on_it(setting, value, stages) -> None:
    assert changed(study_with(**{setting: value})) == stages


@pytest.mark.parametrize(
    ("field", "value", "stages"),
    [
        ("notes", "Mind the gap.", {"report"}),
        ("sources", [SOURCE.model_copy(update={"commit": "0" * 40})], {"fetch svamp"}),
        ("licence", "CC0", {"fetch svamp", "report"}),
        ("faults", ["Half of it is missing."], {"report"}),
        ("title", "SVAMP, corrected", {"report"}),
        ("homepage", "https://example.org", {"report"}),
        ("options", {"part": "dev"}, {"prepare svamp"}),
        ("loader", "gsm8k", {"prepare svamp"}),
        ("parts", {"test": {"test": 1.0}}, {"prepare svamp"}),
        ("trainable", False, set()),
    ],
)
def test_a_catalog_field_changes_the_stages_that_depend_on_it(
    monkeypatch, field: str, value: object, stages: set[str]
) -> None:
    before = parts_of(study_with())
    entries = dict(catalog.load_catalog())
    entries["svamp"] = entries["svamp"].model_copy(update={field: value})
    for module in ("calibrant.study_file", "calibrant.study_parts"):
        monkeypatch.setattr(f"{module}.load_catalog", lambda: entries)
    after = parts_of(study_with())
    assert {name for name in before if before[name] != after[name]} == stages


def test_a_part_can_be_read_back_from_what_the_workflow_passes_on() -> None:
    for dataset in study_parts.datasets_of(study_with()):
        part = study_parts.prepare_settings(study_with(), dataset)
        assert PrepareSettings.model_validate_json(part.model_dump_json()) == part


def test_datasets_are_listed_once_in_order_of_first_use() -> None:
    assert study_parts.datasets_of(study_with()) == [
        "gsm8k", "sums", "svamp", "mine", "yours", "rlcr_commonsenseqa", "judge_truthfulqa",
    ]  # fmt: skip


def test_methods_meet_the_datasets_of_their_kind() -> None:
    assert study_parts.cells_of(study_with()) == [
        *[("base", dataset) for dataset in QUESTIONS],
        ("theirs", "rlcr_commonsenseqa"),
        ("classifier", "rlcr_commonsenseqa"),
    ]
    assert study_parts.methods_of_kind(study_with(), "recorded") == ["theirs", "classifier"]
    assert study_parts.methods_of_kind(study_with(), "model") == ["base"]


@pytest.mark.parametrize(
    ("dataset", "kind"),
    [
        ("sums", "questions"),
        ("mine", "questions"),
        ("svamp", "questions"),
        ("rlcr_commonsenseqa", "transcripts"),
        ("judge_truthfulqa", "judgements"),
    ],
)
def test_every_dataset_is_of_a_kind(dataset: str, kind: str) -> None:
    assert study_parts.kind_of(study_with(), dataset) == kind


def test_a_dataset_has_one_origin() -> None:
    for dataset in study_parts.datasets_of(study_with()):
        part = study_parts.prepare_settings(study_with(), dataset)
        origins = (part.public, part.generated, part.own)
        assert [origin is not None for origin in origins] == [
            dataset not in ("sums", "mine", "yours"), dataset == "sums", dataset in ("mine", "yours")
        ]  # fmt: skip


def test_training_is_sealed_against_everything_evaluated() -> None:
    part = study_parts.seal_settings(study_with())
    assert [(use.dataset, use.limit) for use in part.train] == [("gsm8k", 50), ("sums", None)]
    assert [(use.dataset, use.split, use.limit) for use in part.evaluate] == [
        ("sums", "test", None), ("svamp", "test", None), ("mine", "calibration", None),
        ("yours", "test", None), ("rlcr_commonsenseqa", "test", None),
        ("judge_truthfulqa", "test", None),
    ]  # fmt: skip
    assert part.generated == ["sums"]


def test_cards_say_what_a_dataset_is_used_for() -> None:
    report = study_parts.report_settings(study_with(), "mine")
    cards = {card.name: card for card in report.datasets}
    assert {name: card.uses for name, card in cards.items()} == {
        "gsm8k": ["training"],
        "sums": ["training", "test"],
        "svamp": ["test"],
        "mine": ["calibration"],
        "yours": ["test"],
        "rlcr_commonsenseqa": ["test"],
        "judge_truthfulqa": ["human verdicts"],
    }
    assert [name for name, card in cards.items() if card.held_out] == ["mine"]


def test_cards_say_where_a_dataset_comes_from() -> None:
    report = study_parts.report_settings(study_with(), "mine")
    cards = {card.name: card for card in report.datasets}
    entry = catalog.load_catalog()["svamp"]
    svamp, mine, sums = cards["svamp"], cards["mine"], cards["sums"]
    assert (svamp.title, svamp.licence, svamp.origin) == (
        entry.title, entry.licence, entry.homepage
    )  # fmt: skip
    assert (svamp.faults, svamp.notes) == (entry.faults, entry.notes)
    assert (mine.title, mine.licence, mine.origin, mine.domain) == (
        "mine.csv", "MIT", "own file", "law"
    )  # fmt: skip
    assert (sums.title, sums.origin) == ("reasoning-gym: chain_sum", "generated in the run")


def test_a_held_out_dataset_of_the_catalog_is_shown_as_one() -> None:
    evaluate = [{"dataset": "medmcqa"}]
    study = Study(title="A", datasets={"evaluate": evaluate})
    [card] = study_parts.report_settings(study, "a").datasets
    assert card.held_out


def test_methods_are_described() -> None:
    methods = study_parts.report_settings(study_with(), "mine").methods
    assert methods == {
        "base": "models/tiny, asked for answer, confidence",
        "theirs": "recorded transcripts of RLCR; confidence stated in the text",
        "classifier": "recorded transcripts of RLVR-Classifier; confidence stored beside the text",
    }
    package = {"kind": "package", "package": "a_package", "file": "x.gguf", "sha256": "0" * 64}
    packaged = study_parts.report_settings(study_with(model=package), "mine").methods
    assert packaged["base"] == "a_package, asked for answer, confidence"


def test_only_a_classifier_is_graded_with_recorded_confidences() -> None:
    graded = {
        name: study_parts.grade_settings(study_with(), name).confidence
        for name in study_with().methods
    }
    assert graded == {"base": "stated", "theirs": "stated", "classifier": "recorded"}


def test_published_figures_are_met_to_a_billionth() -> None:
    part = study_parts.compare_settings(study_with(), "rlcr_commonsenseqa")
    assert part.systems == {"theirs": "RLCR", "classifier": "RLVR-Classifier"}
    assert part.loader == "rlcr_transcripts"
    assert part.tolerance == 1e-9


@pytest.mark.parametrize("dataset", ["sums", "mine"])
def test_only_public_datasets_are_fetched(dataset: str) -> None:
    with pytest.raises(CalibrantError, match=f"'{dataset}' is not a public dataset"):
        study_parts.fetch_settings(study_with(), dataset)


def test_a_study_without_a_model_has_none_to_make() -> None:
    with pytest.raises(CalibrantError, match="the study has no model"):
        study_parts.model_settings(study_with(model=None, methods={}))


def test_only_recorded_methods_have_transcripts() -> None:
    with pytest.raises(CalibrantError, match="method 'base' is not recorded"):
        study_parts.transcript_settings(study_with(), "base", "rlcr_commonsenseqa")
