# Everything runs from .venv, which the first command makes. Needed before: Python 3.10 or newer, and make.
#
#   make demo     a photograph and drawn tracks become videos
#   make test     lint, types and tests, of Python and of JavaScript
#
# Node comes from Python's registry into .venv; its packages (checks only, nothing that js/ needs to run) into node_modules.
# PYTHON=python3.12 picks the interpreter that makes .venv. TORCH="torch==2.8.0 --index-url ..." picks another build of
# torch: it is what pip is given, once, and only if .venv has no torch. No later step replaces that torch.

PYTHON ?= python3
TORCH ?= torch==2.13.0
PYTEST_ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --quiet
# The tools' launchers ask the PATH for node.
WITH_NODE := PATH="$(CURDIR)/$(BIN):$$PATH"
TOOLS := node_modules/.bin
# Releases of ComfyUI's page that the editor is tried in: the oldest that it promises, one between, the newest known.
FRONTENDS := 1.42.8 1.49.6 1.58.1

.PHONY: demo test lint bench clean
.DELETE_ON_ERROR:

demo: $(VENV)/installed
	@$(BIN)/wanmove demo

test: lint $(VENV)/frontends/made
	@echo "tests of js/ ..."
	@$(WITH_NODE) node --test --test-reporter=dot "tests/js/**/*.test.js"
	@echo "tests ..."
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: $(VENV)/installed-test node_modules/installed
	@echo "ruff, pyright, biome, tsc ..."
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet . || { echo "Not formatted: run $(BIN)/ruff format ." >&2; exit 1; }
	@$(BIN)/pyright --pythonpath $(BIN)/python
	@$(WITH_NODE) $(TOOLS)/biome ci --error-on-warnings --log-level=warn || { \
	  echo "Look: $(TOOLS)/biome check; mend: $(TOOLS)/biome check --write" >&2; exit 1; }
	@$(WITH_NODE) $(TOOLS)/tsc --noEmit

bench: $(VENV)/installed
	@$(BIN)/python -m benchmarks.guidance
	@$(BIN)/python -m benchmarks.segment
	@$(BIN)/python -m benchmarks.track_video
	@$(BIN)/python -m benchmarks.overlay
	@$(BIN)/python -m benchmarks.redraw
	@$(BIN)/python -m benchmarks.editor

clean:
	rm -rf $(VENV) node_modules build dist output *.egg-info .pytest_cache .ruff_cache .hypothesis

# A file for each thing that is done, so that a second run does nothing.

$(VENV)/python-made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { \
	  echo "$(PYTHON) is missing or older than 3.10: install Python, or name one with make PYTHON=..." >&2; exit 1; }
	@echo "making $(VENV) ..."
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "$(PYTHON) -m venv failed: the venv module is needed (Debian: apt install python3-venv)" >&2; exit 1; }
	@touch $@

# Alone and before all else: asked for by a range, or by another package, torch would come in its newest and largest build.
$(VENV)/torch-made: $(VENV)/python-made
	@$(BIN)/python -c 'import torch' 2>/dev/null || { echo "installing $(TORCH) ..."; $(PIP) install $(TORCH); }
	@touch $@

$(VENV)/installed: $(VENV)/torch-made pyproject.toml
	$(call install,.)
	@touch $@

$(VENV)/installed-test: $(VENV)/torch-made pyproject.toml
	$(call install,.[test])
	@touch $@ $(VENV)/installed

$(VENV)/frontends/made: Makefile | $(VENV)/installed-test
	@echo "getting ComfyUI's frontend $(FRONTENDS) ..."
	@for version in $(FRONTENDS); do test -d $(VENV)/frontends/$$version || \
	  $(PIP) install --no-deps --target $(VENV)/frontends/$$version comfyui-frontend-package==$$version || exit 1; done
	@touch $@

# In the folder that it speaks of, so that it goes with it.
node_modules/installed: package.json package-lock.json | $(VENV)/installed-test
	@echo "installing the tools for JavaScript ..."
	@$(WITH_NODE) npm ci --no-audit --no-fund --no-update-notifier --loglevel=error >/dev/null
	@touch $@

# The constraint is the torch that is there: a package that wants another one stops the installation and names itself.
define install
	@echo "installing wan-move and what it needs ..."
	@$(BIN)/python -c 'from importlib.metadata import version; print("torch==" + version("torch"))' > $(VENV)/constraints.txt
	@$(PIP) install --constraint $(VENV)/constraints.txt --editable '$(1)'
endef
