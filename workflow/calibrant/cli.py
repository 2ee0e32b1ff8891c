"""The ``calibrant`` command.

A subcommand's module is imported only when that subcommand is called, so ``calibrant --help`` answers
at once.
"""

import argparse
import importlib
import sys
from collections.abc import Sequence

from calibrant import __version__
from calibrant.errors import report_errors

# Subcommand: module with add_arguments(parser) and run(args), and its line in the help.
COMMANDS = {
    "measure": ("calibrant.measures.command", "measure a file of predictions with confidences"),
    "certify": ("calibrant.certification.command", "certify a threshold for accepting answers"),
    "route": ("calibrant.certification.route_command", "accept or defer answers by a certificate"),
    "reword": ("calibrant.wording.command", "put the confidence of every answer into words"),
    "datasets": ("calibrant.data.command", "list the datasets of the catalog"),
    "audit-reward": ("calibrant.rewards.command", "say what the rewards of a study really ask for"),
    "judge": ("calibrant.judging.command", "look into the stored verdicts of the AI judge"),
    "explain": ("calibrant.lineage.explain_command", "show where a published number comes from"),
    "verify": ("calibrant.lineage.verify_command", "check every file, link and number of a study"),
    "plan": (
        "calibrant.orchestration.plan",
        "say what a run of a study would do, why, and how long",
    ),
    "by-hand": (
        "calibrant.orchestration.by_hand_command",
        "write the commands of a rule for a machine without Snakemake",
    ),
    "release": ("calibrant.release.command", "write a finished study as a folder to publish"),
    "impact": ("calibrant.lineage.impact_command", "list what depends on a file"),
    "diff": ("calibrant.lineage.diff_command", "compare the runs that wrote two results"),
    "why": ("calibrant.lineage.why_command", "say whether a result would be made again, and why"),
    "check": ("calibrant.study_command", "check a study without running anything"),
}


def build_parser(command: str | None) -> argparse.ArgumentParser:
    """Return the parser; only ``command`` gets its arguments, the others their line of help."""
    parser = argparse.ArgumentParser(
        prog="calibrant",
        description="Teach language models to say how sure they are, and prove whether they are right.",
        epilog="Run a study with `make reproduce STUDY=name`. config/README.md lists every setting.",
    )
    parser.add_argument("--version", action="version", version=f"calibrant {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="command", required=True)
    for name, (module, line) in COMMANDS.items():
        subparser = subparsers.add_parser(
            name, help=line, description=line[0].upper() + line[1:] + "."
        )
        if name == command:
            loaded = importlib.import_module(module)
            loaded.add_arguments(subparser)
            subparser.set_defaults(run=loaded.run)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    command = next((word for word in arguments if not word.startswith("-")), None)
    options = build_parser(command).parse_args(arguments)
    code: int = options.run(options)
    return code


def entry_point() -> int:
    """Run ``main``; a ``CalibrantError`` becomes one line and exit code 2."""
    return report_errors(main)


if __name__ == "__main__":
    raise SystemExit(entry_point())
