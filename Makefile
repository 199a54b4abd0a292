# Thin names for the commands of the project. With another Python: make test PYTHON=python3
PYTHON ?= .venv/bin/python
NEAR_TOOLS = pytest pytest-randomly pytest-xdist hypothesis jsonschema oxigraph
NEAR_TESTS = $(addprefix tests/test_,source.py sheet.py cite.py remote.py addresses.py transport.py \
  help.py complete.py sparql.py manifest.py)
TURTLE = ontology/*.ttl ontology/viewpoints/*.ttl ontology/shapes/*.ttl
COGGED = grep -rlZ --include='*.md' '\[\[\[cog' README.md CONTRIBUTING.md docs | xargs -0r

.PHONY: install test slow format lint types layers check knowledge derive proof mutants ontology-mutants fuzz fuzz-api signals offline load image rdf-tests rdflib-endpoint bench docs current lowest near owl-api lock sbom site release wheel clean

install:  ## a virtual environment with everything that the other targets need
	python3 -m venv .venv
	.venv/bin/python -m pip install -e ".[dev]"

test:  ## the tests, on all cores, but for slow ones
	$(PYTHON) -m pytest -n auto --dist worksteal

slow:  ## the slow tests, and the properties with all their examples
	$(PYTHON) -m pytest -n auto --dist worksteal -m "slow or hypothesis" --hypothesis-profile=full

format:  ## bring Python and Turtle into their forms
	$(PYTHON) -m ruff check --fix-only --quiet .
	$(PYTHON) -m ruff format .
	$(PYTHON) -m calcinosis.release.canonical $(TURTLE)

lint:  ## rules, forms, spelling, project settings
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m calcinosis.release.canonical --check $(TURTLE)
	$(PYTHON) -m codespell_lib
	$(PYTHON) -m validate_pyproject pyproject.toml

types:  ## mypy, strict
	$(PYTHON) -m mypy

layers:  ## imports point down
	$(PYTHON) -c "from importlinter.cli import lint_imports_command as lint; lint()" --no-logo

check:  ## the graph against its rules
	$(PYTHON) -m calcinosis check

# What reads and writes the checkout takes its code from there too, whatever copy is installed.
format check knowledge derive docs current: export PYTHONPATH := $(CURDIR)/src

knowledge:  ## all that a change of the graph needs, in order
	$(MAKE) derive
	$(MAKE) format
	$(PYTHON) -m tests.expect
	$(MAKE) docs
	$(MAKE) check

derive:  ## citations.ttl from the evidence, interpreted.ttl and roles.ttl from the interpretations
	$(PYTHON) -m calcinosis.release.derive

proof:  ## verdicts, rules, explanations and left-out references equal what an authority says
	$(PYTHON) -m proofs.equality
	$(PYTHON) -m proofs.rules
	$(PYTHON) -m proofs.references
	$(PYTHON) -m proofs.explanations

fuzz:  ## a million mutated inputs of each kind: no traceback, no hang, nothing lost
	$(PYTHON) -m proofs.fuzz_readers --inputs 1000000 --seconds inf
	$(PYTHON) -m proofs.fuzz_commands --inputs 1000000
	$(PYTHON) -m proofs.fuzz_endpoints --inputs 1000000
	$(PYTHON) -m proofs.fuzz_modules --inputs 1000000
	$(PYTHON) -m proofs.fuzz_sparql --inputs 1000000
	$(PYTHON) -m proofs.limits

fuzz-api:  ## 10,000 requests that schemathesis makes up from the API's document
	$(PYTHON) -m proofs.fuzz_api --examples 10000

mutants:  ## what the near tests catch of faults in the code
	$(PYTHON) -m proofs.mutants --least 90

ontology-mutants:  ## what hand-written expectations catch of faults in the ontology
	$(PYTHON) -m proofs.ontology_mutants --least 95

signals:  ## runs that are cut short, on full disks and without rights, leave whole files
	$(PYTHON) -m proofs.signals

offline:  ## no command opens a socket of the internet without --endpoint
	$(PYTHON) -m proofs.offline

rdf-tests:  ## the W3C's query tests over HTTP, from a copy of w3c/rdf-tests that RDF_TESTS names
	$(PYTHON) -m proofs.rdf_tests "$${RDF_TESTS:-build/rdf-tests}"

rdflib-endpoint:  ## build/rdflib-endpoint, which make bench compares ours with
	python3 -m venv build/rdflib-endpoint
	build/rdflib-endpoint/bin/python -m pip install --quiet rdflib-endpoint uvicorn

load:  ## a server under load, with killed processes, broken requests and restarts
	$(PYTHON) -m proofs.serving

image:  ## the container's image, built and asked; as root, with Debian's podman and debootstrap
	$(PYTHON) -m proofs.image

bench:  ## the table of costs
	$(PYTHON) -m benchmarks.run

docs:  ## the generated parts of the documents
	$(COGGED) $(PYTHON) -m cogapp -r
	$(PYTHON) -m calcinosis.release.terms_schema
	for script in docs/make_*.py; do $(PYTHON) $$script || exit 1; done

current:  ## nothing generated is out of date
	$(PYTHON) -m calcinosis.release.derive --check
	$(PYTHON) -m calcinosis.release.terms_schema --check
	$(COGGED) $(PYTHON) -m cogapp --check --diff
	for script in docs/make_*.py; do $(PYTHON) $$script --check || exit 1; done

lowest:  ## the near tests with the oldest libraries that pyproject.toml allows, in build/lowest
	uv pip compile --quiet --resolution lowest-direct --no-header pyproject.toml -o build/lowest.txt
	uv venv --quiet --clear build/lowest
	uv pip install --quiet --python build/lowest/bin/python -r build/lowest.txt $(NEAR_TOOLS)
	uv pip install --quiet --python build/lowest/bin/python --no-deps -e .
	$(MAKE) near PYTHON=build/lowest/bin/python

near:  ## the tests of what libraries and Pythons differ in
	$(PYTHON) -m pytest -q -n auto -m "not java and not external" -o filterwarnings=default $(NEAR_TESTS)

owl-api:  ## two stock releases of the OWL API, for their tests
	$(PYTHON) .ci/owl_api.py "$${CALCINOSIS_OWL_API:-build/owl-api}"

lock:  ## requirements/dev.lock: what developers install, with hashes
	uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --extra dev --extra notebook \
	  --extra graph --custom-compile-command "make lock" pyproject.toml -o requirements/dev.lock

sbom:  ## build/sbom.json: the bill of materials of an installation, CycloneDX
	uv venv --quiet --clear build/sbom
	uv pip install --quiet --python build/sbom/bin/python .
	uvx --from cyclonedx-bom cyclonedx-py environment build/sbom/bin/python \
	  --output-format JSON --output-reproducible --output-file build/sbom.json

site:  ## the documents as a site that is read offline, in build/site
	NO_MKDOCS_2_WARNING=1 $(PYTHON) -m mkdocs build --strict

release:  ## wheel, site, exports and checksums in one folder, build/release
	rm -rf build/release
	$(PYTHON) -m build --outdir build/release
	$(MAKE) site
	mkdir -p build/release/site && cp -R build/site/. build/release/site
	$(PYTHON) -m calcinosis.release.bundle build/release

wheel:  ## source distribution and wheel, in dist/
	$(PYTHON) -m build

clean:
	rm -rf build dist .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
