"""The manual and the schema say what the models say."""

import json
import typing
from pathlib import Path

from calibrant.manual import manual_text, schema_text
from calibrant.settings import Settings
from calibrant.study import Study


def settings_classes(annotation: object = Study) -> set[type[Settings]]:
    """Return every settings class that a study can hold."""
    if isinstance(annotation, type) and issubclass(annotation, Settings):
        fields = annotation.model_fields.values()
        found = [settings_classes(field.annotation) for field in fields]
        return {annotation}.union(*found)
    return set().union(*map(settings_classes, typing.get_args(annotation)))


def test_the_committed_manual_and_schema_are_current():
    assert Path("config/README.md").read_text(encoding="utf-8") == manual_text()
    assert Path("config/study.schema.json").read_text(encoding="utf-8") == schema_text()


def test_every_setting_of_a_study_has_a_meaning_in_the_manual():
    manual = manual_text()
    classes = settings_classes()
    assert {"Study", "Columns", "MadeModel", "WarmUp", "Critic", "Power"} <= {
        model.__name__ for model in classes
    }
    for model in classes:
        for name, field in model.model_fields.items():
            assert field.description, f"{model.__name__}.{name}"
            assert f"| `{name}` |" in manual


def test_the_manual_has_a_section_for_every_kind_of_model_and_method():
    for kind in ("package", "local", "hub", "made"):
        assert f"## `models.NAME`, kind `{kind}`" in manual_text()
    for kind in ("model", "trained", "recorded"):
        assert f"## `methods.NAME`, kind `{kind}`" in manual_text()


def test_the_schema_refuses_unknown_keys():
    schema = json.loads(schema_text())
    assert schema["additionalProperties"] is False
    assert all(part["additionalProperties"] is False for part in schema["$defs"].values())
