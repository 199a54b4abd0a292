"""What a clerk answers for the pages of one patient and of a cohort: pages, parts, and files.

It gets the fields of a form, and gives what is to be shown or saved. It keeps nothing of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from calcinosis.api import KnowledgeGraph, Settings
from calcinosis.api.proposed import proposals
from calcinosis.api.stating import STATUS, Stating
from calcinosis.api.written import explanations_page
from calcinosis.errors import CalcinosisError, InputError
from calcinosis.output.pages.explanation import explanation_part
from calcinosis.output.site import patient
from calcinosis.output.site.carried import OF_PATIENT
from calcinosis.output.site.links import Links
from calcinosis.output.site.patient_form import Offer
from calcinosis.output.site.patient_state import ID, State
from calcinosis.output.site.patient_verdict import Judged
from calcinosis.web.desk import Answered, Asked, Desk
from calcinosis.web.named import file_name
from calcinosis.web.wording import reworded

HTML: Final = "text/html; charset=utf-8"
CASE_FILES: Final = (".yaml", ".yml", ".json", ".jsonl", ".ndjson", ".pb", ".ttl", ".jsonld")
_ONE: Final = (STATUS, "age", "sex")
"""What a case holds once, so that a proposal takes the place of what is there."""


@lru_cache(maxsize=1)
def stating_of(kg: KnowledgeGraph) -> Stating:
    """What pages offer by a graph, which is made once."""
    return Stating(kg)


@dataclass
class _Asked:
    """What was asked of the page of one patient, as its parts come to be known."""

    desk: Desk
    kg: KnowledgeGraph
    fields: Mapping[str, str]
    state: State = field(default_factory=State)
    refused: list[CalcinosisError] = field(default_factory=list)
    others: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    refused_at: str = ""


# -- one patient ---------------------------------------------------------------------------


def _words(desk: Desk, _asked: Asked, _paths: Sequence[str]) -> Answered:
    """Labels with their synonyms and codes, for the script that suggests them."""
    found = stating_of(desk.graph({})).names_of
    words = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    return {"kind": "answer", "type": "application/json"}, words.encode()


def _patient(desk: Desk, request: Asked, paths: Sequence[str]) -> Answered:
    """The page for a patient, a part of it, or what is carried away, as ``part`` says."""
    asked = _understood(desk, request, paths)
    part = request["part"]
    if part in OF_PATIENT:
        return _carried(asked, part)
    links = Links(edition=request["edition"])
    shown = patient.Shown(
        asked.state,
        _judged(asked),
        asked.fields.get("sentence", ""),
        _proposed(asked),
        [*map(reworded, asked.refused)],
        asked.others,
        asked.remarks,
        asked.refused_at,
    )
    if part == "result":
        text = str(patient.part(shown, links))
    else:
        examples = stating_of(asked.kg).offered.examples
        make = patient.body if part == "body" else patient.patient_page
        text = str(make(shown, offer_of(asked.kg), examples, links))
    status = 422 if asked.refused else 200
    return {"kind": "answer", "type": HTML, "status": status}, text.encode()


def offer_of(kg: KnowledgeGraph) -> Offer:
    """What forms offer, by the server's own settings."""
    found = stating_of(kg).offered
    return Offer(
        found.words,
        found.tests,
        found.levels,
        found.worked_up,
        found.viewpoints,
        kg.ontology.settings,
    )


def _understood(desk: Desk, request: Asked, paths: Sequence[str]) -> _Asked:
    """The patient that a form is about, after what its button does."""
    pairs = [(str(key), str(value)) for key, value in request["fields"]]
    fields = dict(pairs)
    asked = _Asked(desk, desk.graph({}), fields)
    try:
        if fields.get("state"):
            asked.state = State.of_json(fields["state"])
        else:
            pairs = put(_removing(pairs, fields.get("do", "")), fields.get("put", ""))
            asked.state = State.of_fields(pairs)
            if asked.state.viewpoint == asked.kg.viewpoint:
                asked.state = replace(asked.state, viewpoint="")
            _act(asked, fields, paths)
    except CalcinosisError as error:
        asked.refused.append(error)
    if asked.refused and fields.get("do") in ("example", "file"):
        asked.refused_at = fields["do"]
    return asked


