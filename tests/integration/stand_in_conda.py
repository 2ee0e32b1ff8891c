"""A stand-in for the command ``conda``, for machines that reach no channel.

It answers what Snakemake asks and makes an environment from the Python that runs the tests: an empty
one with pip, as ``envs/NAME.yaml`` describes. It resolves nothing and shows nothing about channels;
what it lets tests see is everything after that: the post-deploy script, activation, and stages that
find in their environment what its lock names, and nothing else.
"""

import sys
from pathlib import Path

_COMMAND = """\
#!{python}
import json, subprocess, sys, yaml
words = sys.argv[1:]
if words == ["info", "--json"]:
    print(json.dumps({{"conda_prefix": {root!r}, "platform": "linux-64"}}))
elif words == ["--version"]:
    print("conda 26.7.1 (stand-in)")
elif words == ["config", "--get", "channel_priority", "--json"]:
    print(json.dumps({{"get": {{"channel_priority": "strict"}}}}))
elif words[:1] == ["clean"]:
    pass
elif words[:2] == ["env", "create"]:
    asked = yaml.safe_load(open(words[words.index("--file") + 1]))
    if asked["dependencies"] != ["python =3.11", "pip"]:
        sys.exit(f"the stand-in cannot make {{asked['dependencies']}}")
    prefix = words[words.index("--prefix") + 1]
    sys.exit(subprocess.run([sys.executable, "-m", "venv", prefix]).returncode)
else:
    sys.exit(f"the stand-in does not know: conda {{' '.join(words)}}")
"""
_ACTIVATE = """\
export CONDA_PREFIX="$1" PATH="$1/bin:$PATH"
"""


def write_stand_in(root: Path) -> Path:
    """Write the command below ``root`` and return the folder to put on PATH."""
    folder = root / "bin"
    folder.mkdir(parents=True)
    conda = folder / "conda"
    conda.write_text(_COMMAND.format(python=sys.executable, root=str(root)), encoding="utf-8")
    conda.chmod(0o755)
    (folder / "activate").write_text(_ACTIVATE, encoding="utf-8")
    return folder
