"""A change of one setting changes the parts of the stages that depend on it, and no others."""

from typing import Any

import pytest

from calibrant import study_cells, study_datasets, study_parts
from calibrant.data import catalog
from calibrant.errors import CalibrantError
from calibrant.files import canonical_json
from calibrant.stage_settings.sources import PrepareSettings
from calibrant.study import Study
from calibrant.study_audit import audit_settings

OWN = {"licence": "MIT", "domain": "law", "answer_type": "yes_no"}
BASE: dict[str, Any] = {
    "title": "A study",
    "datasets": {
        "train": [{"dataset": "gsm8k", "limit": 50}, {"dataset": "sums"}, {"dataset": "sky"}],
        "evaluate": [
            {"dataset": "sums"},
            {"dataset": "svamp", "limit": 10},
            {"dataset": "mine", "split": "calibration"},
            {"dataset": "yours"},
            {"dataset": "rlcr_commonsenseqa"},
            {"dataset": "judge_truthfulqa"},
            {"dataset": "illness"},
        ],
        "generated": {"sums": {"task": "chain_sum", "size": 40}},
        "lab": {
            "sky": {"wording": "weather", "size": 40,
                    "fractions": {"train": 0.5, "validation": 0.5}},
            "illness": {"wording": "medicine", "size": 40},
        },
        "own": {
            "mine": {"file": "mine.csv", "held_out": True, **OWN,
                     "fractions": {"calibration": 0.5, "test": 0.5}},
            "yours": {"file": "yours.csv", **OWN},
        },
    },
    "models": {
        "tiny": {"kind": "local", "path": "models/tiny"},
        "made": {"kind": "made", "warm_up": {}, "datasets": ["sums", "illness"]},
    },
    "rewards": {"rlcr": {}, "other": {"score": {"rule": "spherical"}}},
    "methods": {
        "base": {"kind": "model", "model": "tiny"},
        "before": {"kind": "model", "model": "made"},
        "taught": {"kind": "trained", "model": "made", "reward": "rlcr"},
        "apart": {"kind": "trained", "model": "made", "reward": "rlcr", "estimator": "grpo",
                  "training": {"rounds": 5}},
        "theirs": {"kind": "recorded", "system": "RLCR"},
        "classifier": {"kind": "recorded", "system": "RLVR-Classifier", "confidence": "recorded"},
    },
}  # fmt: skip
QUESTIONS = ["sums", "svamp", "mine", "yours", "illness"]
MADE = ["sums", "illness"]


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
    parts = {"seal": study_parts.seal_settings(study), "audit": audit_settings(study)}
    for name, model in study.models.items():
        parts[f"model {name}"] = study_parts.model_settings(study, name)
        if model.warm_up:
            parts[f"warm_up {name}"] = study_parts.warm_up_settings(study, name)
    for name in study_cells.methods_of_kind(study, "trained"):
        parts[f"train {name}"] = study_parts.train_settings(study, name)
    for dataset in study_cells.datasets_of(study):
        parts[f"prepare {dataset}"] = study_parts.prepare_settings(study, dataset)
        if study_datasets.dataset_entry(study, dataset):
            parts[f"fetch {dataset}"] = study_parts.fetch_settings(study, dataset)
        if study_datasets.kind_of(study, dataset) == "transcripts":
            parts[f"compare {dataset}"] = study_parts.compare_settings(study, dataset)
    for method, _, dataset in study_cells.cells_of(study):
        if study.methods[method].kind != "recorded":
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


