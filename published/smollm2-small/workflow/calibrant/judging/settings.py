"""The judges of a study: who they are, and which verdicts they are measured on."""

from typing import Annotated, Literal

from pydantic import Field, FiniteFloat, model_validator

from calibrant.engines.server_settings import Server
from calibrant.settings import Settings


class Limits(Settings):
    """When errors are known well enough to correct with."""

    least: int = Field(default=30, ge=1)
    """Answers called right by people, and as many called wrong, that a domain needs to be corrected
    with its own errors; with fewer it takes those of all domains (answers)."""
    least_youden: FiniteFloat = Field(default=0.0, ge=0, lt=1)
    """Sensitivity + specificity - 1 must lie above this with the whole of its interval (0 to 1)."""


class JudgeFloor(Settings):
    """How good a judge must be against people; below this the study stops."""

    kappa: FiniteFloat = Field(default=0.2, ge=-1, lt=1)
    """Least Cohen's kappa (-1 to 1)."""
    youden: FiniteFloat = Field(default=0.2, ge=0, lt=1)
    """Least sensitivity + specificity - 1 (0 to 1)."""
    per: Literal["domain", "pooled"] = "domain"
    """Whether every domain must pass, or all together. A domain with too few human verdicts for
    figures of its own takes those of all domains, which must pass either way."""
    compare: Literal["estimate", "lower_end"] = "lower_end"
    """What must reach the floor: the figure, or the lower end of its interval."""


class Probing(Settings):
    """What is tried on a judge that should not change its verdicts."""

    cases: int = Field(default=60, ge=1)
    """Answers on which order, length, hedges and swapped references are tried (answers)."""
    cases_per_attack: int = Field(default=4, ge=1)
    """Wrong answers to which each attack string is added, and a harmless one as long (answers)."""


class _AnyJudge(Settings):
    """What may be set for a judge of any kind."""

    verdicts: str
    """The set of verdicts it is measured on: a catalog name of human verdicts, or of an entry of
    `datasets.verdicts`."""
    limit: int | None = Field(default=None, ge=100)
    """At most this many answers of that set, all of a question or none (answers). Empty: all."""
    floor: JudgeFloor | None = JudgeFloor()
    """How good it must be; below, the study stops. `null` measures it whatever it is worth."""
    limits: Limits = Limits()
    """When its errors are known well enough to correct labels with."""
    probes: Probing | None = None
    """What is tried on it. Empty: nothing."""


class LanguageJudgeSettings(_AnyJudge):
    """A language model asked whether an answer agrees with the references."""

    kind: Literal["language"]
    """A language model."""
    model: str | None = None
    """A model of the study, by name."""
    server: Server | None = None
    """A model behind an OpenAI-compatible server instead."""
    prompt: str = "references"
    """Name of the prompt, from `judging/prompt.py`."""
    threshold: float = Field(default=0.5, gt=0, lt=1)
    """Probability from which an answer is called correct."""
    batch_size: int = Field(default=32, ge=1, le=4096)
    """Cases per forward pass (cases)."""

    @model_validator(mode="after")
    def _one_origin(self) -> "LanguageJudgeSettings":
        if (self.model is None) == (self.server is None):
            raise ValueError("name either a `model` or a `server`")
        return self


class PanelSettings(_AnyJudge):
    """A small model over language judges and string features, fitted on half of the verdicts."""

    kind: Literal["panel"]
    """A panel."""
    members: list[str] = []
    """Language judges of the study, by name."""
    swapped: FiniteFloat = Field(default=0.0, ge=0, le=1)
    """Share of the right answers that it is fitted on a second time, as wrong ones, with the
    references of another question (0 to 1). Where people call answers right by how they sound, the
    panel must then look at the references."""
    every_part: bool = False
    """Call an answer right only if it is so as well without its first sentences and without its
    last ones (up to four). What is added to a wrong answer in sentences or lines of its own then
    turns it right no more; a right answer with something added is called wrong."""


JudgeSettings = Annotated[LanguageJudgeSettings | PanelSettings, Field(discriminator="kind")]
