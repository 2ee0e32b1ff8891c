"""Which packages a changed lock would change, seen from what was installed at an earlier run."""

import re
from collections.abc import Iterable
from pathlib import Path

from calibrant.errors import CalibrantError

_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)


def package_changes(lock: Path, observed: Iterable[str]) -> list[str]:
    """Return one line per package of a lock that was not installed at the locked version.

    Packages that were installed and are not locked are left out: a stage may run in an environment
    that holds more than its own lock.

    Args:
        lock: A lock file in the format of pip.
        observed: What was installed then, as NAME==VERSION.

    Raises:
        CalibrantError: If the lock cannot be read.
    """
    try:
        text = lock.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CalibrantError(f"cannot read: {error}", where=lock) from error
    installed = dict(_parts(item) for item in observed)
    changes: dict[str, str] = {}
    # A lock pins a package twice where platforms differ; one of the two is the installed one.
    pins: dict[str, list[str]] = {}
    for name, version in _PIN.findall(text):
        pins.setdefault(_normal(name), []).append(version)
    for name, versions in pins.items():
        before = installed.get(name)
        if before not in versions:
            changes[name] = f"{name} {before or 'absent'} -> {' or '.join(versions)}"
    return [changes[name] for name in sorted(changes)]


def _parts(item: str) -> tuple[str, str]:
    name, _, version = item.partition("==")
    return _normal(name), version


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