GENERATE_BASE = {f"generate base {dataset}" for dataset in QUESTIONS}
GENERATE_MADE = {
    f"generate {method} {dataset}" for method in ("before", "taught", "apart") for dataset in MADE
}
GENERATE = GENERATE_BASE | GENERATE_MADE
TRAIN = {"train taught", "train apart"}
TEACH = {"warm_up made", *TRAIN}
GRADE_MADE = {"grade before", "grade taught", "grade apart"}
GRADE = {"grade base", "grade theirs", "grade classifier", *GRADE_MADE}
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
        ("elicitation__examples", 0, GENERATE | TEACH),
        ("elicitation__scale", "unit", GENERATE | TEACH | GRADE),
        ("elicitation__format", "think_answer_confidence", GENERATE | TEACH | {"report"}),
        ("models__tiny__path", "models/other", {"model tiny", "report"}),
        ("models__tiny__weights_sha256", "0" * 64, {"model tiny"}),
        ("models__tiny__elicitation", {"examples": 0}, GENERATE_BASE),
        ("models__tiny__elicitation", {"scale": "unit"}, GENERATE_BASE | {"grade base"}),
        ("models__made__elicitation", {"scale": "unit"}, GENERATE_MADE | TEACH | GRADE_MADE),
        # The format of a trained method is not described, that of its untrained model is.
        ("models__made__elicitation", {"format": "think_answer_confidence"},
         GENERATE_MADE | TEACH | {"report"}),
        ("models__tiny__generation", {"samples": 4}, GENERATE_BASE),
        ("models__made__generation", {"samples": 4}, GENERATE_MADE),
        ("models__made__width", 64, {"model made"}),
        ("models__made__warm_up__questions", 100, {"warm_up made"}),
        ("training__rounds", 10, {"train taught"}),
        ("training__critic__width", 32, {"train taught"}),
        ("methods__apart__training__rounds", 10, {"train apart"}),
        ("methods__taught__credit", "exact", {"train taught", "report"}),
        ("methods__taught__reward", "other", {"train taught", "report"}),
        ("methods__apart__scale", "group", {"train apart", "audit", "report"}),
        ("rewards__rlcr__weight", 2.0, TRAIN | {"audit"}),
        ("rewards__other__weight", 2.0, {"audit"}),
        ("rewards__rlcr__accept_improper", "to see", {"audit"}),
        # More seeds are more jobs, each with the same settings.
        ("seeds", 3, set()),
        ("methods__apart__seeds", 3, set()),
        ("datasets__lab__sky__size", 41, {"prepare sky"}),
        ("datasets__lab__sky__fractions", {"train": 0.7, "validation": 0.3}, {"prepare sky"}),
        ("datasets__lab__illness__wording", "law", {"prepare illness", "report"}),
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
    for module in ("calibrant.study_datasets", "calibrant.study_cards"):
        monkeypatch.setattr(f"{module}.load_catalog", lambda: entries)
    after = parts_of(study_with())
    assert {name for name in before if before[name] != after[name]} == stages


def test_a_part_can_be_read_back_from_what_the_workflow_passes_on() -> None:
    for dataset in study_cells.datasets_of(study_with()):
        part = study_parts.prepare_settings(study_with(), dataset)
        assert PrepareSettings.model_validate_json(part.model_dump_json()) == part


def test_datasets_are_listed_once_in_order_of_first_use() -> None:
    assert study_cells.datasets_of(study_with()) == [
        "gsm8k", "sums", "sky", "svamp", "mine", "yours", "rlcr_commonsenseqa",
        "judge_truthfulqa", "illness",
    ]  # fmt: skip


def test_methods_meet_the_datasets_of_their_kind() -> None:
    assert study_cells.cells_of(study_with()) == [
        *[("base", 17, dataset) for dataset in QUESTIONS],
        *[(method, 17, dataset) for method in ("before", "taught", "apart") for dataset in MADE],
        ("theirs", 17, "rlcr_commonsenseqa"),
        ("classifier", 17, "rlcr_commonsenseqa"),
    ]
    assert study_cells.methods_of_kind(study_with(), "recorded") == ["theirs", "classifier"]
    assert study_cells.methods_of_kind(study_with(), "model", "trained") == [
        "base", "before", "taught", "apart",
    ]  # fmt: skip


def test_only_trained_methods_have_several_seeds() -> None:
    study = study_with(seed=5, seeds=3)
    assert study_cells.trainings_of(study) == [
        (method, seed) for method in ("taught", "apart") for seed in (5, 6, 7)
    ]
    seeds: dict[str, list[int]] = {}
    for method, seed, dataset in study_cells.cells_of(study):
        if dataset in ("sums", "rlcr_commonsenseqa"):
            seeds.setdefault(method, []).append(seed)
    assert seeds == {
        "base": [5], "before": [5], "taught": [5, 6, 7], "apart": [5, 6, 7],
        "theirs": [5], "classifier": [5],
    }  # fmt: skip


