# Thin names for the commands of the project. With another Python: make test PYTHON=python3
PYTHON ?= .venv/bin/python
TURTLE = ontology/*.ttl ontology/viewpoints/*.ttl ontology/shapes/*.ttl
COGGED = grep -rlZ --include='*.md' '\[\[\[cog' README.md CONTRIBUTING.md docs | xargs -0r

.PHONY: install test format lint types layers check knowledge derive proof mutants ontology-mutants bench docs current wheel clean

install:  ## a virtual environment with everything that the other targets need
	python3 -m venv .venv
	.venv/bin/python -m pip install -e ".[dev]"

test:  ## all tests, on all cores
	$(PYTHON) -m pytest -n auto --dist worksteal

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

knowledge:  ## all that a change of the graph needs, in order
	$(MAKE) derive
	$(MAKE) format
	$(PYTHON) -m tests.expect
	$(MAKE) docs
	$(MAKE) check

derive:  ## roles.ttl from the associations
	$(PYTHON) -m calcinosis.release.derive

proof:  ## verdicts, rules, explanations and left-out references equal what an authority says
	$(PYTHON) -m proofs.equality
	$(PYTHON) -m proofs.rules
	$(PYTHON) -m proofs.references
	$(PYTHON) -m proofs.explanations

mutants:  ## what the near tests catch of faults in the code
	$(PYTHON) -m proofs.mutants --least 90

ontology-mutants:  ## what hand-written expectations catch of faults in the ontology
	$(PYTHON) -m proofs.ontology_mutants --least 95

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

wheel:  ## source distribution and wheel, in dist/
	$(PYTHON) -m build

clean:
	rm -rf build dist .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
