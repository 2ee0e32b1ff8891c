"""The one error a person is meant to read.

Every part of Calibrant raises ``CalibrantError`` for anything a user can repair: a typo in a
study, a cut download, a file with a missing column. Nothing in between catches it; ``report_errors``
prints it as a single line and ends the process with exit code 2.
"""

import sys
from collections.abc import Callable

EXIT_BAD_INPUT = 2


class CalibrantError(Exception):
    """Something a user can repair.

    Args:
        what: What is wrong, as a clause without a full stop.
        where: File, key, row or address it was found at.
        repair: What to do about it, as a sentence without a full stop.
    """

    def __init__(self, what: str, *, where: object = None, repair: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.where = None if where is None else str(where)
        self.repair = repair

    def __str__(self) -> str:
        """Return ``where: what. repair.`` on one line."""
        text = f"{self.where}: {self.what}" if self.where else self.what
        if self.repair:
            text = f"{text}. {self.repair}"
        return " ".join(text.split())


def report_errors(main: Callable[[], int | None]) -> int:
    """Run ``main`` and turn a ``CalibrantError`` into one line on standard error.

    Any other exception is a defect of ours and keeps its traceback.

    Args:
        main: The command or stage; its return value is the exit code (None means 0).

    Returns:
        The exit code: 0 on success, 2 for bad input, 130 when interrupted.
    """
    try:
        return main() or 0
    except CalibrantError as error:
        print(f"error: {error}", file=sys.stderr)
        return EXIT_BAD_INPUT
    except BrokenPipeError:
        # The reader (head, less) has gone; there is nobody left to tell.
        sys.stderr.close()
        return 0
    except KeyboardInterrupt:
        print("error: interrupted", file=sys.stderr)
        return 130
