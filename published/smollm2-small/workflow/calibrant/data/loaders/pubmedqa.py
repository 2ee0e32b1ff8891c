"""PubMedQA: is the title's question answered yes, no or maybe? (Jin et al., arXiv:1909.06146).

The abstract without its conclusion is the context. The conclusion (``LONG_ANSWER``) gives the
answer away and is never shown.
"""

from pathlib import Path
from typing import Any

from calibrant.data.loaders.reading import each_row, json_document, local_file, text_of
from calibrant.data.raw import Loaded, RawQuestion

ROWS = "data/ori_pqal.json"
TEST_LABELS = "data/test_ground_truth.json"
_ANSWERS = ("yes", "no", "maybe")


def load(files: dict[str, Path], options: dict[str, str | int | bool], seed: int) -> Loaded:
    """Read the labelled set; the ids of the official test set are part ``test``, others ``dev``."""
    labels = json_document(local_file(files, TEST_LABELS), dict)

    def read(item: tuple[str, dict[str, Any]], number: int) -> RawQuestion:
        identifier, row = item
        answer = text_of(row, "final_decision")
        if answer not in _ANSWERS:
            raise ValueError(f"final_decision {answer!r} is not one of {', '.join(_ANSWERS)}")
        if labels.get(identifier, answer) != answer:
            raise ValueError(f"{identifier} has another label in {TEST_LABELS}")
        return RawQuestion(
            part="test" if identifier in labels else "dev",
            question=text_of(row, "QUESTION"),
            references=(answer,),
            answer_type="yes_no_maybe",
            domain="medical",
            context="\n\n".join(paragraph.strip() for paragraph in row["CONTEXTS"]),
            source_id=identifier,
        )

    path = local_file(files, ROWS)
    return Loaded(questions=each_row(path, json_document(path, dict).items(), read))
