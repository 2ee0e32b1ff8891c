# Generated from default.lock by `make locks`. The project itself is not inside: mount or check it out.
#
#   docker build -f envs/default.Dockerfile -t calibrant-default envs
#
# The first stage has a compiler, for packages that ship no wheel; the second has what it built.
FROM python:3.11-slim-bookworm AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends gcc libc6-dev \
    && rm -rf /var/lib/apt/lists/*
RUN python -m venv /opt/calibrant
ENV PATH=/opt/calibrant/bin:$PATH
COPY default.lock /tmp/default.lock
RUN python -m pip install --no-cache-dir --no-deps --require-hashes --no-input -r /tmp/default.lock
RUN python -m pip install --no-cache-dir --no-input torch==2.13.0

FROM python:3.11-slim-bookworm
COPY --from=build /opt/calibrant /opt/calibrant
# Threads that spin while they wait stall torch on a shared machine.
ENV PATH=/opt/calibrant/bin:$PATH PYTHONPATH=workflow OMP_WAIT_POLICY=PASSIVE
WORKDIR /project
