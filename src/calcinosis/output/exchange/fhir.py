"""Verdicts as FHIR R4: the Bundle that came in, as it came, and a ClinicalImpression a case.

What follows stands under ``finding``; each verdict is said in words under ``note``, with what is
needed and what it rests on. A case of another format gets a Bundle of its patient alone.

What a ClinicalImpression must hold: https://hl7.org/fhir/R4/clinicalimpression.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, Final
from uuid import UUID, uuid5

from calcinosis import __version__, names
from calcinosis.explain.explanation import Explanation
from calcinosis.facts.case import Case
from calcinosis.graph.claims import Reference
from calcinosis.graph.ontology import Ontology
from calcinosis.output.rdf.cited_verdicts import verdict_sentence
from calcinosis.reasoning.verdict import ENTAILED, CaseVerdict, SubtypeVerdict

Item = dict[str, Any]

_SPACE: Final = UUID("5a4b1d7e-6f0c-4f7c-9d0e-7f1c3b0a2e64")
_POSTED: Final = ("transaction", "batch")
_NO_DIAGNOSIS: Final = "This is no diagnosis: research software, not medical advice."


def bundles(ontology: Ontology, explanations: Iterable[Explanation]) -> Iterator[Item]:
    """A Bundle a document that came in, with the verdicts on all its patients behind it.

    Cases that follow each other and came from one document share its Bundle.
    """
    for _, group in groupby(explanations, key=_document):
        found = list(group)
        whole = _whole(found[0].verdict.case)
        ours = [_entry(whole, one.verdict, ontology) for one in found]
        yield {**whole, "entry": [*whole["entry"], *ours]}


def _document(one: Explanation) -> int:
    """What cases of one document have in common; a case without one has it alone."""
    case = one.verdict.case
    return id(case if case.document is None else case.document)


def _whole(case: Case) -> Item:
    """The Bundle that a case came in, or one of the resource, or of its patient."""
    given = case.document
    if not isinstance(given, dict) or "resourceType" not in given:
        patient: Item = {"resourceType": "Patient", "id": str(_uuid(case.id))}
        patient["identifier"] = [{"value": case.id}]
        if case.sex is not None:
            patient["gender"] = case.sex
        resource = {"fullUrl": f"urn:uuid:{patient['id']}", "resource": patient}
        return {"resourceType": "Bundle", "type": "collection", "entry": [resource]}
    if given["resourceType"] != "Bundle":
        return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": given}]}
    entries = given.get("entry")
    return {**given, "entry": entries if isinstance(entries, list) else []}


def _entry(whole: Item, verdict: CaseVerdict, ontology: Ontology) -> Item:
    impression = _impression(whole, verdict, ontology)
    entry: Item = {"fullUrl": f"urn:uuid:{impression['id']}", "resource": impression}
    if whole.get("type") in _POSTED:
        entry["request"] = {"method": "POST", "url": "ClinicalImpression"}
    return entry


def _impression(whole: Item, verdict: CaseVerdict, ontology: Ontology) -> Item:
    follows = [one for one in verdict.subtypes if one.verdict == ENTAILED]
    found: Item = {
        "resourceType": "ClinicalImpression",
        "id": str(_uuid(verdict.case.id)),
        "status": "completed",
        "description": f"Classification by calcinosis {__version__}. {_NO_DIAGNOSIS}",
        "subject": {"reference": _subject(whole, verdict.case)},
        "protocol": [f"{names.CC}{ontology.viewpoint}"],
    }
    if follows:
        found["finding"] = [_finding(one) for one in follows]
    notes = [_said(one, ontology) for one in verdict.subtypes]
    if unknown := ", ".join(one.what for one in verdict.not_understood):
        notes.append(f"Not understood: {unknown}.")
    found["note"] = [{"text": text} for text in notes]
    return found


def _finding(one: SubtypeVerdict) -> Item:
    code = {"system": names.CC, "code": one.id, "display": one.label}
    return {"itemCodeableConcept": {"coding": [code], "text": one.label}, "basis": "follows"}


def _said(one: SubtypeVerdict, ontology: Ontology) -> str:
    """A verdict in words: what is still needed for it, and what it rests on."""
    words = f"{verdict_sentence(one.verdict, one.label, ontology)}."
    if one.needed:
        words += f" Still needed: {', '.join(one.needed)}."
    if one.presumed:
        words += f" Presumed to follow, {one.presumed.condition}."
    words += "".join(f" {flag}." for flag in one.flags)
    keys = dict.fromkeys(key for criterion in one.criteria for key in criterion.references)
    cited = ", ".join(_cited(ontology.library.reference(key)) for key in keys)
    return f"{words} References: {cited}." if cited else words


def _cited(found: Reference) -> str:
    """A reference by the identifier that it has."""
    if found.pmid:
        return f"PMID:{found.pmid}"
    return f"doi:{found.doi}" if found.doi else found.key


def _subject(whole: Item, case: Case) -> str:
    """How the Bundle refers to the patient of a case."""
    for entry in whole["entry"]:
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict) and resource.get("resourceType") == "Patient":
            url = entry.get("fullUrl")
            url = url if isinstance(url, str) else ""
            known = (resource.get("id"), url.removeprefix("urn:uuid:"))
            if case.id in known or resource.get("identifier") == [{"value": case.id}]:
                return url if url.startswith("urn:uuid:") else f"Patient/{case.id}"
    return f"Patient/{case.id}"


def _uuid(identifier: str) -> UUID:
    """The same for the same case and release, so that what is written does not change."""
    return uuid5(_SPACE, f"{__version__} {identifier}")
