# Two commands do everything, set-up included:  make check   and   make test
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
VIEW := $(VENV)/typecheck
FRONT := chimneysweep $(patsubst %.py,chimneysweep.%,$(filter-out __init__.py,$(wildcard *.py)))
ROOMS := model properties engines audit targets counterexamples cli
ARGS ?=
# Processes that start often find their modules compiled, whatever the environment says of that.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help setup check pictures test test-slow coverage lint format types bench clean

help:
	@echo "make check      check the reference design (ARGS='--design D --property P' for others)"
	@echo "make test       run the tests, without the slow ones (ARGS='-k name' to choose)"
	@echo "make test-slow  run the slow ones: wheel, long proofs"
	@echo "make lint types format coverage bench pictures clean"

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "chimneysweep needs Python 3.11 or newer, and '$(PYTHON)' is not (`$(PYTHON) --version 2>&1`)." >&2; \
	  echo "Name one that is:  make $(MAKECMDGOALS) PYTHON=python3.11" >&2; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

check: $(STAMP)
	@$(BIN)/chimneysweep check $(ARGS)

test: $(STAMP)
	@$(BIN)/python -m pytest -n 2 -m 'not slow' $(ARGS)

test-slow: $(STAMP)
	@$(BIN)/python -m pytest -m slow $(ARGS)

coverage: $(STAMP)
	@$(BIN)/python -m pytest -n 2 -m 'not slow' --cov $(ARGS)

lint: $(STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-cache

format: $(STAMP)
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

# The checkout may have any name; mypy needs one under which the root is the package.
types: $(STAMP)
	@mkdir -p $(VIEW) && ln -sfn "$(CURDIR)" $(VIEW)/chimneysweep
	@MYPYPATH=$(VIEW) $(BIN)/mypy $(addprefix -m ,$(FRONT)) $(addprefix -p chimneysweep.,$(ROOMS))

pictures: $(STAMP)
	@cd tests && ../$(BIN)/python pictures.py

bench: $(STAMP)
	@$(BIN)/python benchmarks/run.py $(ARGS)

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .hypothesis .mypy_cache .ruff_cache .coverage
