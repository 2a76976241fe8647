# Every line can be run by hand. `make start` is the first, `make test` the second.
PORT ?= 8000
VENV := .venv
PYTHON := $(VENV)/bin/python
TEST_JOBS ?= 2
SYSTEM_PACKAGES := libegl1 libgl1 libfribidi0

.PHONY: start setup demo run test check dev system screenshots vendor clean

start: setup
	@$(PYTHON) manage.py demo --once
	@$(PYTHON) manage.py up --port $(PORT)

setup: $(VENV)/.setup
	@$(PYTHON) manage.py migrate --verbosity 0

run: setup
	@$(PYTHON) manage.py up --port $(PORT)

demo: setup
	@$(PYTHON) manage.py demo

test: dev
	$(PYTHON) -m pytest -n $(TEST_JOBS) --dist loadfile --no-loadscope-reorder

check: dev
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(PYTHON) manage.py makemigrations --check --dry-run
	$(PYTHON) -m brandgen.config.production_check

dev: $(VENV)/.dev

screenshots: dev
	$(PYTHON) -m tests.browser.screenshots

$(VENV)/bin/python:
	python3 -m venv $(VENV)

$(VENV)/.setup: pyproject.toml constraints.txt scripts/system_libraries | $(VENV)/bin/python
	@scripts/system_libraries $(SYSTEM_PACKAGES)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.setup
	@scripts/system_libraries $(SYSTEM_PACKAGES) chromium
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

vendor: setup
	$(PYTHON) manage.py vendor

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
