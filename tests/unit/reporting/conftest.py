"""Made-up evidence of a study, made by the stages that come before the report."""

import json
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from calibrant.data.prepare import judgement_account, to_judgements, to_questions
from calibrant.data.raw import Loaded, RawJudgement, RawQuestion
from calibrant.data.seal import seal_training_set
from calibrant.data.settings import DatasetUse, TrainingUse
from calibrant.measures.predictions import measure_predictions
from calibrant.measures.published import compare_published
from calibrant.measures.settings import Measures
from calibrant.reporting.curves import Curve, read_curve
from calibrant.reporting.document import Document
from calibrant.reporting.evidence import Evidence
from calibrant.reporting.settings import Report
from calibrant.rows import Prediction, Question
from calibrant.stage_settings.measure import MeasureSettings
from calibrant.stage_settings.report import DatasetCard, ReportSettings
from calibrant.stage_settings.sources import SealSettings

SETTINGS = MeasureSettings(measures=Measures(replicates=100, bins=5), missing_confidence="drop")

Answer = tuple[float | None, bool | None]


class MadeUp:
    """Writes the documents of a made-up study into a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def document(self, place: str, content: dict[str, Any]) -> Document:
        path = self.folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content), encoding="utf-8")
        return Document(path.as_posix(), content)

    def predictions(
        self,
        method: str,
        dataset: str,
        answers: Sequence[Answer],
        *,
        recorded: Sequence[Answer] = (),
        grades: Sequence[float] = (),
        unread: str = "no_confidence",
        ungraded: str = "not_a_number",
        true: Sequence[float | None] = (),
        seed: int = 17,
    ) -> list[Prediction]:
        """Return one prediction per (confidence, correct)."""
        rows = []
        for index, (confidence, correct) in enumerate(answers):
            stored = recorded[index] if recorded else (None, None)
            rows.append(
                Prediction(
                    question_id=f"{dataset}/{index}", dataset=dataset, domain="made up",
                    split="test", answer_type="number", method=method, seed=seed, sample=0,
                    completion="", answer="1", confidence=confidence,
                    confidence_status=unread if confidence is None else "ok", correct=correct,
                    grade_reason=ungraded if correct is None else "", grader="number",
                    difficulty=grades[index % len(grades)] if grades else None,
                    recorded_confidence=stored[0], recorded_correct=stored[1],
                    true_probability=true[index] if true else None,
                )
            )  # fmt: skip
        return rows

    def measures(self, method: str, dataset: str, answers: Sequence[Answer], **more: Any):
        rows = self.predictions(method, dataset, answers, **more)
        place = f"measures/{method}/seed{more.get('seed', 17)}/{dataset}.json"
        return self.document(place, measure_predictions(rows, SETTINGS, seed=3))

    def curve(self, method: str, seed: int, lines: Sequence[dict[str, Any]]) -> Curve:
        path = self.folder / f"train/{method}/seed{seed}.curve.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        return read_curve(path)

    def account(self, dataset: str, rows: int, **dropped: int) -> Document:
        loaded = Loaded(
            [RawQuestion("all", f"What is {i}?", ("1",), "number", "math") for i in range(rows)]
        )
        loaded.dropped.update(dropped)
        loaded.repaired.update({"answer with a/slash and a ~tilde": 2})
        parts = {"all": {"calibration": 0.5, "test": 0.5}}
        return self.document(f"accounts/{dataset}.json", to_questions(dataset, loaded, parts)[1])

    def verdicts(self, dataset: str) -> Document:
        loaded = Loaded(judgements=[RawJudgement("Q?", ("a",), "b", "system", "facts", False)])
        account = judgement_account(loaded, to_judgements(dataset, loaded))
        return self.document(f"accounts/{dataset}.json", account)

    def overlap(self, training: str, evaluation: str) -> Document:
        def row(dataset: str, split: str, text: str) -> Question:
            return Question(
                f"{dataset}/{split} {text}", dataset, "math", split, "number", text, ("1",)
            )

        train = [row(training, "train", text) for text in ("Same?", "Own?", "Mine?")]
        test = [row(evaluation, "test", text) for text in ("Same?", "Other?")]
        settings = SealSettings(
            train=[TrainingUse(dataset=training)],
            evaluate=[DatasetUse(dataset=evaluation)],
            generated=[],
            shingle_words=8,
        )
        return self.document("overlap.json", seal_training_set([train, test], settings)[1])

    def published(self, measures: Document) -> Document:
        content = measures.content
        found = content["views"]["recorded"]["measures"]
        figures = {name: found[name]["value"] + 1e-12 for name in ("accuracy", "ece", "auroc")}
        document = compare_published(
            {"theirs": figures}, {content["method"]: "theirs"}, [Path(measures.path)], 1e-9
        )
        return self.document(f"published/{content['dataset']}.json", document)

    def card(self, name: str, **fields: Any) -> DatasetCard:
        values: dict[str, Any] = {
            "title": "A made-up set", "domain": "math", "licence": "CC BY 4.0",
            "origin": "https://example.org/data", "held_out": False, "uses": ["test"],
            "faults": [], "notes": "",
        }  # fmt: skip
        return DatasetCard(name=name, **{**values, **fields})

    def settings(self, cards: Sequence[DatasetCard], **fields: Any) -> ReportSettings:
        values: dict[str, Any] = {
            "study": "made-up", "title": "A made-up study", "description": "For tests.",
            "report": Report(), "methods": {"base": "a model of 7 parameters"},
            "missing_confidence": "drop",
        }  # fmt: skip
        return ReportSettings(datasets=list(cards), **{**values, **fields})


class ReadPage(HTMLParser):
    """What a page holds: its elements, and the text of those that carry an attribute."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, dict[str, str | None], str]] = []
        self.text = ""
        self._open: list[list[Any]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "img"):
            self._open.append([tag, dict(attrs), ""])

    def handle_endtag(self, tag):
        element = self._open.pop()
        assert element[0] == tag
        self.texts.append(tuple(element))

    def handle_data(self, data):
        self.text += data
        for element in self._open:
            element[2] += data

    def with_attribute(self, name: str) -> list[tuple[str | None, str]]:
        return [(attrs[name], text) for _, attrs, text in self.texts if name in attrs]


