"""Stage ``base_model``."""

from calibrant.model_settings import Model
from calibrant.settings import Settings


class ModelSettings(Settings):
    """Stage ``base_model``: the model as an ordinary checkpoint."""

    model: Model
