"""The settings of training."""

from typing import Annotated, Literal

from pydantic import Field, FiniteFloat, model_validator

from calibrant.rewards.bandit_settings import LabelNoise
from calibrant.settings import Settings
from calibrant.training.self_judgement_settings import SelfJudgement

Estimator = Literal["ppo", "rloo", "grpo"]
Credit = Literal["sampled", "exact"]
QuestionSet = Literal["all", "metacognitive", "random", "active"]
Rate = Annotated[FiniteFloat, Field(gt=0, le=1)]
Share = Annotated[FiniteFloat, Field(ge=0, le=1)]
Weight = Annotated[FiniteFloat, Field(ge=0, le=100)]


class Critic(Settings):
    """The value model of `ppo`. It is never part of the policy and never saved with it."""

    features: Literal["shared", "frozen", "own"] = "shared"
    """A head on the policy's features (its gradient does not reach the policy), a head on the
    features of the starting model, or a small model of its own."""
    learning_rate: Rate = 5e-3
    """Learning rate of the critic."""
    weight: Weight = 0.5
    """Factor on the value loss."""
    value_clip: FiniteFloat = Field(default=0.2, gt=0, le=100)
    """A value may move this far from the one at generation before its loss is clipped."""
    discount: FiniteFloat = Field(default=1.0, gt=0, le=1)
    """Discount per token (gamma of GAE)."""
    trace: Share = 0.95
    """Lambda of generalised advantage estimation."""
    width: int = Field(default=64, ge=8, le=8192)
    """Width of a model of its own, or of the hidden layer of a head."""


class Lora(Settings):
    """Low-rank adapters through peft, merged into the weights at the end."""

    rank: int = Field(default=16, ge=1, le=1024)
    """Rank."""
    alpha: int = Field(default=32, ge=1, le=4096)
    """Scale; the update is multiplied by alpha / rank."""
    dropout: FiniteFloat = Field(default=0.0, ge=0, lt=1)
    """Dropout on the adapter's input."""
    targets: list[str] | Literal["all-linear"] = "all-linear"
    """Names of the layers that get an adapter."""
    last_layers: int | None = Field(default=None, ge=1, le=1024)
    """Only the last so many of the model's layers get adapters, which saves the way back through those
    below; one process on a CPU runs these once a round (layers). Empty: all."""


class Rollouts(Settings):
    """How completions are generated during training."""

    engine: Literal["transformers", "vllm_colocate", "vllm_server"] = "transformers"
    """Who generates; vLLM through TRL, in the same process or on a server."""
    max_new_tokens: int = Field(default=16, ge=2, le=32768)
    """A completion is cut here (tokens)."""
    temperature: FiniteFloat = Field(default=1.0, gt=0, le=2)
    """Temperature of sampling."""
    server: str | None = None
    """Address of the vLLM server, such as `http://127.0.0.1:8000`."""
    gpu_memory: Share = 0.3
    """Share of the GPU's memory for vLLM in the same process."""

    @model_validator(mode="after")
    def _server_has_an_address(self) -> "Rollouts":
        if (self.engine == "vllm_server") != (self.server is not None):
            raise ValueError("`engine: vllm_server` and `server: ADDRESS` belong together")
        return self


class Validation(Settings):
    """How the checkpoint that is kept is chosen: by the method's own reward, on validation rows."""

    every: int = Field(default=10, ge=1)
    """Rounds between two validations; after each a checkpoint to restart from is saved (rounds)."""
    questions: int = Field(default=500, ge=1)
    """At most this many questions of the validation split of each training dataset (questions)."""
    keep: Literal["best", "last"] = "best"
    """Keep the last checkpoint that is not worse than the highest by more than a standard error
    (`best`), or the last one whatever it scores (`last`), where the labels are so noisy that the
    validation reward says little."""


class Monitors(Settings):
    """What stops a run. The last good checkpoint is kept."""

    patience: int = Field(default=3, ge=1)
    """A run is stopped after this many validations in a row with the same fault."""
    mode_share: Share = 0.98
    """Share of one confidence among those sampled from which the confidence has collapsed. Not
    watched while the reward does not look at the confidence."""
    format_rate: Share = 0.5
    """Share of readable statements below which the format has collapsed."""
    kl: FiniteFloat = Field(default=50.0, gt=0)
    """Divergence per completion from the starting model above which the run has run away (nats)."""


