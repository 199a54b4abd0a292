"""Queries to a SPARQL endpoint, through SPARQLWrapper: the same answers, the same errors.

SPARQLWrapper makes the request, ``transport`` sends it. Requests say who asks. A service that is
busy (429, 502, 503, 504) is asked again three times, after what it asks for in Retry-After or
after a growing pause, each with some jitter. An answer that takes too long, is cut off or is no
SPARQL result is an error, never a part of an answer.
"""

from __future__ import annotations

import http.client
import os
import random
import re
import time
import urllib.error
from collections.abc import Callable, Mapping
from copy import copy
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import quote

from calcinosis import __version__, names
from calcinosis.errors import MissingProgramError, UsageError
from calcinosis.graph import limited, received, syntax, transport
from calcinosis.graph.limited import DAY, Limits
from calcinosis.graph.received import short
from calcinosis.graph.results import Answer
from calcinosis.graph.transport import AnswerError, Response

CONTACT: Final = "CALCINOSIS_CONTACT"
RETRIES: Final = 3
TIMEOUT: Final = 60.0
"""Seconds that an endpoint has for its whole answer, each time that it is asked."""

_BUSY: Final = (429, 502, 503, 504)
_FINE: Final = 200
_LONG: Final = 1500
_PATIENCE: Final = 60.0
_SAID: Final = {
    401: "the service asks for a login (401)",
    404: "there is nothing at this address (404)",
    414: "the service finds the query too long (414)",
}


