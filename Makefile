# What people do with this tree. Everything is installed into .venv; nothing outside it is touched.
PYTHON ?= python3
PORT ?= 8080
SERVICE_PORT ?= 8090
STAGE ?= prod
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# What is needed to run, what is needed to deploy to AWS as well, and what is needed to work on all of it.
RUNS := $(VENV)/.installed-run
DEPLOYS := $(VENV)/.installed-aws
DEVELOPS := $(VENV)/.installed

.PHONY: help run test lint package deploy destroy verify-aws bench bench-parsers bench-waiting bench-listings bench-memory bench-walk clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(RUNS): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Jobhook needs Python 3.11 or newer; set PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	@echo "Installing into $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) --editable .
	@touch $@

$(DEPLOYS): $(RUNS)
	@echo "Installing what packages and deploys into $(VENV) ..."
	@$(PIP) --editable '.[aws]'
	@touch $@

$(DEVELOPS): $(RUNS)
	@echo "Installing the tools for tests and checks into $(VENV) ..."
	@$(PIP) --editable '.[dev]'
	@touch $@

run: $(RUNS) ## start the server with the example service and show what happens (PORT=, SERVICE_PORT=)
	@$(BIN)/python -m examples.run --port $(PORT) --service-port $(SERVICE_PORT)

test: $(DEVELOPS) ## run the whole test suite
	$(BIN)/pytest -n auto

lint: $(DEVELOPS) ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(DEVELOPS) ## measure executions per second and lateness on this machine
	$(BIN)/python -m bench.throughput

bench-parsers: $(DEVELOPS) ## measure how long 10 kB of garbage keep each parser busy
	$(BIN)/python -m bench.parsers

bench-waiting: $(DEVELOPS) ## measure the server's memory while 100,000 executions wait
	$(BIN)/python -m bench.waiting

bench-listings: $(DEVELOPS) ## measure every listing's pages over 100,000 executions
	$(BIN)/python -m bench.listings

bench-walk: $(DEVELOPS) ## count the functions, files and packages on the way of one job (takes up to a minute)
	$(BIN)/python -m bench.walk

bench-memory: $(DEVELOPS) ## measure memory and time of each Lambda handler, from which its memory setting follows
	$(BIN)/python -m bench.memory

package: $(DEPLOYS) ## package a stage for AWS into out/$(STAGE) (STAGE=prod); needs no credentials
	$(BIN)/python -m infra.build --stage $(STAGE)

deploy: package ## deploy a stage to AWS, changes shown first (STAGE=prod, PARAMETERS="NAME=VALUE ...", BUCKET=, YES=1)
	$(BIN)/python -m infra.deploy.deploy --stage $(STAGE) --bucket "$(BUCKET)" --parameters "$(PARAMETERS)" $(if $(YES),--yes)

destroy: $(DEPLOYS) ## take a stage down; its tables stay (STAGE=prod, TABLES=delete, YES=1)
	$(BIN)/python -m infra.deploy.destroy --stage $(STAGE) $(if $(filter delete,$(TABLES)),--delete-tables) $(if $(YES),--yes)

verify-aws: $(DEVELOPS) ## prove the AWS stack without an account: lint, deploy into moto, run the main job, break it
	$(BIN)/python -m infra.verify
	$(BIN)/pytest -q --tb=short tests/infra/verify_breakage.py

clean: ## remove what the targets made, the example's data included
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist out .jobhook/example
