"""The API told: OpenAPI 3.1 for programs, a page for people; both from the table of its calls."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from calcinosis import __version__
from calcinosis.output.markup import Markup, join, table, tag
from calcinosis.output.site.frame import page
from calcinosis.web.api_call import Call, Parameter
from calcinosis.web.api_lookups import HTML, JSON, answered
from calcinosis.web.describe import base as address
from calcinosis.web.refusals import PROBLEM, RefusedError
from calcinosis.web.state import site

Calls = Callable[[], list[Call]]
Endpoint = Callable[[Request], Awaitable[Response]]
_SCHEMAS: Final = {
    "Case": "case.schema.json",
    "Result": "result.schema.json",
    "Explanations": "explanation.schema.json",
}
_PROBLEM: Final[Mapping[str, Any]] = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong."},
        "where": {"type": "string", "description": "Where it is wrong."},
        "cure": {"type": "string", "description": "What to do."},
        "faults": {"type": "array", "items": {"type": "object"}},
    },
}
_REFUSALS: Final = {
    "400": "A parameter or the body is wrong.",
    "404": "There is no such thing.",
    "405": "The address does not take the method.",
    "406": "It is not given in a form that the client takes.",
    "408": "The request did not come in time.",
    "413": "The body is too large, or the answer would be.",
    "414": "The address is too long.",
    "415": "A body of that type is not read.",
    "421": "The server has no such name.",
    "422": "What was sent cannot be read as cases.",
    "431": "The headers are too long.",
    "503": "Too much is asked at once.",
    "504": "There was no answer in time.",
}
_TITLE: Final = "The API"


def document_of(calls: Calls) -> Endpoint:
    """What answers with the OpenAPI document."""

    @cache
    def written() -> bytes:
        return (json.dumps(document(calls()), ensure_ascii=False, indent=1) + "\n").encode()

    async def answer(request: Request) -> Response:
        _no_parameters(request)
        return answered(await run_in_threadpool(written), JSON)

    return answer


def document(calls: Iterable[Call]) -> dict[str, Any]:
    """The calls as OpenAPI 3.1, with the package's own schemas."""
    paths: dict[str, Any] = {}
    for call in calls:
        paths.setdefault(call.path, {})[call.method.lower()] = _as_openapi(call)
    schemas = {name: _schema(file, name) for name, file in _SCHEMAS.items()}
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {
            "title": "calcinosis",
            "version": __version__,
            "description": "The graph over HTTP. Research software, not medical advice. Nothing "
            "that is sent is kept.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {"schemas": {**schemas, "Problem": _PROBLEM}},
    }


def _schema(file: str, name: str) -> dict[str, Any]:
    """A schema of the package as a component: its own definitions are found below it."""
    text = files("calcinosis").joinpath("schemas", file).read_text(encoding="utf-8")
    inside = f"#/components/schemas/{name}/"
    text = text.replace('"$ref": "#/', f'"$ref": "{inside}').replace(
        '"$ref": "#"', f'"$ref": "{inside[:-1]}"'
    )
    found: dict[str, Any] = json.loads(text)
    others = {json.loads(_text(one))["$id"]: key for key, one in _SCHEMAS.items()}
    found = _linked(found, others)
    return {key: value for key, value in found.items() if key not in ("$id", "$schema")}


def _text(file: str) -> str:
    return files("calcinosis").joinpath("schemas", file).read_text(encoding="utf-8")


def _linked(value: Any, others: Mapping[str, str]) -> Any:
    """A schema whose references to the package's other schemas lead to their components."""
    if isinstance(value, list):
        return [_linked(one, others) for one in value]
    if not isinstance(value, dict):
        return value
    found = {key: _linked(one, others) for key, one in value.items()}
    whole, _, inside = str(found.get("$ref", "")).partition("#")
    if whole in others:
        found["$ref"] = f"#/components/schemas/{others[whole]}{inside}"
    return found


