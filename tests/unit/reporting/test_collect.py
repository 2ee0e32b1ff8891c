"""Which numbers a report prints, and in which cell of which table."""

from dataclasses import replace

import pytest

from calibrant.errors import CalibrantError
from calibrant.reporting.collect import collect
from calibrant.reporting.evidence import Evidence
from calibrant.reporting.numbers import Numbers
from calibrant.reporting.views import MEASURE_STYLES

EMPTY = Evidence(measures=(), accounts=(), overlap=None, published=())


@pytest.fixture(scope="module")
def numbers() -> Numbers:
    return Numbers()


@pytest.fixture(scope="module")
def content(evidence, settings, numbers):
    return collect(evidence, settings, numbers)


def shown(table, numbers):
    """Return a table as a person sees it."""
    return [[numbers[text].printed if kind == "num" else text for kind, text in row]
            for row in table.rows]  # fmt: skip


def test_every_method_dataset_and_labelling_is_one_view(content):
    assert [(view.method, view.dataset, view.kind) for view in content.views] == [
        ("RLCR", "sums", "graded"),
        ("base", "sums", "graded"),
        ("base", "Sums", "graded"),
        ("base", "single", "graded"),
        ("RLCR", "transcripts", "graded"),
        ("RLCR", "transcripts", "recorded"),
    ]


def test_a_view_prints_the_figures_of_its_own_labels(content, numbers):
    graded, recorded = content.views[-2:]
    # 4 of 20 answers are right by our grades, 8 by the recorded labels.
    assert numbers[graded.measures["accuracy"]].value == 0.2
    assert numbers[recorded.measures["accuracy"]].value == 0.4
    # Four of twenty at 0.9, 0.9, 0.8, 0.2 and 0.3.
    assert numbers[recorded.measures["mean_confidence"]].value == pytest.approx(0.62)
    assert numbers[recorded.constant["mean_confidence"]].value == 0.4
    for view in content.views:
        assert list(view.measures) == list(MEASURE_STYLES)
        assert set(view.constant) == set(MEASURE_STYLES) - {"accuracy"}


def test_the_floor_is_the_95th_percentile(content, numbers):
    view = content.views[0]
    for name in ("ece", "ece_equal_mass"):
        expected = view.content["noise_floor"][name]["p95"]
        assert numbers[view.floor[name]].value == expected > 0


def test_counts_say_what_there_was_to_measure(content, numbers):
    # 40 graded answers with a confidence, one graded without, one with but not graded.
    printed = {name: numbers[number].printed for name, number in content.views[0].counts.items()}
    assert printed == {
        "rows": "42", "graded": "41", "n": "40", "missing": "1", "missing_share": "2.4%",
        "distinct_confidences": "4", "mode_share": "40.0%",
    }  # fmt: skip
    nothing = {name: numbers[number].printed for name, number in content.views[1].counts.items()}
    assert nothing == {
        "rows": "20", "graded": "20", "n": "0", "missing": "20", "missing_share": "100.0%",
        "distinct_confidences": "0", "mode_share": "not defined",
    }  # fmt: skip


def test_grades_of_difficulty_are_a_table_where_there_are_two(content, numbers):
    [(name, table)] = content.difficulty
    assert name == "RLCR on sums"
    assert [row[0:2] for row in shown(table, numbers)] == [
        ["0.000", "14"],
        ["0.500", "14"],
        ["1.000", "14"],
    ]
    assert len(table.heads) == len(table.rows[0]) == 4


def test_one_grade_alone_is_no_table(made_up, settings):
    document = made_up.measures("base", "single", [(0.8, True), (0.4, False)], grades=(0.5,))
    assert len(document.content["by_difficulty"]) == 1
    assert collect(replace(EMPTY, measures=(document,)), settings, Numbers()).difficulty == []


