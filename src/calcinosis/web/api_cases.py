"""The calls of the API that read cases, which a clerk judges; nothing of them is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from calcinosis.api import ON_CONFLICT, READ, VISITS
from calcinosis.web.api_call import Call, Given, Parameter, choice, number, of_format, several, yes
from calcinosis.web.asking import asked
from calcinosis.web.children import Said
from calcinosis.web.policy import policy
from calcinosis.web.refusals import RefusedError
from calcinosis.web.sent import MULTIPART, laid, parts

_FILES: Final = 20
_FIELDS: Final = 200
_LONGEST_TEXT: Final = 5_000
_TEXT: Final = "text/plain"
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TAKEN: Final = {
    "application/json": (".json", ""),
    "application/yaml": (".yaml", ""),
    "application/x-ndjson": (".jsonl", ""),
    "application/fhir+json": (".json", "fhir"),
    "application/fhir+ndjson": (".ndjson", "fhir"),
    "text/csv": (".csv", ""),
    "text/tab-separated-values": (".tsv", ""),
    _XLSX: (".xlsx", ""),
    "application/vnd.oasis.opendocument.spreadsheet": (".ods", ""),
    "text/turtle": (".ttl", ""),
    "application/ld+json": (".jsonld", ""),
}
"""The media types of bodies, each with the ending of such a file and the kind of its records."""
_ALIASES: Final = {
    "text/yaml": "application/yaml",
    "application/x-yaml": "application/yaml",
    "application/jsonl": "application/x-ndjson",
    "application/x-jsonlines": "application/x-ndjson",
    "text/json": "application/json",
}
_ENDINGS: Final = tuple(dict.fromkeys((*(e for e, _ in _TAKEN.values()), ".yml", ".xlsm", ".nt")))
_SETTINGS: Final = (
    Parameter("viewpoint", "Whose criteria; /api/term/viewpoints lists them."),
    several("without", "The key of a reference to leave out."),
    number("before", "Leave out references that are not from before that year.", 1800, 2200, None),
    choice("min_read", "Leave out what was read less far than that.", *READ),
    several("without_study_type", "Leave out references of a type of study."),
    yes("without_editorial", "Leave out axioms that are our own reading."),
    yes("with_retracted", "Keep references that are known to be retracted."),
    Parameter("assume", "What may be assumed: nothing, all, or some of levels, work-up, causes."),
    choice("take", "Whether names say more than themselves.", "all", "nothing"),
)
_READING: Final = (
    yes("strict", "Refuse a case with a word that is not understood."),
    choice("from", "What the records are, where that is not told by what they hold.",
           "cases", "phenopacket", "fhir", "rdf"),
    choice("visit", "Which of several rows of a patient in a table counts.", *VISITS),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sent:
    """What came with a request: files by name, fields of a form, and the kind of the records."""

    files: tuple[tuple[str, bytes], ...]
    fields: tuple[tuple[str, str], ...] = ()
    kind: str = ""
    mapping: tuple[str, bytes] | None = None


# -- what is sent ------------------------------------------------------------------------


async def _sent(request: Request, types: Mapping[str, object]) -> Sent:
    """The body of a request as files; RefusedError for one that cannot be read as such."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
    media = _ALIASES.get(media, media)
    if media == MULTIPART and media in types:
        async with parts(request, files=_FILES, fields=_FIELDS) as found:
            return await _told(found)
    if media not in types:
        known = ", ".join(types)
        what = (
            f"a body of the type {media[:100]!r} is not read" if media else "the body has no type"
        )
        raise RefusedError(415, what, "Content-Type", f"Send {known}", {"Accept-Post": known})
    ending, kind = _TAKEN.get(media, (".txt", ""))
    body = await request.body()
    if not body:
        raise RefusedError(400, "the body is empty", "", "Send a case")
    return Sent(((f"cases{ending}", body),), (), kind)


async def _told(found: FormData) -> Sent:
    files, fields, mapping = [], [], None
    for name, value in found.multi_items():
        if not isinstance(value, UploadFile):
            fields.append((name, value))
        elif name == "map":
            mapping = "map.yaml", await value.read()
        elif name == "file":
            files.append((_named(value), await value.read()))
        else:
            raise RefusedError(400, "a file is sent as file or map", name[:100], "Rename the part")
    if not files:
        raise RefusedError(400, "the form has no file", "file", "Add a part file with a file name")
    return Sent(tuple(files), tuple(fields), "", mapping)


