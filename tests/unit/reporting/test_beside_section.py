"""Published figures beside ours: quoted, compared on the same measures, and never ours."""

from pathlib import Path

import pytest

from calibrant.errors import CalibrantError
from calibrant.reporting.evidence import Evidence
from calibrant.reporting.page import render_page
from calibrant.reporting.published_figures import publications
from calibrant.reporting.settings import Report
from calibrant.study_cells import starts_of
from calibrant.study_file import load_study
from calibrant.study_parts import report_settings

STUDY = """\
title: A study
datasets:
  train:
    - dataset: gsm8k
  evaluate:
    - dataset: gsm8k
models:
  tiny: {kind: made}
  other: {kind: made}
rewards:
  rlcr: {}
report: {beside: rlcr}
methods:
  start: {kind: model, model: tiny}
  again: {kind: model, model: tiny}
  rlcr: {kind: trained, model: tiny, reward: rlcr}
  lone: {kind: trained, model: other, reward: rlcr}
"""


def study(tmp_path: Path, text: str = STUDY):
    path = tmp_path / "made.yaml"
    path.write_text(text, encoding="utf-8")
    return load_study(path)


def test_a_training_is_set_against_the_model_it_started_from(tmp_path: Path) -> None:
    made = study(tmp_path)
    assert starts_of(made) == {"rlcr": "start"}
    assert report_settings(made, "made").starts == {"rlcr": "start"}
    plain = study(tmp_path, STUDY.replace("report: {beside: rlcr}\n", ""))
    assert report_settings(plain, "made").starts == {}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  evaluate:\n    - dataset: gsm8k", "  evaluate:\n    - dataset: svamp", "no dataset that"),
        ("  start: {kind: model, model: tiny}\n  again: {kind: model, model: tiny}\n", "",
         "no method is trained from a model that answers here"),
        ("beside: rlcr", "beside: rlmf", "does not fit here"),
    ],
)  # fmt: skip
def test_what_cannot_stand_beside_is_refused(tmp_path: Path, old, new, said) -> None:
    assert old in STUDY
    with pytest.raises(CalibrantError, match=said):
        study(tmp_path, STUDY.replace(old, new))


@pytest.fixture(scope="module")
def rendered(made_up):
    """A start with an ECE of 0.4, trainings with 0.1 and 0.2, and a dataset that RLCR has not."""

    def of(method: str, dataset: str, sure: float, seed: int = 17):
        answers = [(sure, at % 2 == 0) for at in range(40)]
        return made_up.measures(method, dataset, answers, seed=seed)

    measures = (
        of("start", "gsm8k", 0.9), of("rlcr", "gsm8k", 0.6, 17), of("rlcr", "gsm8k", 0.7, 18),
        of("start", "svamp", 0.9), of("rlcr", "svamp", 0.6, 17), of("rlcr", "svamp", 0.7, 18),
    )  # fmt: skip
    evidence = Evidence(measures=measures, accounts=(), overlap=None, published=())
    settings = made_up.settings([], report=Report(beside="rlcr"), starts={"rlcr": "start"})
    return render_page(evidence, settings)


def test_both_stand_in_one_table(rendered, read_page) -> None:
    page, numbers = rendered
    read = read_page(page)
    assert "Beside what was published" in [text for tag, _, text in read.texts if tag == "h2"]
    section = page[page.index("Beside what was published") :]
    assert section.count("<h3>") >= 1
    assert "svamp" not in section[: section.index("</ul>")]
    number = numbers["rlcr/seeds/gsm8k/graded/ece_reduction"]
    # The median of 0.1 and 0.2, against 0.4.
    assert number.value == pytest.approx(1 - 0.15 / 0.4)
    assert number.printed == "62.5%"
    assert (len(number.others), number.low) == (2, None)
    # Theirs from 0.215 to 0.119, and to 0.197 where trained on HotpotQA.
    for quoted in ("0.215", "0.119", "44.7%", "8.4%"):
        assert f'title="published by others, not measured here">{quoted}<' in section


def test_no_published_figure_is_a_number_of_the_report(rendered) -> None:
    page, numbers = rendered
    listed = numbers.document()["numbers"]
    assert {Path(item["file"]).name for item in listed} == {"gsm8k.json", "svamp.json"}
    assert page.count('class="cited"') == sum(
        4 + (system != "Base") for system in publications()["rlcr"].datasets["gsm8k"]
    )


def test_a_study_that_does_not_ask_has_no_such_section(made_up) -> None:
    measures = (made_up.measures("start", "gsm8k", [(0.9, True), (0.4, False)] * 5),)
    evidence = Evidence(measures=measures, accounts=(), overlap=None, published=())
    assert "Beside what" not in render_page(evidence, made_up.settings([]))[0]


def test_the_file_is_sound() -> None:
    from calibrant.data.catalog import load_catalog

    for publication in publications().values():
        assert set(publication.datasets) <= set(load_catalog())
        for systems in publication.datasets.values():
            assert "Base" in systems
            assert all(0 <= value <= 1 for row in systems.values() for value in row)