def test_published_figures_stand_beside_ours(content, numbers):
    [(name, table)] = content.published
    assert name == "transcripts"
    rows = shown(table, numbers)
    assert [row[:2] for row in rows] == [["RLCR", "accuracy"], ["RLCR", "ece"], ["RLCR", "auroc"]]
    assert rows[0][2:] == ["0.400", "0.400", "1.0e-12"]
    assert len(table.heads) == 5


def test_agreement_is_counted_per_system_with_recorded_labels(content, numbers):
    # In each of four rounds: right/right, wrong/wrong, right/wrong, wrong/wrong, wrong/wrong; the
    # confidences are read as recorded but for 0.95 against 0.2.
    heads = ["system", "published wrong, here right", "published right, here wrong", "both right",
             "both wrong", "undecided here", "confidences read", "read as published"]  # fmt: skip
    assert list(content.agreement.heads) == heads
    assert shown(content.agreement, numbers) == [
        ["RLCR", "0", "4", "4", "12", "0", "20", "16"],
    ]


def test_what_could_not_be_read_is_counted_by_reason(content, numbers):
    assert shown(content.unread, numbers) == [
        ["RLCR on sums", "confidence", "no confidence", "1"],
        ["RLCR on sums", "grade", "not a number", "1"],
        ["base on sums", "confidence", "no confidence", "20"],
    ]


def test_the_account_of_a_dataset_leaves_out_what_is_nought(content, numbers):
    tables = {card.name: shown(table, numbers) for card, table in content.accounts}
    assert list(tables) == ["sums", "Sums", "single", "transcripts", "people"]
    rows = dict(tables["sums"])
    assert (rows["rows in the source"], rows["rows kept"]) == ("34", "30")
    assert int(rows["split calibration"]) + int(rows["split test"]) == 30
    assert rows["dropped: broken"] == "4"
    assert rows["repaired: answer with a/slash and a ~tilde"] == "2"
    assert "split train" not in rows
    assert tables["people"] == [
        ["rows in the source", "1"],
        ["rows kept", "1"],
        ["verdict wrong", "1"],
    ]


def test_overlap_has_a_row_for_each_pair_and_each_training_set(content, numbers):
    assert shown(content.overlap, numbers) == [
        ["sums", "transcripts", "3", "2", "1", "0"],
        ["sums", "dropped in all", "", "", "", "1"],
    ]
    assert len(content.overlap.heads) == 6


def test_how_it_was_measured_comes_from_the_documents(content, numbers):
    printed = {name: numbers[number].printed for name, number in content.settings.items()}
    assert printed["replicates"] == "100"
    assert printed["level"] == "0.95"
    assert printed["bins"] == "5"
    assert float(printed["log_loss_clip"]) > 0


def test_without_evidence_there_is_nothing(settings):
    numbers = Numbers()
    content = collect(EMPTY, settings, numbers)
    assert len(numbers) == 0
    assert content.views == content.difficulty == content.published == content.accounts == []
    assert content.agreement is content.unread is content.overlap is None
    assert content.settings == {}


def test_a_document_of_another_version_is_named(made_up, settings):
    document = made_up.measures("base", "old", [(0.8, True), (0.4, False)])
    del document.content["views"]["graded"]["measures"]["aurc"]
    with pytest.raises(
        CalibrantError, match="has nothing at /views/graded/measures/aurc"
    ) as caught:
        collect(replace(EMPTY, measures=(document,)), settings, Numbers())
    assert caught.value.where == document.path


@pytest.fixture(scope="module")
def seeds(made_up, settings):
    """Three seeds of one method, given out of order, and one seed of another."""
    numbers = Numbers()
    answers = {
        19: [(0.9, True), (0.9, False), (0.8, True), (0.8, True)],
        17: [(0.6, True), (0.5, False), (0.5, False), (None, False)],
        18: [(0.7, True), (0.7, True), (0.6, False), (0.6, None)],
    }
    documents = [made_up.measures("rlcr", "sums", rows, seed=seed, grades=(0.0, 1.0))
                 for seed, rows in answers.items()]  # fmt: skip
    base = made_up.measures("base", "sums", [(0.9, True), (0.9, False)])
    evidence = replace(EMPTY, measures=(*documents, base))
    return collect(evidence, settings, numbers), numbers, documents


