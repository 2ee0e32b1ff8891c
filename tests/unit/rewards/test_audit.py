"""The audit as data, its figure, and the command."""

import argparse
import json
import sys
from xml.etree import ElementTree

import pytest

from calibrant.errors import CalibrantError, report_errors
from calibrant.files import canonical_json
from calibrant.rewards import command
from calibrant.rewards.audit import audit
from calibrant.rewards.audit_figure import write_audit_figure
from calibrant.rewards.bandit_settings import BanditSettings, LabelNoise
from calibrant.rewards.settings import Article, ArticleMatrix, Log, NoRule, Reward
from calibrant.rewards.verdict_table import print_audit
from calibrant.study_file import load_study

FEW = BanditSettings(steps=20, runs=5)
REWARDS = {
    "rlvr": Reward(score=NoRule()),
    "rlcr": Reward(),
    "article": Reward(score=Article(), accept_improper="shown as a warning"),
    "matrix": Reward(score=ArticleMatrix()),
    "bare log": Reward(score=Log(clip=0)),
}
JUDGE = LabelNoise(sensitivity=0.9, specificity=0.8)

HEAD = "title: a study\ndatasets: {evaluate: [{dataset: svamp}]}\n"
SOUND = """
rewards:
  rlcr: {score: {rule: brier}}
  spherical:
    score: {rule: spherical}
    weight: 0.5
"""
ACCEPTED = """
rewards:
  article:
    score: {rule: article}
    correctness: 0
    accept_improper: shipped to show what it does
"""
IMPROPER = ACCEPTED.replace("    accept_improper: shipped to show what it does\n", "")
HEAVY = "rewards: {plain: {score: {rule: brier}}, heavy: {score: {rule: brier}, weight: 1.5}}\n"


@pytest.fixture(scope="module")
def report():
    return audit(REWARDS, ["rloo", "group_std"], [LabelNoise(), JUDGE], 17, FEW)


def test_every_bounded_reward_meets_every_estimator_and_judge(report):
    cells = [(cell["reward"], cell["estimator"]) for cell in report["bandit"]]
    assert len(cells) == 4 * 2 * 2 * 2
    assert set(report["skipped"]) == {"bare log"}
    assert set(report["verdicts"]) == set(report["rewards"]) == set(REWARDS)


def test_a_cell_says_which_confidence_is_asked_for_under_its_labels(report):
    asked = {
        (cell["reward"], cell["noise"]["sensitivity"]): cell["asked"] for cell in report["bandit"]
    }
    assert asked["rlcr", 1.0] == [0.1, 0.3, 0.5, 0.7, 0.9]
    assert asked["rlcr", 0.9] == pytest.approx([0.27, 0.41, 0.55, 0.69, 0.83])
    assert asked["article", 1.0][3] == pytest.approx(0.955, abs=1e-3)
    assert asked["rlvr", 1.0] is None


def test_the_audit_is_json_and_repeatable(report):
    again = audit(REWARDS, ["rloo", "group_std"], [LabelNoise(), JUDGE], 17, FEW)
    assert canonical_json(again) == canonical_json(report)


def test_a_cell_does_not_depend_on_its_neighbours(report):
    alone = audit({"rlcr": Reward()}, ["group_std"], [JUDGE], 17, FEW)["bandit"][0]
    assert alone in report["bandit"]


def test_the_figure_is_an_svg_with_the_same_bytes_every_time(report, tmp_path):
    first, second = tmp_path / "a.svg", tmp_path / "b.svg"
    for path in (first, second):
        write_audit_figure(path, report)
    assert first.read_bytes() == second.read_bytes()
    root = ElementTree.fromstring(first.read_text(encoding="utf-8"))
    names = [element.get("id") for element in root.iter() if element.get("id")]
    # One panel for the reports, one for every bounded reward and judge, the rest empty.
    assert sum(name.startswith("axes_") for name in names) == 9


def test_another_ending_than_svg_is_refused(report, tmp_path):
    with pytest.raises(CalibrantError, match="SVG"):
        write_audit_figure(tmp_path / "a.png", report)


class Terminal:
    """A stream that says it is a terminal and keeps what is printed."""

    def __init__(self):
        self.text = ""

    def write(self, text):
        self.text += text
        return len(text)

    def flush(self):
        pass

    def isatty(self):
        return True


