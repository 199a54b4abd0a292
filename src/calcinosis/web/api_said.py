"""The call that proposes facts for what a report says; nothing is taken before it is confirmed."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from calcinosis.web.api_call import Call, Given, Parameter
from calcinosis.web.api_cases import Sent, given_by, judged
from calcinosis.web.refusals import RefusedError

_TEXT: Final = "text/plain"
_LONGEST: Final = 5_000


async def _propose(request: Request, given: Given) -> Response:
    told: Sent = given.pop("")
    try:
        text = told.files[0][1].decode("utf-8")
    except UnicodeDecodeError as error:
        raise RefusedError(400, "the text is not UTF-8", "", "Send it in UTF-8") from error
    if len(text) > _LONGEST:
        what = f"the text is longer than {_LONGEST:,} letters"
        raise RefusedError(413, what, "", "Send a part of it")
    told = Sent((), told.fields)
    return given_by(*await judged(request, given, "propose", told, text=text), PROPOSE)


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
    {_TEXT: {"type": "string", "minLength": 1, "maxLength": _LONGEST}},
    body="Phosphate was 1.1 mmol/L.",
    tag="cases",
)
CALLS: Final = (PROPOSE,)
