"""Reports of what happened, in free words: references that only a judge can compare an answer with.

Half of them are kept for measuring a judge and half for questions, so that a judge's errors are not
measured on the reports that it labels.
"""

from calibrant.data.settings import Wording

_PLACES = (
    "the yard", "the road", "the field", "the garden", "the square", "the harbour", "the path",
    "the roof", "the lawn", "the market",
)  # fmt: skip
# In each list the last two forms read the other way round for a judge that goes by negations.
_WET = (
    "{} was wet all day", "rain reached {} by noon", "water stood on {}", "{} got wet in the evening",
    "rain fell on {}", "{} was under water for hours", "showers soaked {}", "it rained on {} again",
    "{} did not stay dry", "the rain did not spare {}",
)  # fmt: skip
_DRY = (
    "{} did not get wet", "rain never reached {}", "not a drop fell on {}", "{} was not wet at all",
    "it did not rain on {}", "the rain never came to {}", "nothing got wet on {}",
    "{} was not touched by rain", "{} stayed dry", "the sun shone on {} all day",
)  # fmt: skip

_FORMS: dict[Wording, dict[str, tuple[str, ...]]] = {"weather": {"yes": _WET, "no": _DRY}}


def reports(wording: Wording, outcome: str, *, for_judges: bool) -> list[str]:
    """Return the reports of an outcome, ``yes`` or ``no``, of one half.

    Args:
        wording: The world.
        outcome: What happened.
        for_judges: The half that judges are fitted and measured on, or that questions refer to.
    """
    # Every other place of each form, so that both halves mislead a judge equally often.
    half = [
        form.format(place)
        for row, form in enumerate(_FORMS[wording][outcome])
        for column, place in enumerate(_PLACES)
        if (row + column) % 2 == for_judges
    ]
    return [f"{words[0].upper()}{words[1:]}." for words in half]