@pytest.fixture(scope="session")
def made_up(tmp_path_factory) -> MadeUp:
    return MadeUp(tmp_path_factory.mktemp("made-up"))


@pytest.fixture(scope="session")
def read_page() -> type[ReadPage]:
    return ReadPage


@pytest.fixture(scope="session")
def evidence(tmp_path_factory) -> Evidence:
    """Several methods, datasets and views; undefined measures; one answer; no confidence at all."""
    made_up = MadeUp(tmp_path_factory.mktemp("study"))
    cycle: list[Answer] = [(0.9, True), (0.9, False), (0.8, False), (0.95, False), (0.3, False)]
    unsure: list[Answer] = [(None, True), (0.7, None)]
    stored: list[Answer] = [(0.9, True), (0.9, False), (0.8, True), (0.2, False), (0.3, False)]
    transcripts = made_up.measures("RLCR", "transcripts", cycle * 4, recorded=stored * 4)
    return Evidence(
        measures=(
            made_up.measures("RLCR", "sums", cycle * 8 + unsure, grades=(0.0, 0.5, 1.0)),
            made_up.measures("base", "sums", [(None, True), (None, False)] * 10),
            made_up.measures("base", "Sums", [(0.6, True), (0.7, True)] * 5),
            made_up.measures("base", "single", [(0.8, True)]),
            transcripts,
        ),
        accounts=(
            made_up.account("sums", 30, broken=4),
            made_up.account("Sums", 3),
            made_up.account("single", 1),
            made_up.account("transcripts", 5),
            made_up.verdicts("people"),
        ),
        overlap=made_up.overlap("sums", "transcripts"),
        published=(made_up.published(transcripts),),
    )


@pytest.fixture(scope="session")
def settings(made_up) -> ReportSettings:
    faults = ["12 rows have no answer"]
    return made_up.settings(
        [
            made_up.card("sums", uses=["training", "test"], faults=faults),
            made_up.card("Sums", held_out=True, notes="Seen by 3 people."),
            *[made_up.card(name) for name in ("single", "transcripts", "people")],
        ]
    )
