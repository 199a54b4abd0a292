"""Pages, rows and answers as the fields of replies: shorter than their JSON, nothing made up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from calcinosis.api import Answer
from calcinosis.errors import UsageError, nearest, quoted
from calcinosis.output.words.table import compact
from calcinosis.web.assistant_bounds import within
from calcinosis.web.assistant_replies import Citation, Claim

_CLAIMS: Final = 40
_CODES: Final = 40
_NO_CLAIMS: Final = "The graph has no claim about it. That is neither yes nor no."
_REFERENCE: Final = "ref:"
_NUMBERS: Final = (int, float)


def code(kind: str, identifier: str) -> str:
    """What names an entry for the other tools."""
    return f"{_REFERENCE if kind == 'reference' else 'calc:'}{identifier}"


def cut(number: int, most: int, what: str, cure: str = "") -> str:
    """What is said where a reply holds fewer than there are; empty where it holds all."""
    if number <= most:
        return ""
    return f"Cut: {most} of {number} {what}{f'; {cure}' if cure else ''}."


# -- pages ---------------------------------------------------------------------------------------


def page(told: Mapping[str, Any], kind: str) -> tuple[dict[str, Any], list[str], list[str]]:
    """The fields of a page, the keys of its references, and remarks; claims of one kind if asked.

    UsageError for a kind of claims that it has not.
    """
    entry, every = told["entry"], told["claims"]
    counts: dict[str, int] = {}
    for one in every:
        counts[one["kind"]] = counts.get(one["kind"], 0) + 1
    if kind and kind not in counts:
        known = f"There are: {', '.join(counts) or 'none'}"
        what = f"there are no claims of the kind {quoted(kind)}"
        raise UsageError(what, "claims", nearest(kind, counts, then=known))
    chosen = [claim(one) for one in every if kind in ("", one["kind"])]
    against = [claim(one) for one in told["against"][:_CLAIMS]]
    codes = [f"{one['predicate']} {one['object']}" for one in told["mappings"]]
    notes = [
        cut(len(chosen), _CLAIMS, "claims", "ask for one kind with claims="),
        cut(len(codes), _CODES, "codes", "the look-up identifiers has all"),
        "" if every else _NO_CLAIMS,
        (told["reference"] or {}).get("comment", ""),
    ]
    shown = (*chosen[:_CLAIMS], *against)
    own = [entry["id"]] if entry["kind"] == "reference" else []
    cited = [one.reference for told_claim in shown for one in told_claim.citations]
    fields = {
        "code": code(entry["kind"], entry["id"]),
        "label": entry["label"],
        "kind": entry["kind"],
        "definition": told["definition"] or "",
        "synonyms": [*entry["synonyms"], *entry["further"]][:_CODES],
        "kind_of": [one["label"] for one in told["placed"]],
        "kinds": [label for _, label in told["below"]],
        "criteria": list(told["criteria"]),
        "claims": chosen[:_CLAIMS],
        "other_side": against,
        "claims_by_kind": counts,
        "codes": codes[:_CODES],
    }
    return fields, [*own, *told["sources"], *cited], notes


def viewpoints(told: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a page of viewpoints; what each cites stands in it by key."""
    (first, *more) = told["viewpoints"]
    return {
        "code": "viewpoints" if more else first["name"],
        "label": "viewpoints" if more else first["label"],
        "kind": "viewpoint",
        "definition": "" if more else first["definition"],
        "synonyms": [],
        "kind_of": [],
        "kinds": [],
        "criteria": [],
        "claims": [],
        "other_side": [],
        "claims_by_kind": {},
        "codes": [],
        "viewpoints": list(told["viewpoints"]),
    }


def claim(told: Mapping[str, Any]) -> Claim:
    """A claim of a page."""
    return Claim(
        id=told["id"],
        kind=told["kind"],
        label=told["label"],
        statement=told["statement"],
        mechanism=told["mechanism"] or "",
        citations=[citation(one) for one in told["citations"]],
        contested=bool(told["contested"]),
        contested_by=list(told["contested_by"]),
    )


def citation(told: Mapping[str, Any]) -> Citation:
    """A citation of a claim or of an axiom."""
    return Citation(
        reference=told["reference"],
        read=told["read"],
        study_type=told["study_type"],
        disputes=bool(told.get("disputes")),
        figures=list(told.get("figures", ())),
    )


# -- rows ----------------------------------------------------------------------------------------


def rows(
    table: Any, most: int, prefixes: Mapping[str, str], count: int | None = None
) -> tuple[list[dict[str, Any]], str]:
    """The rows of a table with CURIEs for IRIs and without empty cells, and what was cut."""
    show = compact(prefixes)
    plain: list[dict[str, Any]] = []
    for row in table:
        cells = zip(table.columns, row, row.plain().values(), strict=True)
        plain.append(
            {
                name: value if isinstance(value, _NUMBERS) else show(term)
                for name, term, value in cells
                if value not in (None, "")
            }
        )
    found = within(plain, most)
    cure = "ask for more rows, or for less by parameters, FILTER or LIMIT"
    return found, cut(len(plain) if count is None else count, len(found), "rows", cure)


def keys(found: Iterable[Mapping[str, Any]], library: Mapping[str, Any]) -> list[str]:
    """The keys of the references that rows name, in their order."""
    return [key for row in found for value in row.values() for key in _keys(value, library)]


def _keys(value: object, library: Mapping[str, Any]) -> Iterator[str]:
    if isinstance(value, str):
        for part in value.split("; "):
            key = part.removeprefix(_REFERENCE)
            if key in library:
                yield key


def queried(
    answer: Answer, count: int, most: int, prefixes: Mapping[str, str]
) -> tuple[dict[str, Any], list[str]]:
    """The fields of an answer to SPARQL, and remarks on it."""
    fields: dict[str, Any] = {
        "form": "yes or no",
        "columns": [],
        "rows": [],
        "triples": [],
        "answer": None,
        "count": count,
    }
    if isinstance(answer, bool):
        return {**fields, "answer": answer}, []
    if hasattr(answer, "triples"):
        lines = within([{"triple": f"{one} ."} for one in answer.triples], most)
        fields |= {"form": "triples", "triples": [line["triple"] for line in lines]}
        return fields, [cut(count, len(lines), "triples", "ask for less")]
    found, told = rows(answer, most, prefixes, count)
    fields |= {"form": "rows", "columns": list(answer.columns), "rows": found}
    empty = "" if answer else "No rows: the graph does not say it. That is neither yes nor no."
    return fields, [told, answer.remark, empty]