def _as_openapi(call: Call) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": f"{call.method.lower()}_{call.name}",
        "summary": call.summary,
        "tags": [call.tag],
        "parameters": [_parameter(one) for one in call.parameters],
        "responses": {
            "200": {"description": "The answer.", "content": _content(call)},
            **{status: _refusal(words) for status, words in _REFUSALS.items()},
        },
    }
    if call.takes:
        content = {media: {"schema": schema} for media, schema in call.takes.items()}
        found["requestBody"] = {"required": True, "content": content}
    return found


def _content(call: Call) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for media, schema in call.gives.values():
        schemas = found.setdefault(media, [])
        schemas += [schema or {"type": "string"}]
    return {
        media: {"schema": schemas[0] if len(schemas) == 1 else {"anyOf": schemas}}
        for media, schemas in found.items()
    }


def _refusal(words: str) -> dict[str, Any]:
    problem = {"schema": {"$ref": "#/components/schemas/Problem"}}
    text = {"schema": {"type": "string"}}
    content = {PROBLEM: problem, JSON: problem, HTML: text, "text/plain": text}
    return {"description": words, "content": content}


def _parameter(one: Parameter) -> dict[str, Any]:
    return {
        "name": one.name,
        "in": "path" if one.in_path else "query",
        "required": one.required,
        "description": one.description,
        "schema": one.schema,
    }


# -- the page ----------------------------------------------------------------------------


def page_of(calls: Calls) -> Endpoint:
    """What answers with the page that lists the calls."""

    async def answer(request: Request) -> Response:
        _no_parameters(request)
        return answered(await run_in_threadpool(_page, request, calls()), HTML)

    return answer


def _page(request: Request, calls: Iterable[Call]) -> str:
    links, base = site(request).links, address(request)
    document = tag("a", "OpenAPI 3.1", href=links.to("api/openapi.json"))
    by_tag: dict[str, list[Call]] = {}
    for call in calls:
        by_tag.setdefault(call.tag, []).append(call)
    sections = [
        join(tag("h2", name.capitalize()), *(_section(call, base) for call in found))
        for name, found in by_tag.items()
    ]
    intro = tag("p", "For programs: ", document, ". An error is a problem as RFC 9457 has it.")
    return page(_TITLE, tag("h1", _TITLE), intro, *sections, links=links)


def _section(call: Call, base: str) -> Markup:
    rows = [(one.name, one.description, _kind(one)) for one in call.parameters]
    forms = ", ".join(call.gives)
    parts = [
        tag("h3", f"{call.method} {call.path}"),
        tag("p", f"{call.summary}. Given as {forms}."),
    ]
    if call.takes:
        parts.append(tag("p", f"Takes {', '.join(call.takes)}."))
    parts.append(tag("pre", tag("code", _example(call, base)), tabindex="0"))
    if rows:
        heads = ("Parameter", "What it says", "Value")
        parts.append(tag("details", tag("summary", "Parameters"), table(call.path, heads, rows)))
    return tag("section", *parts)


def _kind(one: Parameter) -> str:
    schema = one.schema.get("items", one.schema)
    words = " or ".join(map(str, schema.get("enum", ()))) or str(schema["type"])
    default = f", else {schema['default']}" if "default" in schema else ""
    return f"{words}{default}{', required' if one.required else ''}"


def _example(call: Call, base: str) -> str:
    if call.takes:
        media = next(iter(call.takes))
        return (
            f"curl {base}{call.path} -H 'Content-Type: {media}' --data-binary '{call.body.strip()}'"
        )
    if "{name}" in call.path:
        return f"curl '{base}{call.path.replace('{name}', call.example)}'"
    return f"curl '{base}{call.path}{'?' if call.example else ''}{call.example}'"


def _no_parameters(request: Request) -> None:
    for name in request.query_params:
        raise RefusedError(400, f"there is no parameter {name[:100]!r}", "", "It takes none")
