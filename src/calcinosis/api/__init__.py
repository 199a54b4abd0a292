"""The one door: load the graph, ask it, judge cases by it, and carry away what it answers.

What is imported from here is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from calcinosis.api.bibliography import Bibliography
    from calcinosis.api.diffs import diff
    from calcinosis.api.graph import REASONERS, KnowledgeGraph, load
    from calcinosis.api.notebooks import Rows, TermPage, ViewpointsPage
    from calcinosis.api.result import HANDFUL, Explanations, Result, Stream, Verdicts
    from calcinosis.api.sheets import sheet_map
    from calcinosis.api.views import each_viewpoint
    from calcinosis.api.ways import other_ways
    from calcinosis.explain.conflicts import ON_CONFLICT
    from calcinosis.explain.explanation import Explanation
    from calcinosis.facts.records.kinds import KINDS as RECORDS
    from calcinosis.facts.source import Cases
    from calcinosis.facts.tabular import TABLES, Sheet
    from calcinosis.facts.visits import VISITS
    from calcinosis.graph.catalogue import Catalogue, LookUp, Parameter
    from calcinosis.graph.lexicon import KINDS, REFERENCE, Lexicon, kinds_of
    from calcinosis.graph.ontology import load as load_ontology
    from calcinosis.graph.ontology import viewpoints
    from calcinosis.graph.remote import Endpoint
    from calcinosis.graph.results import Answer
    from calcinosis.graph.search import Entry
    from calcinosis.graph.settings import READ, Settings, assumed
    from calcinosis.names import normal
    from calcinosis.reasoning.shares import shares
    from calcinosis.reasoning.verdict import CaseVerdict
    from calcinosis.release.adding import add_claim, modules_of, unknown
    from calcinosis.release.asked import NewClaim, NewReference, NewTerm
    from calcinosis.release.check import check
    from calcinosis.study.cohort import Cohort
    from calcinosis.study.compare import Comparison, Ranking
    from calcinosis.study.diff import Difference
    from calcinosis.study.evaluate import Evaluation
    from calcinosis.study.table_one import Describing
    from calcinosis.study.tally import Tally
    from calcinosis.study.views import Views

_WHERE = {
    "api.bibliography": ("Bibliography",),
    "api.diffs": ("diff",),
    "api.graph": ("KnowledgeGraph", "REASONERS", "load"),
    "api.notebooks": ("Rows", "TermPage", "ViewpointsPage"),
    "api.result": ("HANDFUL", "Explanations", "Result", "Stream", "Verdicts"),
    "api.sheets": ("sheet_map",),
    "api.ways": ("other_ways",),
    "api.views": ("each_viewpoint",),
    "facts.records.kinds": ("RECORDS",),
    "facts.source": ("Cases",),
    "facts.tabular": ("TABLES", "Sheet"),
    "facts.visits": ("VISITS",),
    "explain.conflicts": ("ON_CONFLICT",),
    "explain.explanation": ("Explanation",),
    "graph.catalogue": ("Catalogue", "LookUp", "Parameter"),
    "graph.lexicon": ("KINDS", "REFERENCE", "Lexicon", "kinds_of"),
    "graph.search": ("Entry",),
    "graph.ontology": ("load_ontology", "viewpoints"),
    "graph.remote": ("Endpoint",),
    "graph.results": ("Answer",),
    "graph.settings": ("READ", "Settings", "assumed"),
    "names": ("normal",),
    "reasoning.shares": ("shares",),
    "reasoning.verdict": ("CaseVerdict",),
    "release.adding": ("add_claim", "modules_of", "unknown"),
    "release.asked": ("NewClaim", "NewReference", "NewTerm"),
    "release.check": ("check",),
    "study.cohort": ("Cohort",),
    "study.compare": ("Comparison", "Ranking"),
    "study.diff": ("Difference",),
    "study.evaluate": ("Evaluation",),
    "study.table_one": ("Describing",),
    "study.tally": ("Tally",),
    "study.views": ("Views",),
}
_NAMED = {"load_ontology": "load", "RECORDS": "KINDS"}
_MODULE = {name: module for module, found in _WHERE.items() for name in found}

__all__ = [
    "HANDFUL",
    "KINDS",
    "ON_CONFLICT",
    "READ",
    "REASONERS",
    "RECORDS",
    "REFERENCE",
    "TABLES",
    "VISITS",
    "Answer",
    "Bibliography",
    "CaseVerdict",
    "Cases",
    "Catalogue",
    "Cohort",
    "Comparison",
    "Describing",
    "Difference",
    "Endpoint",
    "Entry",
    "Evaluation",
    "Explanation",
    "Explanations",
    "KnowledgeGraph",
    "Lexicon",
    "LookUp",
    "NewClaim",
    "NewReference",
    "NewTerm",
    "Parameter",
    "Ranking",
    "Result",
    "Rows",
    "Settings",
    "Sheet",
    "Stream",
    "Tally",
    "TermPage",
    "Verdicts",
    "ViewpointsPage",
    "Views",
    "add_claim",
    "assumed",
    "check",
    "diff",
    "each_viewpoint",
    "kinds_of",
    "load",
    "load_ontology",
    "modules_of",
    "normal",
    "other_ways",
    "shares",
    "sheet_map",
    "unknown",
    "viewpoints",
]


def __getattr__(name: str) -> object:
    """Import what is asked for."""
    if name not in _MODULE:
        raise AttributeError(f"module 'calcinosis.api' has no attribute {name!r}")
    module = import_module(f"calcinosis.{_MODULE[name]}")
    return getattr(module, _NAMED.get(name, name))
