"""What the tutorial shows is what its commands print, where they need no run of a study."""

import ast
import re
import shlex
from importlib import import_module
from pathlib import Path

import pytest
import yaml

from calibrant.cli import main
from calibrant.elicitation.settings import Elicitation

TUTORIAL = Path("TUTORIAL.md").read_text(encoding="utf-8")
SCRIPTS = [text for text in re.findall(r"```python\n(.*?)```", TUTORIAL, re.S) if "import" in text]
COMMANDS = [
    (shlex.split(command.replace("\\\n", " "))[1:], output)
    for command, output in re.findall(
        r"^\$ (\.venv/bin/calibrant (?:.*\\\n)*.*)\n((?:(?!\$ |```).*\n)*)", TUTORIAL, re.M
    )
]
PUBLISHED = [item for item in COMMANDS if item[0][1].startswith("published/")]


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_imports_what_there_is(script: str) -> None:
    for node in ast.walk(ast.parse(script)):
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("calibrant"):
            module = import_module(str(node.module))
            assert all(hasattr(module, alias.name) for alias in node.names)


@pytest.mark.parametrize("command", PUBLISHED, ids=lambda item: " ".join(item[0][:2]))
def test_a_command_on_published_answers_prints_what_is_shown(
    command: tuple[list[str], str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    words, output = command
    out = words[words.index("--out") + 1] if "--out" in words else ""
    main([str(tmp_path / word) if word == out else word for word in words])
    said = capsys.readouterr().out.replace(f"{tmp_path}/", "").splitlines()
    shown = [line for line in output.splitlines() if line not in ("", "...")]
    assert shown
    assert [line for line in shown if line not in said] == []


def test_the_real_model_is_asked_as_its_study_asked_it() -> None:
    study = yaml.safe_load(Path("config/studies/smollm2-small.yaml").read_text(encoding="utf-8"))
    script = next(text for text in SCRIPTS if "smollm2-small" in text)
    call = re.search(r"Elicitation\(.*\)", script)
    assert call is not None
    assert eval(call.group(), {"Elicitation": Elicitation}) == Elicitation(**study["elicitation"])
    assert f"max_new_tokens={study['generation']['max_new_tokens']})" in script
