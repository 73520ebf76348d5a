# Everything a developer types. Needs Python 3.11 or newer and make; the rest is set up in .venv on first use.
#
#   PYTHON=/path/to/python3   which interpreter to build .venv with (default: the newest suitable one found)
#   ARGS="..."                more arguments for demo, test, bench and serve
.DEFAULT_GOAL := help
.NOTPARALLEL:
SHELL := /bin/sh
BIN := .venv/bin
PYTHON ?=
ARGS ?=
HOST ?= 127.0.0.1
PORT ?= 8080
MODEL ?=
# Images of containers often forbid Python to keep what it compiled: every process of the tests would compile all anew.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help demo serve test check fast fmt lint types imports reference docs bench lock clean runtime dev

help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' Makefile

demo: runtime ## The whole loop on a generated construction programme, about a minute
	@$(BIN)/mw demo $(ARGS)

serve: runtime ## Serve a model of this folder's workspace: make serve MODEL=name@champion [HOST=… PORT=…]
	@test -n "$(MODEL)" || { echo "Which model? For example: make serve MODEL=schedule-delay@champion"; exit 2; }
	@$(BIN)/mw serve "$(MODEL)" --host "$(HOST)" --port "$(PORT)" $(ARGS)

test: dev ## All tests
	@$(BIN)/python -m pytest -q -n auto --dist loadscope --no-loadscope-reorder $(ARGS)

fast: dev ## Tests that take less than some seconds each
	@$(BIN)/python -m pytest -q -m "not slow" tests/unit tests/house $(ARGS)

check: lint types imports fast ## What to run before a commit: lint, types, imports, house rules, fast tests

fmt: dev ## Format and mend what ruff can mend
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format --quiet .

lint: dev ## Lint and format, checked
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@echo "lint: clean"

types: dev ## mypy, strict
	@$(BIN)/mypy

imports: dev ## Who may import whom
	@$(BIN)/lint-imports --no-logo --config importlinter.toml

reference: dev ## Rewrite the pages of docs/reference that the code itself knows (commands, settings, errors)
	@$(BIN)/python scripts/reference.py

docs: dev ## Build the documentation into site/, strictly
	@$(BIN)/python scripts/reference.py --check
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet --strict
	@echo "docs: site/index.html"

bench: dev ## Run the benchmarks and rewrite benchmarks/RESULTS.md
	@$(BIN)/python -m benchmarks $(ARGS)

lock: ## Rewrite locks/ from pyproject.toml; needs uv on the PATH. ARGS=--upgrade for the newest releases
	@sh scripts/lock.sh $(ARGS)

clean: ## Remove .venv, caches and built files (never .millwright/)
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage site dist build
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

runtime dev:
	@PYTHON="$(PYTHON)" sh scripts/setup.sh $@