def test_a_trained_method_may_have_seeds_of_its_own() -> None:
    study = study_with(seeds=3, methods__apart__seeds=1)
    assert study_cells.seeds_of(study, "taught") == [17, 18, 19]
    assert study_cells.seeds_of(study, "apart") == [17]


def test_a_method_without_a_model_takes_the_only_one() -> None:
    study = study_with()
    assert study_cells.model_of(study, "base") == "tiny"
    assert study_cells.model_of(study, "apart") == "made"
    one = Study(
        title="A", datasets=BASE["datasets"], models={"tiny": BASE["models"]["tiny"]},
        methods={"base": {"kind": "model"}},
    )  # fmt: skip
    assert study_cells.model_of(one, "base") == "tiny"
    with pytest.raises(CalibrantError, match="'base' needs a model"):
        study_cells.model_of(study_with(methods__base__model=None), "base")
    with pytest.raises(CalibrantError, match="'theirs' is recorded"):
        study_cells.model_of(study, "theirs")


def test_what_a_model_says_of_itself_comes_before_what_the_study_says() -> None:
    study = study_with(
        models__made__elicitation={"scale": "digit"}, models__made__generation={"samples": 3},
        elicitation__scale="unit", generation__samples=2,
    )  # fmt: skip
    for method, scale, samples in (("base", "unit", 2), ("taught", "digit", 3)):
        assert study_cells.elicitation_of(study, method).scale == scale
        assert study_cells.generation_of(study, method).samples == samples
        assert study_parts.grade_settings(study, method).scale == scale
    assert study_parts.grade_settings(study, "theirs").scale == "unit"


def test_training_is_told_what_applies() -> None:
    study = study_with(
        training__rounds=9, elicitation__missing_confidence="half",
        rewards__rlcr__accept_improper="to see",
    )  # fmt: skip
    taught, apart = (study_parts.train_settings(study, name) for name in ("taught", "apart"))
    assert (taught.training.rounds, apart.training.rounds) == (9, 5)
    assert apart.trained.training is None
    assert taught.reward.accept_improper is None
    assert taught.elicitation.missing_confidence == "drop"
    assert study_parts.warm_up_settings(study, "made").elicitation == taught.elicitation


def test_naming_the_only_model_changes_no_training() -> None:
    document = {**BASE, "models": {"made": BASE["models"]["made"]}}
    for model in ({"model": "made"}, {}):
        document["methods"] = {"taught": {"kind": "trained", "reward": "rlcr", **model}}
        part = study_parts.train_settings(Study(**document), "taught")
        assert part.trained.model == "made"


@pytest.mark.parametrize(
    ("dataset", "kind"),
    [
        ("sums", "questions"),
        ("mine", "questions"),
        ("sky", "questions"),
        ("illness", "questions"),
        ("svamp", "questions"),
        ("rlcr_commonsenseqa", "transcripts"),
        ("judge_truthfulqa", "judgements"),
    ],
)
def test_every_dataset_is_of_a_kind(dataset: str, kind: str) -> None:
    assert study_datasets.kind_of(study_with(), dataset) == kind


def test_a_dataset_has_one_origin() -> None:
    for dataset in study_cells.datasets_of(study_with()):
        part = study_parts.prepare_settings(study_with(), dataset)
        origins = (part.generated, part.lab, part.own)
        given = [origin is not None for origin in origins]
        assert given == [
            dataset in names for names in (("sums",), ("sky", "illness"), ("mine", "yours"))
        ]
        assert (part.public is not None) == (not any(given))


