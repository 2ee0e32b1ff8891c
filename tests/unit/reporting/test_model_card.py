"""Model cards: metadata as the Hub's own library reads it, figures as the documents have them."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from calibrant.certification.answers import read_answers
from calibrant.certification.applied import applied_certificate
from calibrant.certification.certify import Claim, certify
from calibrant.elicitation.prompts import build_messages
from calibrant.elicitation.settings import Elicitation
from calibrant.engines.checkpoint import make_checkpoint
from calibrant.engines.settings import Generation
from calibrant.errors import CalibrantError
from calibrant.files import write_json
from calibrant.model_settings import MadeModel
from calibrant.reporting.model_card import CardEvidence, model_card
from calibrant.reporting.model_card_settings import ModelCardSettings
from calibrant.reporting.model_card_use import PLACEHOLDER
from calibrant.rows import Prediction, Question, write_rows

NINE_OF_TEN = [(0.9, True)] * 9 + [(0.9, False)]
ELICITATION = Elicitation(format="think_answer_confidence", scale="percent", examples=2)


def manifest(made_up, **outcome):
    usual = {"rollouts": 6144, "rounds": 24, "best_round": 20, "reason": "finished"}
    content = {"weights_sha256": "ab" * 32, "files": [], "outcome": usual | outcome}
    return made_up.document("train/sure/seed17/manifest.json", content)


def settings(made_up, **fields):
    cards = [made_up.card("sky"), made_up.card("ward", domain="medical", held_out=True)]
    values = {
        "study": "made-up", "method": "sure", "description": "a model, trained", "place": "here",
        "licence": "apache-2.0", "trained_on": ["sky"], "datasets": cards,
        "elicitation": ELICITATION, "generation": Generation(max_new_tokens=16),
    }  # fmt: skip
    return ModelCardSettings(**{**values, **fields})


@pytest.fixture
def evidence(made_up):
    measures = (
        made_up.measures("sure", "sky", NINE_OF_TEN),
        made_up.measures("sure", "ward", [(0.8, True), (0.8, True), (0.7, True), (None, False)]),
    )
    return CardEvidence(manifest(made_up), measures)


def certificate(made_up, folder, *, right, domain="made up"):
    """Certify on 200 answers, 9 in 10 of them right if sure, and apply it to two datasets."""
    answers = [(0.9, at % 10 < right) for at in range(200)]
    rows = made_up.predictions("sure", "sky", answers)
    write_rows(folder / "calibration.parquet", rows, Prediction)
    read = read_answers(folder / "calibration.parquet", by=None, correct=None, needs_labels=True)
    found = certify(read, Claim(0.2, 0.1))
    ward = [
        replace(row, domain="medical") for row in made_up.predictions("sure", "ward", answers[:20])
    ]
    content = applied_certificate(found, {"sky": rows[:20], "ward": ward}, 0.95)
    named = {"method": "sure", "seed": 17, "dataset": "sky"}
    return made_up.document("certificates/sky.applied.json", named | content)


def table_rows(card, head):
    lines = card[card.index(f"| dataset | {head}") :].split("\n\n")[0].splitlines()[2:]
    return [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines
    ]  # fmt: skip


def test_a_hand_worked_dataset_is_printed_as_it_is(made_up, evidence):
    sky, ward = table_rows(model_card(evidence, settings(made_up)), "domain")
    assert sky[:4] == ["sky", "math", "yes, measured on its test split", "10"]
    # 9 of 10 right at 0.9: Brier (9 * 0.01 + 0.81) / 10, no gap, one confidence for all.
    assert [cell.split(" ")[0] for cell in sky[4:9]] == [
        "0.900",
        "0.900",
        "0.000",
        "0.090",
        "0.500",
    ]
    assert all(re.fullmatch(r"0\.\d{3} \[0\.\d{3}, \d\.\d{3}\]", cell) for cell in (sky[4], sky[7]))
    assert ward[:4] == ["ward", "medical", "no, held out", "4"]
    assert ward[8:] == ["not defined", "25.0%"]


def test_the_hub_reads_every_figure_of_the_documents(made_up, evidence):
    hub = pytest.importorskip("huggingface_hub")
    data = hub.ModelCard(model_card(evidence, settings(made_up, base_model="a/b"))).data
    assert (data.license, data.base_model, data.library_name) == (
        "apache-2.0",
        "a/b",
        "transformers",
    )
    assert data.datasets == ["sky"]
    read = {(item.dataset_type, item.metric_type): item for item in data.eval_results}
    for document in evidence.measures:
        name = document.content["dataset"]
        for measure in data.metrics:
            entry = document.content["views"]["graded"]["measures"][measure]
            if entry["value"] is None:
                assert (name, measure) not in read
                continue
            found = read.pop((name, measure))
            assert found.metric_value == pytest.approx(entry["value"], abs=5e-4)
            if entry["low"] is not None:
                assert f"[{entry['low']:.3f}, {entry['high']:.3f}]" in found.metric_name
            assert found.dataset_split == "test"
    assert not read


def test_names_cannot_break_the_metadata_or_a_table(made_up, evidence):
    title = "- a: |b|\n--- `c` <script> # d"
    cards = [
        made_up.card(
            "sky", title=title, domain="x | y", origin="https://huggingface.co/datasets/o/sky"
        ),
        made_up.card("ward"),
    ]
    card = model_card(evidence, settings(made_up, datasets=cards))
    front = yaml.safe_load(card.split("\n---\n")[0].removeprefix("---\n"))
    assert front["model-index"][0]["results"][0]["dataset"]["name"] == f"sky ({title})"
    assert front["datasets"] == ["o/sky"]
    rows = table_rows(card, "domain")
    assert {len(row) for row in rows} == {10}
    assert rows[0][1] == r"x \| y"
    assert "<script>" not in card.split("\n---\n", 1)[1].replace(r"\<script>", "")


def test_the_example_is_what_the_model_was_asked(made_up, evidence):
    card = model_card(evidence, settings(made_up, answer_type="yes_no"))
    shown = json.loads(card.split("```json\n")[1].split("```")[0])
    question = Question("-", "-", "-", "test", "yes_no", PLACEHOLDER, ())
    assert shown == build_messages(question, ELICITATION)
    assert "`<think>...</think><answer>...</answer><confidence>C</confidence>`" in card
    assert "a whole number from 0 to 100" in card
    assert '"include_stop_str_in_output": true' in card
    assert "bfloat16 unless told `--dtype float32`" in card


def test_the_line_that_loads_the_model_loads_it(made_up, evidence, tmp_path):
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
    model = MadeModel(kind="made", layers=1, width=32, heads=1)
    make_checkpoint(model, tmp_path / "model", 1, lambda _: None)
    place = str(tmp_path / "model")
    card = model_card(evidence, settings(made_up, place=place, answer_type="yes_no"))
    names: dict = {"messages": json.loads(card.split("```json\n")[1].split("```")[0])}
    exec(card.split("```python\n")[1].split("```")[0], names)
    call = re.search(r"made as by `(.*?)`\.", card)
    assert call is not None
    assert isinstance(eval(call.group(1), names), str)


def test_sampled_answers_are_asked_for_as_sampled(made_up, evidence):
    generation = Generation(max_new_tokens=5, temperature=0.7)
    card = model_card(evidence, settings(made_up, generation=generation))
    assert "do_sample=True, temperature=0.7, top_k=0, max_new_tokens=5" in card


def test_the_threshold_comes_with_its_guarantee_and_its_end(made_up, evidence, tmp_path):
    found = certificate(made_up, tmp_path, right=9)
    card = model_card(replace(evidence, certificates=(found,)), settings(made_up))
    assert "a confidence of 0.9 or more. Of those, at most 0.2 are wrong" in card
    assert "at most 0.1 of such draws" in card
    sky, ward = table_rows(card, "covered")
    assert (sky[:3], ward[:3]) == (["sky", "yes", "20"], ["ward", "**no**", "20"])
    assert sky[3].startswith("1.000 [")
    assert sky[4].startswith("0.100 [")


def test_without_a_certified_threshold_nothing_is_promised(made_up, evidence, tmp_path):
    refused = certificate(made_up, tmp_path, right=5)
    card = model_card(replace(evidence, certificates=(refused,)), settings(made_up))
    assert "no threshold could be certified" in card
    assert "accept answers with" not in card
    assert "No threshold was certified" in model_card(evidence, settings(made_up))


def test_what_was_learnt_before_and_how_it_ended_is_said(made_up, evidence):
    stopped = replace(evidence, manifest=manifest(made_up, reason="confidence collapsed"))
    card = model_card(stopped, settings(made_up, before="a warm-up on medical text"))
    assert "6,144 answers in 24 rounds; the checkpoint of round 20 was kept" in card
    assert "stopped early: confidence collapsed" in card
    assert "Before that: a warm-up on medical text." in card
    assert "Held out of training with the reward: ward (medical)." in card


def test_a_judges_errors_are_named_where_a_judge_graded(made_up, evidence):
    cards = [made_up.card("sky", uses=["test", "judged by panel"]), made_up.card("ward")]
    assert "judge that graded sky" in model_card(evidence, settings(made_up, datasets=cards))
    assert "judge" not in model_card(evidence, settings(made_up)).split("does not cover")[1]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda e, m: replace(e, measures=()), "needs measures"),
        (lambda e, m: replace(e, measures=(*e.measures, e.measures[0])), "sky is given twice"),
        (
            lambda e, m: replace(
                e, measures=(*e.measures, m.measures("sure", "law", NINE_OF_TEN, seed=18))
            ),
            "is of sure, seed 18",
        ),
        (
            lambda e, m: replace(e, measures=(m.measures("other", "sky", NINE_OF_TEN),)),
            "is of other, seed 17",
        ),
        (
            lambda e, m: replace(e, measures=(m.measures("sure", "law", NINE_OF_TEN),)),
            "nothing describes the dataset 'law'",
        ),
        (
            lambda e, m: replace(e, manifest=m.document("m.json", {"weights_sha256": "a"})),
            "no manifest of a training",
        ),
    ],
)
def test_documents_that_do_not_belong_together_make_no_card(made_up, evidence, change, said):
    with pytest.raises(CalibrantError, match=said):
        model_card(change(evidence, made_up), settings(made_up))


def test_the_stage_writes_the_card_and_its_record(made_up, evidence, tmp_path):
    for document in (evidence.manifest, *evidence.measures):
        write_json(tmp_path / "in" / Path(document.path).name, document.content)
    root = Path(__file__).parents[3]
    command = [
        sys.executable, root / "workflow/scripts/model_card.py", "--root", tmp_path,
        "--settings", settings(made_up).model_dump_json(),
        "--manifest", tmp_path / "in/manifest.json",
        "--measures", tmp_path / "in/sky.json", tmp_path / "in/ward.json",
        "--certificates", "--card", tmp_path / "cards/README.md",
    ]  # fmt: skip
    subprocess.run([str(word) for word in command], check=True, cwd=root)
    written = (tmp_path / "cards/README.md").read_text(encoding="utf-8")
    assert written == model_card(evidence, settings(made_up))
    assert (tmp_path / "records/cards/README.md.json").is_file()
