"""Cases as GA4GH phenopackets, version 2: facts, what the verdicts say, and what they cite.

The schema has no place for what is not in it: a key of our own would make its readers refuse the
file. So the verdicts with why lie in a file beside, which every phenopacket names; it itself says
of each subtype in words what follows. No ``diagnosis`` is ever written, for none is made here.

A case that came as a phenopacket goes out as it came, with the verdicts beside what stood there.

What a phenopacket must hold: https://phenopacket-schema.readthedocs.io (version 2.0).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote

from calcinosis import __version__, names
from calcinosis.errors import OntologyError
from calcinosis.explain.explanation import Explanation
from calcinosis.facts import age
from calcinosis.facts.case import Case
from calcinosis.facts.read import laboratory_of
from calcinosis.facts.records.kinds import kind_of
from calcinosis.facts.records.phenopacket import NO_DIAGNOSIS, PUBLISHED
from calcinosis.graph.claims import Reference
from calcinosis.graph.ontology import Ontology
from calcinosis.output import files
from calcinosis.output.exchange.packet_facts import Telling, age_left
from calcinosis.output.exchange.packet_labs import Left, Measuring
from calcinosis.output.exchange.term_codes import Codes
from calcinosis.output.rdf.cited_verdicts import address, bibliography, head, verdict_sentence
from calcinosis.output.rdf.evidence import DOI_SAFE
from calcinosis.output.rdf.roles import everything, roles
from calcinosis.output.selection import Files, Selection, Writer
from calcinosis.reasoning.verdict import ENTAILED, REFUTED, UNDETERMINED, SubtypeVerdict

Item = dict[str, Any]

_VERDICTS, _REFERENCES = "verdicts.json", "references.json"
_SEXES: Final = {"female": "FEMALE", "male": "MALE", "other": "OTHER_SEX"}
_PROGRESS: Final = {ENTAILED: "COMPLETED", REFUTED: "COMPLETED", UNDETERMINED: "IN_PROGRESS"}
_PUBMED, _DOI = "https://pubmed.ncbi.nlm.nih.gov/", "https://doi.org/"
_FILE: Final = ("file", "line", "column", "where")


def write(selection: Selection) -> Files:
    """A file a case, the verdicts on all of them with why, and exactly what these cite.

    OntologyError where no time can be stated: SOURCE_DATE_EPOCH is not set, and the ontology does
    not say when it was issued.
    """
    ontology = selection.ontology
    writer = _Writer(ontology)
    packets = {
        _name(number, one.verdict.case.id): _lines(writer.packet(one))
        for number, one in enumerate(selection.explanations, 1)
    }
    told = _lines(_told(ontology, selection.explanations))
    keys = everything(selection.explanations, ontology)
    return {**packets, _VERDICTS: told, _REFERENCES: bibliography(ontology, keys)}


def packets(ontology: Ontology, explanations: Iterable[Explanation]) -> Iterator[Item]:
    """A phenopacket (or the family) a case, without the files that lie beside those of ``write``.

    OntologyError as there.
    """
    writer = _Writer(ontology, has_files=False)
    yield from map(writer.packet, explanations)


def left_out(ontology: Ontology, case: Case) -> tuple[Left, ...]:
    """What of a case its phenopacket does not hold, but for notes and what bears on no verdict.

    A case that came as a phenopacket goes out as it came.
    """
    if kind_of(case.document) == "phenopacket":
        return ()
    codes = ontology.once(Codes)
    results = Measuring(laboratory_of(ontology), codes).results(case)
    told = Telling(ontology, codes).told(case, results.lost)
    return (*age_left(case, _lasted(case)), *told.left, *results.left)


def _lines(item: Item) -> Iterable[bytes]:
    return ((json.dumps(item, ensure_ascii=False, indent=1) + "\n").encode(),)


def _name(number: int, identifier: str) -> str:
    """A file name that every system takes, and in which no two cases are alike."""
    readable = re.sub(r"[^A-Za-z0-9]+", "-", identifier)[:60].strip("-")
    return f"{number:04}-{readable}.phenopacket.json"


class _Writer:
    def __init__(self, ontology: Ontology, *, has_files: bool = True) -> None:
        self._ontology = ontology
        self._codes = ontology.once(Codes)
        self._telling = Telling(ontology, self._codes)
        self._measuring = Measuring(laboratory_of(ontology), self._codes)
        self._has_files = has_files
        created = files.time_stated() or files.time_released(ontology)
        if created is None:
            raise OntologyError(
                "nothing says when the ontology was issued, which phenopackets must state",
                str(ontology.folder),
                "Add dcterms:issued to it, or set SOURCE_DATE_EPOCH",
            )
        self._created = created

    def packet(self, one: Explanation) -> Item:
        """One case."""
        case = one.verdict.case
        if kind_of(case.document) == "phenopacket":
            return self._annotated(case.document, one)
        results = self._measuring.results(case)
        told = self._telling.told(case, results.lost)
        found: Item = {"id": case.id, "subject": _subject(case), **told.parts}
        found["measurements"] = list(results.measurements)
        keys = everything((one,), self._ontology)
        cited = [self._ontology.library.reference(key) for key in sorted(keys)]
        found["interpretations"] = list(self._interpretations(one))
        found["files"] = list(_files(case.id)) if self._has_files else []
        external = [*_source(case), *map(_reference, cited)]
        found["metaData"] = {
            "created": self._created,
            "createdBy": f"calcinosis {__version__}",
            "resources": list(self._codes.resources((*told.used, *results.used))),
            "phenopacketSchemaVersion": "2.0",
            **({"externalReferences": external} if external else {}),
        }
        return {key: value for key, value in found.items() if value}

    def _annotated(self, given: Any, one: Explanation) -> Item:
        """A phenopacket as it came, with our interpretations behind its own; a family likewise."""
        if isinstance(given.get("proband"), Mapping):
            return {**given, "proband": self._annotated(given["proband"], one)}
        ours: Item = {"interpretations": list(self._interpretations(one))}
        if self._has_files:
            ours["files"] = list(_files(one.verdict.case.id))
        return {**given, **{key: [*_listed(given.get(key)), *ours[key]] for key in ours}}

    def _interpretations(self, one: Explanation) -> Iterator[Item]:
        for why in one.subtypes:
            verdict = why.verdict
            words = verdict_sentence(verdict.verdict, verdict.label, self._ontology)
            needed = f" Still needed: {', '.join(verdict.needed)}." if verdict.needed else ""
            unknown = [r.what for r in one.verdict.not_understood if verdict.id in r.blocks]
            if unknown:
                needed += f" Held back, because this was not understood: {'; '.join(unknown)}."
            yield {
                "id": f"{one.verdict.case.id}/{verdict.id}",
                "progressStatus": _PROGRESS.get(verdict.verdict, "UNKNOWN_PROGRESS"),
                "summary": f"{words}.{needed}{self._cited(verdict)} {NO_DIAGNOSIS}",
            }

    def _cited(self, verdict: SubtypeVerdict) -> str:
        """What a verdict rests on, where no file beside says it."""
        if self._has_files:
            return ""
        keys = dict.fromkeys(key for one in verdict.criteria for key in one.references)
        found = [_reference(self._ontology.library.reference(key)) for key in keys]
        named = ", ".join(str(one.get("id") or one["reference"]) for one in found)
        return f" References: {named}." if named else ""


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value] if value else []


def _lasted(case: Case) -> str | None:
    """The age as it was stated, in a form that java.time.Period reads: it has no hours."""
    stated = case.raw.get("age") if isinstance(case.raw, Mapping) else None
    return age.duration(stated) if isinstance(stated, str) else None


def _subject(case: Case) -> Item:
    found: Item = {"id": case.id}
    lasted = _lasted(case)
    if lasted is not None:
        found["timeAtLastEncounter"] = {"age": {"iso8601duration": lasted}}
    if case.sex in _SEXES:
        found["sex"] = _SEXES[str(case.sex)]
    return found


def _files(identifier: str) -> Iterator[Item]:
    for name, words in (
        (_VERDICTS, "Verdicts on the case, with the facts, axioms and references behind them"),
        (_REFERENCES, "The references that the verdicts cite, as CSL-JSON"),
    ):
        yield {
            "uri": name,
            "individualToFileIdentifiers": {identifier: identifier},
            "fileAttributes": {"fileFormat": "JSON", "description": words},
        }


def _source(case: Case) -> Iterator[Item]:
    """Where the case was published, as its file says."""
    if case.source is not None:
        place = address(case.source) or case.source
        yield {"reference": place, "description": PUBLISHED}


def _reference(found: Reference) -> Item:
    """A reference by the identifier that was seen, and in words."""
    told = ". ".join(filter(None, (found.label, found.title)))
    told += f" ({found.study_type})" if found.study_type else ""
    if found.pmid:
        place = _PUBMED + found.pmid
        return {"id": f"PMID:{found.pmid}", "reference": place, "description": told}
    if found.doi:
        place = _DOI + quote(found.doi, safe=DOI_SAFE)
        return {"id": f"doi:{found.doi}", "reference": place, "description": told}
    return {"reference": found.uri or names.REF + found.key, "description": told}


def _told(ontology: Ontology, explanations: Iterable[Explanation]) -> Item:
    """The verdicts as ``calcinosis explain -f json`` has them, and what is told beside them.

    These are the roles of citations, and what of a case its phenopacket does not hold.
    """
    cases = [
        {
            **_here(one.to_dict()),
            "where": one.verdict.case.id,
            "citations": [role.to_dict() for role in roles(one, ontology)],
            "not_carried": [left.to_dict() for left in left_out(ontology, one.verdict.case)],
        }
        for one in explanations
    ]
    return {**head(ontology), "cases": cases}


def _here(value: Any) -> Any:
    """A value without the files of this machine that it came from."""
    if isinstance(value, dict):
        return {key: _here(one) for key, one in value.items() if key not in _FILE}
    return [_here(one) for one in value] if isinstance(value, list) else value


WRITERS: Final[Mapping[str, Writer]] = {"phenopackets": write}
