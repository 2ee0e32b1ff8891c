"""Loaders of medicine and law on made-up files: what is dropped, hidden and sampled."""

from typing import Any

import pytest

from calibrant.data.prepare import CLASHING, REPEATED
from calibrant.errors import CalibrantError


def medical(question: str, right: int, *options: str) -> dict[str, Any]:
    columns = dict(zip(("opa", "opb", "opc", "opd"), options or "abcd", strict=True))
    return {"question": question, "cop": right, "id": question, "exp": "given away", **columns}


def test_medmcqa_counts_from_one_and_drops_repeats_clashes_and_rows_without_a_choice(
    sources: Any,
) -> None:
    rows = [
        medical("Which nerve?", 4),
        medical("which nerve", 1, "D", "c", "b", "a"),  # the same answer in another place
        medical("Which drug?", 1),
        medical("Which drug?", 2),  # another answer
        medical("Which drug?", 2, "e", "f", "g", "h"),  # other options: another question
        medical("Which is true?", 1, "x", "x", "x", "x"),
    ]
    sources.lines("dev.json", rows)
    loaded = sources.load("medmcqa")
    kept = [(r.question, r.references, r.options[0]) for r in loaded.questions]
    assert kept == [("Which nerve?", ("D",), "a"), ("Which drug?", ("B",), "e")]
    assert loaded.dropped == {REPEATED: 1, CLASHING: 2, "all options are the same": 1}
    assert "given away" not in repr(loaded.questions)


@pytest.mark.parametrize("cop", [0, 5, None])
def test_medmcqa_refuses_a_right_option_that_is_none(sources: Any, cop: int | None) -> None:
    sources.lines("dev.json", [medical("Which?", 1) | {"cop": cop}])
    with pytest.raises(CalibrantError, match=r"dev\.json: row 1: cop"):
        sources.load("medmcqa")


def test_pubmedqa_shows_the_abstract_without_its_conclusion(sources: Any) -> None:
    row = {
        "QUESTION": "Does it help?",
        "CONTEXTS": ["Aims.", "Results."],
        "LONG_ANSWER": "It helps.",
        "final_decision": "yes",
    }
    other = row | {"QUESTION": "Does it harm?", "final_decision": "maybe"}
    sources.json("data/ori_pqal.json", {"11": row, "12": other})
    sources.json("data/test_ground_truth.json", {"12": "maybe"})
    first, second = sources.load("pubmedqa").questions
    assert (first.part, first.references, first.source_id) == ("dev", ("yes",), "11")
    assert (second.part, second.references) == ("test", ("maybe",))
    assert first.context == "Aims.\n\nResults."
    assert "It helps" not in repr((first, second))
    sources.json("data/test_ground_truth.json", {"12": "no"})
    with pytest.raises(CalibrantError, match="row 2: 12 has another label"):
        sources.load("pubmedqa")


def test_mmlu_reads_rows_without_header_and_groups_by_subject(sources: Any) -> None:
    row = ["Which bone,\nand why?", "rib", "hip", "jaw", "toe", "C"]
    sources.table("data/val/anatomy_val.csv", [row])
    only = sources.load("mmlu", domain="medical").questions[0]
    assert (only.question, only.references, only.options[2]) == (row[0], ("C",), "jaw")
    assert (only.group, only.domain) == ("anatomy", "medical")
    for wrong in ([*row[:5], "E"], row[:5], ["", *row[1:]]):
        sources.table("data/val/anatomy_val.csv", [row, wrong])
        with pytest.raises(CalibrantError, match=r"anatomy_val\.csv: row 2: "):
            sources.load("mmlu", domain="medical")


def clauses(count: int, label: str) -> list[list[str]]:
    return [[label, f"Clause {label} number {n} of the made-up contract."] for n in range(count)]


def test_legalbench_samples_as_many_clauses_of_each_label(sources: Any) -> None:
    repeated = ["No", "clause no number 0 of the made up contract"]
    clash = [["Yes", "Both."], ["No", "Both."]]
    rows = [["label", "text"], *clauses(30, "Yes"), *clauses(9, "No"), repeated, *clash]
    sources.table("tasks/CUAD_Insurance/test.tsv", rows, delimiter="\t")
    loaded = sources.load("legalbench_cuad", per_task=10)
    labels = [row.references[0] for row in loaded.questions]
    assert (labels.count("yes"), labels.count("no")) == (5, 5)
    assert loaded.dropped[CLASHING] == 2
    assert loaded.dropped[REPEATED] == 1
    assert loaded.dropped.total() + len(loaded.questions) == len(rows) - 1
    only = loaded.questions[0]
    assert (only.group, only.domain) == ("Insurance", "legal")
    assert only.question.startswith("Does this clause")
    assert only.context and only.context.startswith("Clause")
    few = sources.load("legalbench_cuad", per_task=60)
    assert len(few.questions) == 18


def test_legalbench_sample_depends_on_the_seed_alone(sources: Any) -> None:
    rows = [["label", "text"], *clauses(40, "Yes"), *clauses(40, "No")]
    name = "tasks/CUAD_Insurance/test.tsv"
    sources.table(name, rows, delimiter="\t")
    texts = [{r.context for r in sources.load("legalbench_cuad", s, per_task=20).questions}
             for s in (1, 1, 2)]  # fmt: skip
    assert texts[0] == texts[1] != texts[2]
    sources.table(name, [rows[0], *reversed(rows[1:])], delimiter="\t")
    assert {r.context for r in sources.load("legalbench_cuad", 1, per_task=20).questions} == texts[
        0
    ]


def test_legalbench_refuses_a_clause_type_without_a_question(sources: Any) -> None:
    sources.table("tasks/CUAD_Unknown/test.tsv", [["label", "text"], ["Yes", "x"]], "\t")
    with pytest.raises(CalibrantError, match="no question for clause type 'Unknown'"):
        sources.load("legalbench_cuad", per_task=60)
