"""What each stage is told of the study: its part, and nothing else.

The workflow passes these settings to the stage's script as JSON. A stage that never sees a setting
cannot depend on it, so a change of that setting does not rerun it.
"""

from pydantic import Field

from calibrant.data.catalog import SourceFile
from calibrant.elicitation.settings import Elicitation, Policy
from calibrant.engines.settings import Generation
from calibrant.judging.settings import JudgeSettings, LanguageJudgeSettings
from calibrant.model_settings import Model
from calibrant.rewards.bandit_settings import Estimator, LabelNoise
from calibrant.rewards.settings import Reward
from calibrant.settings import Settings
from calibrant.study import (
    DatasetUse,
    Fractions,
    GeneratedDataset,
    LabDataset,
    LabVerdicts,
    Measures,
    OwnDataset,
    RecordedMethod,
    Report,
    TrainingUse,
)
from calibrant.training.selection_settings import Selection
from calibrant.training.settings import TrainedMethod, Training, WarmUp


class FetchSettings(Settings):
    """Stage ``fetch``: one public dataset's files."""

    dataset: str
    licence: str
    sources: list[SourceFile]


class PublicSource(Settings):
    """How the rows of a public dataset are read."""

    loader: str
    options: dict[str, str | int | bool]
    parts: dict[str, Fractions]
    domain: str
    answer_type: str


class PrepareSettings(Settings):
    """Stage ``prepare``: the rows of one dataset, from exactly one of five origins."""

    dataset: str
    public: PublicSource | None = None
    generated: GeneratedDataset | None = None
    lab: LabDataset | None = None
    own: OwnDataset | None = None
    verdicts: LabVerdicts | None = None


class SealSettings(Settings):
    """Stage ``seal``: the training set, without rows that any evaluation set shares."""

    train: list[TrainingUse]
    evaluate: list[DatasetUse]
    generated: list[str]
    shingle_words: int


class AuditSettings(Settings):
    """Stage ``audit_rewards``: what the rewards ask for, before anything is trained."""

    rewards: dict[str, Reward]
    estimators: list[Estimator]
    noises: list[LabelNoise]


class ModelSettings(Settings):
    """Stage ``base_model``: the model as an ordinary checkpoint."""

    model: Model


class WarmUpSettings(Settings):
    """Stage ``warm_up``: a model learns the format before any reward."""

    warm_up: WarmUp
    elicitation: Elicitation


class JudgePart(Settings):
    """A judge: itself, the language judges it asks, and the models these are.

    ``models`` names the models in the order in which the stage is given their manifests.
    """

    name: str
    judge: JudgeSettings
    members: dict[str, LanguageJudgeSettings]
    models: list[str]


class MeasureJudgeSettings(Settings):
    """Stage ``measure_judge``: a judge fitted, measured against verdicts, and probed."""

    part: JudgePart
    replicates: int
    level: float


class JudgeAnswersSettings(Settings):
    """Stage ``judge_answers``: grades of answers that no deterministic grader could compare."""

    part: JudgePart


class CorrectJudgedSettings(Settings):
    """Stage ``correct_judged``: figures of judged answers, corrected with the judge's errors."""

    bins: int
    level: float


class TrainSettings(Settings):
    """Stage ``train``: a model is trained with one reward.

    ``training`` holds the settings that apply; ``trained.training`` is empty.
    """

    method: str
    trained: TrainedMethod
    training: Training
    reward: Reward
    elicitation: Elicitation
    judge: JudgePart | None = None
    judged: list[str] = []


class GenerateSettings(Settings):
    """Stage ``generate``: one model answers one dataset."""

    method: str
    use: DatasetUse
    elicitation: Elicitation
    generation: Generation


class SampleSettings(Settings):
    """Stage ``sample``: one model answers the training questions several times."""

    limit: int | None
    generate: GenerateSettings


class SelectSettings(Settings):
    """Stage ``select_questions``: the training questions that are kept.

    ``selection.model`` and ``selection.limit`` are empty; ``model`` is the one that was sampled.
    """

    model: str
    selection: Selection
    scale: str
    replicates: int
    level: float


class TranscriptSettings(Settings):
    """Stage ``read_transcripts``: recorded answers to one dataset."""

    method: str
    use: DatasetUse
    recorded: RecordedMethod


class GradeSettings(Settings):
    """Stage ``grade``: answers read, confidences read, answers graded."""

    scale: str
    confidence: str


class MeasureSettings(Settings):
    """Stage ``measure``: the figures of one method on one dataset."""

    measures: Measures
    missing_confidence: Policy


class FaithfulnessSettings(Settings):
    """Stage ``faithfulness``: stated confidences against how often an answer is given again."""

    replicates: int
    level: float


class CertifySettings(Settings):
    """Stage ``certify``: a threshold certified on one dataset and applied to all."""

    dataset: str
    risk: float
    confidence: float
    level: float


class CompareSettings(Settings):
    """Stage ``compare_published``: our figures against those published for the same rows."""

    loader: str
    systems: dict[str, str]
    tolerance: float = Field(gt=0)


class DatasetCard(Settings):
    """What the report says about a dataset."""

    name: str
    title: str
    domain: str
    licence: str
    origin: str
    held_out: bool
    uses: list[str]
    faults: list[str]
    notes: str


class ReportSettings(Settings):
    """Stage ``report``: the page, its numbers and its figures."""

    study: str
    title: str
    description: str
    report: Report
    datasets: list[DatasetCard]
    methods: dict[str, str]
    missing_confidence: str


class PublishSettings(Settings):
    """Stage ``publish``: the records as MLflow runs."""

    study: str