def _removing(pairs: list[tuple[str, str]], do: str) -> list[tuple[str, str]]:
    name = do.removeprefix("remove-")
    return [*pairs, (f"{name}.remove", "")] if name != do else pairs


def put(pairs: list[tuple[str, str]], text: str) -> list[tuple[str, str]]:
    """The fields with what a button puts into one of them, as ``[name, words]`` in JSON."""
    if not text:
        return pairs
    name, words = _pair(text)
    return [(key, str(words) if key == name else value) for key, value in pairs]


def _pair(text: str) -> tuple[object, object]:
    try:
        one, other = json.loads(text)
    except (ValueError, TypeError, RecursionError) as error:
        cure = "Write it into the form"
        raise InputError("this is no fact that a button adds", "the button", cure) from error
    return one, other


def _act(asked: _Asked, fields: Mapping[str, str], paths: Sequence[str]) -> None:
    do = fields.get("do", "")
    if do == "clear":
        asked.state = State()
    elif do == "example":
        _take_example(asked, fields.get("example", ""))
    elif do == "file":
        _take_file(asked, paths)
    elif fields.get("add"):
        _add(asked, fields["add"])


def _take_example(asked: _Asked, name: str) -> None:
    found = stating_of(asked.kg).examples.get(name)
    if found is None:
        raise InputError("no example was chosen", "Example", "Choose one of the list")
    asked.state = replace(asked.state, case=found)


def _add(asked: _Asked, text: str) -> None:
    key, item = _pair(text)
    held = asked.state.case.get(STATUS)
    if key == STATUS and isinstance(held, Mapping):
        item = {**held, "status": item}  # the sites stay
    if key in _ONE:
        asked.state = replace(asked.state, case={**asked.state.case, str(key): item})
    else:
        asked.state = asked.state.with_item(str(key), item)


def _take_file(asked: _Asked, paths: Sequence[str]) -> None:
    """The case of a file; of several, all are shown to be chosen from."""
    if not paths:
        raise InputError("no file was chosen", "Case file", "Choose one, then read it")
    path = Path(paths[0])
    if path.suffix.casefold() not in CASE_FILES:
        cure = f"Case files end in {', '.join(CASE_FILES)}; a sheet is for the page Cohort"
        raise InputError("files that are named so are not read as a case", path.name, cure)
    found, refused = stating_of(asked.kg).loaded(path)
    asked.refused += refused
    if len(found) == 1:
        asked.state = replace(asked.state, case=found[0].case)
    if len(found) > 1:
        asked.others = {str(one.case.get("id")): one.case for one in found}
    for one in found:
        if one.differs:
            labels = ", ".join(one.differs)
            said = f"{one.case.get('id')}: the file says more than the form can hold, which bears "
            asked.remarks.append(f"{said}on {labels}. It is kept in words under remarks.")


# -- judging -------------------------------------------------------------------------------


def chosen(desk: Desk, state: State) -> KnowledgeGraph:
    """The graph by the settings that were chosen; UsageError for what there is none of."""
    own = desk.graph({})
    settings: Settings = state.settings(own.ontology.settings)
    if settings == own.ontology.settings:
        return own
    told = {"viewpoint": settings.viewpoint, "assume": settings.assume, "take": settings.take}
    return desk.graph(told)


def _judged(asked: _Asked) -> Judged | CalcinosisError:
    from calcinosis.output.exchange.phenopacket import left_out

    kg, case = asked.kg, dict(asked.state.case)
    try:
        by = chosen(asked.desk, asked.state)
        found = by.explain(case)
        if found.refused:
            return reworded(found.refused[0])
        (explanation,) = found.cases
        full = asked.fields.get("do") == "why"
        return Judged(
            explanation,
            Stating(by).deciding(case, explanation),
            kg.library,
            _whose(by),
            _whose(kg),
            None if by is kg else kg.compare(by, case).changes,
            [one.label for one in kg.classifier.case_classes],
            explanation_part(explanation, kg.library, Links().of) if full else "",
            list(map(str, left_out(by.ontology, explanation.verdict.case))),
        )
    except CalcinosisError as error:
        return reworded(error)


