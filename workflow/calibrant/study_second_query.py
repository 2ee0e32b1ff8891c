"""The check that a model knows how to answer the second query."""

from calibrant.errors import CalibrantError
from calibrant.model_settings import Model


def check_second_query(where: str, model: Model) -> None:
    """Refuse a model whose warm-up on laboratory text never showed the second query.

    Other models may know how to reply, and whoever cannot be read is counted.

    Raises:
        CalibrantError: Says which setting shows it.
    """
    warm = model.warm_up
    if warm is not None and warm.own_replies is None and not warm.forecasts:
        raise CalibrantError(
            "the warm-up never shows how to answer the second query, so nothing will be read",
            where=where,
            repair="Set `forecasts` of the model's `warm_up` above 0, such as 0.3",
        )
