"""A study with a password or a key in it is refused, by a message that does not show it."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from calibrant.errors import CalibrantError
from calibrant.study_file import load_study
from calibrant.study_secrets import check_no_secrets

FILE = Path("config/studies/mine.yaml")
SHIPPED = sorted((Path(__file__).parents[2] / "config/studies").glob("*.yaml"))
# Put together here, so that no scanner of keys takes this file for a leak.
WORD = "Qq7" * 12
SECRETS = [
    (f"http://me:{WORD}@127.0.0.1:8000/v1", "an address with a name or password"),
    (f"https://{WORD}@example.org/models", "an address with a name or password"),
    (f"see postgres://me:{WORD}@db/x for it", "an address with a name or password"),
    (f"https://example.org/v1?api_key={WORD}", "an address with a key in its query"),
    (f"https://example.org/v1?model=a&token={WORD}", "an address with a key in its query"),
    *[
        (f"https://example.org/v1?model=a&{name}={WORD}", "an address with a key in its query")
        for name in (
            "pwd",
            "auth",
            "X-Amz-Signature",
            "X-Amz-Security-Token",
            "sig",
            "accessToken",
            "client_secret",
            "private_token",
            "db_password",
            "subscription-key",
            "KEY",
        )
    ],
    (f"git+ssh://git:{WORD}@github.com/o/r.git", "an address with a name or password"),
    (f"git+https://{WORD}@github.com/o/r.git", "an address with a name or password"),
    (f"hf_{WORD}", "what looks like a key"),
    (f"sk-proj-{WORD}", "what looks like a key"),
    (f"sk-{WORD}", "what looks like a key"),
    (f"sk-ant-api03-a-b_{WORD}", "what looks like a key"),
    (f"sk-or-v1-{'0a' * 16}{WORD}", "what looks like a key"),
    (f"the key is ghp_{WORD}.", "what looks like a key"),
    (f"xox{'b'}-1234567890-{WORD}", "what looks like a key"),
    (f"AIz{'a'}{WORD[:35]}", "what looks like a key"),
    *[
        (f"-----BEGIN {kind}PRIVATE {'KEY'}-----\n{WORD}", "what looks like a key")
        for kind in ("", "RSA ", "OPENSSH ", "ENCRYPTED ")
    ],
]


@pytest.mark.parametrize(("text", "what"), SECRETS)
@pytest.mark.parametrize(
    ("place", "key"),
    [
        (lambda text: {"title": text}, "title"),
        (lambda text: {"judges": {"a": {"server": {"address": text}}}}, "judges.a.server.address"),
        (lambda text: {"datasets": {"train": [{"dataset": "x"}, {"dataset": text}]}},
         "datasets.train[1].dataset"),
        (lambda text: {"models": {text: {"kind": "made"}}}, "models"),
    ],
)  # fmt: skip
def test_a_secret_is_refused_by_the_key_it_stands_at(
    text: str, what: str, place: Any, key: str
) -> None:
    with pytest.raises(CalibrantError) as caught:
        check_no_secrets(FILE, place(text))
    message = str(caught.value)
    assert message.startswith(f"{FILE}: {key}: holds {what}")
    assert "environment" in message
    assert WORD not in message


@pytest.mark.parametrize("text", [text for text, _ in SECRETS])
@pytest.mark.parametrize("field", ["path", "kind", "no_such_setting"])
def test_no_other_check_shows_it_first(tmp_path: Path, field: str, text: str) -> None:
    study = {
        "title": "A study",
        "datasets": {"evaluate": [{"dataset": "svamp"}]},
        "models": {"here": {"kind": "local", "path": "no/such"} | {field: text}},
    }
    file = tmp_path / "mine.yaml"
    file.write_text(yaml.safe_dump(study), encoding="utf-8")
    with pytest.raises(CalibrantError) as caught:
        load_study(file)
    assert f"models.here.{field}: holds" in str(caught.value)
    assert WORD not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "http://127.0.0.1:8000/v1",
        "someone@example.org answers questions about http://example.org",
        "https://example.org/a?page=2&monkey=no",
        "https://example.org/a?page_token=3&next_token=4&next_page_token=5",
        "https://example.org/a?sort_key=asc&primary_key=id&author=me&design=2&token_count=9",
        "git+ssh://git@github.com/o/r.git",
        "ssh://git@example.org:2222/r.git",
        "git@github.com:o/r.git",
        "sk-learn-pipeline-model-v2-large",
        "sk-learn_pipeline_model_v2_and_more_words_2",
        "sk-internationalization2",
        "xoxb-is-how-such-names-begin",
        "AIza, and -----BEGIN PUBLIC KEY-----",
        "OPENAI_API_KEY",
        "sk-learn-like-names-of-some-length, and hf_hub",
        "task-with-many-words-in-its-name-and-more",
    ],
)
def test_what_is_no_secret_is_accepted(text: str) -> None:
    check_no_secrets(FILE, {"description": text})


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_shipped_studies_hold_none(file: Path) -> None:
    check_no_secrets(file, yaml.safe_load(file.read_text(encoding="utf-8")))


@given(st.recursive(st.none() | st.integers() | st.text("abc./-_ "), st.lists, max_leaves=9))
def test_any_document_without_one_is_accepted(value: Any) -> None:
    check_no_secrets(FILE, {"key": value})
