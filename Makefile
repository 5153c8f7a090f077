# Two commands for everybody: `make run` and `make test`. Both set up what is missing and work again and again.
.DEFAULT_GOAL := help
.PHONY: help run test check bench lock messages

PORT ?= 8000
PYTHON := .venv/bin/python
# As many test processes as there are cores.
TESTS ?=

help: ## Say what each command does
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

run: ## Start the demo shop at http://localhost:8000 (PORT=8080 make run: at another port); Ctrl-C ends it
	@.ci/setup run
	@PORT=$(PORT) exec $(PYTHON) -m config.run

test: ## Run every test, the browser's included (make test TESTS="-k n3 tests/acceptance": some of them)
	@.ci/setup test
	@$(PYTHON) -m pytest -n auto --dist worksteal $(TESTS)

check: ## What must hold before any test runs: lint, format, migrations, production settings, the code's shape
	@.ci/setup test
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) manage.py makemigrations --check --dry-run
	$(PYTHON) -m pytest -q -n 0 tests/test_architecture.py tests/test_production.py tests/test_versions.py

bench: ## Measure the shop's pages on PostgreSQL with many rows, beside their limits
	@.ci/setup test
	@.ci/with-services sh -c '$(PYTHON) -m tests.benchmarks; pages=$$?; $(PYTHON) -m tests.benchmarks.renewals && $(PYTHON) -m tests.benchmarks.recognition && $(PYTHON) -m tests.benchmarks.reports && exit $$pages'

lock: ## Write the lock files anew from pyproject.toml (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--upgrade -o requirements.txt pyproject.toml
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--upgrade --group dev -o requirements-dev.txt pyproject.toml

messages: ## Bring the English texts in step with the code, and compile both languages (needs gettext)
	$(PYTHON) manage.py makemessages -l en --no-location --no-wrap --ignore=var --ignore=tests --ignore=staticfiles
	$(PYTHON) manage.py compilemessages --ignore=.venv --ignore=var
