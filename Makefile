# Every command a person types. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
PY := $(VENV)/bin/python
PACKAGES := schemas libs/events libs/amounts libs/runtime services/poller services/mapper services/xero-writer services/status-api simulators deploy/local
READY := $(VENV)/.ready

.PHONY: help setup demo up down test test-all check format bench lock generate clean

help: ## list these commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(READY) ## make the project's own environment (.venv) from the locked requirements

$(READY): requirements/dev.txt requirements/bootstrap.txt $(addsuffix /pyproject.toml,$(PACKAGES))
	@deploy/local/setup.sh "$(VENV)" $(PACKAGES)
	@touch $@

generate: $(READY) ## write the event types from schemas/
	$(PY) libs/events/generate_types.py
	$(VENV)/bin/ruff format -q libs/events/src/invoice_events/types.py
