"""The settings of a reward: which scoring rule, how much of it, and what malformed text costs."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, FiniteFloat, field_validator, model_validator

from calibrant.settings import Settings


def _zero_or_noticeable(amount: float) -> float:
    if 0 < amount < 1e-9:
        raise ValueError(f"{amount:g} is too small to be told from rounding: write 0")
    return amount


Share = Annotated[FiniteFloat, Field(gt=0, lt=1)]
Amount = Annotated[FiniteFloat, Field(ge=0, le=1000), AfterValidator(_zero_or_noticeable)]


class NoRule(Settings):
    """No score: correctness alone (RLVR). The confidence earns and costs nothing."""

    rule: Literal["none"] = "none"
    """Correctness alone."""


class Brier(Settings):
    """Minus the squared distance of the confidence from the outcome (RLCR, with weight 1)."""

    rule: Literal["brier"] = "brier"
    """Minus the squared error."""


class Power(Settings):
    """The power family: wrong costs confidence to the power k, right earns what keeps it proper."""

    rule: Literal["power"] = "power"
    """The power family."""
    k: FiniteFloat = Field(default=2.0, ge=1.01, le=10)
    """Exponent of the cost of being wrong. 2 with `correctness: 0` is RLCR's reward; larger values
    look away from low confidences and sharpen high ones."""


class Log(Settings):
    """The logarithm of the probability given to what happened."""

    rule: Literal["log"] = "log"
    """The logarithm."""
    clip: FiniteFloat = Field(default=0.001, ge=0, lt=0.5)
    """Confidences are moved into clip..1 - clip before the logarithm (a probability). 0 leaves the
    score unbounded: no weight is safe and nothing can be trained on it."""


class Spherical(Settings):
    """The probability given to what happened, over the length of the vector of both."""

    rule: Literal["spherical"] = "spherical"
    """The spherical score."""


class Beta(Settings):
    """The beta family of Buja, Stuetzle and Shen: weight c^(a-1) (1-c)^(b-1) on every threshold."""

    rule: Literal["beta"] = "beta"
    """The beta family."""
    a: FiniteFloat = Field(default=1.0, ge=0.1, le=10)
    """Exponent at low confidences: below 1 they matter most."""
    b: FiniteFloat = Field(default=1.0, ge=0.1, le=10)
    """Exponent at high confidences: below 1 they matter most. a = b = 1 is half the Brier score."""


class Threshold(Settings):
    """A bet at fair odds: from t upwards right earns 1 and wrong costs t / (1 - t)."""

    rule: Literal["threshold"] = "threshold"
    """A bet at one threshold."""
    t: Share = 0.5
    """Confidence from which the bet is taken (a probability)."""


class Article(Settings):
    """The formula of the article as printed. It is improper and asks for too high a confidence."""

    rule: Literal["article"] = "article"
    """The article's printed formula."""
    overconfidence_penalty: FiniteFloat = Field(default=2.5, gt=1, le=10)
    """Exponent of the cost of a wrong answer."""
    base_reward: FiniteFloat = Field(default=1.0, gt=0, le=1000)
    """Factor on both outcomes."""


class ArticleMatrix(Settings):
    """The article's four outcomes as numbers. Between the cut-offs the matrix says nothing: 0."""

    rule: Literal["article_matrix"] = "article_matrix"
    """The article's four outcomes."""
    low: Share = 0.30
    """A confidence below this is low (a probability; the article's example of a low one)."""
    high: Share = 0.85
    """A confidence from this upwards is high (a probability; the article's routing threshold)."""
    right_high: FiniteFloat = Field(default=1.0, gt=0, le=1000)
    """Right and sure: the maximum."""
    right_low: FiniteFloat = Field(default=-0.25, ge=-1000, lt=0)
    """Right and unsure: a mild penalty."""
    wrong_low: FiniteFloat = Field(default=0.1, ge=0, le=1000)
    """Wrong and unsure: neutral or a mild reward."""
    wrong_high: FiniteFloat = Field(default=-2.0, ge=-1000, lt=0)
    """Wrong and sure: the massive penalty."""

    @model_validator(mode="after")
    def _ordered_as_in_the_article(self) -> "ArticleMatrix":
        if self.low > self.high:
            raise ValueError(f"low ({self.low:g}) must not be above high ({self.high:g})")
        if not self.wrong_high < self.right_low:
            raise ValueError("wrong_high must cost more than right_low")
        if not self.wrong_low < self.right_high:
            raise ValueError("wrong_low must earn less than right_high")
        return self


Rule = Annotated[
    NoRule | Brier | Power | Log | Spherical | Beta | Threshold | Article | ArticleMatrix,
    Field(discriminator="rule"),
]


class FormatTerms(Settings):
    """What is paid for text rather than for content."""

    malformed_penalty: Amount = 1.0
    """A statement that cannot be read, or whose confidence is missing, not finite or outside 0..1,
    earns minus this and nothing else."""
    length_cost: Amount = 0.0
    """Taken off an answer of `length_limit` tokens or more, and in proportion below. 0 turns it
    off."""
    length_limit: int = Field(default=1024, ge=1)
    """Length at which the whole of `length_cost` is taken off (tokens)."""
    strict: Amount = 0.0
    """With `format: sentences`: paid for an answer of nothing but sentences, each with a readable
    confidence, and taken off any other (RLMF pays 3)."""
    graded: Amount = 0.0
    """With `format: sentences`: the share of its parts that are at fault is taken off times this (RLMF
    takes 3)."""


class Reward(Settings):
    """Correctness, a score of the stated confidence, and the format terms."""

    score: Rule = Brier()
    """The scoring rule."""
    weight: Amount = 1.0
    """Factor on the score."""
    correctness: Amount = 1.0
    """Factor on correctness itself. 0 leaves it out, as the article's printed formula does."""
    faithfulness: Amount = 0.0
    """Factor on 1 - (c - g)^2, where g is the share of the group's other completions that give the same
    answer (RLMF). It asks for how surely the model itself holds to an answer, right or wrong. With
    `format: sentences` it is the mean over the sentences of an answer, g the share of the others with a
    sentence that says the same; a sentence without a readable confidence counts -1, and so does an
    answer without a sentence or one cut at the token limit."""
    format: FormatTerms = FormatTerms()
    """What malformed and long text costs."""
    accept_improper: str | None = None
    """Why this reward is used although it is refused, in words. Empty: not accepted."""

    @field_validator("accept_improper")
    @classmethod
    def _blank_is_not_accepted(cls, words: str | None) -> str | None:
        return (words or "").strip() or None
