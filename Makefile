# The two commands are `make run` and `make test`; each does what is still missing before it. `make help` lists all.
SHELL := /bin/bash
PYTHON ?= python3.10
BIN := .venv/bin
export RASA_TELEMETRY_ENABLED = false
export TF_CPP_MIN_LOG_LEVEL = 3
export SQLALCHEMY_SILENCE_UBER_WARNING = 1

.DEFAULT_GOAL := help

help:  ## List the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.venv/installed: requirements.lock pyproject.toml
	@echo "== Installing into .venv from requirements.lock (about two minutes)"
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.10 is needed ($(PYTHON) was not found); pyenv users: pyenv install 3.10"; exit 2; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

install: .venv/installed  ## Set up .venv

train: install  ## Train the model if the data changed
	@echo "== Model"
	@$(BIN)/infusion-guide train

load: install  ## Load the knowledge into the database
	@echo "== Knowledge"
	@$(BIN)/infusion-guide knowledge load

run: train load  ## Set up, train if needed, load the knowledge, serve at http://localhost:5005/
	@echo "== Serving"
	@$(BIN)/infusion-guide serve

check: install  ## Lint, types, knowledge, Rasa's own validation
	@echo "== ruff"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@echo "== mypy"
	@$(BIN)/mypy
	@echo "== knowledge"
	@$(BIN)/infusion-guide knowledge check
	@$(BIN)/infusion-guide knowledge coverage | tail -n 1
	@echo "== rasa data validate"
	@$(BIN)/rasa data validate --fail-on-warnings

test: train load  ## Run the tests
	@echo "== Tests"
	@$(BIN)/rasa test core --stories tests/stories --model "$$($(BIN)/infusion-guide model)" --out var/rasa-test --fail-on-prediction-errors
	@$(BIN)/python -m pytest

evaluate: train load  ## Score the guide on the held-out questions
	@$(BIN)/infusion-guide evaluate

benchmark: train load  ## This guide beside stock Rasa: time, memory, right and safe (SETS="…" for other sets)
	@$(BIN)/python -m benchmarks.speed $(SETS)

screenshots: train load  ## Take the pictures in docs/images anew
	@$(BIN)/python -m tests.web.screenshots

lock:  ## Compile requirements.lock anew (needs uv)
	uv pip compile pyproject.toml --extra dev --generate-hashes --no-emit-index-url --no-annotate --no-header \
	  --override requirements.overrides --python-version 3.10 -o requirements.lock

.PHONY: help install train load run check test evaluate benchmark screenshots lock
