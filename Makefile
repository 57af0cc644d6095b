# 'make' without a target prints the list of commands.
PYTHON ?= python3
BIN := .venv/bin
# uv installs in seconds, pip in a minute. pip is enough.
PIP := $(shell command -v uv >/dev/null 2>&1 && echo "uv pip install --python $(BIN)/python" || echo "$(BIN)/python -m pip install --disable-pip-version-check")
N ?= 10000
EXAMPLES ?= 100

.DEFAULT_GOAL := help
.PHONY: help run dev test sure checks format demo bench fuzz shots pins release image-check texts

help:  ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/run  ## Start Rollcall: http://127.0.0.1:8000
	@exec $(BIN)/python -m webapp.serve

dev: .venv/dev  ## Start Rollcall and restart it when you change the code
	@exec $(BIN)/python -m webapp.develop

test: .venv/dev  ## Run every test that this machine can run
	@$(BIN)/python -m pytest -n auto --dist worksteal

sure: checks  ## Format, lint, types, architecture, templates, translations, then the tests with branch coverage
	@$(BIN)/python -m pytest -n auto --dist worksteal --cov --cov-report=term:skip-covered

checks: .venv/dev
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/djlint templates --check --lint --quiet

format: .venv/dev  ## Format Python and templates
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format . ; $(BIN)/djlint templates --reformat --quiet

demo: .venv/run  ## Fill an empty database with people: make demo N=1000000
	@$(BIN)/flask --app wsgi db upgrade
	@$(BIN)/flask --app wsgi demo --count $(N)

bench: .venv/dev  ## Run the benchmarks: make bench N=1000000
	@$(BIN)/python -m bench --users $(if $(filter 10000,$(N)),100000,$(N))
	@$(BIN)/python -m bench.directory --users 10000,$(if $(filter 10000,$(N)),100000,$(N))
	@$(BIN)/python -m bench.jobs
	@$(BIN)/python -m bench.imports_apply
	@$(BIN)/python -m bench.webhooks
	@$(BIN)/python -m bench.busy
	@$(BIN)/python -m bench.signins
	@$(BIN)/python -m bench.existence
	@$(BIN)/python -m bench.interactions
	@$(BIN)/python -m bench.api
	@$(BIN)/python -m bench.duplicates --users $(if $(filter 10000,$(N)),100000,$(N))
	@$(BIN)/python -m bench.backup $(if $(filter 10000,$(N)),,--users $(N))

fuzz: .venv/dev  ## Send valid and wrong requests to every operation of the API: make fuzz EXAMPLES=1000
	@$(BIN)/python -m tests.fuzz --examples $(EXAMPLES)

shots: .venv/dev  ## Take screenshots of every page, in both themes, languages and widths, into build/shots/
	@$(BIN)/python -m tests.browser.shots

# --no-strip-extras: without [toml], pip would take coverage[toml] for another package. It would then choose a newer
# version of coverage than the pinned one, and refuse its hash.
pins: .venv/dev  ## Pin the newest versions of requirements*.in, with hashes
	@for name in requirements requirements-tracing requirements-dev requirements-release; do $(BIN)/uv pip compile $$name.in -o $$name.txt --upgrade --generate-hashes --no-strip-extras --universal --python-version 3.11 --no-emit-index-url --no-emit-find-links --no-header --quiet; done

release: .venv/release  ## Build the wheel, its SBOM, that of its extra, and checksums, into build/release/
	@rm -rf build/release && mkdir -p build/release
	@$(BIN)/python -m hatchling build -t wheel -d build/release
	@for extra in "" -tracing; do $(BIN)/cyclonedx-py requirements requirements$$extra.txt --pyproject pyproject.toml --mc-type application --output-reproducible -o $$(ls build/release/*.whl | sed "s/-py3-none-any.whl//")$$extra.cdx.json; done
	@cd build/release && sha256sum rollcall-* | tee SHA256SUMS

image-check: .venv/dev  ## Build the image and use compose.yaml whole, with stand-ins if no registry is reached
	@bash deploy/image-check/check.sh

texts: .venv/dev  ## Collect the texts to translate and compile the translations
	@mkdir -p build
	@$(BIN)/python -m babel.messages.frontend --quiet extract --project Rollcall --version 1 --no-location --sort-output -F babel.cfg -k _ -k ngettext:1,2 -k PluralText:1,2 -o build/messages.pot webapp templates
	@$(BIN)/python -m babel.messages.frontend --quiet update --no-fuzzy-matching --ignore-obsolete -i build/messages.pot -d webapp/translations
	@$(BIN)/python -m babel.messages.frontend --quiet compile --statistics -d webapp/translations

.venv/run: requirements.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing what Rollcall needs into .venv"
	@$(PIP) --quiet -r requirements.txt
	@touch $@

.venv/dev: .venv/run requirements-dev.txt
	@echo "Installing what the tests need into .venv"
	@$(PIP) --quiet -r requirements-dev.txt
	@touch $@

.venv/release: .venv/dev requirements-release.txt
	@echo "Installing what a release needs into .venv"
	@$(PIP) --quiet -r requirements-release.txt
	@touch $@