def _named(file: UploadFile) -> str:
    """The name of a file that was sent, with the ending that says how it is read."""
    name = file.filename or ""
    ending = f".{name.rpartition('.')[2].casefold()}" if "." in name else ""
    if ending in _ENDINGS:
        return name
    media = (file.content_type or "").partition(";")[0].strip().casefold()
    media = _ALIASES.get(media, media)
    if media in _TAKEN:
        return f"{name or 'cases'}{_TAKEN[media][0]}"
    cure = f"Files end in {', '.join(_ENDINGS)}"
    raise RefusedError(415, "the file is of no kind that is read", name[:100] or "file", cure)


# -- what is asked -----------------------------------------------------------------------


async def _judged(request: Request, given: Given, verb: str, told: Sent, **more: Any) -> Said:
    """What a clerk answers about cases; RefusedError for what it says instead."""
    files = [*told.files, *([told.mapping] if told.mapping else [])]
    return await asked(
        request,
        verb,
        settings=_settings(given),
        strict=given.get("strict", False),
        kind=given.get("from") or told.kind,
        visit=given.get("visit") or "",
        mapped=told.mapping is not None,
        files=[laid(*file) for file in files],
        **more,
    )


def _settings(given: Given) -> dict[str, Any]:
    """What ``Settings`` takes, as far as it is said."""
    names = [one.name for one in _SETTINGS]
    found = {name: given[name] for name in names if given.get(name) not in (None, [], False)}
    if "take" in found:
        found["take"] = found["take"] == "all"
    return found


def _given_by(head: Mapping[str, Any], body: bytes, call: Call, form: str = "json") -> Response:
    """The answer; where every input was refused, the refusal that says why."""
    refused = head["refused"]
    if refused and not head["count"] and form != "outcome":
        if len(refused) > 1:
            what, cure = f"{len(refused)} inputs were refused", "Each fault has its own cure"
            raise RefusedError(422, what, "", cure, faults=refused)
        only = refused[0]
        raise RefusedError(422, only["what"], only["where"], only["cure"])
    media = call.gives[form][0]
    headers = {"Cache-Control": "no-store", "Vary": "Accept"}
    headers["Calcinosis-Refused"] = str(len(refused))
    if media == "text/html":
        headers["Content-Security-Policy"] = _policy(call)
    if form == "xlsx":
        headers["Content-Disposition"] = 'attachment; filename="calcinosis-verdicts.xlsx"'
    kind = f"{media}; charset=utf-8" if media.startswith("text/") else media
    return Response(body, headers=headers, media_type=kind)


def _policy(call: Call) -> str:
    """That of the page that the call gives, whose style and script stand in it."""
    from calcinosis.output.pages import cohort, style

    styles, scripts = ((), ()) if call is EXPLAIN else cohort.INLINE
    return policy((style.STYLE, *styles), scripts)  # one patient is told as an explanation


async def _classify(request: Request, given: Given, told: Sent) -> Response:
    form = CLASSIFY.form(request, given)
    shape = given["shape"] or "long"
    if given["shape"] and form != "csv":
        raise RefusedError(400, "a shape is for a table", "shape", "Leave it out, or format=csv")
    if given["explain"] and form not in ("json", "jsonl", "outcome"):
        raise RefusedError(400, "there is no place for why", "explain", "Ask for JSON")
    more = {"form": form, "shape": shape, "explain": given["explain"]}
    return _given_by(*await _judged(request, given, "classify", told, **more), CLASSIFY, form)


async def _explain(request: Request, given: Given, told: Sent) -> Response:
    form = EXPLAIN.form(request, given)
    more = {key: given[key] for key in ("subtype", "id", "on_conflict")}
    return _given_by(
        *await _judged(request, given, "explain", told, form=form, **more), EXPLAIN, form
    )


async def _map(request: Request, given: Given, told: Sent) -> Response:
    form = MAP.form(request, given)
    return _given_by(*await _judged(request, given, "map", told), MAP, form)


