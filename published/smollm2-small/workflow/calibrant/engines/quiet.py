"""The libraries' own chatter, kept out of the logs."""

import warnings


def quieten() -> None:
    """Silence progress bars, and warnings about names that TRL itself still uses."""
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    warnings.filterwarnings("ignore", category=FutureWarning, module=r"transformers\.")
