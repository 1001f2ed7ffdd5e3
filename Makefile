# One command each: make test | demo | lint | format | bench | clean.
#
#   PYTHON    the interpreter that .venv is made with (3.11 or newer)
#   PIP_ARGS  more arguments for pip, e.g. another index
#   PROCESSES how many processes run the tests (default: one a core)

SHELL := /bin/bash
PYTHON ?= python3
PROCESSES ?= auto
PIP_ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.installed
KERNELS := $(VENV)/.triton

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install test tests interpreted lint style types format demo bench clean

help:
	@echo "make install   set up $(VENV) (the others do it when it is needed)"
	@echo "make test      lint, types and tests"
	@echo "make tests     tests only"
	@echo "make interpreted  tests of the kernels for a GPU, on the CPU"
	@echo "make demo      fit a forecaster and show what came out"
	@echo "make lint      ruff and mypy only"
	@echo "make format    let ruff rewrite what it can"
	@echo "make bench     run the benchmarks"
	@echo "make clean     remove $(VENV) and everything that was built"

install: $(READY)

# Made again when the requirements or the pins change, so a pulled change installs itself.
$(READY): pyproject.toml constraints.txt
	@echo "Installing into $(VENV): a minute or two the first time"
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check --no-input --quiet $(PIP_ARGS) \
		-c constraints.txt -e '.[dev]'
	@touch $@

# Triton, for the tests of the kernels for a GPU: a gigabyte that nothing else needs.
$(KERNELS): $(READY)
	$(BIN)/python -m pip install --disable-pip-version-check --no-input --quiet $(PIP_ARGS) \
		-c constraints.txt -e '.[dev,triton]'
	@touch $@

lint: style types

style: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

# types are checked beside the tests: each of the two leaves a core idle now and then
test: style
	$(MAKE) --no-print-directory --jobs=2 types tests
	$(MAKE) --no-print-directory interpreted

tests: $(KERNELS)
	$(BIN)/python -m pytest --numprocesses $(PROCESSES)

# kernels for a GPU, run by Triton's interpreter: a process either interprets or compiles
interpreted: $(KERNELS)
	TRITON_INTERPRET=1 $(BIN)/python -m pytest --numprocesses $(PROCESSES) \
		tests/backends/triton/interpreted

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

demo: $(READY)
	$(BIN)/python examples/demo.py

bench: $(READY)
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
