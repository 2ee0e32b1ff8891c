"""``calibrant audit-reward``: what the rewards of a study ask for, before anything is trained."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calibrant.errors import CalibrantError

if TYPE_CHECKING:
    from calibrant.rewards.bandit_settings import LabelNoise
    from calibrant.study import Study


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``calibrant audit-reward``."""
    parser.description = (
        "Say of every reward of a study whether it is proper, which confidence it really asks for, "
        "and whether it pays for wrong answers; then run it through a small bandit with the "
        "advantage estimators of its methods. Exit code 2 if a reward is refused."
    )
    parser.add_argument(
        "study", help="name in config/studies, or path of a .yaml file with the key `rewards`"
    )
    parser.add_argument(
        "--estimator",
        metavar="NAME",
        action="append",
        help="advantage estimator for the bandit; may be given several times "
        "(default: those of the study's methods, or all)",
    )
    parser.add_argument(
        "--noise",
        metavar=("SENSITIVITY", "SPECIFICITY"),
        nargs=2,
        type=float,
        action="append",
        default=[],
        help="also run the bandit with the labels of a judge with these errors, as judged and "
        "corrected; may be given several times",
    )
    parser.add_argument(
        "--json", metavar="OUT", type=Path, help="write verdicts and curves as JSON"
    )
    parser.add_argument("--figure", metavar="OUT", type=Path, help="draw the curves as .svg")
    parser.add_argument(
        "--seed",
        type=int,
        default=17,
        metavar="N",
        help="seed of the bandit (default: %(default)s)",
    )


def run(args: argparse.Namespace) -> int:
    """Audit the rewards, print the verdicts, and write JSON and figure where asked.

    Raises:
        CalibrantError: If the file or an argument is no good, or if a reward is refused; the
            outputs are written before a refusal.

    Returns:
        The exit code 0.
    """
    # numpy, pydantic, rich and matplotlib are not needed to print the help.
    from calibrant.files import write_json
    from calibrant.rewards.audit import audit
    from calibrant.rewards.audit_figure import check_audit_figure_path, write_audit_figure
    from calibrant.rewards.gate import check_rewards
    from calibrant.rewards.verdict_table import print_audit
    from calibrant.study_file import load_study, study_path

    path = study_path(args.study)
    if args.figure:
        check_audit_figure_path(args.figure)
    if args.seed < 0:
        raise CalibrantError("the seed is negative", where="--seed", repair="Use 0 or more")
    study = load_study(path)
    rewards = study.rewards
    if not rewards:
        raise CalibrantError(
            "holds no rewards",
            where=path,
            repair="Add `rewards:` with a name and its settings, such as `rlcr: {score: {rule: brier}}`",
        )
    report = audit(
        rewards, _estimators(args.estimator, study), _noises(args.noise, study), args.seed
    )
    print_audit(report, sys.stdout)
    if args.json:
        write_json(args.json, report)
    if args.figure:
        write_audit_figure(args.figure, report)
    check_rewards(path, rewards)
    return 0


def _estimators(names: list[str] | None, study: "Study") -> list[Any]:
    from calibrant.rewards.estimators import ESTIMATORS
    from calibrant.study_audit import audited_estimators

    known = list(ESTIMATORS)
    for name in names or []:
        if name not in known:
            raise CalibrantError(
                f"unknown estimator {name!r}",
                where="--estimator",
                repair=f"Known: {', '.join(known)}",
            )
    return names or list(audited_estimators(study))


def _noises(pairs: list[list[float]], study: "Study") -> "list[LabelNoise]":
    from calibrant.rewards.bandit_settings import LabelNoise
    from calibrant.rewards.noise import youden_index
    from calibrant.study_audit import audited_noises

    noises = audited_noises(study)
    for sensitivity, specificity in pairs:
        youden_index(sensitivity, specificity)
        noises += [
            LabelNoise(sensitivity=sensitivity, specificity=specificity, corrected=corrected)
            for corrected in (False, True)
        ]
    return noises
