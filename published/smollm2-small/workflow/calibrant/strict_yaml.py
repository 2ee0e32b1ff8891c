"""YAML that says what it means: a mapping, with every key written once."""

from pathlib import Path
from typing import Any

import yaml

from calibrant.errors import CalibrantError


def read_yaml_mapping(path: Path) -> dict[str, Any]:
    """Read a YAML file that holds a mapping with keys that are all different texts.

    Raises:
        CalibrantError: If it cannot be read, is not UTF-8, not YAML or no mapping; names the line.
    """
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=_StrictLoader)
    except OSError as error:
        raise CalibrantError(f"cannot read: {error.strerror}", where=path) from error
    except UnicodeDecodeError as error:
        raise CalibrantError("is not UTF-8 text", where=path, repair="Save it as UTF-8") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else "?"
        raise CalibrantError(
            f"is not valid YAML: {error.problem}", where=f"{path}:{line}"
        ) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise CalibrantError(f"is not valid YAML: {error}", where=path) from error
    if not isinstance(document, dict):
        raise CalibrantError(
            "is not a study", where=path, repair="Start with `title:` and `datasets:`"
        )
    return document


class _StrictLoader(yaml.SafeLoader):
    """A loader that refuses a key written twice; YAML itself keeps the last one silently."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Build a mapping whose keys are all different."""
        seen = set()
        for key_node, _ in node.value:
            mark = key_node.start_mark
            if not isinstance(key_node, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(
                    problem="a key is not a text", problem_mark=mark
                )
            if key_node.value in seen:
                raise yaml.constructor.ConstructorError(
                    problem=f"the key {key_node.value!r} is written twice", problem_mark=mark
                )
            seen.add(key_node.value)
        return super().construct_mapping(node, deep)
