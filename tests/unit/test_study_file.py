"""A wrong study is refused before any job runs, with the file, the key and the repair."""

from pathlib import Path

import pytest

from calibrant.errors import CalibrantError
from calibrant.study_file import load_study, study_path

SOUND = """\
title: A study
datasets:
  train:
    - dataset: gsm8k
  evaluate:
    - dataset: svamp
      limit: 10
    - dataset: sums
  generated:
    sums:
      task: chain_sum
      size: 40
models:
  here:
    kind: local
    path: .
methods:
  base:
    kind: model
"""
TRAINED = """\
title: A study
datasets:
  train:
    - dataset: sky
  evaluate:
    - dataset: sky
    - dataset: svamp
    - dataset: illness
  lab:
    sky:
      wording: weather
      size: 40
      fractions: {train: 0.4, validation: 0.2, test: 0.4}
    illness:
      wording: medicine
      size: 40
models:
  tiny:
    kind: made
    warm_up: {}
  other:
    kind: hub
    repository: someone/something
    revision: 0123456789abcdef0123456789abcdef01234567
rewards:
  rlcr:
    score: {rule: brier}
methods:
  taught:
    kind: trained
    model: tiny
    reward: rlcr
  before:
    kind: model
    model: tiny
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def error_of(folder: Path, text: str) -> str:
    with pytest.raises(CalibrantError) as caught:
        load_study(write(folder, text))
    message = str(caught.value)
    assert "\n" not in message
    assert "mine.yaml" in message
    return message


def test_a_sound_study_is_read_with_its_defaults(tmp_path):
    study = load_study(write(tmp_path, SOUND))
    assert study.seed == 17
    assert study.datasets.evaluate[0].limit == 10
    assert study.measures.replicates == 1000


@pytest.mark.parametrize(
    ("old", "new", "key", "repair"),
    [
        ("title: A study", "titel: A study", "titel", "Did you mean 'title'?"),
        ("      limit: 10", "      limt: 10", "datasets.evaluate[0].limt", "Did you mean 'limit'?"),
        ("dataset: gsm8k", "dataset: gms8k", "datasets.train[0].dataset", "Did you mean 'gsm8k'?"),
        ("dataset: gsm8k", "dataset: medmcqa", "datasets.train[0].dataset", "held out"),
        ("dataset: gsm8k", "dataset: truthfulqa_open", "datasets.train[0].dataset", "not be trained on"),
        ("dataset: gsm8k", "dataset: nq_open", "datasets.train[0].dataset", "train"),
        ("      limit: 10", "      split: train", "datasets.evaluate[0].split", "It has: "),
        ("      limit: 10", "      split: tset", "datasets.evaluate[0].split", "'test'"),
        ("      limit: 10", "      limit: 0", "datasets.evaluate[0].limit", "greater than or equal"),
        ("      limit: 10", "      limit: ten", "datasets.evaluate[0].limit", "integer"),
        ("      limit: 10", "      limit: true", "datasets.evaluate[0].limit", "integer"),
        ("    - dataset: gsm8k", "    - dataset: gsm8k\n      split: test", "train[0].split", "key"),
        ("    path: .", "    path: no/such", "models.here.path", "project's folder"),
        ("      size: 40", "      size: 40\n      grades: []", "sums.grades", "at least 1"),
        ("      size: 40", "      size: 40\n      grades: [{x: .nan}]", "grades", "does not fit"),
        ("    kind: model", "    kind: modle", "methods.base", "'model', 'trained', 'recorded'"),
        ("      size: 40", "      size: 40\n      fractions: {test: 0.5}", "generated.sums", "sum to 1"),
        ("    path: .", "    path: .\nmeasures:\n  level: 95", "measures.level", "0.95, not 95"),
        ("models:\n  here:\n    kind: local\n    path: .\n", "", "methods.base", "a `models`"),
        ("  base:\n    kind: model", "  a/b:\n    kind: model", "methods", "letters, digits"),
        ("    - dataset: sums", "    - dataset: svamp", "datasets.evaluate", "listed twice"),
        ("    - dataset: gsm8k", "    - dataset: gsm8k\n    - dataset: gsm8k", "train", "twice"),
        ("    sums:\n", "    su.ms:\n", "datasets.generated", "letters, digits"),
        ("    sums:\n", "    svamp:\n", "datasets.generated", "taken by another dataset"),
        ("models:\n", "model:\n", "mine.yaml: model", "Did you mean 'models'?"),
        ("  here:\n", "  he/re:\n", "models", "letters, digits"),
        ("  here:\n", "  ..:\n", "models", "letters, digits"),
        ("  base:\n    kind: model", "  ..:\n    kind: model", "methods", "letters, digits"),
        ("    sums:\n", "    ..:\n", "datasets.generated", "letters, digits"),
        ("    sums:\n", "    /tmp/sums:\n", "datasets.generated", "letters, digits"),
        ("    kind: local\n    path: .", f"    kind: package\n    package: x\n    file: ../y\n"
         f"    sha256: {'0' * 64}", "models.here", "without '..'"),
        ("    kind: local\n    path: .", f"    kind: package\n    package: x\n    file: /etc/y\n"
         f"    sha256: {'0' * 64}", "models.here", "without '..'"),
    ],
)  # fmt: skip
def test_a_fault_names_the_key_and_the_repair(tmp_path, old, new, key, repair):
    assert old in SOUND
    message = error_of(tmp_path, SOUND.replace(old, new))
    assert key in message
    assert repair in message


def test_a_sound_study_with_training_is_read(tmp_path):
    study = load_study(write(tmp_path, TRAINED))
    assert study.seeds == 1
    assert study.training.rounds == 60
    assert study.models["tiny"].warm_up.questions == 48_000
    assert study.datasets.lab["illness"].held_out
    assert study.methods["taught"].estimator == "ppo"


TAUGHT = "    model: tiny\n    reward: rlcr\n"
REVISION = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("old", "new", "key", "repair"),
    [
        ("- dataset: sky\n  eval", "- dataset: illness\n  eval", "train[0].dataset", "held out"),
        ("- dataset: sky\n  eval", "- dataset: svamp\n  eval", "train[0].dataset", "no train split"),
        ("wording: weather", "wording: medicine", "lab.sky", "no train and no validation split"),
        ("wording: weather", "wording: weather\n      evidence: [sum_witness]", "lab.sky", "held-out"),
        ("wording: weather", "wording: wether", "lab.sky.wording", "'weather', 'medicine'"),
        ("    illness:", "    svamp:", "datasets.lab", "taken by another dataset"),
        ("    illness:", "    ill.ness:", "datasets.lab", "letters, digits"),
        ("  lab:\n", "  generated:\n    sky: {task: chain_sum, size: 9}\n  lab:\n", "lab", "taken"),
        ("train: 0.4, validation: 0.2, test: 0.4", "train: 0.5, test: 0.5", "taught", "validation"),
        ("  train:\n    - dataset: sky\n", "", "methods.taught", "Add a dataset to datasets.train"),
        (TAUGHT, "    reward: rlcr\n", "taught", "Write `model: NAME`. Models here: tiny, other"),
        (TAUGHT, "    model: tinny\n    reward: rlcr\n", "taught.model", "Did you mean 'tiny'?"),
        (TAUGHT, "    model: tiny\n", "methods.taught.trained.reward", "missing"),
        (TAUGHT, "    model: tiny\n    reward: rlcrr\n", "taught.reward", "Did you mean 'rlcr'?"),
        (TAUGHT, f"{TAUGHT}    estimater: ppo\n", "estimater", "Did you mean 'estimator'?"),
        (TAUGHT, f"{TAUGHT}    training: {{round: 3}}\n", "training.round", "Did you mean 'rounds'?"),
        ("warm_up: {}", "warm_up: {question: 100}", "warm_up.question", "Did you mean 'questions'?"),
        ("warm_up: {}", "wram_up: {}", "tiny.made.wram_up", "Did you mean 'warm_up'?"),
        ("warm_up: {}", "width: 100\n    heads: 3", "models.tiny", "no multiple of 6"),
        ("warm_up: {}", "width: 4", "models.tiny.made.width", "greater than or equal to 8"),
        ("warm_up: {}", "datasets: [skye]", "models.tiny.datasets", "Did you mean 'sky'?"),
        ("warm_up: {}", "datasets: []", "models.tiny.made.datasets", "at least 1"),
        ("warm_up: {}", "elicitation: {missing_confidence: half}",
         "models.tiny.elicitation.missing_confidence", "`missing_confidence: drop`"),
        (REVISION, "main", "models.other.hub.revision", "pattern"),
        ("someone/something", "something", "models.other.hub.repository", "pattern"),
        ("kind: hub", "kind: hubb", "models.other", "'package', 'local', 'hub', 'made'"),
        ("title: A study", "title: A study\nseeds: 0", "seeds", "greater than or equal to 1"),
        ("title: A study", "title: A study\nseeds: 101", "seeds", "less than or equal to 100"),
    ],
)  # fmt: skip
def test_a_fault_in_training_names_the_key_and_the_repair(tmp_path, old, new, key, repair):
    assert old in TRAINED
    message = error_of(tmp_path, TRAINED.replace(old, new, 1))
    assert key in message
    assert repair in message


def test_a_model_answers_questions_only(tmp_path):
    text = TRAINED.replace("dataset: svamp", "dataset: rlcr_commonsenseqa")
    assert load_study(write(tmp_path, text))
    listed = text.replace("warm_up: {}", "datasets: [sky, rlcr_commonsenseqa]")
    assert "'rlcr_commonsenseqa' holds no questions for a model" in error_of(tmp_path, listed)


def test_one_model_need_not_be_named(tmp_path):
    start, end = TRAINED.index("  other:"), TRAINED.index("rewards:")
    alone = (TRAINED[:start] + TRAINED[end:]).replace("    model: tiny\n", "")
    study = load_study(write(tmp_path, alone))
    assert [method.model for method in study.methods.values()] == [None, None]


def test_a_trained_method_needs_something_to_answer(tmp_path):
    evaluate = "    - dataset: sky\n    - dataset: svamp\n    - dataset: illness\n"
    text = TRAINED.replace(evaluate, "    - dataset: judge_truthfulqa\n")
    assert "nothing for the model to answer" in error_of(tmp_path, text)


def test_a_file_of_ones_own_must_be_there(tmp_path):
    own = "  own:\n    mine: {file: no.csv, licence: MIT, domain: a, answer_type: number}\n"
    message = error_of(tmp_path, SOUND.replace("  generated:", own + "  generated:"))
    assert "datasets.own.mine.file: there is no file 'no.csv'" in message


def test_transcripts_are_evaluated_whole(tmp_path):
    text = SOUND.replace("dataset: svamp", "dataset: rlcr_commonsenseqa")
    assert "datasets.evaluate[0].limit" in error_of(tmp_path, text)


def test_what_is_trained_on_is_not_evaluated_on(tmp_path):
    text = SOUND.replace("dataset: svamp\n      limit: 10", "dataset: gsm8k\n      split: train")
    assert "its train split shows nothing" in error_of(tmp_path, text)


def test_what_chooses_the_checkpoint_is_not_evaluated_on(tmp_path):
    used = "    - dataset: sky\n    - dataset: svamp"
    text = TRAINED.replace(used, used.replace("sky", "sky\n      split: validation"))
    assert "its validation split shows nothing" in error_of(tmp_path, text)


def test_a_recorded_method_needs_transcripts(tmp_path):
    text = SOUND.replace("    kind: model", "    kind: recorded\n    system: RLCR")
    assert "needs a dataset of transcripts" in error_of(tmp_path, text)
    there = text.replace("dataset: svamp\n      limit: 10", "dataset: rlcr_commonsenseqa")
    assert "Write `scale: rlcr`" in error_of(tmp_path, there)
    scaled = there + "elicitation:\n  scale: rlcr\n"
    assert load_study(write(tmp_path, scaled)).methods["base"].kind == "recorded"
    unknown = scaled.replace("system: RLCR", "system: RLHF")
    assert "There are: Base, RLVR" in error_of(tmp_path, unknown)


def test_a_held_out_file_of_ones_own_is_sealed_too(tmp_path):
    (tmp_path / "x.csv").write_text("question,answer\n")
    own = (
        f"  own:\n    mine:\n      file: {tmp_path / 'x.csv'}\n      licence: MIT\n      domain: legal\n"
        "      answer_type: choice\n      held_out: true\n"
    )
    text = SOUND.replace("  generated:", own + "  generated:")
    assert load_study(write(tmp_path, text)).datasets.own["mine"].held_out
    trained = text.replace("dataset: gsm8k", "dataset: mine")
    assert "held out and must not be trained on" in error_of(tmp_path, trained)
    shares = text.replace(
        "held_out: true", "held_out: true\n      fractions: {train: 0.5, test: 0.5}"
    )
    assert "has no train split" in error_of(tmp_path, shares)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title: [", "is not valid YAML"),
        ("- a\n- b\n", "is not a study"),
        ("", "is not a study"),
        ("title: a\ntitle: b\n", "the key 'title' is written twice"),
        ("1: a\n", "key"),
        ("? [a, b]\n: 1\n", "a key is not a text"),
        ("title: 2020-99-99\n", "is not valid YAML"),
        ("title: " + "[" * 2000 + "]" * 2000, "is not valid YAML"),
        ("title: a\ndatasets: {}\n", "no dataset is used"),
    ],
)
def test_what_is_no_study_is_said_to_be_none(tmp_path, text, said):
    assert said in error_of(tmp_path, text)


def test_bytes_that_are_not_text_are_refused(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_bytes(b"title: \xff\xfe")
    with pytest.raises(CalibrantError, match="is not UTF-8 text"):
        load_study(path)


def test_an_unknown_study_is_answered_with_those_there_are():
    with pytest.raises(CalibrantError, match=r"Did you mean 'quickstart'\?.*published"):
        study_path("quickstrat")


@pytest.mark.parametrize(
    "path", sorted(Path("config/studies").glob("*.yaml")), ids=lambda p: p.stem
)
def test_every_shipped_study_is_sound(path):
    assert load_study(path).title
