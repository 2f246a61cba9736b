# Two commands do all the set-up: `make demo` and `make test`. `make help` lists the rest.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STORE ?= runs/demo

.DEFAULT_GOAL := help
.PHONY: help demo demo-baseline test test-gpu test-cluster test-cluster-jobs test-cluster-outages simulations minio images lint format bench bench-gpu bench-storage demo-base-models languages reference lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 20

demo: $(VENV)/.installed ## run the demo study: mix, train, evaluate and report (10 minutes on two cores)
	$(BIN)/clt run studies/demo/study.yaml --store $(STORE) --output $(STORE)

demo-baseline: $(VENV)/.installed ## run the demo's recurring baseline twenty times: a fault, a better mixture (a quarter of an hour)
	$(BIN)/python -m clt.studies.demo.recurring runs/baseline

test: $(VENV)/.installed-dev ## run all tests that need no cluster
	$(BIN)/pytest -q -n 2 --dist worksteal -m "not simulation and not cluster"

test-gpu: $(VENV)/.installed-dev ## run the tests that need an accelerator (minutes)
	$(BIN)/pytest -q -m gpu -rs tests/training

test-cluster: test-cluster-jobs test-cluster-outages ## run the tests on the Kubernetes cluster of KUBECONFIG (half an hour)

test-cluster-jobs: $(VENV)/.installed-dev # AGAIN=--lf: only those that failed the last time
	$(BIN)/pytest -q -m cluster -rs -n 2 --dist loadfile $(AGAIN) tests/kubernetes $(addprefix --ignore=,$(OUTAGES))

test-cluster-outages: $(VENV)/.installed-dev
	$(BIN)/pytest -q -m cluster -rs $(AGAIN) $(OUTAGES)
OUTAGES := tests/kubernetes/faults/test_outages.py tests/kubernetes/test_hangs.py # while a part of the cluster is away, nothing else can use it

minio: $(VENV)/.installer ## build MinIO's server with Go, for the tests of the object store (minutes)
	GOBIN=$(abspath $(BIN)) go install github.com/minio/minio@$(MINIO)
MINIO := v0.0.0-20260212201848-7aac2a2c5b7c

simulations: $(VENV)/.installed-dev ## check the intervals' coverage on simulated studies (minutes)
	$(BIN)/pytest -q -m simulation

lint: $(VENV)/.installed-dev ## check style and types
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

format: $(VENV)/.installed-dev ## format the code
	$(BIN)/ruff check --fix . && $(BIN)/ruff format .

bench: $(VENV)/.installed-bench ## measure mixing, training, generation, statistics and reading beside their peers
	for name in mixing training packing evaluation transfer_statistics score_table metrics; do $(BIN)/python -m benchmarks.$$name || exit; done

bench-gpu: $(VENV)/.installed-bench ## measure trainings of real sizes on an accelerator, beside their peers (30 minutes)
	$(BIN)/python -m benchmarks.gpu

bench-storage: $(VENV)/.installed-bench ## measure the object store beside mc (needs minio and mc on the PATH)
	$(BIN)/python -m benchmarks.storage

demo-base-models: $(VENV)/.installed ## make the demo's corpus and its two base models again (up to 90 minutes)
	$(BIN)/python -m clt.studies.demo.corpus studies/demo/data && $(BIN)/python -m clt.studies.demo.pretrain

languages: $(VENV)/.installed ## make the table of languages again, from the package urielplus
	$(INSTALL) --no-deps --require-hashes --target build/urielplus -r requirements-languages.txt
	PYTHONPATH=build/urielplus $(BIN)/python -m clt.statistics.languages.generate

reference: $(VENV)/.installed ## make docs/study.md's tables and both JSON Schemas again, from the models
	$(BIN)/python -m clt.study.reference docs/study.md
	$(BIN)/python -m clt.statistics.document

images: $(VENV)-sbom/.installed ## build the container images; BASE_IMAGE= and REGISTRY= as images/README.md says
	SBOM=$(VENV)-sbom/bin/cyclonedx-py images/build.sh

lock: $(VENV)/.installer ## resolve the locked dependencies anew
	$(BIN)/uv pip compile -q pyproject.toml --extra train $(LOCK) -o requirements.txt
	$(BIN)/uv pip compile -q pyproject.toml --extra train --extra dev $(LOCK) -c requirements.txt -o requirements-dev.txt
	$(BIN)/uv pip compile -q pyproject.toml --extra train --extra bench $(LOCK) -c requirements.txt -o requirements-bench.txt
	$(BIN)/uv pip compile -q pyproject.toml $(LOCK) -c requirements.txt -o images/pipeline/requirements.txt
	echo uv | $(BIN)/uv pip compile -q - $(LOCK) -o requirements-installer.txt
	echo cyclonedx-bom | $(BIN)/uv pip compile -q - $(LOCK) -o requirements-sbom.txt
	echo setuptools | $(BIN)/uv pip compile -q - $(LOCK) -c requirements.txt -o requirements-build.txt
LOCK := --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

clean: ## remove the virtual environment, caches and runs
	rm -rf $(VENV) $(VENV)-sbom runs build dist *.egg-info .pytest_cache .ruff_cache .mypy_cache

$(VENV)/.installer: requirements-installer.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-installer.txt
	touch $@

INSTALL := VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet
$(VENV)/.installed: requirements.txt pyproject.toml | $(VENV)/.installer
	$(INSTALL) --require-hashes -r requirements.txt
	$(INSTALL) --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	$(INSTALL) --require-hashes -r requirements-dev.txt
	touch $@

$(VENV)-sbom/.installed: requirements-sbom.txt | $(VENV)/.installer
	$(BIN)/uv venv --quiet --clear $(VENV)-sbom
	VIRTUAL_ENV=$(VENV)-sbom $(BIN)/uv pip install --quiet --require-hashes -r requirements-sbom.txt
	touch $@

$(VENV)/.installed-bench: requirements-bench.txt $(VENV)/.installed
	$(INSTALL) --require-hashes -r requirements-bench.txt
	touch $@