async def _propose(request: Request, given: Given, told: Sent) -> Response:
    try:
        text = told.files[0][1].decode("utf-8")
    except UnicodeDecodeError as error:
        raise RefusedError(400, "the text is not UTF-8", "", "Send it in UTF-8") from error
    if len(text) > _LONGEST_TEXT:
        what = f"the text is longer than {_LONGEST_TEXT:,} letters"
        raise RefusedError(413, what, "", "Send a part of it")
    told = Sent((), told.fields)
    return _given_by(*await _judged(request, given, "propose", told, text=text), PROPOSE)


def _schema(name: str) -> Mapping[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


_BODY: Final[Mapping[str, Any]] = {"type": "string", "format": "binary", "minLength": 1}
_FORM: Final[Mapping[str, Any]] = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "array", "minItems": 1, "maxItems": _FILES, "items": _BODY},
        "map": _BODY,
    },
}
_CASES: Final[Mapping[str, Any]] = {
    "anyOf": [_schema("Case"), {"type": "array", "items": _schema("Case")}, {"type": "object"}]
}
_TAKES: Final[Mapping[str, Mapping[str, Any]]] = {
    **dict.fromkeys(_TAKEN, _BODY),
    "application/json": _CASES,
    "application/fhir+json": {"type": "object"},
    MULTIPART: _FORM,
}
_SHEETS: Final = {
    media: schema for media, schema in _TAKES.items() if _TAKEN.get(media, [""])[0] in
    (".csv", ".tsv", ".xlsx", ".ods", "")
}  # fmt: skip
_EXAMPLE: Final = '{"id": "case-1", "calcinosis": "present", "conditions": ["MONDO:0016367"]}'
CLASSIFY: Final = Call(
    "/api/classify",
    "Which subtypes follow for each case, are ruled out, or stay open",
    _classify,
    {
        "json": ("application/json", _schema("Result")),
        "jsonl": ("application/x-ndjson", None),
        "csv": ("text/csv", None),
        "html": ("text/html", None),
        "xlsx": (_XLSX, None),
        "markdown": ("text/markdown", None),
        "phenopacket": ("application/x-ndjson", None),
        "fhir": ("application/fhir+ndjson", None),
        "outcome": ("application/json", {"type": "object", "required": ["result", "refused"]}),
    },
    (
        *_SETTINGS,
        *_READING,
        yes("explain", "Say why as well (JSON)."),
        choice("shape", "Of a table in CSV.", "wide", "tidy", "long", "table-1"),
        of_format(
            *("json", "jsonl", "csv", "html", "xlsx", "markdown", "phenopacket", "fhir", "outcome")
        ),
    ),
    "POST",
    _TAKES,
    body=_EXAMPLE,
    tag="cases",
)
EXPLAIN: Final = Call(
    "/api/explain",
    "Why each subtype follows or is ruled out, what would decide, and what contradicts",
    _explain,
    {"json": ("application/json", _schema("Explanations")), "html": ("text/html", None)},
    (
        *_SETTINGS,
        *_READING,
        Parameter("subtype", "Explain the verdict on this subtype only."),
        Parameter("id", "Explain the case with this id only."),
        choice("on_conflict", "Which side to set aside.", *ON_CONFLICT, default=ON_CONFLICT[0]),
        of_format("json", "html"),
    ),
    "POST",
    _TAKES,
    body=_EXAMPLE,
    tag="cases",
)
MAP: Final = Call(
    "/api/map",
    "How a sheet is read: each column with what it is taken for, as YAML to mend and send as map",
    _map,
    {"yaml": ("application/yaml", None)},
    (Parameter("viewpoint", "Whose criteria."), of_format("yaml")),
    "POST",
    _SHEETS,
    body="id,calcinosis\ncase-1,present\n",
    tag="cases",
)
PROPOSE: Final = Call(
    "/api/propose",
    "The facts that sentences of a report may state, each to be confirmed, and what is not "
    "understood",
    _propose,
    {
        "json": (
            "application/json",
            {"type": "object", "required": ["proposed", "not_understood"]},
        )
    },
    (Parameter("viewpoint", "Whose terms."),),
    "POST",
    {_TEXT: {"type": "string", "minLength": 1, "maxLength": _LONGEST_TEXT}},
    body="Phosphate was 1.1 mmol/L.",
    tag="cases",
)
CALLS: Final = (CLASSIFY, EXPLAIN, MAP, PROPOSE)


async def answer(request: Request, call: Call) -> Response:
    """The answer of a call that takes a body."""
    told = await _sent(request, call.takes)
    given = call.read(request, told.fields)
    return await call.answer(request, given, told)
