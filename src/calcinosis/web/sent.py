"""What a form sends, and asking a clerk about it: in memory, and no more than may be."""

from __future__ import annotations

import base64
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import Response

from calcinosis.web.asking import asked
from calcinosis.web.policy import policy
from calcinosis.web.refusals import RefusedError
from calcinosis.web.state import site

MULTIPART: Final = "multipart/form-data"
_PLAIN: Final = "application/x-www-form-urlencoded"
_FIELDS: Final = 5_000
_FILES: Final = 4
NO_STORE: Final = {"Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class Sent:
    """The fields of a form in their order, and its files as a clerk takes them."""

    fields: Sequence[tuple[str, str]] = ()
    files: Sequence[dict[str, str]] = ()


class _InMemory(MultiPartParser):
    """Parts stay in memory; how much they may be is checked where the body is read."""

    spool_max_size = 1 << 31


@asynccontextmanager
async def parts(request: Request, *, files: int, fields: int) -> AsyncGenerator[FormData]:
    """The parts of a form, so many at most; RefusedError for what is no form, or too much."""
    parser: FormParser | MultiPartParser
    if _media(request) == _PLAIN:
        parser = FormParser(request.headers, request.stream())
    elif _media(request) == MULTIPART:
        most = {"max_files": files, "max_fields": fields}
        size = site(request).bounds.body
        parser = _InMemory(request.headers, request.stream(), **most, max_part_size=size)
    else:
        raise RefusedError(415, "this is no form", "Content-Type", f"Send {MULTIPART}")
    try:
        found = await parser.parse()
    except (MultiPartException, KeyError, ValueError, LookupError) as error:
        said = error.message if isinstance(error, MultiPartException) else "it is no form"
        raise RefusedError(400, f"the form cannot be read: {said}", "", "Send it anew") from error
    try:
        yield found
    finally:
        await found.close()


def _media(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().casefold()


def laid(name: str, data: bytes) -> dict[str, str]:
    """A file as a clerk takes it."""
    return {"name": name, "data": base64.b64encode(data).decode("ascii")}


async def sent(request: Request) -> Sent:
    """What a form of a page holds; RefusedError for what is no form, or too much."""
    fields: list[tuple[str, str]] = []
    files: list[dict[str, str]] = []
    async with parts(request, files=_FILES, fields=_FIELDS) as found:
        for name, value in found.multi_items():
            if not isinstance(value, UploadFile):
                fields.append((name, value))
            elif value.filename:
                files.append({"field": name, **laid(value.filename, await value.read())})
    return Sent(fields, files)


async def ask(request: Request, verb: str, **what: Any) -> Response:
    """What a clerk answers, as it says how; RefusedError where it cannot."""
    head, body = await asked(request, verb, edition=site(request).links.edition, **what)
    return _response(head, body)


def _response(head: Mapping[str, Any], body: bytes) -> Response:
    headers = dict(NO_STORE)
    if head.get("script"):  # one that stands in the page
        headers["Content-Security-Policy"] = policy(scripts=(head["script"],))
    if "name" in head:
        headers["Content-Disposition"] = f'attachment; filename="{head["name"]}"'
    return Response(body, head.get("status", 200), headers, head["type"])
