"""The calls of the API that need no case: look-ups, search, suggestions, terms, references."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from calcinosis.api import KINDS, Catalogue, LookUp
from calcinosis.errors import UsageError
from calcinosis.output.markup import Markup, tag
from calcinosis.output.references.styles import PLAIN, STYLES
from calcinosis.output.site.frame import page
from calcinosis.web.api_call import Call, Given, Parameter, choice, number, of_format, several, yes
from calcinosis.web.asking import asked as a_clerk
from calcinosis.web.asking import queried
from calcinosis.web.children import LateError
from calcinosis.web.refusals import RefusedError, of_pool
from calcinosis.web.state import Site, site

if TYPE_CHECKING:
    from calcinosis.api import Rows

JSON: Final = "application/json"
CSV, TSV, HTML, TEXT = "text/csv", "text/tab-separated-values", "text/html", "text/plain"
MARKDOWN: Final = "text/markdown"
_REFERENCES: Final = {
    "text": (TEXT, None),
    "bibtex": ("application/x-bibtex", None),
    "ris": ("application/x-research-info-systems", None),
    "csl-json": ("application/vnd.citationstyles.csl+json", {"type": "array"}),
}
_TABLES: Final[dict[str, tuple[str, Mapping[str, Any] | None]]] = {
    "json": (JSON, {"type": "object", "required": ["head", "results"]}),
    "csv": (CSV, None),
    "tsv": (TSV, None),
    "html": (HTML, None),
    "markdown": (MARKDOWN, None),
    "bibtex": ("application/x-bibtex", None),
}
_TEXT_OF_A_SEARCH: Final = {"type": "string", "minLength": 1, "maxLength": 200}


def answered(body: str | bytes, media: str, **headers: str) -> Response:
    """An answer that may be kept, but is asked for anew."""
    data = body.encode("utf-8", "replace") if isinstance(body, str) else body
    kept = {"Cache-Control": "no-cache", "Vary": "Accept", **headers}
    kind = f"{media}; charset=utf-8" if media.startswith("text/") else media
    return Response(data, headers=kept, media_type=kind)


def _as_json(value: Any) -> Response:
    return answered(json.dumps(value, ensure_ascii=False, indent=1) + "\n", JSON)


# -- named look-ups ----------------------------------------------------------------------


async def _list(request: Request, given: Given) -> Response:  # noqa: ARG001 (as all have it)
    return _as_json([_described(one) for one in look_ups()])


def look_ups() -> list[LookUp]:
    """All named look-ups."""
    catalogue = Catalogue()
    return [catalogue.look_up(name) for name in catalogue.names()]


def _described(one: LookUp) -> dict[str, Any]:
    parameters = [
        {
            "name": parameter.name,
            "type": parameter.type,
            "description": parameter.description,
            "default": parameter.default,
            "values": list(parameter.values),
        }
        for parameter in one.parameters
    ]
    said = {"name": one.name, "summary": one.summary, "description": one.description}
    more = {"tags": list(one.tags), "example": dict(one.example)}
    return {**said, **more, "parameters": parameters}


def call_of(one: LookUp) -> Call:
    """The call of a named look-up, with its own parameters."""
    parameters = [_parameter(it) for it in one.parameters]
    asked = "&".join(f"{key}={value}" for key, value in one.example.items())

    async def answer(request: Request, given: Given) -> Response:
        return await _query(request, call, given)

    call = Call(
        f"/api/query/{one.name}",
        one.summary,
        answer,
        _TABLES,
        (*parameters, of_format(*_TABLES)),
        example=asked.replace(" ", "+"),
        tag="named look-ups",
    )
    return call


def _parameter(one: Any) -> Parameter:
    schema: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 200}
    if one.values:
        schema = {"type": "string", "enum": list(one.values)}
    if one.type == "number":
        schema = {"type": "integer", "minimum": 0, "maximum": 999_999_999}
    default = f" Without it: {one.default}." if one.default is not None else ""
    return Parameter(one.name, one.description + default, schema)


def unknown(error: UsageError) -> RefusedError:
    """The refusal of a name that names nothing, or several things."""
    return RefusedError(404, error.what, error.where, error.cure)


async def query(request: Request) -> Response:
    """The answer of the named look-up that the path names."""
    name = request.path_params["name"]
    try:
        call = call_of(Catalogue().look_up(name))
    except UsageError as error:
        raise unknown(error) from error
    return await call.answer(request, call.read(request))


async def _query(request: Request, call: Call, given: Given) -> Response:
    form = call.form(request, given)
    values = {key: value for key, value in given.items() if key != "format" and value is not None}
    table = await asked(request, call.path.rpartition("/")[2], values)
    return _written(request, call, table, form)


async def asked(request: Request, name: str, given: Mapping[str, Any]) -> Rows:
    """The rows of a named look-up, which a process of the pool answers."""
    here = site(request)
    try:
        asking = here.kg.lookups.asking(name, given)
    except UsageError as error:
        raise unknown(error) from error
    head, body = await queried(request, asking.query)
    from calcinosis.api.notebooks import rows

    return rows(asking.read(head, body, here.bounds.megabytes))


def _written(request: Request, call: Call, table: Rows, form: str) -> Response:
    from calcinosis.output.words.answer import written

    here, media = site(request), call.gives[form][0]
    if form == "bibtex":
        return answered(here.kg.cite(*table.references()).bibtex() if table else "", media)
    if form == "html":
        head = tag("h1", call.summary)
        body = page(call.summary, head, Markup(table._repr_html_()), links=here.links)
        return answered(body, media)
    return answered(written(table, form, here.kg.prefixes), media)


# -- search and suggestions --------------------------------------------------------------


async def _search(request: Request, given: Given) -> Response:
    from calcinosis.output.words.term import hits_csv, hits_json

    form, kg = SEARCH.form(request, given), site(request).kg
    found = await run_in_threadpool(kg.search, given["q"], given["n"], tuple(given["kind"]))
    laid = kg.ontology.overlay_words
    write = hits_csv if form == "csv" else hits_json
    return answered(write(found, laid), SEARCH.gives[form][0])


async def _complete(request: Request, given: Given) -> Response:
    from calcinosis.api.suggested import suggestions

    kg, kinds = site(request).kg, tuple(given["kind"])
    return _as_json(await run_in_threadpool(suggestions, kg, given["q"], given["n"], kinds))


async def _term(request: Request, given: Given) -> Response:
    form, kg = TERM.form(request, given), site(request).kg

    def written() -> str:
        found = kg.show(given["name"])
        write = {"json": found.to_json, "markdown": found.markdown, "text": found.text}
        return write[form]()

    try:
        return answered(await run_in_threadpool(written), TERM.gives[form][0])
    except UsageError as error:
        raise unknown(error) from error


# -- references --------------------------------------------------------------------------


async def _cite(request: Request, given: Given) -> Response:
    form, here = CITE.form(request, given), site(request)
    # What goes with another parameter does nothing without it: no schema could say otherwise.
    style = (given["style"] if form == "text" else None) or PLAIN
    bounds = here.bounds
    try:
        # One clock for the look-ups and what is made of them.
        async with asyncio.timeout(bounds.seconds):
            body = await _cited(request, given, form, style)
    except TimeoutError as error:
        raise of_pool(LateError(), bounds.seconds, bounds.megabytes) from error
    laid = here.kg.ontology.overlay_words
    below = {"text": f"Told {laid}.\n", "bibtex": f"% Told {laid}.\n"} if laid and body else {}
    return answered(body + below.get(form, "").encode(), CITE.gives[form][0])


async def _cited(request: Request, given: Given, form: str, style: str) -> bytes:
    """The references as text; empty where only look-ups are named that have none."""
    keys = list(given["key"])
    for name in dict.fromkeys(given["query"]):
        keys += (await asked(request, name, {})).references()
    if given["query"] and not keys:
        return b""
    what = {one: given[one] for one in ("subtype", "condition")}
    what["below"] = given["below"] and bool(given["condition"])
    async with site(request).once(_turn) if style != PLAIN else nullcontext():
        _, body = await a_clerk(request, "cite", keys=keys, form=form, style=style, **what)
    return body


def _turn(here: Site) -> asyncio.Semaphore:
    """Styles take seconds where references are many: a clerk is left to who has a case."""
    return asyncio.Semaphore(max(1, here.bounds.clerks - 1))


async def _examples(request: Request, given: Given) -> Response:  # noqa: ARG001
    from calcinosis.api.examples import examples

    return _as_json(await run_in_threadpool(examples))


_KIND: Final = several("kind", "Only of this kind; may be given several times.", *KINDS)
_LIST: Final = {"type": "array", "items": {"type": "object"}}
LIST: Final = Call(
    "/api/query", "The named look-ups, with their parameters", _list, {"json": (JSON, _LIST)}
)
SEARCH: Final = Call(
    "/api/search",
    "Terms, analytes and references by name, title or code, the best first; spelling is forgiven",
    _search,
    {"json": (JSON, _LIST), "csv": (CSV, None)},
    (
        Parameter("q", "What is searched for.", _TEXT_OF_A_SEARCH, required=True),
        number("n", "How many are given at most.", 1, 1000, 10),
        _KIND,
        of_format("json", "csv"),
    ),
    example="q=MONDO:0016367&n=3",
)
COMPLETE: Final = Call(
    "/api/complete",
    "Suggestions for a name that is being typed: labels, synonyms, keys and codes",
    _complete,
    {"json": (JSON, _LIST)},
    (
        Parameter("q", "What was typed.", _TEXT_OF_A_SEARCH, required=True),
        number("n", "How many are given at most.", 1, 100, 10),
        _KIND,
    ),
    example="q=serum+calc",
)
TERM: Final = Call(
    "/api/term/{name}",
    "All that is known of a term, reference or viewpoint; the word viewpoints: all of them",
    _term,
    {"json": (JSON, {"type": "object"}), "markdown": (MARKDOWN, None), "text": (TEXT, None)},
    (
        Parameter(
            "name", "A label, synonym, class name, code or key.", required=True, in_path=True
        ),
        of_format("json", "markdown", "text"),
    ),
    example="reiter-2011",
)
CITE: Final = Call(
    "/api/cite",
    "The references with these keys, or those that carry an answer; without any, all",
    _cite,
    _REFERENCES,
    (
        several("key", "The key of a reference, such as reiter-2011."),
        several("subtype", "What carries this subtype."),
        several("condition", "What carries claims about a condition, intervention or finding."),
        yes("below", "Also claims about kinds of the condition, where one is named."),
        several("query", "What carries a named look-up."),
        choice("style", "Of text; other formats have none.", PLAIN, *STYLES, default=PLAIN),
        of_format(*_REFERENCES),
    ),
    example="key=reiter-2011&style=apa",
)
EXAMPLES: Final = Call(
    "/api/examples", "The published cases that come with the package", _examples,
    {"json": (JSON, _LIST)},
)  # fmt: skip
CALLS: Final = (LIST, SEARCH, COMPLETE, TERM, CITE, EXAMPLES)
