"""What a study is: the only definition of every setting.

The manual (``config/README.md``), the JSON schema and all defaults are generated from these models,
so a setting that is not described here does not exist. The settings of a part of the package stand
beside it. Reading a file happens in ``study_file``, checking names in ``study_checks``.
"""

from pydantic import Field

from calibrant.certification.settings import Certificates
from calibrant.data.settings import Datasets
from calibrant.elicitation.settings import Elicitation
from calibrant.engines.settings import Generation
from calibrant.judging.settings import JudgeSettings
from calibrant.measures.comparison_settings import Comparisons
from calibrant.measures.settings import Measures
from calibrant.model_settings import Model
from calibrant.reporting.settings import Report
from calibrant.rewards.settings import Reward
from calibrant.settings import Settings
from calibrant.study_methods import Method
from calibrant.training.selection_settings import Selection
from calibrant.training.settings import Training


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
    """Rewards to train with, by name. All are judged before any job: one that is improper or pays
    for wrong answers stops the study unless it says `accept_improper`."""
    selection: Selection | None = None
    """Which training questions are kept. Empty: all, and nothing is sampled."""
    training: Training = Training()
    """How models are trained; the default of every trained method."""
    methods: dict[str, Method] = {}
    """The systems compared, by the name the report prints."""
    measures: Measures = Measures()
    """How predictions are measured."""
    comparisons: Comparisons | None = None
    """Methods compared with one of them, and held-out datasets with those in domain. Empty: none."""
    certificates: Certificates | None = None
    """Thresholds for accepting answers, with a guarantee. Empty: none."""
    report: Report = Report()
    """How the report looks."""
