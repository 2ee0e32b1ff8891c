"""What a dataset's licence says about publishing its rows again."""

import re

# Name as the catalog and studies write it, to the address of its text. All of these let anybody
# publish rows again, changed or not, under conditions such as naming the source.
_OPEN = {
    "mit": "https://spdx.org/licenses/MIT",
    "apache-2.0": "https://spdx.org/licenses/Apache-2.0",
    "bsd-2-clause": "https://spdx.org/licenses/BSD-2-Clause",
    "bsd-3-clause": "https://spdx.org/licenses/BSD-3-Clause",
    "cc0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "cc0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "odc-by": "https://spdx.org/licenses/ODC-By-1.0",
    "odc-by-1.0": "https://spdx.org/licenses/ODC-By-1.0",
    "odbl-1.0": "https://spdx.org/licenses/ODbL-1.0",
    "pddl-1.0": "https://spdx.org/licenses/PDDL-1.0",
}
_CREATIVE_COMMONS = re.compile(r"cc-by((?:-nc|-sa|-nd)*)-(\d\.\d)")
# Words that belong to a licence's full name and change nothing.
_PLAIN = re.compile(r"-(?:licen[cs]e|version|international|unported|universal)(?=-|$)")
# A remark can take back what a name allows ("texts may not be redistributed"), so only those of the
# catalog, which say what a licence covers, are read past.
_REMARKS = {
    "MIT (RLCR)": "MIT",
    "Apache-2.0 (Big-Math)": "Apache-2.0",
    "MIT (dataset card)": "MIT",
}


def refusal(licence: str) -> str | None:
    """Return why rows under a licence must not be published again, or None where they may.

    Several licences are separated by commas, and each must allow it. A licence that is not known
    here does not allow it, nor does a known one with a remark behind it: nobody can tell.

    Args:
        licence: As the catalog or the study writes it, such as ``CC BY-SA 4.0``; may be empty.
    """
    names = _names(licence)
    if not names:
        return "no licence is stated"
    for name in names:
        found = _CREATIVE_COMMONS.fullmatch(_key(name))
        if found and "-nd" in found[1]:
            return f"{name} forbids to publish changed copies, and prepared rows are changed"
        if not found and _key(name) not in _OPEN:
            return f"{name!r} is not known to allow it"
    return None


def address(licence: str) -> str | None:
    """Return the address of a licence's text, or None for several or an unknown one."""
    names = _names(licence)
    if len(names) != 1:
        return None
    found = _CREATIVE_COMMONS.fullmatch(_key(names[0]))
    if found:
        return f"https://creativecommons.org/licenses/by{found[1]}/{found[2]}/"
    return _OPEN.get(_key(names[0]))


def _names(licence: str) -> list[str]:
    names = [name.strip() for name in licence.split(",") if name.strip()]
    return [_REMARKS.get(name, name) for name in names]


def _key(name: str) -> str:
    return _PLAIN.sub("", re.sub(r"[\s_-]+", "-", name.strip().lower()))
