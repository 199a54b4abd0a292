"""What a clerk answers for the pages of one patient and of a cohort: pages, parts, and files.

It gets the fields of a form, and gives what is to be shown or saved. It keeps nothing of them.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Final

from calcinosis.api import KnowledgeGraph, Settings
from calcinosis.api.graph import by_settings
from calcinosis.api.stating import Stating
from calcinosis.api.uploads import in_memory, without_folder
from calcinosis.errors import CalcinosisError, InputError
from calcinosis.output.pages.explanation import explanation_part
from calcinosis.output.site import patient
from calcinosis.output.site.links import Links
from calcinosis.output.site.patient_form import Offer
from calcinosis.output.site.patient_state import State
from calcinosis.output.site.patient_verdict import Judged

Answered = tuple[dict[str, Any], bytes]
_HTML: Final = "text/html; charset=utf-8"
_CASE_FILE: Final = "case"
_ENDINGS: Final = (".yaml", ".yml", ".json", ".jsonl", ".ndjson", ".pb", ".ttl", ".jsonld")
_ONE: Final = ("calcinosis", "age", "sex")
"""What a case holds once, so that a proposal takes the place of what is there."""


@lru_cache(maxsize=1)
def _stating(kg: KnowledgeGraph) -> Stating:
    return Stating(kg)


@lru_cache(maxsize=6)
def _by(kg: KnowledgeGraph, settings: Settings) -> KnowledgeGraph:
    return by_settings(kg, settings)


@dataclass
class _Asked:
    """What was asked of the page of one patient, as its parts come to be known."""

    kg: KnowledgeGraph
    fields: Mapping[str, str]
    state: State = field(default_factory=State)
    refused: list[CalcinosisError] = field(default_factory=list)
    others: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)


# -- one patient ---------------------------------------------------------------------------


def patient_words(kg: KnowledgeGraph, _request: Mapping[str, Any]) -> Answered:
    """Labels with their synonyms and codes, for the script that suggests them."""
    words = json.dumps(_stating(kg).names_of, ensure_ascii=False, separators=(",", ":"))
    return {"kind": "page", "type": "application/json"}, words.encode()


def patient_page(kg: KnowledgeGraph, request: Mapping[str, Any]) -> Answered:
    """The page for a patient, a part of it, or what is carried away, as ``part`` says."""
    asked = _asked(kg, request)
    part = request["part"]
    if part in patient.CARRIED:
        return _carried(asked, part)
    links = Links(edition=request.get("edition", ""))
    shown = patient.Shown(
        asked.state,
        _judged(asked),
        asked.fields.get("sentence", ""),
        _proposed(asked),
        asked.refused,
        asked.others,
        asked.remarks,
    )
    if part == "result":
        text = str(patient.result(shown, links))
    else:
        examples = _stating(kg).offered.examples
        make = patient.body if part == "body" else patient.patient_page
        text = str(make(shown, _offer(kg), examples, links))
    return {"kind": "page", "type": _HTML, "status": 422 if asked.refused else 200}, text.encode()


def _offer(kg: KnowledgeGraph) -> Offer:
    found = _stating(kg).offered
    return Offer(
        found.words,
        found.tests,
        found.levels,
        found.worked_up,
        found.viewpoints,
        kg.ontology.settings,
    )


def _asked(kg: KnowledgeGraph, request: Mapping[str, Any]) -> _Asked:
    """The patient that a form is about, after what its button does."""
    pairs = [(str(key), str(value)) for key, value in request.get("fields", ())]
    fields = dict(pairs)
    asked = _Asked(kg, fields)
    try:
        if fields.get("state"):
            asked.state = State.of_json(fields["state"])
        else:
            asked.state = State.of_fields(_removing(pairs, fields.get("do", "")))
            _act(asked, fields, request.get("file"))
    except CalcinosisError as error:
        asked.refused.append(error)
    return asked


def _removing(pairs: list[tuple[str, str]], do: str) -> list[tuple[str, str]]:
    name = do.removeprefix("remove-")
    return [*pairs, (f"{name}.remove", "")] if name != do else pairs


def _act(asked: _Asked, fields: Mapping[str, str], file: Mapping[str, str] | None) -> None:
    do = fields.get("do", "")
    if do == "clear":
        asked.state = State()
    elif do == "example":
        _take_example(asked, fields.get("example", ""))
    elif do == "file":
        _take_file(asked, file)
    elif fields.get("add"):
        _add(asked, fields["add"])


def _take_example(asked: _Asked, name: str) -> None:
    found = _stating(asked.kg).examples.get(name)
    if found is None:
        raise InputError("no example was chosen", "Example", "Choose one of the list")
    asked.state = replace(asked.state, case=found)


def _add(asked: _Asked, text: str) -> None:
    try:
        key, item = json.loads(text)
    except (ValueError, TypeError) as error:
        cure = "Write it into the form"
        raise InputError("this is no fact that a button adds", "the button", cure) from error
    if key in _ONE:
        asked.state = replace(asked.state, case={**asked.state.case, key: item})
    else:
        asked.state = asked.state.with_item(str(key), item)


def _take_file(asked: _Asked, file: Mapping[str, str] | None) -> None:
    """The case of a file; of several, all are shown to be chosen from."""
    if file is None:
        raise InputError("no file was chosen", "Case file", "Choose one, then read it")
    name, data = file["name"], base64.b64decode(file["data"])
    with in_memory(_CASE_FILE + _ending(name), data) as path:
        found, refused = _stating(asked.kg).loaded(path)
        asked.refused += [_renamed(one, path, name) for one in refused]
    if len(found) == 1:
        asked.state = replace(asked.state, case=found[0].case)
    if len(found) > 1:
        asked.others = {str(one.case.get("id")): one.case for one in found}
    for one in found:
        if one.differs:
            labels = ", ".join(one.differs)
            said = f"{one.case.get('id')}: the file says more than the form can hold, which bears "
            asked.remarks.append(f"{said}on {labels}. It is kept in words under remarks.")


def _ending(name: str) -> str:
    """The ending of a file's name, where files so named are read as cases."""
    for ending in _ENDINGS:
        if name.casefold().endswith(ending):
            return ending
    cure = f"Case files end in {', '.join(_ENDINGS)}; sheets belong on the page for a cohort"
    raise InputError("files that are named so are not read as a case", name, cure)