class Endpoint:
    """One SPARQL endpoint, which has ``timeout`` seconds; ``tell`` is told what is waited for.

    UsageError if ``url`` is no web address or ``timeout`` no time to wait. ``sleep`` and
    ``jitter`` are there for tests to replace.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout: float = TIMEOUT,
        tell: Callable[[str], None] | None = None,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.url = transport.address(url)
        Limits(timeout)  # refuses what is no time to wait
        self._shown = self.url.partition("?")[0]  # what follows may be a key
        self._timeout = timeout
        self._most = transport.LARGEST
        self._tell = tell or _silent
        self._sleep = sleep
        self._jitter = jitter

    def within(self, limits: Limits) -> Endpoint:
        """The same endpoint with the limits that are given, of the whole answer and its size."""
        other = copy(self)
        if limits.seconds is not None:
            other._timeout = limits.seconds
        if limits.megabytes is not None:
            other._most = limits.megabytes << 20
        return other

    def answer(self, query: str, prefixes: Mapping[str, str]) -> Answer:
        """The endpoint's answer; known prefixes that the query uses are declared for it.

        UsageError if the endpoint refuses the query, MissingProgramError if it is not there, is
        busy for too long, or answers with something else than a SPARQL result.
        """
        _refuse_halves(query)
        used = [name for name in syntax.used_prefixes(query) if name in prefixes]
        declared = "".join(f"PREFIX {name}: <{prefixes[name]}> " for name in used)
        form = syntax.form(query)
        try:
            response = self._asked(declared + query, form)
            if response.status == 400:
                said = f"the service refuses the query ({_words(response)})"
                raise limited.place(query, prefixes) or UsageError(
                    said, self._shown, "Mend the query"
                )
            return received.answer(response, form, query)
        except AnswerError as error:
            raise self._missing(error.what, error.cure) from error

    # -- asking ------------------------------------------------------------------------

    def _asked(self, query: str, form: str) -> Response:
        """What the service says to a query that it has read: with status 200, or 400."""
        attempt = 0
        while True:
            self._tell(f"{'Asking again at' if attempt else 'Asking'} {self._shown} \u2026")
            response = self._once(query, form)
            if response.status in (_FINE, 400):
                return response
            pause = self._pause(response, attempt)
            if pause is None:
                raise self._failed(response)
            attempt += 1
            seconds = max(1, round(pause))
            busy = f"The service is busy ({response.status})"
            self._tell(f"{busy}; asking again in {seconds} s \u2026")
            self._sleep(pause)

    def _pause(self, response: Response, attempt: int) -> float | None:
        """How long to wait before asking again; None if it is of no use."""
        if response.status not in _BUSY or attempt >= RETRIES:
            return None
        wanted = _seconds(response.headers.get("Retry-After", ""))
        if wanted is None:
            return float(2**attempt) * (0.5 + self._jitter())
        return wanted + self._jitter() if wanted <= _PATIENCE else None

    def _once(self, query: str, form: str) -> Response:
        try:
            response: Response = self._wrapper(query, form).query().response
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise self._unreachable(error) from error
        return response

    def _wrapper(self, query: str, form: str) -> Any:
        from SPARQLWrapper import GET, JSON, POST, TURTLE, SPARQLWrapper

        timeout, most = self._timeout, self._most

        class Wrapper(SPARQLWrapper):
            def _query(self) -> Any:
                return transport.exchanged(self._createRequest(), timeout, most), self.returnFormat

        wrapper = Wrapper(self.url, agent=_agent())
        wrapper.queryString, wrapper.queryType = query, form
        wrapper.setMethod(POST if len(query) > _LONG or "?" in self.url else GET)
        wrapper.setReturnFormat(JSON if form in (syntax.SELECT, syntax.ASK) else TURTLE)
        wrapper.setOnlyConneg(True)
        return wrapper

    # -- what goes wrong -----------------------------------------------------------------

    def _missing(self, what: str, cure: str) -> MissingProgramError:
        return MissingProgramError(what, self._shown, cure)

    def _failed(self, response: Response) -> MissingProgramError:
        status = response.status
        if status == 206:
            return self._missing("it is a part of an answer (206)", "Ask again")
        if 300 <= status < 400:
            return self._missing(f"its redirects lead to no answer ({status})", "Check the address")
        if status in _SAID or status == 500:
            said = _SAID.get(status, f"the service has failed (500: {_words(response)})")
            return self._missing(said, "Check the address, or ask again later")
        said = f"the service answers {status} {short(response.reason)}".rstrip()
        if status not in _BUSY:
            return self._missing(said, "Check the address, and whether it asks for a login")
        wanted = _seconds(response.headers.get("Retry-After", ""))
        if wanted is not None and wanted > _PATIENCE:
            wait = f"{wanted:.0f} seconds" if wanted <= DAY else "longer than a day"
            return self._missing(f"{said} and asks to wait {wait}", "Ask again after that")
        return self._missing(f"{said}, also after {RETRIES} retries", "Ask again later")

    def _unreachable(self, error: BaseException) -> MissingProgramError:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        if isinstance(reason, TimeoutError):
            return self._missing(
                f"there is no whole answer after {self._timeout:g} seconds",
                "Ask for less, or give it longer with --timeout",
            )
        if isinstance(reason, http.client.IncompleteRead):
            return self._missing("its answer is cut off", "Ask again")
        said = short(str(reason)) or type(reason).__name__
        if isinstance(reason, OSError):
            return self._missing(
                f"the service cannot be reached ({said})", "Check the address and the network"
            )
        return self._missing(f"its answer cannot be read ({said})", "Check the address")


def _silent(_text: str) -> None:
    """Where nobody is waiting at a terminal."""


def _refuse_halves(query: str) -> None:
    """UsageError where a query holds what cannot be sent: half of a pair of UTF-16."""
    try:
        query.encode()
    except UnicodeEncodeError as error:
        raise UsageError(
            f"character {error.start + 1} is no character", "query", "Save it as UTF-8"
        ) from error


def _words(response: Response) -> str:
    """What the service wrote beside its status."""
    return short(response.body.decode("utf-8", "replace")) or "without a word"


def _seconds(retry_after: str) -> float | None:
    """The pause that a service asks for, in seconds or as a date; None if it asks for none."""
    told = retry_after.strip()
    if re.fullmatch("[0-9]+", told):
        return float(told)
    try:
        when = parsedate_to_datetime(told)
        moment = when if when.tzinfo else when.replace(tzinfo=UTC)
        return max(0.0, (moment - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError, ArithmeticError, LookupError):
        return None


def _agent() -> str:
    """Who asks; what a header cannot hold of the contact is percent-encoded."""
    plain = " ".join(os.environ.get(CONTACT, "").split())[:200] or names.CC
    contact = quote(plain, bytes(range(0x20, 0x7F)), errors="surrogateescape")
    return f"calcinosis/{__version__} (+{contact}) SPARQLWrapper"
