"""What a server may cost: a cap on money and a cap on attempts, checked before anything is sent."""

import threading

from calibrant.engines.server_settings import Server
from calibrant.errors import CalibrantError

_MILLION = 1_000_000


class Budget:
    """Money and attempts of one engine, over all its runs.

    Before an attempt is sent, the most it can cost is reserved; afterwards what it did cost is
    added to ``spent``. So many attempts under way at once cannot pass the cap together. An attempt
    that may have been charged without telling (no answer in time, a reply without ``usage``) counts
    as the most it can cost. Safe to use from several threads.

    Args:
        settings: The prices and the caps.

    Attributes:
        spent: Cost so far (the currency of the prices), at least 0.
        attempts: Attempts sent so far.
    """

    def __init__(self, settings: Server) -> None:
        self.spent = 0.0
        self.attempts = 0
        self._settings = settings
        self._reserved = 0.0
        self._under_way = 0
        self._lock = threading.Lock()

    def cost(self, input_tokens: int, output_tokens: int) -> float:
        """Return the price of that many tokens."""
        settings = self._settings
        return (
            input_tokens * settings.price_per_million_input
            + output_tokens * settings.price_per_million_output
        ) / _MILLION

    def reserve(self, most: float) -> bool:
        """Make room for an attempt that can cost ``most``.

        Returns:
            Whether there is room. Where not, there may be once attempts under way are settled,
            because most of them cost less than was reserved.

        Raises:
            CalibrantError: If a cap is reached; says what was spent and the cap.
        """
        with self._lock:
            if self._settings.max_requests is not None:
                self._check_attempts(self._settings.max_requests)
            cap = self._settings.max_cost
            if cap is not None and self.spent + self._reserved + most > cap:
                if self._under_way:
                    return False
                raise self._too_dear(most, cap)
            self.attempts += 1
            self._under_way += 1
            self._reserved += most
            return True

    def settle(self, most: float, cost: float) -> None:
        """Replace the ``most`` that was reserved by the ``cost`` it had."""
        with self._lock:
            self._under_way -= 1
            # Rounding must not leave a rest that blocks the last of the money.
            self._reserved = self._reserved - most if self._under_way else 0.0
            self.spent += cost

    def _check_attempts(self, cap: int) -> None:
        if self.attempts >= cap:
            raise CalibrantError(
                f"{self.attempts} attempts were made, the cap max_requests is {cap}",
                where=self._settings.address,
                repair="Raise max_requests, or ask for less",
            )

    def _too_dear(self, most: float, cap: float) -> CalibrantError:
        return CalibrantError(
            f"{self.spent:.6g} was spent, the cap max_cost is {cap:.6g}, and the next request can "
            f"cost {most:.6g}",
            where=self._settings.address,
            repair="Raise max_cost, or ask for less",
        )
