# make run   install what is needed and open the viewer on a real radiograph
# make test  the same set-up, then the tests, in as many processes as TEST_WORKERS says
# make bench the figures of bench.json
# make fuzz damaged and hostile files for a minute: inputs, crashes, hangs, memory
# make check format, lint and types, as the commit hooks do
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: run test bench fuzz check clean
.DEFAULT_GOAL := run

# With a display the window opens; without one the same window is rendered into demo/.
run: $(VENV)/.run
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] || [ "$$(uname)" = Darwin ]; then \
		$(BIN)/radview open; \
	else \
		$(BIN)/radview demo -o demo; \
	fi

# Processes that share the files of tests, a thread and about 3 GB each; 0: one after the other.
TEST_WORKERS ?= 2
test: $(VENV)/.test
	OMP_NUM_THREADS=$${OMP_NUM_THREADS:-1} $(BIN)/python -m pytest -n $(TEST_WORKERS) \
		--dist loadfile --no-loadscope-reorder $(ARGS)

bench: $(VENV)/.test
	$(BIN)/radview bench -o bench.json

# For longer: make fuzz FUZZ_SECONDS=600
FUZZ_SECONDS = 60
fuzz: $(VENV)/.test
	$(BIN)/python scripts/fuzz.py --seconds $(FUZZ_SECONDS) $(ARGS)

check: $(VENV)/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

$(VENV)/.python:
	@sh scripts/system_packages.sh
	@test -x $(BIN)/python || "$$(sh scripts/find_python.sh)" -m venv $(VENV)
	@touch $@

# The constraints pin every package; the stamp makes the second run start at once.
$(VENV)/.run: $(VENV)/.python pyproject.toml constraints.txt
	@echo "Installing the viewer into $(VENV) (once)"
	@$(PIP) install -q -c constraints.txt -e .
	@$(BIN)/radview prepare
	@touch $@

$(VENV)/.test: $(VENV)/.python pyproject.toml constraints.txt
	@echo "Installing the viewer and its tests into $(VENV) (once)"
	@$(PIP) install -q -c constraints.txt -e ".[test]"
	@$(BIN)/radview prepare
	@touch $(VENV)/.run $@

clean:
	rm -rf $(VENV) demo bench.json dist build
