"""The cluster profiles fit the rules: every name is a rule's, and no rule is forgotten."""

import re
from pathlib import Path

import pytest
import yaml

PROFILES = Path("workflow/profiles")
CLUSTER = ("slurm", "cluster-sync")


def rules() -> dict[str, str]:
    """Return name and text of every rule; one made from another has the other's text before its own."""
    text = "\n".join(file.read_text() for file in sorted(Path("workflow/rules").glob("*.smk")))
    found = {}
    blocks = re.finditer(
        r"^(use rule (\w+) as (\w+) with|rule (\w+)):\n((?:[ #].*\n|\n)*)", text, re.M
    )
    for block in blocks:
        found[block[3] or block[4]] = (found[block[2]] if block[2] else "") + block[5]
    return found


def profile(name: str) -> dict:
    return yaml.safe_load((PROFILES / name / "profile.yaml").read_text())


def stages_with_a_model() -> set[str]:
    """Return the rules that take as many cores as there are: no cluster tells Snakemake how many."""
    return {
        name for name, text in rules().items() if re.search(r"^    threads: [a-z_]+$", text, re.M)
    }


def test_the_rules_are_found():
    assert {"fetch", "generate", "train", "publish"} <= rules().keys()
    assert "train" in stages_with_a_model()
    assert "measure" not in stages_with_a_model()


@pytest.mark.parametrize("name", CLUSTER)
def test_a_profile_names_rules_that_exist(name):
    settings = profile(name)
    for key in ("set-threads", "set-resources", "groups"):
        assert settings.get(key, {}).keys() <= rules().keys(), key
    assert settings["group-components"].keys() <= set(settings["groups"].values())


def test_slurm_says_the_cores_and_the_gpus_of_every_stage_with_a_model():
    settings = profile("slurm")
    assert settings["set-threads"].keys() == stages_with_a_model()
    asked = {name for name, needs in settings["set-resources"].items() if "gpu" in needs}
    assert asked == stages_with_a_model()


def test_slurm_asks_for_more_at_every_attempt():
    settings = profile("slurm")
    assert settings["retries"] >= 1
    for needs in (settings["default-resources"], *settings["set-resources"].values()):
        for name in ("mem_mb", "runtime"):
            assert str(needs.get(name, "attempt * 1")).startswith("attempt * ")


def test_cluster_sync_has_the_groups_of_slurm():
    for key in ("groups", "group-components"):
        assert profile("cluster-sync")[key] == profile("slurm")[key]
