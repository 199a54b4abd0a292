"""What a form sends, and asking a clerk about it: in memory, and no more than may be."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.datastructures import UploadFile
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import Response

from calcinosis.web.children import BusyError, DiedError, LateError
from calcinosis.web.hangup import HungUpError, while_connected
from calcinosis.web.policy import policy
from calcinosis.web.refusals import RefusedError, fault, of_pool, told, too_much
from calcinosis.web.state import site

_FIELDS: Final = 5_000
_FILES: Final = 4
_HUNG_UP: Final = 499  # nobody reads it
NO_STORE: Final = {"Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class Sent:
    """The fields of a form in their order, and its files as a clerk takes them."""

    fields: Sequence[tuple[str, str]] = ()
    files: Sequence[dict[str, str]] = ()


async def sent(request: Request) -> Sent:
    """What a form holds; RefusedError for what is no form, or too much."""
    most = site(request).bounds.body
    kind = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
    if kind == "application/x-www-form-urlencoded":
        form = await FormParser(request.headers, request.stream()).parse()
    elif kind == "multipart/form-data":
        parser = MultiPartParser(
            request.headers,
            request.stream(),
            max_files=_FILES,
            max_fields=_FIELDS,
            max_part_size=most,
        )
        parser.spool_max_size = most + 1  # never on a disk
        try:
            form = await parser.parse()
        except MultiPartException as error:
            raise RefusedError(400, "this is no form", "", str(error.message)) from error
    else:
        raise RefusedError(415, "this is no form", "Content-Type", "Send multipart/form-data")
    fields: list[tuple[str, str]] = []
    files: list[dict[str, str]] = []
    for name, value in form.multi_items():
        if not isinstance(value, UploadFile):
            fields.append((name, value))
        elif value.filename:
            data = base64.b64encode(await value.read()).decode()
            files.append({"field": name, "name": value.filename, "data": data})
    await form.close()
    return Sent(fields, files)


async def ask(request: Request, verb: str, **what: Any) -> Response:
    """What a clerk answers, as it says how; RefusedError where it cannot."""
    found = site(request)
    bounds = found.bounds
    asked = {
        "verb": verb,
        "memory": bounds.megabytes,
        "edition": found.links.edition,
        **what,
    }
    try:
        work = found.clerks.ask(asked, bounds.seconds)
        head, body = await while_connected(request, work)
    except HungUpError:
        return Response(status_code=_HUNG_UP)
    except (BusyError, LateError, DiedError) as error:
        raise of_pool(error, bounds.seconds) from error
    if head["kind"] == "answer":
        return _response(head, body)
    if head["kind"] == "error" and head["error"] != "fault":
        raise told(head["error"], head["what"], head["where"], head["cure"])
    raise too_much(bounds.megabytes) if head["kind"] == "too much" else fault()


def _response(head: dict[str, Any], body: bytes) -> Response:
    headers = dict(NO_STORE)
    if head.get("script"):  # one that stands in the page
        headers["Content-Security-Policy"] = policy(scripts=(head["script"],))
    if "name" in head:
        headers["Content-Disposition"] = f'attachment; filename="{head["name"]}"'
    return Response(body, head.get("status", 200), headers, head["type"])
