# Everything is done in the project folder: `make demo` shows what this is, `make test` checks it.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
# Much of the time of the tests is waiting for an engine, so that three at a time suit two processors.
# Files with few tests are the long ones: sorted by number, they would be left for the end, one after another.
PYTEST_ARGS ?= -n 3 --dist loadfile --no-loadscope-reorder
# It brings up what the examples of the documentation bring up, too: not at the same time.
ALONE := tests/project/test_demo.py

.PHONY: help
help:  ## list the targets
	@sed -nE 's/^([a-z]+):.*## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

$(BIN)/python:
	"$$(.ci/python)" -m venv $(VENV)
	$(PIP) install --upgrade pip

# What a user of the command line has.
$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(PIP) install --editable '.[cli]'
	touch $@

# What a developer has besides.
$(VENV)/.developer: $(VENV)/.installed
	$(PIP) install --group dev
	touch $@

.PHONY: venv
venv: $(VENV)/.developer  ## make the virtual environment with all tools

.PHONY: demo
demo: $(VENV)/.installed  ## bring up, look at and take down the example site on your engine
	@$(BIN)/python docs/examples/demo.py

.PHONY: test
test:  ## run all checks, quickest first; with a private engine where that is possible
	@$(MAKE) --no-print-directory format lint contracts types unit newer docs oldest

.PHONY: format
format: $(VENV)/.developer  ## check the formatting
	$(BIN)/ruff format --check .

.PHONY: lint
lint: $(VENV)/.developer  ## run the linter
	$(BIN)/ruff check .

.PHONY: contracts
contracts: $(VENV)/.developer  ## check who imports whom
	$(BIN)/lint-imports

.PHONY: types
types: $(VENV)/.developer  ## check the types
	$(BIN)/mypy

.PHONY: unit
unit: $(VENV)/.developer  ## run the tests and every example of the documentation
	.ci/engine $(BIN)/python -m pytest -q $(PYTEST_ARGS) --ignore $(ALONE)
	.ci/engine $(BIN)/python -m pytest -q $(ALONE)

# Elsewhere than on Debian, the engine at hand is the only one.
.PHONY: newer
newer: $(VENV)/.developer  ## run the tests that newer engines could break on Docker 28
	if command -v apt-get >/dev/null && [[ $$(id -u) -eq 0 ]]; then \
		.ci/newer build/newer-engine docker.io containerd; fi
	ENGINE_PREFIX=build/newer-engine .ci/engine $(BIN)/python -m pytest -q $(PYTEST_ARGS) -m engine \
		tests/engine tests/compile tests/contract tests/client/test_update*.py tests/client/test_replacement.py

.PHONY: docs
docs: $(VENV)/.developer  ## build the documentation into docs/_build/html
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build/html

.PHONY: wheel
wheel: $(VENV)/.developer  ## build the wheel
	rm -rf dist
	$(PIP) wheel --no-deps --wheel-dir dist .

# Nothing of the checkout is importable here: what is missing in the wheel is missing. What depends on the
# release of a dependency is the edge, and what it is used for: with an engine, that is all that is tried,
# and what is generated is few.
.PHONY: oldest
oldest: wheel  ## run the tests on the wheel, with the oldest dependencies that we allow
	rm -rf build/oldest
	$(BIN)/python -m venv build/oldest
	build/oldest/bin/python -m pip --quiet install --upgrade pip
	build/oldest/bin/python -m pip --quiet install "$$(echo dist/*.whl)[cli]" --group test \
		--constraint <($(BIN)/python .ci/oldest.py)
	EXAMPLES=5 MOMENTS=3 FUZZ_EXAMPLES=15 build/oldest/bin/pytest -q -p no:cacheprovider $(PYTEST_ARGS) \
		-m 'not engine' tests
	PYTHONDEVMODE=1 .ci/engine build/oldest/bin/pytest -q -p no:cacheprovider $(PYTEST_ARGS) -m engine \
		tests/engine tests/client/test_examples.py tests/client/test_worked_sequences.py

.PHONY: interrupted
interrupted: $(VENV)/.developer  ## cancel and kill an update at each of its calls; takes some minutes
	PYTHONPATH=tests:docs/examples .ci/engine $(BIN)/python tests/interrupted_updates.py

EXAMPLES ?= 2500
.PHONY: properties
properties: $(VENV)/.developer  ## try the properties of runs on EXAMPLES=2500 generated stories each
	EXAMPLES=$(EXAMPLES) $(BIN)/python -m pytest -q -n 2 --timeout 0 -p no:cacheprovider \
		tests/execute/test_nothing_lost.py

.PHONY: cancellations
cancellations: $(VENV)/.developer  ## cancel every action at every moment, and again during the clean-up
	MOMENTS=0 PAIRS=8 $(BIN)/python -m pytest -q -n 2 --timeout 0 -p no:cacheprovider \
		tests/execute/test_cancelled_anywhere.py

MEGABYTES ?= 10
.PHONY: benchmarks
benchmarks: $(VENV)/.developer  ## measure planning, stopping, updating, and reading MEGABYTES=10 of output
	$(BIN)/python benchmarks/plan.py
	PYTHONPATH=tests:docs/examples .ci/engine $(BIN)/python benchmarks/stops.py
	PYTHONPATH=tests:docs/examples .ci/engine $(BIN)/python benchmarks/update.py
	PYTHONPATH=tests:docs/examples .ci/engine $(BIN)/python benchmarks/script_output.py $(MEGABYTES)

# Compose is the newest that Debian has; elsewhere than on Debian, the one at hand.
.PHONY: compose
compose: $(VENV)/.developer  ## measure the same landscape under Docker Compose, and under ours
	if command -v apt-get >/dev/null; then .ci/newer build/compose docker-compose; fi
	PATH=$(CURDIR)/build/compose/usr/bin:$$PATH PYTHONPATH=tests:docs/examples PYTHONDONTWRITEBYTECODE= \
		.ci/engine $(BIN)/python benchmarks/compose.py

.PHONY: soak
soak: $(VENV)/.developer  ## update thousands of times, and see what grows (some ten minutes)
	PYTHONPATH=tests:docs/examples .ci/engine $(BIN)/python benchmarks/soak.py

.PHONY: clean
clean:  ## remove everything that these targets made
	rm -rf $(VENV) build dist docs/_build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
