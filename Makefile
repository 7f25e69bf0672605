# The verbs of the project; CI calls `make test` and nothing cleverer.
PYTHON ?= python3
BIN := .venv/bin
TOOL = $(PYTHON) tools/build.py

.PHONY: setup demo test check fmt proof bench cluster tools packages stack schema pages reads shipped digests lock clean

setup: .venv/.done ## the virtual environment and OPA
	@$(TOOL) opa >/dev/null

.venv/.done: requirements-dev.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: stack ## audit the example workloads and the reference stack: a table here, the reports in build/demo
	@mkdir -p build/demo
	@$(BIN)/auditor stack render --profile ha --cluster demo --environment demo -o build/demo/stack.yaml \
		--api-server-cidr 10.0.0.1/32 --node-cidr 10.0.1.0/24 --receiver-cidr 10.0.2.1/32
	@$(BIN)/auditor audit -f examples -f build/demo/stack.yaml --fail-on never \
		--store build/demo/history.db -o table -o html=build/demo/report.html -o json=build/demo/report.json
	@echo "For a browser: build/demo/report.html; for a program: build/demo/report.json"

check: setup ## lint, types, layers, docstrings, Rego, the pages of the policies
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/interrogate --quiet auditor tools
	$(BIN)/python -m tools.rego check
	$(BIN)/python -m tools.reads --check
	$(BIN)/python -m tools.policy_pages --check

fmt: setup ## format Python and Rego
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix --select I .
	$(BIN)/python -m tools.rego fmt

DEBIAN := openssl strace chromium
packages: # what tests need of Debian
	@for name in $(DEBIAN); do command -v $$name >/dev/null || missing="$$missing $$name"; done; \
	if [ -n "$$missing" ]; then apt-get update -qq && apt-get install -y -qq --no-install-recommends $$missing; fi

tools: setup packages # the real parts that tests need, built once
	@$(TOOL) etcd kubernetes kwok kustomize prometheus alertmanager node-exporter kube-state-metrics \
		blackbox-exporter oauth2-proxy registry config-reloader oracle/network oracle/podsecurity oracle/yaml >/dev/null

stack: setup ## build/stack.json: deploy/ rendered by kustomize, which `auditor stack` and the wheel need
	@$(BIN)/python -m tools.stack

test: check tools stack ## everything that CI runs
	$(BIN)/python -m tools.rego test
	$(BIN)/python -m tools.rego mutate
	$(BIN)/auditor policies test
	$(BIN)/pytest -n 3 tests

proof: tools ## the long versions of the proofs; figures go to docs/proofs.md
	$(BIN)/python -m tools.proof

bench: tools ## speed and memory; figures go to docs/benchmarks.md; SIZE=100000 for that many pods only
	$(BIN)/python -m tools.bench $(if $(SIZE),--size $(SIZE))

cluster: tools ## a local control plane for live work
	$(BIN)/python -m tools.cluster start

schema: setup ## docs/schema/auditor-v1.json from the types
	$(BIN)/python -m tools.schema

pages: setup ## docs/policies.md and docs/policies from METADATA and samples
	$(BIN)/python -m tools.policy_pages

reads: setup ## policies/reads.json, after a change of a policy or of the library
	$(BIN)/python -m tools.reads

shipped: tools ## auditor/access/kubernetes from our own control plane
	$(BIN)/python -m tools.shipped

digests: setup ## pin the images of the stack, before a release; CHECK=1 compares only
	@$(BIN)/python -m tools.digests $(if $(CHECK),--check)

lock: ## requirements*.txt from pyproject.toml; needs uv
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url pyproject.toml -o requirements.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --extra dev pyproject.toml -o requirements-dev.txt

clean:
	rm -rf build dist .venv
