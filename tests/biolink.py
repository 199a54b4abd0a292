"""The Biolink Model as a checker of KGX: its pydantic classes, its trees, its predicates."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from pydantic import ValidationError

Record = dict[str, Any]

# What Biolink has no place for, or, as same_as and matches, only as predicates.
NODE_OWN = {
    *("same_as", "close_match", "broad_match", "narrow_match", "related_match"),
    *("year", "study_type", "url", "retracted"),
}
EDGE_OWN = {
    *("read", "study_types", "association_kind", "statement", "mechanism", "contested"),
    *("contested_by", "publications_disputing", "read_disputing", "study_types_disputing"),
    *("editorial", "claim_hash"),
}


@cache
def _schema() -> dict[str, dict[str, Record]]:
    text = (files("biolink_model") / "schema" / "biolink_model.yaml").read_text("utf-8")
    found: dict[str, dict[str, Record]] = yaml.load(text, Loader=yaml.CSafeLoader)
    return found


def _words(name: str) -> str:
    """A class's or slot's name as the model writes it: biolink:HasPart, biolink:has_part."""
    local = name.removeprefix("biolink:")
    for known in (*_schema()["classes"], *_schema()["slots"]):
        camel = "".join(word[0].upper() + word[1:] for word in known.split())
        if local in (camel, known.replace(" ", "_")):
            return known
    return ""


@cache
def above(name: str, part: str) -> frozenset[str]:
    """All that stands above a class or slot, mixins too, itself included."""
    known = _schema()[part].get(name)
    if known is None:
        return frozenset()
    parents = [known["is_a"]] if "is_a" in known else []
    parents += known.get("mixins", [])
    return frozenset((name,)).union(*(above(parent, part) for parent in parents))


def faults(nodes: list[Record], edges: list[Record]) -> list[str]:
    """All that the model finds wrong with a graph."""
    categories = {node["id"]: node["category"][0] for node in nodes}
    return [
        *(fault for node in nodes for fault in _invalid(node, NODE_OWN)),
        *(fault for edge in edges for fault in _invalid(edge, EDGE_OWN)),
        *(fault for edge in edges for fault in _misused(edge, categories)),
    ]


def _invalid(record: Record, own: set[str]) -> Iterator[str]:
    (category,) = record["category"]
    from biolink_model.datamodel import pydanticmodel_v2 as model  # a second to import

    judge = getattr(model, category.removeprefix("biolink:"), None)
    if judge is None:
        yield f"{record['id']}: there is no category {category}"
        return
    try:
        judge(**{key: value for key, value in record.items() if key not in own})
    except ValidationError as error:
        yield f"{record['id']}: {error}"


def _misused(edge: Record, categories: dict[str, str]) -> Iterator[str]:
    predicate = _words(edge["predicate"])
    line = above(predicate, "slots")
    if "related to" not in line or _schema()["slots"][predicate].get("deprecated"):
        yield f"{edge['id']}: {edge['predicate']} is no predicate"
        return
    for end, slot in (("subject", "domain"), ("object", "range")):
        if edge[end] not in categories:
            yield f"{edge['id']}: there is no node {edge[end]}"
            continue
        wanted = _schema()["slots"][predicate].get(slot, "named thing")
        held = above(_words(categories[edge[end]]), "classes")
        # each of our terms is an ontology class, whatever else Biolink takes it for
        if wanted not in held and wanted != "ontology class":
            yield f"{edge['id']}: {end} of {predicate} is {categories[edge[end]]}, not {wanted}"
