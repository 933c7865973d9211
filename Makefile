# The two commands of the README are `make demo` and `make test`; the rest is for those who change the code.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test papers check format lint types contracts bench year lock clean setup

demo: $(READY)
	@$(BIN)/tidegate demo

test: $(READY)
	@PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n 2 --dist worksteal -q

check: format lint types contracts

format: $(READY)
	@$(BIN)/ruff format --check .

lint: $(READY)
	@$(BIN)/ruff check .

types: $(READY)
	@$(BIN)/mypy

contracts: $(READY)
	@$(BIN)/lint-imports

# The parts of the documents that come from the code: help texts and tables.
papers: $(READY)
	@$(BIN)/python tests/house/papers.py

bench: $(READY)
	@$(BIN)/python tests/bench/run.py

year: $(READY)
	@$(BIN)/python tests/bench/year.py

# The lock names versions and hashes, and no registry: pip asks whichever one the machine is set up for.
lock: $(READY)
	@$(BIN)/uv pip compile pyproject.toml --group dev --all-extras --universal --generate-hashes --no-header \
		--no-emit-index-url --no-emit-find-links --python-version 3.11 --upgrade --quiet --output-file requirements.lock

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Tidegate needs Python 3.11 or newer; run: make PYTHON=/path/to/python3.11")'
	@echo "Setting up $(VENV) (once, about a minute) …"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage dist
