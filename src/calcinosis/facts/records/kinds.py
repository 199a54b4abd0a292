"""Which kind of record a value is, told by what it holds: a case, or a record of others."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, Final

from calcinosis.errors import InputError, UsageError, quoted, to_install
from calcinosis.facts.boundary import attempt
from calcinosis.facts.faulty import faulty
from calcinosis.facts.places import Origin
from calcinosis.facts.raw import RawCase
from calcinosis.facts.records.words import camel

if TYPE_CHECKING:
    from calcinosis.facts.records.fhir_lines import Lines

_MARKS: Final = frozenset(("phenotypicFeatures", "metaData", "medicalActions", "htsFiles"))
KINDS: Final = ("cases", "phenopacket", "fhir", "omop", "rdf")
_JSON_LD: Final = frozenset(("@context", "@graph", "@id", "@type"))
PARQUET: Final = ".parquet"
_OMOP: Final = (
    "person", "condition_occurrence", "measurement", "procedure_occurrence", "drug_exposure",
    "observation",
)  # fmt: skip


def checked(kind: str) -> str:
    """The name of a kind; UsageError where there is none of that name."""
    if kind and kind not in KINDS:
        known = f"Known: {', '.join(KINDS)}"
        raise UsageError(f"there is no kind of records {quoted(kind)}", "--from", known)
    return kind


def is_parquet_of_omop(path: Path) -> bool:
    """Whether a file is a table of OMOP as Parquet, told by its name."""
    return path.suffix.casefold() == PARQUET and path.stem.casefold() in _OMOP


def no_parquet(where: str) -> InputError:
    """The refusal of a Parquet file, with how to make it one that is read."""
    path = PurePath(where)
    name, to = path.name, f"{path.stem}.csv"
    cure = (
        f"Tables of OMOP are read from it with an extra: {to_install('parquet')}. Else write it "
        f"as CSV, with DuckDB: duckdb -c \"copy (from '{name}') to '{to}'\"; or with "
        f"pandas: pandas.read_parquet('{name}').to_csv('{to}', index=False)"
    )
    return InputError("this Parquet file is not read", where, cure)


def is_phenopacket(value: Mapping[Any, Any]) -> bool:
    """Whether a mapping is a phenopacket, a family or a cohort by its keys."""
    keys = {camel(key) for key in value if isinstance(key, str)}
    if not keys.isdisjoint(_MARKS) or isinstance(value.get("subject"), dict):
        return True
    return isinstance(value.get("proband"), dict) or isinstance(value.get("members"), list)


def kind_of(value: object) -> str:
    """The kind of one record: what is nothing else is a case in our own format."""
    if isinstance(value, Mapping):
        if isinstance(value.get("resourceType"), str):
            return "fhir"
        if is_phenopacket(value):
            return "phenopacket"
        if is_json_ld(value):
            return "rdf"
    return "cases"


def is_json_ld(value: object) -> bool:
    """Whether a JSON value is RDF as JSON-LD, by its keys; a list is if one in it is."""
    if isinstance(value, list):
        return any(isinstance(one, dict) and is_json_ld(one) for one in value)
    if not isinstance(value, Mapping) or isinstance(value.get("resourceType"), str):
        return False
    return not _JSON_LD.isdisjoint(value)


def raws(
    value: object, where: str, origin: Origin | None = None, kind: str = ""
) -> Iterator[RawCase | InputError]:
    """The raw cases of one value, most often one; ``kind`` says what it is if it is not told.

    What cannot be taken as it was written comes as an InputError; none is raised.
    """
    fault = faulty(value)
    if fault is not None:
        yield fault.error(where)
        return
    kind = kind or kind_of(value)
    if kind == "cases":
        yield RawCase(value, where, origin=origin)
    elif kind not in _READERS or not isinstance(value, Mapping):
        what = f"{quoted(value)} is no record that --from {kind} could read"
        yield InputError(
            what, where, "Give a mapping (of OMOP: its tables as CSV), or leave --from out"
        )
    else:
        found = attempt(where, lambda: list(_READERS[kind](value, where, origin)))
        yield from [found] if isinstance(found, InputError) else found


class Gathered:
    """Resources of FHIR that come one by one and wait for the others of their patient."""

    def __init__(self) -> None:
        self._lines: Lines | None = None

    def takes(self, value: object, kind: str) -> bool:
        """Whether a value is such a resource; a Bundle is whole by itself."""
        if not isinstance(value, dict) or kind not in ("", "fhir"):
            return False
        named = value.get("resourceType")
        return isinstance(named, str) and named != "Bundle"

    def add(self, value: Any, where: str) -> Iterator[InputError]:
        """Keep a resource; why it cannot be, if it cannot."""
        fault = faulty(value)
        if fault is not None:
            yield fault.error(where)
            return
        if self._lines is None:
            from calcinosis.facts.records.fhir_lines import Lines

            self._lines = Lines()
        refused = attempt(where, partial(self._lines.add, value, where))
        if refused is not None:
            yield refused

    def cases(self) -> Iterator[RawCase | InputError]:
        """The cases of all resources that were kept."""
        if self._lines is not None:
            yield from self._lines.cases()


def _phenopackets(
    value: Mapping[Any, Any], where: str, origin: Origin | None
) -> Iterator[RawCase | InputError]:
    from calcinosis.facts.records.phenopacket import phenopacket_cases

    return phenopacket_cases(value, where, origin)


def _fhir(
    value: Mapping[Any, Any], where: str, origin: Origin | None
) -> Iterator[RawCase | InputError]:
    from calcinosis.facts.records.fhir import fhir_cases

    return fhir_cases(value, where, origin)


def _rdf(
    value: Mapping[Any, Any], where: str, origin: Origin | None
) -> Iterator[RawCase | InputError]:
    from pyoxigraph import RdfFormat

    from calcinosis.facts.records.rdf import rdf_cases

    text = json.dumps(value, ensure_ascii=True, default=str)
    return rdf_cases(text, RdfFormat.JSON_LD, where, origin)


_READERS: Final = {"phenopacket": _phenopackets, "fhir": _fhir, "rdf": _rdf}
