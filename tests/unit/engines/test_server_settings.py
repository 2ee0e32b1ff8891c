"""Settings of a server that make no sense, or would show the key, are refused."""

from typing import Any

import pytest
from pydantic import ValidationError

from calibrant.engines.server_engine import ServerEngine
from calibrant.engines.server_settings import Server
from calibrant.engines.settings import Generation
from calibrant.errors import CalibrantError

LOCAL = "http://127.0.0.1:8000/v1"


def server(**settings: Any) -> Server:
    return Server(**{"address": LOCAL, "model": "made-up"} | settings)


@pytest.mark.parametrize("address", [LOCAL, "https://api.example.org", "http://[::1]:80/a/b/v1"])
def test_an_address_before_the_path_of_the_api_is_taken(address: str) -> None:
    assert server(address=address).address == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "127.0.0.1:8000/v1",
        "ftp://example.org/v1",
        "http://",
        "http://example.org/v1/",
        "http://example.org/v1?key=a",
        "http://name:word@example.org/v1",
        "http://example.org/v1/chat/completions",
        "http://example.org/v1\n",
    ],
)
def test_any_other_address_is_refused(address: str) -> None:
    with pytest.raises(ValidationError, match="address"):
        server(address=address)


@pytest.mark.parametrize("key", ["sk-abc123", "sk_abc123", "Bearer abc", "A" * 65, ""])
def test_a_key_in_place_of_its_variable_is_refused_and_not_shown(key: str) -> None:
    with pytest.raises(ValidationError, match="key_variable is the name") as caught:
        server(key_variable=key)
    assert not key or key not in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"first_wait": 5.0, "longest_wait": 2.0}, "longest_wait is shorter"),
        ({"max_cost": 1.0}, "max_cost needs"),
        ({"attempts": 0}, "greater than or equal to 1"),
        ({"timeout": 0.0}, "greater than 0"),
        ({"scoring": "guess"}, "prompt_logprobs"),
        ({"api_key": "a"}, "Extra inputs"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        server(**settings)


def test_every_setting_is_described() -> None:
    properties = Server.model_json_schema()["properties"]
    assert [name for name, entry in properties.items() if not entry.get("description")] == []


@pytest.mark.parametrize("value", [None, "", " \n"])
def test_a_key_that_is_not_set_is_an_error_before_anything_is_sent(
    value: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MADE_UP_KEY", raising=False)
    if value is not None:
        monkeypatch.setenv("MADE_UP_KEY", value)
    with pytest.raises(CalibrantError, match=r"MADE_UP_KEY: .* is not set"):
        ServerEngine(server(key_variable="MADE_UP_KEY"), Generation())


@pytest.mark.parametrize("value", ["two words", "schlüssel", "line\nbreak"])
def test_a_key_that_no_header_can_hold_is_refused_and_not_shown(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MADE_UP_KEY", value)
    with pytest.raises(CalibrantError, match="cannot be a key") as caught:
        ServerEngine(server(key_variable="MADE_UP_KEY"), Generation())
    assert value not in str(caught.value)
