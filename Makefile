# Trova. `make help` says what there is. Needed beforehand: Python 3.11 or newer, git and make; nothing else.

SHELL := /bin/sh
.DEFAULT_GOAL := help

# The first Python on PATH that is new enough and can make virtual environments; or yours: make run PYTHON=/path/python
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	&& { command -v "$$name"; break; }; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --no-input
INSTALL := $(PIP) install --require-hashes --no-deps --no-compile
UNLESS_LONG := not soak and not stripe_live
# Some images forbid Python to keep what it compiled: every server, command and test process would compile all it imports.
unexport PYTHONDONTWRITEBYTECODE
# Two processes, one file to one of them; each has servers, databases and data of its own. Those with a browser wait for
# half of their time, so there are three.
SIDE_BY_SIDE := -n 2 --dist loadfile
BROWSERS := -n 3 --dist loadfile

.PHONY: help
help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

.PHONY: run
run: .venv/ready ## Serve the demo practice on http://localhost:3000 (another port: TROVA_PORT=3100 make run)
	@$(BIN)/python -m trova_app.cli demo

.PHONY: check
check: lint units ## Before each commit: style, layers, types, and the quick tests on SQLite (a minute and a half)

.PHONY: lint
lint: .venv/dev-ready ## Style, layer contracts and types
	@echo "Style..." && $(BIN)/ruff check . && $(BIN)/ruff format --check .
	@echo "Layers..." && $(BIN)/lint-imports
	@echo "Types..." && $(BIN)/mypy

.PHONY: units
units: .venv/dev-ready ## The quick tests on SQLite: no browser, no server
	@echo "Quick tests..."
	@TROVA_TEST_DATABASES=sqlite $(BIN)/python -m pytest -p tests.quick $(SIDE_BY_SIDE) \
		-m "$(UNLESS_LONG) and not browser and not served and not postgres" --ignore tests/faults --ignore tests/contract

# What failed is run once more by itself, and said so: real servers and browsers on a busy machine run into time limits.
# A defect fails twice.
AGAIN = (echo "Once more, by themselves:" && $(BIN)/python -m pytest --last-failed --last-failed-no-failures none $(1))

# What the browser tests left, the first run's too: books that do not add up are no matter of time limits.
BOOKS = for left in build/e2e*/; do echo "trova check on $$left"; \
	TROVA_MODE=demo TROVA_DATABASE_URL= TROVA_DATA_DIR="$$left" $(BIN)/python -m trova_app.cli check || exit 1; done

.PHONY: test
test: .venv/dev-ready browser ## Every test, the browser ones included, on SQLite and PostgreSQL
	@echo "Tests on SQLite and PostgreSQL..."
	@$(BIN)/python -m pytest $(SIDE_BY_SIDE) -m "$(UNLESS_LONG) and not browser" \
		|| $(call AGAIN,-m "$(UNLESS_LONG) and not browser")
	@echo "Tests in a browser..."
	@rm -rf build/e2e*
	@$(BIN)/python -m pytest $(BROWSERS) -m "$(UNLESS_LONG)" --screenshot only-on-failure tests/e2e \
		|| $(call AGAIN,-m "$(UNLESS_LONG)" tests/e2e)
	@$(BOOKS)

.PHONY: soak
soak: .venv/dev-ready browser ## The long ones: every fault at every point, 100,000 invoices in a browser, 100 typing runs
	@$(BIN)/python -m pytest --timeout 7200 -m soak

.PHONY: bench
bench: .venv/dev-ready browser ## Measure: key to total, server, documents, lists
	@$(BIN)/python -m tests.bench

.PHONY: screenshots
screenshots: .venv/dev-ready browser ## Pictures of the main pages into screenshots/, those of Help, and the README's
	@$(BIN)/python -m tests.e2e.screenshots

.PHONY: browser
browser: .venv/dev-ready ## Find a Chromium for the tests, or install one
	@$(BIN)/python -m tests.e2e.browser

.PHONY: demo-reset
demo-reset: ## Put the database aside (stop the server first); the next `make run` begins with a fresh demo
	@cd "$(DATA)" 2>/dev/null && ls trova.sqlite3* >/dev/null 2>&1 || { echo "There is no database in $(DATA)."; exit 0; }; \
		aside="before-reset-$$(date +%Y%m%d-%H%M%S)"; mkdir "$$aside" && mv trova.sqlite3* "$$aside" && \
		echo "What was there is now in $(DATA)/$$aside."

DATA = $(or $(TROVA_DATA_DIR),data)

.PHONY: lock
lock: .venv/ready ## Write requirements*.lock anew from pyproject.toml (UPGRADE=--upgrade for newer versions)
	@echo "Resolving..."
	@rm -rf .venv-lock && $(BIN)/python -m venv .venv-lock && .venv-lock/bin/python -m pip install --quiet uv
	@.venv-lock/bin/uv pip compile $(LOCK) -o requirements.lock pyproject.toml
	@.venv-lock/bin/uv pip compile $(LOCK) --extra dev -c requirements.lock -o requirements-dev.lock pyproject.toml
	@rm -rf .venv-lock
	@! grep -nE '://|index-url|find-links' requirements.lock requirements-dev.lock || { echo "An address is in a lock."; exit 1; }
	@echo "requirements.lock and requirements-dev.lock are up to date."

LOCK = --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url \
	--no-emit-find-links $(UPGRADE)

.PHONY: clean
clean: ## Remove what was made here: environment, pages, test leftovers. Never the data folder
	@rm -rf .venv .venv-* .web .web-* .states build screenshots test-results *.egg-info
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/ready: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { \
		echo "Trova needs Python 3.11 or newer with its venv module, and found none on PATH."; \
		echo "  Debian, Ubuntu: sudo apt-get install python3 python3-venv   (Ubuntu 22.04: python3.11 python3.11-venv)"; \
		echo "  macOS:          brew install python   (or the installer from python.org)"; \
		echo "Another place: make run PYTHON=/path/to/python3"; exit 1; }
	@echo "Installing Trova into .venv with $(PYTHON) (half a minute, once)..."
	@$(BIN)/python -c '' 2>/dev/null || "$(PYTHON)" -m venv --clear .venv
	@$(INSTALL) -r requirements.lock
	@$(PIP) install --no-build-isolation --no-deps --no-compile -e .
	@touch $@

.venv/dev-ready: .venv/ready requirements-dev.lock
	@echo "Installing the test tools (once)..."
	@$(INSTALL) -r requirements-dev.lock
	@touch $@
