"""Container recipes: ``envs/NAME.Dockerfile`` from the same lock as the conda file beside it.

Snakemake's own ``--containerize`` copies the conda files alone, without what their post-deploy
scripts install, so the recipes are written here.
"""

_RECIPE = """\
# Generated from {name}.lock by `make locks`. The project itself is not inside: mount or check it out.
#
#   docker build -f envs/{name}.Dockerfile -t calibrant-{name} envs
#
# The first stage has a compiler, for packages that ship no wheel; the second has what it built.
FROM {base} AS build
RUN apt-get update \\
    && apt-get install -y --no-install-recommends gcc libc6-dev \\
    && rm -rf /var/lib/apt/lists/*
RUN python -m venv /opt/calibrant
ENV PATH=/opt/calibrant/bin:$PATH
COPY {name}.lock /tmp/{name}.lock
RUN {install} -r /tmp/{name}.lock
{torch}
FROM {base}
COPY --from=build /opt/calibrant /opt/calibrant
# Threads that spin while they wait stall torch on a shared machine.
ENV PATH=/opt/calibrant/bin:$PATH PYTHONPATH=workflow OMP_WAIT_POLICY=PASSIVE
WORKDIR /project
"""
_INSTALL = "python -m pip install --no-cache-dir --no-deps --require-hashes --no-input"


def container_recipe(name: str, python: str, torch: str | None) -> str:
    """Return the text of ``NAME.Dockerfile``, to be built with ``envs/`` as its context.

    Args:
        name: The environment; its lock is copied in and installed with hashes checked.
        python: Version of Python, such as ``3.11``.
        torch: Requirement of torch, which stands in no lock, or None where it is not needed.
    """
    last = f"RUN python -m pip install --no-cache-dir --no-input {torch}\n" if torch else ""
    return _RECIPE.format(
        name=name, base=f"python:{python}-slim-bookworm", install=_INSTALL, torch=last
    )
