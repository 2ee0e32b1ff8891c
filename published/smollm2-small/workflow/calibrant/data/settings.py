"""Which questions a study uses for what, and the datasets it makes or owns."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from calibrant.rows import AnswerType, Split
from calibrant.settings import Settings

Fractions = dict[Split, Annotated[float, Field(ge=0, le=1)]]
Arguments = dict[str, int | float | bool | str | list[str]]
Wording = Literal["weather", "medicine", "law"]
Evidence = Literal["record", "witnesses", "sum", "record_witness", "sum_witness"]


class TrainingUse(Settings):
    """A dataset to train on, and how much of it: always its train split."""

    dataset: str
    """Name in the catalog (`calibrant datasets`), or of an entry of `generated`, `lab` or `own`."""
    limit: int | None = Field(default=None, ge=1)
    """At most this many questions, the first in the order of their content hash (questions).
    Empty means all."""
    judge: str | None = None
    """Who labels answers that no deterministic grader can compare with the references, from
    `judges`."""


class DatasetUse(Settings):
    """A dataset to evaluate on, and how much of it."""

    dataset: str
    """Name in the catalog (`calibrant datasets`), or of an entry of `generated`, `lab` or `own`."""
    split: Split = "test"
    """Which split is read."""
    limit: int | None = Field(default=None, ge=1)
    """At most this many questions, the first in the order of their content hash (questions).
    Empty means all."""
    calibration_limit: int | None = Field(default=None, ge=20)
    """Where calibrators or thresholds are fitted: at most this many questions of the calibration
    split, the first in the order of their content hash (questions). Empty means all."""
    judge: str | None = None
    """Who grades answers that no deterministic grader can compare with the references, from
    `judges`."""


class GeneratedDataset(Settings):
    """Questions made by the library reasoning-gym: seeded, with verified answers."""

    task: str
    """Task of reasoning-gym, such as `basic_arithmetic`, `gsm_symbolic` or `chain_sum`."""
    size: int = Field(ge=1, le=1_000_000)
    """Number of questions made (questions, before repeats are dropped)."""
    domain: str = "math"
    """Subject written into every row."""
    answer_type: AnswerType = "number"
    """Which grader reads the answers."""
    grades: list[Arguments] = Field(default=[{}], min_length=1)
    """Settings of the task, from the easiest to the hardest grade; `size` is shared out evenly and
    the position is the question's difficulty (0 first, 1 last)."""
    fractions: Fractions = {"train": 0.5, "validation": 0.1, "calibration": 0.15, "test": 0.25}
    """Share of every split, by content hash (fractions that sum to 1)."""

    @model_validator(mode="after")
    def _fractions_sum_to_one(self) -> "GeneratedDataset":
        _check_fractions(self.fractions)
        return self


class LabDataset(Settings):
    """Questions of the laboratory, whose true probability is known by construction."""

    wording: Wording
    """Whose words are used: `weather` may be trained on, `medicine` and `law` are held out."""
    evidence: list[Evidence] = Field(
        default=["record", "witnesses", "sum", "record_witness"], min_length=1
    )
    """Kinds of evidence, in equal shares: ten outcomes listed one by one, one to three witnesses of
    known reliability, a share of ten given as a sum, or one of these and a witness. A dataset with
    `sum_witness`, the combination kept out of training, is held out."""
    references: Literal["outcome", "report"] = "outcome"
    """What an answer is compared with: the outcome itself, yes or no, or a `report` of it in free
    words, which takes a judge. There are reports of the weather only."""
    claims: Literal[1, 2] = 1
    """Claims that a question asks for. 2 shows evidence about two places, the coast and the hills, and
    is answered in two sentences, for `format: sentences`; of the weather only."""
    size: int = Field(ge=1, le=1_000_000)
    """Number of questions made (questions)."""
    fractions: Fractions = {"test": 1.0}
    """Share of every split, by content hash (fractions that sum to 1)."""

    @property
    def held_out(self) -> bool:
        """Whether the dataset is kept out of training, selection and tuning."""
        return self.wording != "weather" or "sum_witness" in self.evidence

    @model_validator(mode="after")
    def _held_out_is_sealed(self) -> "LabDataset":
        _check_fractions(self.fractions)
        _check_sealed(self.held_out, self.fractions)
        if self.references == "report" and self.wording != "weather":
            raise ValueError("there are reports of the weather only")
        if self.claims > 1 and (self.wording != "weather" or self.references != "outcome"):
            raise ValueError("questions of two claims are about the weather and its outcome")
        return self