def test_several_seeds_are_one_view_with_median_and_range(seeds):
    content, numbers, documents = seeds
    assert [(view.method, view.dataset) for view in content.views] == [
        ("rlcr", "sums"),
        ("base", "sums"),
    ]
    view = content.views[0]
    accuracy = numbers[view.measures["accuracy"]]
    # 3 of 4, 1 of 4 and 2 of 3.
    assert accuracy.id == "rlcr/seeds/sums/graded/accuracy"
    assert accuracy.printed == "0.667 (0.250\xa0to\xa00.750)"
    assert (accuracy.value, accuracy.low, accuracy.high) == (pytest.approx(2 / 3), 0.25, 0.75)
    assert accuracy.computed == "median of 3 seeds"
    files = [accuracy.file, *(place.file for place in accuracy.others)]
    assert files == [documents[at].path for at in (1, 2, 0)]
    assert numbers[view.seeds].printed == "3"
    assert numbers[view.counts["rows"]].printed == "4"
    assert numbers[view.counts["graded"]].printed == "4 (3\xa0to\xa04)"


def test_a_single_seed_keeps_its_own_interval_and_id(seeds):
    content, numbers, _ = seeds
    view = content.views[1]
    assert view.seeds is None
    assert view.measures["accuracy"] == "base/17/sums/graded/accuracy"
    assert "[" in numbers[view.measures["accuracy"]].printed


def test_the_figures_drawn_are_those_of_the_first_seed(seeds):
    content, _, documents = seeds
    assert content.views[0].content == documents[1].content["views"]["graded"]


def test_grades_of_difficulty_are_medians_too(seeds):
    content, numbers, _ = seeds
    [(name, table)] = content.difficulty
    assert name == "rlcr on sums"
    # Easy: right in 2 of 2, 1 of 2 and 1 of 2 graded answers.
    assert shown(table, numbers)[0][:3] == ["0.000", "2", "0.500 (0.500\xa0to\xa01.000)"]


def test_seeds_tell_their_own_reasons_for_what_could_not_be_read(seeds):
    content, numbers, _ = seeds
    assert shown(content.unread, numbers) == [
        ["rlcr, seed 17, on sums", "confidence", "no confidence", "1"],
        ["rlcr, seed 18, on sums", "grade", "not a number", "1"],
    ]


@pytest.mark.parametrize(
    ("second", "claim"),
    [(0.9, "over"), (0.5, "none"), (0.1, "none"), (None, "unknown")],
)
def test_a_claim_holds_only_if_it_does_with_every_seed(made_up, settings, second, claim):
    half = [True, False] * 20
    documents = [
        made_up.measures("rlcr", "claims", [(sure, right) for right in half], seed=seed)
        for seed, sure in ((17, 0.9), (18, second))
    ]
    [view] = collect(replace(EMPTY, measures=tuple(documents)), settings, Numbers()).views
    assert view.claim == claim


@pytest.mark.parametrize(("lacking", "few"), [((1, 1), False), ((0, 2), True)])
@pytest.mark.parametrize("answer", [(0.5, None), (None, True)])
def test_measured_are_few_where_one_seed_has_less_than_nine_in_ten(
    made_up, settings, answer, lacking, few
):
    documents = [
        made_up.measures("rlcr", "read", [(0.5, True)] * (10 - none) + [answer] * none, seed=seed)
        for seed, none in zip((17, 18), lacking, strict=True)
    ]
    [view] = collect(replace(EMPTY, measures=tuple(documents)), settings, Numbers()).views
    assert view.few is few
