"""The command line of a stage."""

from pathlib import Path

import pytest

from calibrant.errors import CalibrantError
from calibrant.lineage.command import StageArguments, parse_stage_arguments, redacted_command

LOCK = "core:" + "0" * 64


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.csv", "b.csv"):
        Path(name).write_text(name)


def parse(text: str) -> StageArguments:
    return parse_stage_arguments("demo", ("tables", "more_tables"), ("out",), text.split())


GOOD = "--tables a.csv b.csv --more-tables --out results/s/x.csv --root results/s"


def test_every_part_is_read() -> None:
    arguments = parse(
        f'{GOOD} --settings {{"k":[1]}} --seed 3 --code abc --lock {LOCK} --subject s'
    )
    assert arguments == StageArguments(
        subject="s",
        root=Path("results/s"),
        inputs={"tables": (Path("a.csv"), Path("b.csv")), "more_tables": ()},
        outputs={"out": Path("results/s/x.csv")},
        settings={"k": [1]},
        seed=3,
        planned_code="abc",
        planned_lock={"name": "core", "sha256": "0" * 64},
    )


def test_a_person_may_leave_out_the_plan() -> None:
    arguments = parse(GOOD)
    assert (arguments.planned_code, arguments.planned_lock, arguments.seed) == (None, None, None)
    assert arguments.settings == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD.replace("a.csv", "c.csv"), "c.csv: input tables does not exist"),
        (GOOD.replace("a.csv", "."), "input tables is a folder, not a file"),
        (GOOD.replace("results/s/x.csv", "x.csv"), "is not a result below results/s"),
        (GOOD.replace("--tables a.csv", "--tables results/s/x.csv"), "does not exist"),
        (GOOD.replace("results/s", "."), "x.csv: output out is also an input"),
        (GOOD + " --settings [1]", "--settings: is not a JSON object"),
        (GOOD + " --settings {", "--settings: not valid JSON"),
        (GOOD + ' --settings {"a":NaN}', "--settings: not valid JSON: NaN"),
        (GOOD + " --lock core", "--lock: 'core' is not NAME:SHA256"),
        (GOOD + " --subject ../x", "--subject: '../x' is not names joined by slashes"),
        (GOOD + " --subject base/../../x", "is not names joined by slashes"),
        (GOOD + " --subject /tmp/x", "is not names joined by slashes"),
        (GOOD + " --subject base//x", "is not names joined by slashes"),
        (GOOD + " --subject base/.", "is not names joined by slashes"),
        (GOOD.replace("results/s/x.csv", "results/s/../x.csv"), "is not a result below results/s"),
        (GOOD.replace("results/s/x.csv", "/tmp/x.csv"), "is not a result below results/s"),
    ],
)
def test_what_is_wrong_is_said(text: str, message: str) -> None:
    Path("x.csv").write_text("x")
    if "also an input" in message:
        text = text.replace("a.csv", "x.csv")
    with pytest.raises(CalibrantError) as caught:
        parse(text)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "text", [GOOD.replace("--root results/s", ""), GOOD + " --unknown 1", GOOD + " --see 1"]
)
def test_missing_unknown_and_shortened_options_end_with_code_2(text: str) -> None:
    with pytest.raises(SystemExit) as caught:
        parse(text)
    assert caught.value.code == 2


def test_help_shows_every_input_and_output(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse_stage_arguments("demo", {"tables": "what to read"}, ("out",), ["--help"], "Makes x.")
    text = capsys.readouterr().out
    for expected in ("Makes x.", "--tables", "what to read", "--out", "--settings", "--lock"):
        assert expected in text


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("s.py --api-key abc --x 1", "s.py --api-key [redacted] --x 1"),
        ("s.py --api_token=abc --x 1", "s.py --api_token=[redacted] --x 1"),
        ("s.py --Secret a b --x 1", "s.py --Secret [redacted] [redacted] --x 1"),
        ("s.py --max-tokens 5 --keys 6", "s.py --max-tokens 5 --keys 6"),
    ],
)
def test_values_of_secrets_are_not_shown(given: str, shown: str) -> None:
    assert redacted_command(given.split()) == shown.split()
