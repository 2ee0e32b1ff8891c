"""What a study is: the only definition of every setting.

The manual (``config/README.md``), the JSON schema and all defaults are generated from these models,
so a setting that is not described here does not exist. The settings of a part of the package stand
beside it. Reading a file happens in ``study_file``, checking names in ``study_checks``.
"""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from calibrant.baselines.scored_settings import ScoredMethod
from calibrant.baselines.settings import CalibratedMethod, SampledMethod, VotedMethod
from calibrant.certification.settings import Certificates
from calibrant.elicitation.settings import Elicitation
from calibrant.engines.settings import Generation
from calibrant.judging.settings import JudgeSettings
from calibrant.model_settings import Model
from calibrant.rewards.settings import Reward
from calibrant.rows import AnswerType, Split
from calibrant.settings import Settings
from calibrant.training.selection_settings import Selection
from calibrant.training.settings import TrainedMethod, Training

Fractions = dict[Split, Annotated[float, Field(ge=0, le=1)]]
Arguments = dict[str, int | float | bool | str | list[str]]
Wording = Literal["weather", "medicine", "law"]
Evidence = Literal["record", "witnesses", "sum", "record_witness", "sum_witness"]
Probability = Annotated[float, Field(gt=0, lt=1)]


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


class ModelMethod(Settings):
    """A model of the study as it is, after its warm-up if it has one."""

    kind: Literal["model"]
    """A model that is not trained with a reward."""
    model: str | None = None
    """Name of the model; may be left out where the study has one model."""


class RecordedMethod(Settings):
    """Transcripts that somebody else's model wrote."""

    kind: Literal["recorded"]
    """Recorded transcripts of a dataset of that kind (such as `rlcr_commonsenseqa`)."""
    system: str
    """Name of the system in the transcripts."""
    confidence: Literal["stated", "recorded"] = "stated"
    """Read the confidence from the text, or take the number stored beside it (for a classifier)."""


DerivedMethod = CalibratedMethod | ScoredMethod | VotedMethod | SampledMethod
"""Methods made from another one, which `of` names."""
Method = Annotated[
    ModelMethod
    | TrainedMethod
    | RecordedMethod
    | CalibratedMethod
    | ScoredMethod
    | VotedMethod
    | SampledMethod,
    Field(discriminator="kind"),
]


class Measures(Settings):
    """How predictions are measured."""

    replicates: int = Field(default=1000, ge=100, le=100_000)
    """Bootstrap replicates, clustered by question (replicates)."""
    level: Probability = 0.95
    """Level of every interval (a probability: 0.95, not 95)."""
    bins: int = Field(default=10, ge=2, le=100)
    """Bins of ECE and of the reliability diagram (bins)."""


class Report(Settings):
    """How the report looks."""

    colour: str = Field(default="#1f5fa8", pattern="^#[0-9a-fA-F]{6}$")
    """Colour of curves and bars (#rrggbb)."""


class Study(Settings):
    """One study: data, model, methods, measures. Everything not written takes its default."""

    title: str
    """Title of the report."""
    description: str = ""
    """What the study is for, in a sentence or two; printed under the title."""
    seed: int = Field(default=17, ge=0, le=2**31 - 1)
    """The seed of everything random."""
    seeds: int = Field(default=1, ge=1, le=100)
    """Trainings per trained method: `seed`, `seed` + 1 and so on. Models that are not trained
    answer once (trainings)."""
    datasets: Datasets
    """Which questions are used for what."""
    models: dict[str, Model] = {}
    """The models that answer and are trained, by name; none where all methods are recorded."""
    elicitation: Elicitation = Elicitation()
    """How a model is asked for an answer and a confidence."""
    generation: Generation = Generation()
    """How text is generated."""
    judges: dict[str, JudgeSettings] = {}
    """Judges of open answers, by name. Every one is measured against verdicts before it is used."""
    rewards: dict[str, Reward] = {}
    """Rewards to train with, by name. All are audited before anything is trained: one that is
    improper or pays for wrong answers stops the study unless it says `accept_improper`."""
    selection: Selection | None = None
    """Which training questions are kept. Empty: all, and nothing is sampled."""
    training: Training = Training()
    """How models are trained; the default of every trained method."""
    methods: dict[str, Method] = {}
    """The systems compared, by the name the report prints."""
    measures: Measures = Measures()
    """How predictions are measured."""
    certificates: Certificates | None = None
    """Thresholds for accepting answers, with a guarantee. Empty: none."""
    report: Report = Report()
    """How the report looks."""