def test_training_is_sealed_against_everything_evaluated() -> None:
    part = study_parts.seal_settings(study_with())
    assert [(use.dataset, use.limit) for use in part.train] == [
        ("gsm8k", 50), ("sums", None), ("sky", None)
    ]  # fmt: skip
    assert [(use.dataset, use.split, use.limit) for use in part.evaluate] == [
        ("sums", "test", None), ("svamp", "test", None), ("mine", "calibration", None),
        ("yours", "test", None), ("rlcr_commonsenseqa", "test", None),
        ("judge_truthfulqa", "test", None), ("illness", "test", None),
    ]  # fmt: skip
    assert part.generated == ["sums", "sky", "illness"]


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
        "sky": ["training"],
        "illness": ["test"],
    }
    assert [name for name, card in cards.items() if card.held_out] == ["mine", "illness"]


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
    assert (sums.title, sums.licence, sums.origin) == (
        "reasoning-gym: chain_sum", "Apache-2.0", "generated in the run"
    )  # fmt: skip
    illness = cards["illness"]
    assert (illness.title, illness.domain, illness.licence, illness.origin) == (
        "laboratory: medicine", "medical", "Apache-2.0", "made in the run"
    )  # fmt: skip


def test_the_card_of_an_own_file_does_not_tell_its_folder() -> None:
    study = study_with(datasets__own__mine__file="/data/me/mine.csv")
    report = study_parts.report_settings(study, "mine")
    assert next(card.title for card in report.datasets if card.name == "mine") == "mine.csv"


def test_a_held_out_dataset_of_the_catalog_is_shown_as_one() -> None:
    evaluate = [{"dataset": "medmcqa"}]
    study = Study(title="A", datasets={"evaluate": evaluate})
    [card] = study_parts.report_settings(study, "a").datasets
    assert card.held_out


def test_methods_are_described() -> None:
    study = study_with(
        methods__taught__credit="exact", methods__apart__scale="group",
        methods__apart__feedback="rlmf",
    )  # fmt: skip
    made = "made, a Llama made in the run, warmed up"
    assert study_parts.report_settings(study, "mine").methods == {
        "base": "tiny, from models/tiny, asked for answer, confidence",
        "before": f"{made}, asked for answer, confidence",
        "taught": f"{made}, trained with reward rlcr: ppo, exact credit",
        "apart": f"{made}, trained with reward rlcr: grpo, sampled credit, scaled by group, "
        "feedback rlmf",
        "theirs": "recorded transcripts of RLCR; confidence stated in the text",
        "classifier": "recorded transcripts of RLVR-Classifier; confidence stored beside the text",
    }


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ({"kind": "package", "package": "a_package", "file": "x.gguf", "sha256": "0" * 64},
         "from the package a_package"),
        ({"kind": "hub", "repository": "someone/something", "revision": "0123456789" * 4},
         "from someone/something at 0123456"),
        ({"kind": "made"}, "a Llama made in the run"),
    ],
)  # fmt: skip
def test_every_kind_of_model_is_described(model: dict[str, Any], words: str) -> None:
    methods = study_parts.report_settings(study_with(models__tiny=model), "mine").methods
    assert methods["base"] == f"tiny, {words}, asked for answer, confidence"


def test_only_a_classifier_is_graded_with_recorded_confidences() -> None:
    graded = {
        name: study_parts.grade_settings(study_with(), name).confidence
        for name in study_with().methods
    }
    assert {name for name, confidence in graded.items() if confidence == "recorded"} == {
        "classifier"
    }
    assert set(graded.values()) == {"stated", "recorded"}


def test_published_figures_are_met_to_a_billionth() -> None:
    part = study_parts.compare_settings(study_with(), "rlcr_commonsenseqa")
    assert part.systems == {"theirs": "RLCR", "classifier": "RLVR-Classifier"}
    assert part.loader == "rlcr_transcripts"
    assert part.tolerance == 1e-9


@pytest.mark.parametrize("dataset", ["sums", "mine"])
def test_only_public_datasets_are_fetched(dataset: str) -> None:
    with pytest.raises(CalibrantError, match=f"'{dataset}' is not a public dataset"):
        study_parts.fetch_settings(study_with(), dataset)


def test_only_what_a_study_asks_for_is_taught() -> None:
    with pytest.raises(CalibrantError, match="model 'tiny' has no warm-up"):
        study_parts.warm_up_settings(study_with(), "tiny")
    with pytest.raises(CalibrantError, match="method 'base' is not trained"):
        study_parts.train_settings(study_with(), "base")


def test_only_recorded_methods_have_transcripts() -> None:
    with pytest.raises(CalibrantError, match="method 'base' is not recorded"):
        study_parts.transcript_settings(study_with(), "base", "rlcr_commonsenseqa")