def _whose(kg: KnowledgeGraph) -> str:
    by = ", ".join(filter(None, (kg.label, kg.ontology.changed_words)))
    return f"{by}; {kg.ontology.settings.added_words}"


def _proposed(asked: _Asked) -> patient.Proposed | None:
    """What a pasted sentence states and the case does not hold yet; and what is left of it."""
    sentence, do = asked.fields.get("sentence", ""), asked.fields.get("do", "")
    if not sentence.strip() or not (do == "propose" or asked.fields.get("add")):
        return None
    try:
        found = proposals(asked.kg, sentence)
    except CalcinosisError as error:
        asked.refused.append(error)
        asked.refused_at = "sentence"
        return None
    items = [
        patient.Proposal((one["list"], one["item"]), one["text"], tuple(one["reads"]))
        for one in found["proposed"]
        if not _is_held(asked.state, one["list"], one["item"])
    ]
    left = [
        patient.Left(f"\u201c{one['text']}\u201d: {one['what']}.", one["suggestions"], means)
        for one in found["not_understood"]
        for means in [[(each["list"], each["item"]) for each in one.get("means", ())]]
        if not any(_is_held(asked.state, *each) for each in means)
    ]
    return patient.Proposed(items, left)


def _is_held(state: State, key: str, item: object) -> bool:
    held = state.case.get(key)
    if key == STATUS and isinstance(held, Mapping):
        held = held.get("status")
    return held == item or (isinstance(held, list) and item in held)


# -- what is carried away ------------------------------------------------------------------


def _carried(asked: _Asked, part: str) -> Answered:
    """A file with the case or its verdicts; CalcinosisError where it cannot be judged."""
    for error in asked.refused:
        raise error
    kg, case = chosen(asked.desk, asked.state), dict(asked.state.case)
    type_of, said, ending, write = _WRITERS[part]
    name = file_name(str(case.get("id") or ID), said, ending=ending)
    return {"kind": "answer", "type": type_of, "name": name}, write(kg, case).encode()


def _report(kg: KnowledgeGraph, case: dict[str, Any]) -> str:
    found = kg.explain(case)
    for error in found.refused:
        raise error
    return explanations_page(kg, found)


def _json(kg: KnowledgeGraph, case: dict[str, Any]) -> str:
    found = kg.classify(case, explain=True)
    for error in found.refused:
        raise error
    return found.to_json() + "\n"


def _phenopacket(kg: KnowledgeGraph, case: dict[str, Any]) -> str:
    from calcinosis.output.exchange.phenopacket import packets

    found = kg.explain(case)
    for error in found.refused:
        raise error
    (packet,) = packets(kg.ontology, found)
    return json.dumps(packet, ensure_ascii=False, indent=1) + "\n"


def _yaml(_kg: KnowledgeGraph, case: dict[str, Any]) -> str:
    import yaml

    return yaml.safe_dump(case, allow_unicode=True, sort_keys=False, width=100)


_Write = Callable[[KnowledgeGraph, dict[str, Any]], str]
_WRITERS: Final[dict[str, tuple[str, str, str, _Write]]] = {
    "report": (HTML, "report", "html", _report),
    "json": ("application/json", "verdicts", "json", _json),
    "phenopacket": ("application/json", "phenopacket", "json", _phenopacket),
    "yaml": ("application/yaml", "case", "yaml", _yaml),
}


def warming() -> list[Asked]:
    """The requests that load what these pages need."""
    request = {"memory": 1 << 20, "edition": "", "fields": [["calcinosis", "present"]]}
    return [
        {**request, "verb": "patient", "part": "page"},
        {**request, "verb": "patient words"},
        {**request, "verb": "cohort", "part": "page"},
    ]


PAGES: Final = {"patient": _patient, "patient words": _words}
"""The verbs by which the pages are asked for."""
