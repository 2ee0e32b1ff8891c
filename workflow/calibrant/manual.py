"""The manual of every setting and the JSON schema, generated from the models of ``study``.

Run as ``python -m calibrant.manual [--check]``; ``make docs`` does, and ``make lint`` checks that what
is committed is what would be generated.
"""

import argparse
import json
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from calibrant.errors import CalibrantError, report_errors
from calibrant.files import write_text
from calibrant.settings import Settings
from calibrant.study import Study

MANUAL = Path("config/README.md")
SCHEMA = Path("config/study.schema.json")

_INTRODUCTION = """\
<!-- Generated from workflow/calibrant/study.py by `make docs`. Do not edit. -->
# How to write a study

A study is one YAML file in `config/studies/`. `config.yaml` names the one that runs by default;
`make reproduce STUDY=name` or `snakemake --cores 2 --config study=name` runs another.

```yaml
# yaml-language-server: $schema=../study.schema.json
title: My own questions
datasets:
  evaluate:
    - dataset: mine
      limit: 500
  own:
    mine:
      file: data/mine.jsonl        # JSONL, CSV or Parquet with columns question and answer
      licence: CC BY 4.0
      domain: medical
      answer_type: short_text
      held_out: true
models:
  mine:
    kind: local
    path: models/my-model          # a Hugging Face folder with safetensors, or a .gguf file
methods:
  my-model:
    kind: model
```

`calibrant check my-study` reads it and says what it would do. A typo, a value out of range, an
unknown dataset or a held-out dataset in training is an error before anything runs; it names the
file, the key and the repair. The first line above gives an editor completion and checks.

`calibrant datasets` lists the public datasets. A file that lies on this machine is read first where
the environment variable `CALIBRANT_MIRROR` names a folder laid out as `owner/repository/commit/file`;
otherwise it is downloaded. Either way its SHA-256 must be the pinned one.

Every setting follows, by section. `required` marks those without a default.
"""


def manual_text() -> str:
    """Return the manual in Markdown."""
    parts = [_INTRODUCTION]
    for path, model in _sections(Study, ""):
        parts.append(f"\n## `{path}`{_kind_of(model)}\n" if path else "\n## The study\n")
        parts.append(f"\n{_plain(model.__doc__)}\n")
        parts.append("\n| key | value | default | meaning |\n| --- | --- | --- | --- |\n")
        for name, field in _own_first(model):
            cells = (f"`{name}`", _kind(field), _default(field), _plain(field.description))
            parts.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n")
    return "".join(parts)


def schema_text() -> str:
    """Return the JSON schema of a study."""
    return json.dumps(Study.model_json_schema(), indent=1, ensure_ascii=False) + "\n"


def _sections(model: type[Settings], path: str) -> Iterator[tuple[str, type[Settings]]]:
    """Yield every settings model once, with the path of the key that holds it."""
    seen: set[type[Settings]] = set()
    waiting = [(path, model)]
    while waiting:
        here, current = waiting.pop(0)
        if current in seen:
            continue
        seen.add(current)
        yield here, current
        for name, field in current.model_fields.items():
            for child in _models(field.annotation):
                suffix = "[]" if _is_list(field.annotation) else ""
                key = ".NAME" if _is_mapping(field.annotation) else suffix
                waiting.append((f"{here}.{name}{key}".lstrip("."), child))


def _own_first(model: type[Settings]) -> list[tuple[str, FieldInfo]]:
    """Return the settings of a model, those it shares with other kinds at the end."""
    own = model.__annotations__
    return sorted(model.model_fields.items(), key=lambda item: item[0] not in own)


def _kind_of(model: type[Settings]) -> str:
    """Return the kind or rule that selects a model, where one key takes several."""
    for key in ("kind", "rule"):
        if field := model.model_fields.get(key):
            return f", {key} `{typing.get_args(field.annotation)[0]}`"
    return ""


def _models(annotation: Any) -> list[type[Settings]]:
    if isinstance(annotation, type) and issubclass(annotation, Settings):
        return [annotation]
    return [model for part in typing.get_args(annotation) for model in _models(part)]


def _is_list(annotation: Any) -> bool:
    return typing.get_origin(annotation) is list


def _is_mapping(annotation: Any) -> bool:
    return typing.get_origin(annotation) is dict


def _kind(field: FieldInfo) -> str:
    limits = [
        f"{sign} {getattr(rule, name)}"
        for rule in field.metadata
        for name, sign in (("ge", "at least"), ("gt", "above"), ("le", "at most"), ("lt", "below"))
        if getattr(rule, name, None) is not None
    ]
    return ", ".join([_type_name(field.annotation), *limits])


def _type_name(annotation: Any) -> str:  # noqa: PLR0911 (one line per kind of type)
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _type_name(arguments[0])
    if origin is typing.Literal:
        return " or ".join(f"`{value}`" for value in arguments)
    if origin is list:
        return f"list of {_type_name(arguments[0])}"
    if origin is dict:
        return f"{_type_name(arguments[1])} by {'split' if arguments[0] is not str else 'name'}"
    if origin in (typing.Union, types.UnionType):
        names = [_type_name(part) for part in arguments if part is not type(None)]
        return " or ".join(dict.fromkeys(names))
    if isinstance(annotation, type) and issubclass(annotation, Settings):
        return "section"
    names_of = {int: "whole number", float: "number", str: "text", bool: "true or false"}
    return names_of.get(annotation, str(annotation))


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True)
    if value is PydanticUndefined:
        return "required"
    if value is None:
        return "empty"
    if isinstance(value, Settings):
        return "see its section"
    return f"`{json.dumps(value)}`"


def _plain(text: str | None) -> str:
    return " ".join((text or "").split())


def main() -> int:
    """Write the manual and the schema, or check them with ``--check``."""
    parser = argparse.ArgumentParser(prog="calibrant.manual", description=main.__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, fail if stale")
    check = parser.parse_args().check
    for path, text in ((MANUAL, manual_text()), (SCHEMA, schema_text())):
        if check and (not path.is_file() or path.read_text(encoding="utf-8") != text):
            raise CalibrantError("is not what the models say", where=path, repair="Run `make docs`")
        if not check:
            write_text(path, text)
    return 0


if __name__ == "__main__":
    raise SystemExit(report_errors(main))
