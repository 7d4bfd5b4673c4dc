# The two commands to know: `make demo` and `make test`. Both set up what is missing first.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
# The lab needs root for namespaces, mounts and containers; everything else runs as the caller, whose checkout stays theirs.
AS_ROOT := $(if $(filter 0,$(shell id -u)),,sudo -EH env PYTHONDONTWRITEBYTECODE=1)
LAB_DIR := $(or $(PORTABILITY_LAB_DIR),/var/lib/portability/lab)
REPETITIONS ?= 3

.PHONY: help setup packages venv image demo test check format lint types layers unit bench down clean

help: ## what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: packages ## system packages, virtual environment and guest image; skips what is there
	@$(MAKE) -j2 venv image

packages: ## Debian packages that the lab needs on this machine
	@.ci/packages $$(grep -v '^#' portability/lab/packages.txt)

venv: $(VENV)/.complete ## the virtual environment in .venv
	@:

$(VENV)/.complete: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	    found=$$($(PYTHON) --version 2>/dev/null || echo missing); \
	    echo "Python 3.11 or newer is needed, and $(PYTHON) is $$found: make PYTHON=... names another" >&2; \
	    exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || .ci/packages python3-venv
	@echo "making the virtual environment in $(VENV); takes about a minute"
	@# One that was begun and not finished is gone on with if it has a pip that runs, else made anew.
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -e '.[lab,dev]' || { \
	    echo "pip could not install what pyproject.toml names: does pip reach a package index here?" >&2; \
	    exit 1; }
	@$(BIN)/python -m compileall -q portability
	@touch $@
	@echo "the virtual environment is ready"

image: packages ## the lab's guest image, kept in /var/cache/portability
	@$(AS_ROOT) $(PYTHON) -m portability.lab.image

demo: setup ## two clouds, one application, one verdict: ends with a terminal report and report.html
	@$(AS_ROOT) $(BIN)/portability lab up
	@echo "The two clouds stay up after the demo; 'make down' stops them."
	@OS_CLIENT_CONFIG_FILE=$(LAB_DIR)/default/clouds.yaml \
	    $(BIN)/portability compare three-tier onprem public -r $(REPETITIONS)

down: ## stop the lab and remove what it made on this machine
	@if [ -x $(BIN)/portability ]; then $(AS_ROOT) $(BIN)/portability lab down; fi

test: setup ## everything: static checks, unit tests, whole comparisons on the lab
	@$(MAKE) format-check lint types layers
	@$(AS_ROOT) $(if $(AS_ROOT),HYPOTHESIS_STORAGE_DIRECTORY=/var/cache/portability/hypothesis) \
	    $(BIN)/python -m pytest $(if $(AS_ROOT),-p no:cacheprovider)

check: venv ## format, lint, types, layers, unit tests: under a minute
	@$(MAKE) format-check lint types layers unit

.PHONY: format-check
format-check:
	@$(BIN)/ruff format --check -q . || { echo "run 'make format'"; exit 1; }

format: venv ## put the code into its form
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

lint:
	@$(BIN)/ruff check -q .

types:
	@$(BIN)/mypy

layers:
	@$(BIN)/lint-imports --no-logo 2>&1 | tail -n 8

unit: ## tests that need no root and no lab
	@$(BIN)/python -m pytest -q -n 2 -m "not lab and not slow"

bench: setup ## the performance figures
	@$(AS_ROOT) $(BIN)/python -m tests.bench

clean: ## remove the virtual environment and caches in this folder
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
