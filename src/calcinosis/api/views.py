"""A cohort under every viewpoint."""

from __future__ import annotations

from dataclasses import replace

from calcinosis.api.graph import KnowledgeGraph, by_settings
from calcinosis.facts.source import Cases
from calcinosis.graph.ontology import viewpoints
from calcinosis.study.views import View, Views


def each_viewpoint(
    kg: KnowledgeGraph, cases: Cases, *, strict: bool = False, kind: str = ""
) -> Views:
    """What cases come to under each viewpoint, with names taken at their word and without.

    The cases are judged anew each time, so that it takes many times as long as to classify them;
    they are read as often: name files, or give a list. Other settings are those of ``kg``.
    """
    found = []
    for viewpoint in viewpoints(kg.ontology.folder):
        theirs = by_settings(kg, replace(kg.ontology.settings, viewpoint=viewpoint))
        for take in (True, False):
            other = by_settings(theirs, replace(theirs.ontology.settings, take=take))
            cohort = other.stream(cases, strict=strict, kind=kind).cohort()
            view = View(
                viewpoint,
                other.label,
                take,
                cohort.following,
                cohort.presumed,
                cohort.subtypes,
                {one.id: one.standings for one in cohort.patients},
            )
            found.append(view)
    return Views(tuple(found))
