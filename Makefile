# Everything runs in .venv, made from the hash-locked requirements; a second `make` installs nothing.

PYTHON ?= python3
PIP := .venv/bin/python -m pip --disable-pip-version-check --quiet
RUN := .venv/.honghe-run
DEV := .venv/.honghe-dev
ARGS ?=

.DEFAULT_GOAL := run
.PHONY: run dev demo test proof bench soak lint format lock clean help

run: $(RUN)  ## set up what a user needs (the default)

dev: $(DEV)  ## set up what a contributor needs

demo: $(RUN)  ## open the trading terminal on a simulated market; ARGS="…" passes on
	@.venv/bin/honghe demo $(ARGS)

test: lint  ## lint, types, import contracts, and every test but the long proofs
	@.venv/bin/python -c "from server.compiling import compile_kernels; compile_kernels(print)"
	.venv/bin/pytest -n 2 -m "not proof" $(ARGS)

proof: $(DEV)  ## the long proofs: crashes, real exchange data, generated histories
	.venv/bin/pytest -m proof $(ARGS)

bench: $(DEV)  ## print every figure that the README quotes
	.venv/bin/python -m bench $(ARGS)

soak: $(DEV)  ## an hour of agents and 50 clients, good and bad; ARGS="--minutes N"
	.venv/bin/python -m bench.soak $(ARGS)

lint: $(DEV)  ## ruff, types, import contracts
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/basedpyright
	.venv/bin/lint-imports

format: $(DEV)  ## lay the code out and mend what ruff can mend
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

# The dev lock holds the runtime lock's versions: the same code runs in tests and in the demo.
COMPILE := .venv/bin/uv pip compile pyproject.toml --group build --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --fork-strategy fewest --no-annotate --upgrade --quiet \
	--custom-compile-command "make lock"

lock: $(DEV)  ## renew both locks to the newest versions that pyproject.toml allows
	$(COMPILE) --output-file requirements.lock
	$(COMPILE) --extra dev --constraint requirements.lock --output-file requirements-dev.lock

clean:  ## remove what make and the tools made, .venv included
	rm -rf .venv build dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find honghe_tui server tests bench -name __pycache__ -type d -prune -exec rm -rf {} +

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1	\2/p' Makefile

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Honghe needs Python 3.11 or newer; '$(PYTHON)' is not. Try: make PYTHON=python3.12" >&2; \
		exit 2; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; exit 2; }

$(RUN): requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing the locked requirements into .venv (once) …"
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV): requirements-dev.lock pyproject.toml | .venv/bin/python
	@echo "Installing the locked development requirements into .venv (once) …"
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $(RUN) $@
