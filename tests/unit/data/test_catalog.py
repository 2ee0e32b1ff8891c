"""The catalog: every entry can be read, shared out and traced to its bytes."""

import json
from importlib import import_module
from pathlib import Path

import pytest
from pydantic import ValidationError

from calibrant.data.catalog import CatalogEntry, SourceFile, load_catalog
from calibrant.rows import SPLITS

CATALOG = load_catalog()
DOMAINS = {"math", "commonsense", "factual", "truthfulness", "medical", "legal"}
NAMES = {
    "gsm8k", "svamp", "math500", "big_math_digits", "commonsenseqa", "strategyqa", "hotpotqa",
    "hotpotqa_modified", "hotpotqa_vanilla", "nq_efficientqa", "nq_open", "triviaqa",
    "truthfulqa_open", "truthfulqa_mc1", "medmcqa", "pubmedqa", "mmlu_medical", "mmlu_law",
    "legalbench_cuad", "judge_evouna_nq", "judge_truthfulqa", "rlcr_commonsenseqa",
}  # fmt: skip

each_entry = pytest.mark.parametrize("entry", CATALOG.values(), ids=CATALOG)


def test_every_dataset_is_there() -> None:
    assert set(CATALOG) == NAMES


@each_entry
def test_loader_exists_and_domain_is_known(entry: CatalogEntry) -> None:
    assert callable(import_module(f"calibrant.data.loaders.{entry.loader}").load)
    assert entry.domain in DOMAINS
    assert entry.homepage.startswith("https://")
    assert entry.licence


@each_entry
def test_shares_of_each_part_sum_to_one(entry: CatalogEntry) -> None:
    for shares in entry.parts.values():
        assert sum(shares.values()) == pytest.approx(1, abs=1e-9)
        assert set(shares) <= set(SPLITS)
    assert bool(entry.parts) == (entry.kind != "judgements")


@each_entry
def test_sealed_entries_have_neither_train_nor_validation(entry: CatalogEntry) -> None:
    splits = {split for shares in entry.parts.values() for split in shares}
    assert entry.held_out == (entry.domain in {"medical", "legal"})
    if entry.held_out or entry.kind != "questions":
        assert not entry.trainable
    if not entry.trainable:
        assert splits.isdisjoint({"train", "validation"})


@pytest.mark.parametrize("name", ["truthfulqa_open", "truthfulqa_mc1", "judge_truthfulqa"])
def test_truthfulqa_is_never_trained_on_and_says_why(name: str) -> None:
    assert not CATALOG[name].trainable
    assert "canary" in CATALOG[name].notes


@each_entry
def test_files_of_an_entry_differ_in_name_and_digest(entry: CatalogEntry) -> None:
    assert entry.sources
    assert len({source.file for source in entry.sources}) == len(entry.sources)
    assert len({source.sha256 for source in entry.sources}) == len(entry.sources)


def test_a_digest_stands_for_one_address_in_the_whole_catalog() -> None:
    sources = [source for entry in CATALOG.values() for source in entry.sources]
    assert len({s.sha256 for s in sources}) == len({s.address for s in sources})


def test_sources_are_those_of_the_mirror(mirror: Path) -> None:
    index = json.loads((mirror / "INDEX.json").read_text(encoding="utf-8"))["files"]
    listed = {row["path"]: (row["sha256"], row["bytes"]) for row in index}
    sources = [source for entry in CATALOG.values() for source in entry.sources]
    # The mirror holds files of GitHub alone.
    held = {s.path: (s.sha256, s.bytes) for s in sources if s.commit is not None}
    assert held == listed


@pytest.mark.parametrize("places", [{}, {"commit": "0" * 40, "published": "http://a.example/b"}])
def test_a_file_stands_in_a_repository_or_elsewhere(places: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="a commit or is published elsewhere"):
        SourceFile(repository="a/b", file="c", sha256="0" * 64, bytes=1, **places)


def test_a_file_outside_github_is_pinned_by_its_digest() -> None:
    source = SourceFile(
        repository="a/b", published="http://a.example/b", file="c d.json", sha256="1" * 64, bytes=1
    )
    assert source.address == "http://a.example/b/c%20d.json"
    assert source.path == f"a/b/{'1' * 64}/c d.json"