class LabVerdicts(Settings):
    """Answers of the laboratory whose verdicts are true by construction, to measure a judge on."""

    wording: Literal["weather"] = "weather"
    """Whose words are used."""


class Columns(Settings):
    """Which column of an own file holds what; only `question` and `answer` must be there."""

    question: str = "question"
    """Column with the text shown to the model."""
    answer: str = "answer"
    """Column with the accepted answer, or a list of accepted answers."""
    context: str | None = None
    """Column with a text to be read before the question."""
    options: str | None = None
    """Column with a list of options (answer type `choice`; the answer is then a letter or the text
    of an option)."""
    id: str | None = None
    """Column with an identifier."""
    group: str | None = None
    """Column that names the document or template a row shares with others (for clustering)."""
    domain: str | None = None
    """Column with the subject, instead of one `domain` for all rows."""


class OwnDataset(Settings):
    """A file of your own: JSONL, CSV or Parquet."""

    file: str = Field(min_length=1)
    """Path of the file, from the project's folder or absolute."""
    licence: str
    """Licence of the data, as the report prints it."""
    domain: str
    """Subject of the questions."""
    answer_type: AnswerType
    """Which grader reads the answers."""
    columns: Columns = Columns()
    """Which column holds what."""
    held_out: bool = False
    """True keeps the dataset out of training, warm-up, selection and tuning."""
    fractions: Fractions = {"test": 1.0}
    """Share of every split, by content hash (fractions that sum to 1)."""

    @model_validator(mode="after")
    def _held_out_is_sealed(self) -> "OwnDataset":
        _check_fractions(self.fractions)
        _check_sealed(self.held_out, self.fractions)
        return self


def _check_sealed(held_out: bool, fractions: Fractions) -> None:
    sealed = [name for name in ("train", "validation") if fractions.get(name)]
    if held_out and sealed:
        raise ValueError(
            f"a held-out dataset has no {' and no '.join(sealed)} split: give those shares to "
            "calibration or test"
        )


def _check_fractions(fractions: Fractions) -> None:
    total = sum(fractions.values())
    if abs(total - 1) > 1e-9:
        raise ValueError(f"the fractions sum to {total:g} and must sum to 1")


class Datasets(Settings):
    """Which questions are used for what."""

    train: list[TrainingUse] = []
    """Datasets to train on. Held-out datasets are refused here."""
    evaluate: list[DatasetUse] = []
    """Datasets to publish figures from."""
    generated: dict[str, GeneratedDataset] = {}
    """Datasets made in the run, by the name used in `train` and `evaluate`."""
    lab: dict[str, LabDataset] = {}
    """Datasets of the laboratory, made in the run, by the name used in `train` and `evaluate`."""
    own: dict[str, OwnDataset] = {}
    """Files of your own, by the name used in `train` and `evaluate`."""
    verdicts: dict[str, LabVerdicts] = {}
    """Verdicts that are true by construction, by the name used in `judges`."""
    shingle_words: int = Field(default=8, ge=3, le=50)
    """A training row that shares a run of this many words with an evaluation row is dropped
    (words)."""

    @model_validator(mode="after")
    def _something_is_used(self) -> "Datasets":
        if not self.train and not self.evaluate:
            raise ValueError("no dataset is used: name one in `evaluate` or in `train`")
        return self
