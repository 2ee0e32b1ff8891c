"""Locks, conda files and post-deploy scripts belong together."""

import re
from pathlib import Path

import pytest

from calibrant import environments
from calibrant.errors import CalibrantError


def versions(name: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for package, version in re.findall(
        r"^([a-z0-9._-]+)==([^ ;\\]+)", Path(f"envs/{name}.lock").read_text(), re.M
    ):
        found.setdefault(package, set()).add(version)
    return found


def test_the_committed_files_are_current():
    environments.check()


@pytest.mark.parametrize("name", environments.ALL_ENVIRONMENTS)
def test_every_locked_package_has_hashes_and_no_index(name):
    text = Path(f"envs/{name}.lock").read_text()
    for block in re.split(r"\n(?=[a-z])", text.split("\n", 2)[2]):
        assert "--hash=sha256:" in block, block.splitlines()[0]
    assert "://" not in text
    assert not re.search(r"^torch==", text, re.MULTILINE)


@pytest.mark.parametrize("name", environments.ALL_ENVIRONMENTS)
def test_a_package_has_one_version_in_all_environments(name):
    everything = versions("dev")
    for package, found in versions(name).items():
        assert found <= everything[package], package


@pytest.mark.parametrize("name", environments.STAGE_ENVIRONMENTS)
def test_the_post_deploy_script_carries_the_whole_lock(name):
    script = Path(f"envs/{name}.post-deploy.sh").read_text()
    assert Path(f"envs/{name}.lock").read_text() in script
    assert "--require-hashes" in script


def instructions(name: str) -> list[str]:
    """Return the instructions of a container recipe, continued lines joined, comments left out."""
    text = Path(f"envs/{name}.Dockerfile").read_text().replace("\\\n", " ")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@pytest.mark.parametrize("name", environments.CONTAINERS)
def test_a_container_installs_its_lock_with_hashes_and_names_no_index(name):
    lines = instructions(name)
    installs = [line for line in lines if " pip install " in line]
    copied = f"/tmp/{name}.lock"
    assert f"COPY {name}.lock {copied}" in lines
    assert Path(f"envs/{name}.lock").is_file()
    assert "--no-deps --require-hashes" in installs[0]
    assert installs[0].endswith(f"-r {copied}")
    assert lines.index(f"COPY {name}.lock {copied}") < lines.index(installs[0])
    # Every image has a tag, and nothing is fetched by address.
    images = [line.split()[1] for line in lines if line.startswith("FROM")]
    assert set(images) == {f"python:{environments.PYTHON}-slim-bookworm"}
    assert "://" not in "\n".join(lines)
    assert "index-url" not in "\n".join(lines)


@pytest.mark.parametrize("name", environments.CONTAINERS)
def test_a_container_installs_what_the_conda_environment_does(name):
    torch = [line.split()[-1] for line in instructions(name) if line.endswith("==2.13.0")]
    if name == "default":
        assert torch == ["torch==2.13.0"]
    else:
        script = Path(f"envs/{name}.post-deploy.sh").read_text().splitlines()
        assert torch == [line.split()[-1] for line in script if " pip install --no-input " in line]


def test_an_edited_container_recipe_is_found(tmp_path, monkeypatch):
    for file in Path("envs").iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    monkeypatch.setattr(environments, "FOLDER", tmp_path)
    recipe = tmp_path / "core.Dockerfile"
    recipe.write_text(recipe.read_text().replace(" --require-hashes", ""))
    with pytest.raises(CalibrantError, match=r"core\.Dockerfile: differs from its lock"):
        environments.check()


def test_an_edited_input_makes_its_lock_stale(tmp_path, monkeypatch):
    for file in Path("envs").iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    monkeypatch.setattr(environments, "FOLDER", tmp_path)
    environments.check()
    core = tmp_path / "core.in"
    core.write_text(core.read_text() + "# a comment changes nothing\n")
    environments.check()
    core.write_text(core.read_text() + "attrs\n")
    with pytest.raises(CalibrantError, match="was made from another"):
        environments.check()