def test_a_terminal_gets_a_drawn_table_and_a_file_a_plain_one(report, capsys):
    print_audit(report, sys.stdout)
    plain = capsys.readouterr().out
    terminal = Terminal()
    print_audit(report, terminal)
    assert "┃" in terminal.text
    assert "┃" not in plain
    for line in ("article: accepted: shown as a warning", "bare log: no bandit"):
        assert line in plain
        assert line in terminal.text


def run_command(tmp_path, text, *arguments):
    study = tmp_path / "study.yaml"
    study.write_text(HEAD + text, encoding="utf-8")
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    options = parser.parse_args([str(study), "--estimator", "rloo", *arguments])
    return report_errors(lambda: command.run(options))


def test_a_sound_study_passes_and_writes_its_files(tmp_path, capsys):
    out, figure = tmp_path / "audit.json", tmp_path / "audit.svg"
    code = run_command(tmp_path, SOUND, "--json", str(out), "--figure", str(figure),
                       "--noise", "0.9", "0.8")  # fmt: skip
    printed = capsys.readouterr()
    assert code == 0
    assert printed.err == ""
    assert [line.split()[0] for line in printed.out.splitlines()[2:4]] == ["rlcr", "spherical"]
    assert "sound" in printed.out.splitlines()[2]
    written = json.loads(out.read_text(encoding="utf-8"))
    assert len(written["bandit"]) == 2 * 3 * 2
    assert not any(verdict["refused"] for verdict in written["verdicts"].values())
    assert figure.read_text(encoding="utf-8").startswith("<?xml")


@pytest.mark.parametrize(
    ("text", "name", "reason"),
    [
        (IMPROPER, "article", "it is improper"),
        (HEAVY, "heavy", "it pays more for a wrong answer where p < 0.167"),
    ],
)
def test_a_refused_reward_ends_with_code_two_and_one_line(tmp_path, capsys, text, name, reason):
    out = tmp_path / "audit.json"
    assert run_command(tmp_path, text, "--json", str(out)) == 2
    printed = capsys.readouterr()
    assert printed.err.count("\n") == 1
    assert f"rewards.{name}: this reward is refused: {reason}" in printed.err
    assert "accept_improper" in printed.err
    assert json.loads(out.read_text(encoding="utf-8"))["verdicts"][name]["refused"]


def test_words_let_a_refused_reward_pass(tmp_path, capsys):
    assert run_command(tmp_path, ACCEPTED) == 0
    assert "article: accepted: shipped to show what it does" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no rewards"),
        ("rewards: []\n", "rewards"),
        ("rewards: {a: {}, a: {}}\n", "written twice"),
        ("rewards: {a: {weigth: 1}}\n", "rewards.a.weigth: unknown key. Did you mean 'weight'?"),
        ("rewards: {a: {score: {k: 2}}}\n", "rewards.a.score"),
        ("rewards: {a: {score: {rule: power, k: 0.5}}}\n", "rewards.a.score.power.k"),
        ("rewards: {a/b: {}}\n", "letters, digits"),
    ],
)
def test_a_wrong_study_is_told_with_its_place(tmp_path, capsys, text, message):
    assert run_command(tmp_path, text) == 2
    error = capsys.readouterr().err
    assert message in error
    assert str(tmp_path) in error
    assert error.count("\n") == 1


def test_a_reward_without_settings_is_the_default(tmp_path):
    path = tmp_path / "study.yaml"
    path.write_text(HEAD + "rewards:\n  rlcr: {}\n", encoding="utf-8")
    assert load_study(path).rewards == {"rlcr": Reward()}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--estimator", "ppo"], "unknown estimator"),
        (["--noise", "0.5", "0.5"], "no better than chance"),
        (["--noise", "90", "80"], "is not a share"),
        (["--figure", "out.png"], "SVG"),
        (["--seed", "-1"], "negative"),
    ],
)
def test_a_wrong_argument_is_refused_before_anything_runs(tmp_path, capsys, arguments, message):
    assert run_command(tmp_path, SOUND, *arguments) == 2
    printed = capsys.readouterr()
    assert message in printed.err
    assert printed.out == ""
