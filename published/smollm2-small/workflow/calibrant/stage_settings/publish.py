"""Stage ``publish``."""

from calibrant.settings import Settings


class PublishSettings(Settings):
    """Stage ``publish``: the records as MLflow runs."""

    study: str
