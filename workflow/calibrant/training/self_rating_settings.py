"""The settings of the choice of training questions by self-rating."""

from pydantic import Field

from calibrant.settings import Settings


class SelfRating(Settings):
    """The starting model rates its own statements, and sets of questions are chosen by that (RLMF).

    The model is asked about its first answer to every question kept: how well does the confidence
    it stated match how sure it is? Its likeliest reply counts. The measured faithfulness of that
    answer is 1 - |stated - intrinsic confidence|, where the intrinsic one is the share of its other
    answers that say the same. From the questions with a rating that can be read and a known
    faithfulness three sets of equal size are made, to be named by `questions` of a method:
    `metacognitive` (rated highest and lowest, arXiv 2606.32032), `random`, and `active` (the least
    faithful). Questions that take a judge have no known faithfulness and are in none. To choose
    among all questions, switch `drop_always_right` and `drop_always_wrong` off.
    """

    per_end: int = Field(ge=1)
    """Questions of each training dataset taken from each end of the ratings; every set holds twice as
    many (questions)."""
    max_new_tokens: int = Field(default=16, ge=1, le=1024)
    """Longest reply (tokens)."""
