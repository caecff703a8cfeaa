# Everything runs from .venv, made here once from pinned versions. Needs Python 3.10 or newer and a package index.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python

.PHONY: demo study test lint format clean help

help:
	@echo "make demo    train a thinking and a direct supporter and write demo/index.html"
	@echo "make study   run the study's cells that are not in benchmarks/results/study.jsonl yet, then write docs/study.md and docs/study.html"
	@echo "make test    run the tests"
	@echo "make lint    ruff and mypy"
	@echo "make format  let ruff mend what it can"
	@echo "make clean   remove .venv, runs and whatever else was made here"

$(VENV)/ready: constraints.txt setup.cfg
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "expected Python 3.10 or newer, got $$($(PYTHON) --version); set PYTHON=..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check -c constraints.txt torch==2.13.0
	$(PY) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[agents,transformers,dev]'
	touch $@

demo: $(VENV)/ready
	$(PY) -m benchmarks.demo

# Goes on where it was, from finished cells and from checkpoints. JOBS, CELLS and DEVICE can be set: make study JOBS=15 DEVICE=cuda
JOBS ?= $(shell $(PYTHON) -c 'import os; print(os.cpu_count() or 1)')
DEVICE ?= cpu
study: $(VENV)/ready
	$(PY) -m benchmarks.study run --jobs $(JOBS) --device $(DEVICE) $(if $(CELLS),--cells $(CELLS))
	$(PY) -m benchmarks.study page

test: $(VENV)/ready
	$(PY) -m pytest

lint: $(VENV)/ready
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

format: $(VENV)/ready
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

clean:
	rm -rf $(VENV) build dist *.egg-info demo runs
