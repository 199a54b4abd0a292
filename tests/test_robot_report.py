"""The 32 rules of ROBOT's report, written anew under its names, on the file that others open.

ROBOT itself was not at hand. Its levels stand here; ours may be stricter.
"""

from __future__ import annotations

import pytest
from pyoxigraph import NamedNode, RdfFormat, Store

from calcinosis import names
from calcinosis.release.rules import query_checks, run_query
from tests.ontologies import exported

LEVELS = {
    "ERROR": """
        deprecated_boolean_datatype deprecated_class_reference deprecated_property_reference
        duplicate_definition duplicate_label illegal_use_of_built_in_vocabulary label_formatting
        label_whitespace missing_label missing_ontology_description missing_ontology_license
        missing_ontology_title misused_obsolete_label misused_replaced_by multiple_definitions
        multiple_equivalent_class_definitions multiple_labels
    """,
    "WARN": """
        annotation_whitespace duplicate_exact_synonym duplicate_label_synonym
        duplicate_scoped_synonym equivalent_class_axiom_no_genus equivalent_pair
        invalid_entity_uri invalid_xref missing_definition missing_obsolete_label
        missing_subset_declaration missing_synonymtype_declaration multiple_equivalent_classes
    """,
    "INFO": "lowercase_definition missing_superclass",
}
RULES = {rule: level for level, rules in LEVELS.items() for rule in rules.split()}
CHECKS = {check.name: check for check in query_checks()}

# Why a warning stands. Nothing else may be warned of.
EXPLAINED: dict[str, str] = {}


@pytest.fixture(scope="module")
def opened() -> Store:
    store = Store()
    graph = NamedNode(names.ONTOLOGY)  # some rules ask for the graph of a module
    store.load(input=exported("turtle", "whole"), format=RdfFormat.TURTLE, to_graph=graph)
    return store


def test_all_rules_are_there() -> None:
    assert len(RULES) == 32
    assert RULES.keys() <= CHECKS.keys()


@pytest.mark.slow
@pytest.mark.parametrize("rule", RULES)
def test_the_file_that_is_opened_breaks_no_rule_without_a_reason(rule: str, opened: Store) -> None:
    found = list(run_query(opened, CHECKS[rule]))
    if RULES[rule] != "INFO":
        assert rule in EXPLAINED or not found, found[:5]
