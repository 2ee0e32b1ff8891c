"""Stage ``warm_up``."""

from calibrant.elicitation.settings import Elicitation
from calibrant.settings import Settings
from calibrant.training.warm_up_settings import WarmUp


class WarmUpSettings(Settings):
    """Stage ``warm_up``: a model learns the format before any reward."""

    warm_up: WarmUp
    elicitation: Elicitation
