# Every command a person types. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
PY := $(VENV)/bin/python
PACKAGES := schemas libs/events libs/amounts libs/runtime libs/web services/poller services/mapper services/xero-writer services/status-api services/dashboard simulators deploy/local
READY := $(VENV)/.ready
# Each process starts its own Kafka and PostgreSQL; more than two would only wait for each other.
SPREAD := --numprocesses 2 --dist loadfile --no-loadscope-reorder

.PHONY: help setup demo up down test test-all faults check format bench lock generate screenshots images clean

help: ## list these commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(READY) ## make the project's own environment (.venv) from the locked requirements

$(READY): requirements/dev.txt requirements/bootstrap.txt $(addsuffix /pyproject.toml,$(PACKAGES))
	@deploy/local/setup.sh "$(VENV)" $(PACKAGES)
	@touch $@

generate: $(READY) ## write what is made from one source: event types, pages of settings, faults and problems, parts of the manifests, alert rules, dashboards
	$(PY) libs/events/generate_types.py
	$(PY) libs/events/generate_settings_page.py
	$(PY) libs/events/generate_faults_page.py
	$(PY) services/status-api/generate_problems_page.py
	$(VENV)/bin/ruff format -q libs/events/src/invoice_events/types.py
	$(PY) -m deploy.monitoring.generate
	$(PY) -m deploy.k8s.checks.generate

demo: $(READY) ## from nothing: sync realistic invoices and purchase orders of two tenants and compare both sides' books
	@$(PY) -m local_stack preflight --install
	@$(PY) -m local_stack demo $(DEMO_OPTIONS)

up: $(READY) ## the same stack left running; prints every address and the token
	@$(PY) -m local_stack preflight --install
	@$(PY) -m local_stack up

down: $(READY) ## end what `make up` left running
	@$(PY) -m local_stack down

test: $(READY) ## the tests this machine can run; what it can not run is named and counted
	@$(PY) -m local_stack preflight --install --tests
	@$(PY) -m pytest -m "not long" $(SPREAD) $(PYTEST_OPTIONS)

test-all: $(READY) ## the same plus the long ones
	@$(PY) -m local_stack preflight --install --tests
	@$(PY) -m pytest $(SPREAD) $(PYTEST_OPTIONS)

faults: $(READY) ## the whole suite under a seeded schedule of faults: make faults SEED=3 INVOICES=480
	@$(PY) -m local_stack preflight --install
	@$(PY) -m tests.faults --seed $(or $(SEED),1) --invoices $(or $(INVOICES),480)

check: $(READY) ## format, lint, types, import rules, schemas, generated code, alert rules, manifests
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(PY) -m invoice_events.compatibility
	$(PY) -m deploy.monitoring
	$(PY) -m deploy.k8s.checks

format: $(READY) ## format the code and mend what can be mended without a thought
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

bench: $(READY) ## the figures, each beside its bound; also written to build/bench.json
	@$(PY) -m local_stack preflight --install
	@$(PY) benchmarks/run.py $(BENCH_OPTIONS)

lock: $(READY) ## resolve requirements/*.in again, hashed, without index addresses
	@for name in runtime dev bootstrap; do \
		$(VENV)/bin/uv pip compile -q --python-version 3.11 --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header requirements/$$name.in -o requirements/$$name.txt; \
	done
	$(PY) -m deploy.images.locked

screenshots: $(READY) ## a picture of every page of the dashboard, dark, light and on a phone: build/screenshots
	@$(PY) -m local_stack preflight --install --tests
	@$(PY) -m tests.browser.screenshots

images: ## build the images of the suite (IMAGES=sandbox: those of a trial too) with docker or buildah
	@deploy/images/build.sh $(IMAGES)

clean: ## remove what was built here
	rm -rf build $(VENV)
