"""The page for a cohort: its two steps, and what is carried away."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from calcinosis.output.site.carried import MAPPING, OF_COHORT, SHEET
from calcinosis.web.sent import Sent, ask, sent

_STEPS: Final = ("map", "summary")
_SHEET, _NAME = SHEET


async def _page(request: Request) -> Response:
    if request.method != "POST":
        return await _asked(request, Sent(), "page")
    found = await sent(request)
    fields = dict(found.fields)
    step = "map" if fields.get("put") else fields.get("do", "")
    return await _asked(request, found, step if step in _STEPS else "summary")


async def _carried(request: Request) -> Response:
    return await _asked(request, await sent(request), request.url.path.rpartition("/")[2])


async def _asked(request: Request, found: Sent, part: str) -> Response:
    """What a clerk makes of a sheet, which comes as a file or is carried in the form."""
    fields = dict(found.fields)
    by_field = {one["field"]: one for one in found.files}
    sheet = by_field.get("file")
    if sheet is None and fields.get(_SHEET):
        sheet = {"name": fields.get(_NAME, ""), "data": fields[_SHEET]}
    files = [sheet] if sheet else []
    kept = [one for one in found.fields if one[0] not in SHEET]
    if sheet:
        carried = ((_SHEET, sheet["data"]), (_NAME, sheet["name"]))
        kept = [*(one for one in kept if "file" not in by_field or _is_lasting(one[0])), *carried]
        if mapping := by_field.get("mapping"):
            files.append(mapping)
    return await ask(request, "cohort", fields=kept, files=files, part=part)


def _is_lasting(name: str) -> bool:
    """Whether a field says nothing of the sheet before."""
    return not name.startswith(("map_", "column.", "value."))


ROUTES: Final = [
    Route("/cohort", _page, methods=["GET", "POST"]),
    *(Route(f"/cohort/{kind}", _carried, methods=["POST"]) for kind in (*OF_COHORT, MAPPING)),
]