def _renamed(error: CalcinosisError, path: Any, name: str) -> InputError:
    """An error that calls the file as people do."""
    where = without_folder(error.where, path).replace(path.name, name)
    return InputError(error.what, where, error.cure)


# -- judging -------------------------------------------------------------------------------


def _judged(asked: _Asked) -> Judged | CalcinosisError:
    kg, case = asked.kg, asked.state.case
    try:
        settings = asked.state.settings(kg.ontology.settings)
        by = kg if settings == kg.ontology.settings else _by(kg, settings)
        found = by.explain(dict(case))
        if found.refused:
            return found.refused[0]
        (explanation,) = found.cases
        return Judged(
            explanation,
            Stating(by).deciding(case, explanation),
            kg.library,
            _whose(by),
            _whose(kg),
            None if by is kg else kg.compare(by, dict(case)).changes,
            explanation_part(explanation, kg.library, Links().of)
            if asked.fields.get("do") == "why"
            else "",
        )
    except CalcinosisError as error:
        return error


def _whose(kg: KnowledgeGraph) -> str:
    by = ", ".join(filter(None, (kg.label, kg.ontology.changed_words)))
    return f"{by}; {kg.ontology.settings.added_words}"


def _proposed(asked: _Asked) -> patient.Proposed | None:
    return None


def _carried(asked: _Asked, part: str) -> Answered:
    raise NotImplementedError
