# The verbs of linkshot. `make` alone lists them.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
CLUSTER := $(PYTHON) deploy/native/cluster.py
TEST_CLUSTER := /var/tmp/linkshot-$(shell id -u)/test
URL ?=

.PHONY: help init browser run up test unit lint types cov test-cluster cluster-up cluster-env cluster-down lock wheel bench clean

help: ## this list
	@echo "make VERB"; grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  \1	\2/' | expand -t 16

init: $(VENV)/.ready ## set up .venv with the locked dependencies, and nothing else

$(VENV)/.ready: requirements/dev.txt requirements/uv.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "linkshot needs Python 3.11 or newer; none was found on PATH" >&2; exit 1; }
	@echo "Setting up $(VENV) with the locked dependencies (a minute, once)" >&2
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements/dev.txt requirements/uv.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

browser: init ## find or install a browser and Chinese fonts
	@$(BIN)/linkshot --quiet init

run: browser ## add URL=https://… (or three sample pages), snapshot it, show it, leave the web interface running
	@$(BIN)/linkshot run $(if $(URL),"$(URL)",)

up: browser ## everything on this machine, in the foreground
	@$(BIN)/linkshot up

test: browser lint types cov ## everything but the real servers: lint, types, all tests, coverage

unit: init ## the unit tests alone (17 to 21 s of CPU on a busy machine)
	@$(BIN)/pytest -q tests/unit tests/test_architecture.py

lint: init ## ruff: style and format
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: init ## mypy, strict, all five packages
	@$(BIN)/mypy

cov: init ## all tests with branch coverage (at least 85 %)
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest -q -n 2 --dist loadfile
	@$(BIN)/coverage combine --quiet && $(BIN)/coverage report --fail-under=85

cluster-up: ## install (first time) and start the real servers, without Docker
	@$(CLUSTER) up

cluster-env: ## print the four LINKSHOT_… URLs of the running servers as export lines
	@$(CLUSTER) env

cluster-down: ## stop the real servers
	@$(CLUSTER) down

test-cluster: browser ## the same code on Kafka, MinIO, Elasticsearch and PostgreSQL; starts and stops them
	@export LINKSHOT_CLUSTER="$(TEST_CLUSTER)"; $(CLUSTER) up >&2 || exit 1; eval "$$($(CLUSTER) env)"; \
	$(BIN)/pytest -q -m cluster tests; code=$$?; $(CLUSTER) down --wipe >&2; exit $$code

lock: ## make the hash locks in requirements/ again
	@for set in run cluster dev; do \
	  case $$set in run) extras="";; cluster) extras="--extra cluster";; dev) extras="--extra cluster --extra dev";; esac; \
	  $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header $$extras pyproject.toml -o requirements/$$set.txt; done
	@printf 'uv\n' | $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header - -o requirements/uv.txt

wheel: init ## build the package into dist/
	@$(BIN)/python -m hatchling build -t wheel

bench: browser ## the published benchmarks (see docs/benchmarks.md)
	@$(BIN)/python -m bench

clean: ## remove what tests and builds left in the tree
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis htmlcov dist build .coverage .coverage.*
