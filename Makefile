# The commands of this repository. `make help` lists them. Needs make and Python 3.11 or newer.

# The first of these that is new enough; `make PYTHON=/path/to/python install` names another one.
PYTHON ?= $(shell for name in python3 python3.11 python3.12 python3.13 python3.14; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$name" && break; done)

SOURCE ?= elma365
DESTINATION ?= twenty
DIR ?= ./demo

# `make test TESTS=core/tests/test_ids.py` runs one file (no coverage gate then); COVERAGE is in per cent.
TESTS ?=
COVERAGE ?= 95
WORKERS ?= 2

# `make faults`: some of the cells (`ONLY="twenty load"`), and how often each fault has to happen.
ONLY ?=
MINIMUM ?= 20

# `make soak`: for how long.
MINUTES ?= 30

# `make model`: how many stories; those that broke a promise are told first the next time (.hypothesis/model).
EXAMPLES ?= 2000

# `make bench`: how often each case runs, and on how many records.
RUNS ?= 3
RECORDS ?= 100000

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PACKAGES := $(sort $(dir $(wildcard plugins/*/pyproject.toml)))
MANIFESTS := core/pyproject.toml $(wildcard plugins/*/pyproject.toml) constraints.txt dev-requirements.txt
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input

.DEFAULT_GOAL := help
.PHONY: help install demo test acceptance bench faults transitions model soak lint types layers pytest format audit lock clean

help:  ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

install: $(STAMP)  ## make .venv and install the workspace, editable, in locked versions

# Without build isolation also the build tools come in locked versions (dev-requirements.txt has them).
$(STAMP): $(MANIFESTS)
	@$(or $(PYTHON),python3) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "crossdock needs Python 3.11 or newer; name one: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; \
		exit 1; }
	@test -x $(BIN)/python && $(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet -c constraints.txt -r dev-requirements.txt
	$(PIP) install --quiet --no-build-isolation -c constraints.txt -e 'core[all]' $(PACKAGES:%/=-e '%[sandbox]')
	@touch $@

demo: $(STAMP)  ## a whole migration between two sandboxes (SOURCE=, DESTINATION=, DIR=), in a fresh folder
	@$(BIN)/python tools/fresh_demo.py $(DIR)
	$(BIN)/crossdock demo --source $(SOURCE) --destination $(DESTINATION) --dir $(DIR)

test: lint types layers pytest  ## everything that must hold before a commit: lint, types, layers, tests, coverage

acceptance: $(STAMP)  ## the acceptance list, row by row (with CI set: the list of passed rows must be honest)
	$(BIN)/python acceptance/run.py $(if $(CI),--ci)

bench: $(STAMP)  ## crossdock beside the bare loops on 100,000 records (RUNS=, RECORDS=); see bench/README.md
	@$(BIN)/python bench/run.py --runs $(RUNS) --records $(RECORDS)

faults: $(STAMP)  ## the fault matrix: every fault against every hook of every destination (ONLY=, MINIMUM=)
	@$(BIN)/python faults/run.py $(if $(ONLY),--only "$(ONLY)") --minimum $(MINIMUM)

transitions: $(STAMP)  ## a command killed at each single change of the ledger and of staging, some minutes
	EVERY_TRANSITION=1 $(BIN)/python -m pytest -n 0 -p no:cacheprovider core/tests/test_core_transitions.py

soak: RECORDS = 50000
soak: $(STAMP)  ## random faults and kills on many records, for long (MINUTES=, RECORDS=, SEED=)
	@$(BIN)/python faults/soak.py --minutes $(MINUTES) --records $(RECORDS) $(if $(SEED),--seed $(SEED))

model: $(STAMP)  ## migrations at random, killed, edited, undone, each step held against a model (EXAMPLES=)
	MODEL_EXAMPLES=$(EXAMPLES) $(BIN)/python -m pytest -n 0 core/tests/test_core_statemachine.py -k whatever

lint: $(STAMP)  ## ruff: the rules and the format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)  ## mypy, strict
	$(BIN)/mypy

layers: $(STAMP)  ## import-linter: who may import whom
	$(BIN)/lint-imports

pytest: $(STAMP)  ## the tests alone, with the coverage gate of the core
	$(BIN)/python -m pytest -n $(WORKERS) $(or $(TESTS),--cov --cov-report=term-missing:skip-covered --cov-fail-under=$(COVERAGE))

format: $(STAMP)  ## put the code into the format and mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

audit: $(STAMP)  ## the packages that are installed: pinned, licences, files as published, known vulnerabilities
	@$(BIN)/python tools/audit.py constraints.txt

lock: $(STAMP)  ## write the versions of this environment into constraints.txt
	$(BIN)/python tools/lock.py constraints.txt
	@touch $(STAMP)

clean:  ## remove the environment and everything that the tools left behind
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage .coverage.* htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
