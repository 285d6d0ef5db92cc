# Everything that people and machines do with this checkout. `make` alone lists it.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help setup run demo test thorough chaos check audit fmt contracts bench screenshots lock web clean

VENV     ?= .venv
PYTHON   ?=
PARALLEL ?= 4
TESTS    ?= -m "(unit or contract or integration) and not slow"
THOROUGH ?= -m "(e2e or chaos or slow) and not bench and not containers"

BIN      := $(VENV)/bin
PIP      := $(BIN)/python -m pip --disable-pip-version-check
LOCKED   := $(PIP) install --quiet --require-hashes --no-deps
PROJECT  := $(PIP) install --quiet --no-deps --no-build-isolation --editable .
COMPILE   = $(BIN)/uv --quiet pip compile --no-config --universal --python-version 3.11 --generate-hashes \
            --custom-compile-command "make lock" $(UPGRADE)

# Touched when the environment holds what a lock says, so that a second `make` has nothing to do.
TO_RUN   := $(VENV)/.ready-to-run
TO_BUILD := $(VENV)/.ready-to-build

PAGE     := services/gateway/web
PAGE_IN  := $(shell find $(PAGE) -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)
PAGE_OUT := $(if $(wildcard $(PAGE)/package.json),$(PAGE)/dist/.built)

help: ## List these targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20
	@echo
	@echo "  PYTHON=python3.13 chooses the interpreter, VENV=.venv-3.13 another environment,"
	@echo "  TESTS='tests/unit -k planner' the tests, PARALLEL=8 how many run at once."

setup: $(TO_BUILD) web ## Make .venv with everything needed to run, check and test

run: $(TO_RUN) web ## Start Showrunner here, with its own PostgreSQL and NATS
	$(BIN)/showrunner up

demo: $(TO_BUILD) web ## Start Showrunner beside simulated Plex and Jellyfin servers
	$(BIN)/python -m tools.demo

test: $(TO_BUILD) ## Run the tests on real NATS and PostgreSQL servers
	$(BIN)/python -m pytest -n $(PARALLEL) --dist loadgroup $(TESTS)

thorough: $(TO_BUILD) web ## Run what takes longer: the page in Chromium, kills under load, years in fast motion
	$(BIN)/python -m pytest -n $(PARALLEL) --dist loadgroup $(THOROUGH)

chaos: $(TO_BUILD) ## Break things at random under load for MINUTES=10, and count (SEED=n for the same again)
	$(BIN)/python -m tests.chaos.storm --minutes $(or $(MINUTES),10) $(if $(SEED),--seed $(SEED))

check: $(TO_BUILD) web ## Check format, lint, types, import rules, and drift of the generated contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest --quiet tests/unit/test_import_rules.py tests/unit/test_locks.py
	$(BIN)/python -m tools.generate --check
	sh tools/web.sh check $(PAGE) "$(abspath $(BIN))/python"

audit: $(TO_BUILD) ## Ask PyPI and npm whether anything in the locks has a known hole
	$(BIN)/python -m tools.audit

fmt: $(TO_BUILD) ## Format the code and mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

contracts: $(TO_BUILD) ## Write the JSON Schemas, AsyncAPI and OpenAPI documents anew
	$(BIN)/python -m tools.generate

bench: $(TO_BUILD) web ## Measure the figures, each beside its limit
	$(BIN)/python -m tests.bench
	$(BIN)/python -m pytest --quiet --capture no -m bench tests/e2e

screenshots: $(TO_BUILD) web ## Take the pictures of the page in docs/screenshots anew, with Chromium
	$(BIN)/python -m tools.screenshots

lock: $(TO_BUILD) ## Write the locks anew from pyproject.toml (UPGRADE=--upgrade takes newer versions)
	$(COMPILE) pyproject.toml --group build --output-file requirements.lock
	$(COMPILE) pyproject.toml --group build --extra otel --constraints requirements.lock --output-file requirements-otel.lock
	$(COMPILE) pyproject.toml --group build --group dev --constraints requirements.lock --output-file requirements-dev.lock
	$(COMPILE) --group web --output-file requirements-web.lock

web: $(PAGE_OUT) ## Build the page, where its sources have changed

clean: ## Remove the environment, caches and what was built; data folders stay
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis $(PAGE)/dist $(PAGE)/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@python=$$(sh tools/find_python.sh $(PYTHON)) && echo "Making $(VENV) with $$python" && "$$python" -m venv --clear $(VENV)

$(TO_RUN): requirements.lock pyproject.toml | $(BIN)/python
	$(LOCKED) -r requirements.lock
	$(PROJECT)
	@touch $@

$(TO_BUILD): requirements-dev.lock requirements.lock pyproject.toml | $(BIN)/python
	$(LOCKED) -r requirements-dev.lock
	$(PROJECT)
	@touch $(TO_RUN) $@

$(PAGE)/dist/.built: $(PAGE_IN) | $(TO_RUN)
	sh tools/web.sh build $(PAGE) "$(abspath $(BIN))/python"
	@touch $@
