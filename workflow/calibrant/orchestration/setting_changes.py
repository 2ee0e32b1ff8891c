"""What differs between two parts of a study, key by key."""

import json
from collections.abc import Iterator
from typing import Any

_LONGEST = 60
_ABSENT = object()


def setting_changes(before: Any, after: Any) -> list[str]:
    """Return one line per setting that differs, such as ``training.learning_rate: 0.1 -> 0.2``.

    Lists of the same length are compared item by item, others as a whole.

    Args:
        before: Settings of the earlier run, as read from JSON.
        after: Settings of the planned run.
    """
    return [
        f"{path or 'all'}: {_shown(old)} -> {_shown(new)}"
        for path, old, new in _differences(before, after, "")
    ]


def _differences(old: Any, new: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            inner = f"{path}.{key}" if path else key
            yield from _differences(old.get(key, _ABSENT), new.get(key, _ABSENT), inner)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for position, pair in enumerate(zip(old, new, strict=True)):
            yield from _differences(*pair, f"{path}[{position}]")
    elif type(old) is not type(new) or old != new:
        yield path, old, new


def _shown(value: Any) -> str:
    if value is _ABSENT:
        return "absent"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
