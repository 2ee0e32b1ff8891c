"""The settings of the selection of training questions."""

from pydantic import Field, FiniteFloat

from calibrant.settings import Settings
from calibrant.training.self_rating_settings import SelfRating


class Selection(Settings):
    """Which training questions are kept, by how often the starting model answers them right.

    Before anything is trained the model answers every training question several times. The
    difficulty of a question is 1 minus the share of right answers among those that could be graded.
    A reward for correctness alone teaches most at intermediate difficulty (arXiv 2504.03380), and a
    group of completions that are all right, or all wrong, teaches nothing by it (DAPO, arXiv
    2503.14476). A reward that scores the confidence learns from such questions too, and it needs
    the mix: RLCR's authors warn that on questions of similar difficulty the policy collapses to a
    narrow band of confidences, or to a single one (README of github.com/damanimehul/RLCR). To keep
    the ends of the mix, switch `drop_always_right` and `drop_always_wrong` off. Questions whose
    answers take a judge are kept without a difficulty: no judge is asked here. Those of which no
    answer can be read are left out, and counted.
    """

    model: str | None = None
    """The model that answers, after its warm-up if it has one; may be left out where the study has
    one model."""
    samples: int = Field(default=8, ge=2, le=1024)
    """Answers per question. A question answered right nine times in ten is right in all of 8 samples
    two times in five, and counts as always right."""
    temperature: FiniteFloat = Field(default=1.0, gt=0, le=2)
    """Temperature of these answers; that of the rollouts measures what training will meet."""
    limit: int | None = Field(default=None, ge=1)
    """At most this many questions of each training dataset are sampled, the first in the order of
    their content hash; the rest are left out (questions). Empty: all."""
    drop_always_right: bool = True
    """Leave out questions of which every answer is right."""
    drop_always_wrong: bool = True
    """Leave out questions of which no answer is right, though some could be graded."""
    keep: int | None = Field(default=None, ge=1)
    """At most this many questions of each training dataset are kept, as evenly as can be over ten bins
    of difficulty and, as one more bin, those that take a judge (questions). Empty: all that are not
    left out."""
    self_rating: SelfRating | None = None
    """Let the model rate its own answers to the questions kept, and make sets of equal size by that,
    which `questions` of a method names. Empty: nothing is rated."""
