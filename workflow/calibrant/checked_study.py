"""A study that may run: read, checked, and without a reward that nobody should train with."""

from pathlib import Path

from calibrant.rewards.gate import check_rewards
from calibrant.study import Study
from calibrant.study_file import load_study


def load_checked_study(path: Path) -> Study:
    """Read and check a study, its rewards too.

    Raises:
        CalibrantError: For anything wrong with it, and for a reward that is refused.
    """
    study = load_study(path)
    check_rewards(path, study.rewards)
    return study
