"""The manual and the schema say what the models say."""

import json
from pathlib import Path

from calibrant.manual import manual_text, schema_text
from calibrant.settings import Settings
from calibrant.study import Study


def settings_classes(model: type[Settings] = Settings) -> list[type[Settings]]:
    return [child for sub in model.__subclasses__() for child in (sub, *settings_classes(sub))]


def test_the_committed_manual_and_schema_are_current():
    assert Path("config/README.md").read_text(encoding="utf-8") == manual_text()
    assert Path("config/study.schema.json").read_text(encoding="utf-8") == schema_text()


def test_every_setting_of_a_study_has_a_meaning_in_the_manual():
    for model in settings_classes():
        if model.__module__ == Study.__module__:
            for name, field in model.model_fields.items():
                assert field.description, f"{model.__name__}.{name}"
                assert f"| `{name}` |" in manual_text()


def test_the_schema_refuses_unknown_keys():
    schema = json.loads(schema_text())
    assert schema["additionalProperties"] is False
    assert all(part["additionalProperties"] is False for part in schema["$defs"].values())
