# Everything needed to run, check and change Matchboard. `make help` lists the targets.

PORT    ?= 8000
PYTHON  ?= python3
WORKERS ?= 2
ARGS    ?=

VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet --quiet
UV     ?= uv
CATALOGUES := $(wildcard matchboard/translations/*/LC_MESSAGES/messages.po)
COMPILED   := $(CATALOGUES:.po=.mo)
LOCKS := build base dev scale

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo reset-demo setup test lint pytest bench bench-matching crash hostile mutants registers lock vendor messages clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

## Run ----------------------------------------------------------------------------------------

demo: $(VENV)/.run $(COMPILED) ## seed the demo district and serve it: make demo PORT=8000
	@exec $(BIN)/matchboard demo --port $(PORT)

reset-demo: $(VENV)/.run $(COMPILED) ## delete the demo database and seed it afresh
	@$(BIN)/matchboard reset-demo

## Check --------------------------------------------------------------------------------------

setup: $(VENV)/.dev $(COMPILED) ## install everything that checks and tests need

test: lint pytest ## lint, types, import contracts, every test and the coverage gate

# ARGS chooses tests and options; the coverage gate holds only for the whole: make pytest ARGS=...
# One thread each: workers that share the cores wait for one another's threads for most of their time.
pytest: export OMP_NUM_THREADS := 1
pytest: export OPENBLAS_NUM_THREADS := 1
pytest: $(VENV)/.dev $(COMPILED)
	@mkdir -p build
	$(BIN)/python -m pytest -p tests.no_skips -n $(WORKERS) --dist loadfile \
	  --cov --cov-report= --cov-report=json:build/coverage.json $(ARGS)
ifeq ($(strip $(ARGS)),)
	$(BIN)/python -m tests.coverage_gate build/coverage.json
endif

lint: $(VENV)/.dev ## style, types, templates and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/djlint --quiet --lint matchboard/templates
	$(BIN)/lint-imports --no-cache

bench: $(VENV)/.dev $(COMPILED) ## print the benchmarks' tables of ratios
	$(BIN)/python -m benchmarks $(ARGS)

bench-matching: $(VENV)/.dev ## compare matching policies over simulated worlds: ARGS="--seeds 3"
	$(BIN)/python -m benchmarks.matching $(ARGS)

crash: $(VENV)/.dev $(COMPILED) ## kill -9 while eight write; nothing acknowledged is lost: ARGS="--rounds 10"
	$(BIN)/python -m tests.crash $(ARGS)

hostile: $(VENV)/.dev $(COMPILED) ## requests no browser sends, as every role: ARGS="--requests 200 --role officer"
	$(BIN)/python -m tests.hostile $(ARGS)

mutants: $(VENV)/.dev $(COMPILED) ## put in small wrong changes, count those seen: ARGS="--sample 20"
	$(BIN)/python -m tests.mutants $(ARGS)

## Change -------------------------------------------------------------------------------------

registers: $(VENV)/.dev $(COMPILED) ## write down anew what tests compare, then read the diff: ARGS="pages"
	$(BIN)/python -m tests.registers $(ARGS)

lock: ## pin requirements/*.in by hash (needs uv); UPGRADE=--upgrade takes newer releases
	@command -v $(UV) >/dev/null || { echo "make lock needs uv: pip install uv" >&2; exit 1; }
	@for name in $(LOCKS); do \
	  $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-emit-find-links --no-header --no-annotate $(UPGRADE) \
	    requirements/$$name.in --output-file requirements/$$name.txt || exit 1; \
	done

vendor: $(VENV)/.run ## fetch the front end's packages anew (needs npm)
	$(BIN)/python requirements/vendor.py

messages: $(VENV)/.run ## collect the texts to translate into the catalogues
	@mkdir -p build
	$(BIN)/pybabel --quiet extract --mapping matchboard/translations/babel.cfg --output build/messages.pot \
	  --keywords "lazy_gettext _l" --add-location file --sort-output --width 100 \
	  --project matchboard --version 0 --copyright-holder 'Matchboard contributors' matchboard
	$(BIN)/pybabel --quiet update --input-file build/messages.pot --output-dir matchboard/translations \
	  --init-missing --locale en --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date \
	  --width 100

clean: ## remove what was built; the databases in instance/ stay
	rm -rf $(VENV) build *.egg-info .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .hypothesis \
	  .import_linter_cache $(COMPILED)

# --- What the targets rest on ------------------------------------------------------------------

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "The package python3-venv is needed" >&2; exit 1; }

# The locks are complete, so nothing is resolved: older pips forget a pin for `package[extra]` as soon
# as a newer release is out. A stamp is older than a lock only when the lock changed; then pip installs
# what differs.
$(VENV)/.run: requirements/build.txt requirements/base.txt requirements/base.in pyproject.toml | $(BIN)/python
	@echo "Installing what the product needs"
	@$(PIP) install --require-hashes --no-deps -r requirements/build.txt
	@$(PIP) install --require-hashes --no-deps --no-build-isolation -r requirements/base.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	@echo "Installing what checks and tests need"
	@$(PIP) install --require-hashes --no-deps --no-build-isolation -r requirements/dev.txt
	@touch $@

%.mo: %.po | $(VENV)/.run
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@
