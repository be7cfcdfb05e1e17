# `make run` serves, `make test` runs every check, `make bench` prints the benchmarks. Each sets up what it needs first.
# Needed beforehand: Python 3.11 or 3.12 with venv, and make.

PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3)
UV_VERSION := 0.13.8
UV := .uv/bin/uv
RUN := .venv/bin/python

.PHONY: run test bench setup check lock clean

run: setup
	.venv/bin/streamlit run streamlit_app.py

test: setup check
	@if command -v node >/dev/null; then node --test tests/timeline/*.test.mjs; \
	elif [ -n "$$CI" ]; then echo "Node 20 or newer is needed for the timeline's unit tests: apt-get install nodejs" >&2; exit 1; \
	else echo "skipped: the timeline's unit tests need Node 20 or newer"; fi
	$(RUN) -m pytest -n 2 --dist loadfile

check: setup
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/pyright --pythonpath .venv/bin/python
	.venv/bin/lint-imports

bench: setup
	@for file in bench/[a-z]*.py; do module=$${file%.py}; $(RUN) -m $$(echo $$module | tr / .) || exit 1; done

setup: .venv/.done

.venv/.done: uv.lock pyproject.toml $(UV)
	UV_PROJECT_ENVIRONMENT=.venv $(UV) sync --frozen --python $(PYTHON)
	touch $@

$(UV):
	$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12) and "Portrayal needs Python 3.11 or 3.12; this is " + sys.version.split()[0] + ". Say which: make PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv .uv
	.uv/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

lock: $(UV)
	$(UV) lock
	$(UV) export --frozen --no-dev --no-hashes --no-header --no-annotate --output-file requirements.txt

clean:
	rm -rf .venv .uv