class Training(Settings):
    """How a policy is trained; everything but reward and estimator, which the method names."""

    rounds: int = Field(default=60, ge=1)
    """Rounds of generation (rounds)."""
    questions: int = Field(default=128, ge=1)
    """Questions per round (questions)."""
    samples: int = Field(default=2, ge=1, le=1024)
    """Completions per question; `grpo` and `rloo` need at least 2."""
    epochs: int = Field(default=2, ge=1, le=64)
    """Passes over the completions of a round."""
    minibatches: int = Field(default=1, ge=1, le=1024)
    """Optimiser steps per pass."""
    micro_batch: int | None = Field(default=None, ge=1)
    """Completions per forward pass on one device; less memory, same result. Empty: a whole
    minibatch."""
    learning_rate: Rate = 1e-3
    """Highest learning rate of the policy."""
    schedule: Literal["linear", "constant", "cosine"] = "linear"
    """How the learning rate falls."""
    warm_up_share: Share = 0.05
    """Share of the steps over which the learning rate rises."""
    weight_decay: Share = 0.0
    """Weight decay of AdamW."""
    max_grad_norm: FiniteFloat = Field(default=1.0, gt=0)
    """Gradients are clipped to this norm, the policy's and the critic's each."""
    clip: FiniteFloat = Field(default=0.2, gt=0, lt=1)
    """Half-width of the ratio clip."""
    kl: Weight = 0.0
    """Factor on the divergence from the starting model, in the loss."""
    entropy: Weight = 0.1
    """Factor on the entropy of the confidence, in the loss, where the reward looks at the confidence; in
    units of the reward's spread unless `scale` is `none`. Above 0 it needs confidences of one token."""
    last_entropy: Weight = 0.0
    """What `entropy` has become by the last round; it changes in even steps."""
    confidence_weight: Weight = 1.0
    """Factor on the loss of the confidence, its entropy's bonus included, with exact credit. It is one
    token of the completion and counts as one; with a pretrained model the gradient of the others was
    seen to drown it, and more is needed."""
    critic: Critic = Critic()
    """The value model of `ppo`."""
    lora: Lora | None = None
    """Train adapters instead of all weights."""
    rollouts: Rollouts = Rollouts()
    """How completions are generated."""
    validation: Validation = Validation()
    """How the checkpoint is chosen."""
    monitors: Monitors = Monitors()
    """What stops a run."""
    processes: int = Field(default=1, ge=1, le=1024)
    """Processes that train together, one per device."""
    accelerate: str | None = None
    """File with accelerate's own configuration (DDP, FSDP or DeepSpeed); see `config/accelerate`."""

    @model_validator(mode="after")
    def _divides(self) -> "Training":
        total = self.questions * self.samples
        parts = self.minibatches * self.processes
        if total % parts:
            raise ValueError(
                f"questions x samples = {total} completions cannot be shared out among "
                f"{self.minibatches} minibatches and {self.processes} processes"
            )
        if self.micro_batch and (total // parts) % self.micro_batch:
            raise ValueError(
                f"micro_batch {self.micro_batch} does not divide the {total // parts} completions "
                "of a minibatch on one process"
            )
        return self


class TrainedMethod(Settings):
    """A model of the study trained with one of its rewards."""

    kind: Literal["trained"]
    """A model trained in the run."""
    model: str | None = None
    """Name of the model trained; may be left out where the study has one model."""
    reward: str
    """Name of the reward, from `rewards`."""
    estimator: Estimator = "ppo"
    """Where the advantage comes from: a critic and GAE (`ppo`), the mean of the other completions
    (`rloo`), or the mean of the group (`grpo`). With `faithfulness` the mean of a small group pushes
    against its commonest answer, since every answer is among those the others are compared with;
    `rloo` leaves it out."""
    scale: Literal["none", "batch", "group"] = "batch"
    """Divide advantages by the standard deviation of the batch, those of the confidence and those of
    the other tokens each by their own, or of the group. `group`, GRPO's original form, makes a proper
    reward over-confident."""
    feedback: Literal["none", "rlmf", "rlmf_symmetric"] = "none"
    """Scale the advantage by how well the model judged itself: as published (above the mean only),
    or on both sides by others: with `self_judgement` by the question's other completions, without it by
    those of other questions, since completions with the same answer are right or wrong together."""
    gain: Weight = 1.0
    """RLMF's k: the factor on the advantage of a statement whose self-judgement is worth nothing."""
    self_judgement: SelfJudgement | None = None
    """Ask the policy in a second query how faithful its statement was, and scale by how well it
    knew. Empty: how well the confidence fits the outcome stands for it."""
    credit: Credit = "sampled"
    """How the confidence learns: from the one that was sampled, or from the expected reward over
    all confidences of one token (`exact`)."""
    learns: Literal["all", "apart", "confidence"] = "all"
    """What is learnt. `all`: the whole completion, from the whole reward. `apart`: the confidence from
    what it earns, and the rest of the completion from the rest of the reward, so that no answer is
    preferred because it is easier to be sure of; the training's `kl` then holds the answer, and not the
    confidence, to the starting model. `confidence`: the confidence alone, as with ConfTuner's tokenised
    Brier score. The last two need exact credit."""
    datasets: list[str] | None = Field(default=None, min_length=1)
    """The datasets of `datasets.train` that it learns from. Empty: all."""
    questions: QuestionSet = "all"
    """The training questions that it learns from: all that are kept, or one of the sets of equal size
    that `selection.self_rating` makes: those that the model rated itself highest and lowest on
    (`metacognitive`), as many drawn at random (`random`), or as many that it stated its own certainty
    worst on (`active`)."""
    correct_labels: bool = True
    """Correct the labels of a judge with its measured errors. Off, the model learns to state how
    often the judge says right."""
    noise: LabelNoise | None = None
    """Errors of a judge drawn on top of the grades, to see what they do. Empty: none."""
    training: Training | None = None
    """Settings of this method alone; empty takes the study's `training`."""
    seeds: int | None = Field(default=None, ge=1, le=100)
    """Trainings of this method, such as fewer of one that the others are only held against; empty
    takes the study's `seeds`."""

    @model_validator(mode="after")
    def _fits_together(self) -> "TrainedMethod":
        if self.scale == "group" and self.estimator != "grpo":
            raise ValueError("`scale: group` is a form of `grpo`")
        if self.feedback != "none" and self.estimator != "grpo":
            raise ValueError("`feedback` is a form of `grpo`")
        if self.feedback == "rlmf" and self.credit == "exact":
            raise ValueError("RLMF as published scales what was sampled: write `credit: sampled`")
        if self.learns != "all" and self.credit != "exact":
            raise ValueError("only `credit: exact` tells the confidence from the rest")
        if self.learns == "apart" and self.scale == "group":
            raise ValueError("`scale: group` is that of whole completions, and `apart` has none")
        if self.self_judgement is not None and self.feedback == "none":
            raise ValueError("`self_judgement` scales the advantage: name a `feedback`")
        return self
