"""Validate a crate with roc-validator, without a network. Run by an interpreter that has it.

Usage: validate_crate.py CRATE PROFILE...; prints a JSON list of [profile, severity, message].
"""

import json
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import rocrate
from rocrate_validator import models, services
from rocrate_validator.utils.http import HttpRequester

_BIOSCHEMAS = "https://bioschemas.org"
_RUN = "https://w3id.org/ro/terms/workflow-run#"
# The library carries a later context than 1.1, which moved these terms.
_TERMS_OF_1_1 = {
    "ComputationalWorkflow": f"{_BIOSCHEMAS}/ComputationalWorkflow",
    "FormalParameter": f"{_BIOSCHEMAS}/FormalParameter",
    "input": f"{_BIOSCHEMAS}/ComputationalWorkflow#input",
    "output": f"{_BIOSCHEMAS}/ComputationalWorkflow#output",
}
_RUN_TERMS = {name: f"{_RUN}{name}" for name in ("sha256", "connection", "resourceUsage")}


class _Answer:
    status_code = 200
    from_cache = True

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self.text = json.dumps(document)
        self.content = self.text.encode()
        self.headers = {"Content-Type": "application/ld+json"}

    def json(self) -> dict[str, Any]:
        return self._document

    def raise_for_status(self) -> None:
        pass


def _contexts() -> dict[str, dict[str, Any]]:
    file = Path(rocrate.__file__).with_name("data") / "ro-crate.jsonld"
    base = json.loads(file.read_text(encoding="utf-8"))
    base["@context"].update(_TERMS_OF_1_1)
    return {
        "https://w3id.org/ro/crate/1.1/context": base,
        "https://w3id.org/ro/terms/workflow-run/context": {"@context": _RUN_TERMS},
    }


def main() -> None:
    crate, *profiles = sys.argv[1:]
    contexts = _contexts()
    asked: set[str] = set()

    def get(self: object, url: str, **options: object) -> _Answer:
        asked.add(url)
        return _Answer(contexts[url])

    found: list[list[str]] = []
    with mock.patch.object(HttpRequester, "get", get, create=True):
        for profile in profiles:
            settings = models.ValidationSettings(
                rocrate_uri=crate,
                profile_identifier=profile,
                requirement_severity=models.Severity.RECOMMENDED,
                offline=True,
            )
            result = services.validate(settings)
            found += [
                [profile, item.severity.name, f"{item.violatingEntity}: {item.message}"]
                for item in result.get_issues()
            ]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
