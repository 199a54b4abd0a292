"""Queries to a SPARQL endpoint, through SPARQLWrapper: the same answers, the same errors.

Requests say who asks. A service that is busy (429, 502, 503, 504) is asked again three times,
after what it asks for in Retry-After or after a growing pause, each with some jitter. An answer
that takes too long, is cut off or is no SPARQL result is an error, never a part of an answer.
"""

from __future__ import annotations

import ast
import http.client
import os
import random
import re
import time
import urllib.error
from collections.abc import Callable, Mapping
from copy import copy
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from html import unescape
from typing import Any, Final
from urllib.parse import urlsplit

from pyoxigraph import QueryResultsFormat, RdfFormat, Triple, parse, parse_query_results

from calcinosis import __version__, names
from calcinosis.errors import MissingProgramError, UsageError, quoted
from calcinosis.graph import limited, syntax
from calcinosis.graph.limited import Limits
from calcinosis.graph.query import collected
from calcinosis.graph.results import Answer, Graph

CONTACT: Final = "CALCINOSIS_CONTACT"
RETRIES: Final = 3
TIMEOUT: Final = 60.0
"""Seconds that an endpoint has for its whole answer."""

_BUSY: Final = (429, 502, 503, 504)
_LONG: Final = 1500
_PATIENCE: Final = 60.0
_CHUNK: Final = 1 << 16
_MOST: Final = 1 << 28
_TABLES: Final = {
    "application/sparql-results+json": QueryResultsFormat.JSON,
    "application/json": QueryResultsFormat.JSON,
    "application/sparql-results+xml": QueryResultsFormat.XML,
    "application/xml": QueryResultsFormat.XML,
    "text/tab-separated-values": QueryResultsFormat.TSV,
}
_READ: Final = 2000  # of a text that is shown: unclosed tags cost the square of it
_TAGS: Final = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.DOTALL | re.IGNORECASE)


class Endpoint:
    """One SPARQL endpoint, which has ``timeout`` seconds; ``tell`` is told what is waited for.

    ``sleep`` and ``jitter`` are there for tests to replace.
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
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise UsageError(
                f"{quoted(url)} is no web address", "--endpoint", "Give it as https://…/sparql"
            )
        self.url = url
        self._timeout = timeout
        self._most = _MOST
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
        used = [name for name in syntax.used_prefixes(query) if name in prefixes]
        declared = "".join(f"PREFIX {name}: <{prefixes[name]}> " for name in used)
        form = syntax.form(query)
        try:
            response, body = self._asked(declared + query, form)
        except _RefusedError as error:
            said = f"the service refuses the query ({error})"
            raise limited.place(query, prefixes) or UsageError(
                said, self.url, "Mend the query"
            ) from error
        try:
            return _read(response, body, form, query)
        except (SyntaxError, ValueError, OSError) as error:
            raise self._missing(
                f"its answer is cut off or malformed ({_short(str(error))})", "Ask again"
            ) from error
        except _NotSparqlError as error:
            raise self._missing(str(error), "Check that this is the address for queries") from error

    # -- asking ------------------------------------------------------------------------

    def _asked(self, query: str, form: str) -> tuple[Message, bytes]:
        attempt = 0
        while True:
            self._tell(f"{'Asking again at' if attempt else 'Asking'} {self.url} \u2026")
            try:
                return self._once(query, form)
            except urllib.error.HTTPError as error:
                pause = self._pause(error, attempt)
                error.close()
                if pause is None:
                    raise self._failed(error) from error
                attempt += 1
                seconds = max(1, round(pause))
                busy = f"The service is busy ({error.code})"
                self._tell(f"{busy}; asking again in {seconds} s \u2026")
                self._sleep(pause)
            except (OSError, http.client.HTTPException) as error:
                raise self._unreachable(error) from error

    def _pause(self, error: urllib.error.HTTPError, attempt: int) -> float | None:
        """How long to wait before asking again; None if it is of no use."""
        if error.code not in _BUSY or attempt >= RETRIES:
            return None
        wanted = _seconds(error.headers.get("Retry-After", ""))
        if wanted is None:
            return float(2**attempt) * (0.5 + self._jitter())
        return wanted + self._jitter() if wanted <= _PATIENCE else None

    def _once(self, query: str, form: str) -> tuple[Message, bytes]:
        from SPARQLWrapper import SPARQLExceptions

        began = time.monotonic()
        try:
            response = self._wrapper(query, form).query().response
        except SPARQLExceptions.SPARQLWrapperException as error:
            if isinstance(error.__context__, urllib.error.HTTPError):
                error.__context__.close()
            raise self._refused(error) from error
        with response:
            return response.headers, self._body(response, began)

    def _wrapper(self, query: str, form: str) -> Any:
        from SPARQLWrapper import GET, JSON, POST, TURTLE, SPARQLWrapper

        wrapper = SPARQLWrapper(self.url, agent=_agent())
        wrapper.queryString, wrapper.queryType = query, form
        wrapper.setMethod(POST if len(query) > _LONG or "?" in self.url else GET)
        wrapper.setReturnFormat(JSON if form in (syntax.SELECT, syntax.ASK) else TURTLE)
        wrapper.setOnlyConneg(True)
        wrapper.__dict__["timeout"] = self._timeout  # setTimeout takes whole seconds only
        return wrapper

    def _body(self, response: http.client.HTTPResponse, began: float) -> bytes:
        """The whole body; OSError or HTTPException if it is late, cut off or too long."""
        told = response.headers.get("Content-Length", "")
        length = int(told) if told.isdigit() else None
        parts: list[bytes] = []
        size = 0
        while length is None or size < length:
            if time.monotonic() - began > self._timeout:
                raise TimeoutError
            part = response.read1(_CHUNK)
            if not part:
                break
            parts.append(part)
            size += len(part)
            if size > self._most:
                raise OSError(f"the answer is larger than {self._most >> 20} MiB")
        if length is not None and size < length:
            raise http.client.IncompleteRead(b"", length - size)
        return b"".join(parts)

    # -- what goes wrong -----------------------------------------------------------------

    def _missing(self, what: str, cure: str) -> MissingProgramError:
        return MissingProgramError(what, self.url, cure)

    def _failed(self, error: urllib.error.HTTPError) -> MissingProgramError:
        if 300 <= error.code < 400:  # urllib follows the others, and says over lines why not
            said = f"its redirects lead to no answer ({error.code})"
            return self._missing(said, "Check the address")
        said = f"the service answers {error.code} {_short(error.reason)}".rstrip()
        if error.code not in _BUSY:
            return self._missing(said, "Check the address, and whether it asks for a login")
        wanted = _seconds(error.headers.get("Retry-After", ""))
        if wanted is not None and wanted > _PATIENCE:
            return self._missing(
                f"{said} and asks to wait {wanted:.0f} seconds", "Ask again after that"
            )
        return self._missing(f"{said}, also after {RETRIES} retries", "Ask again later")

    def _refused(self, error: Any) -> MissingProgramError | _RefusedError:
        name = type(error).__name__
        said = _said(error)
        if name == "QueryBadFormed":
            return _RefusedError(said)
        what = {
            "EndPointNotFound": "there is nothing at this address (404)",
            "Unauthorized": "the service asks for a login (401)",
            "URITooLong": "the service finds the query too long (414)",
        }.get(name, f"the service has failed (500: {said})")
        return self._missing(what, "Check the address, or ask again later")

    def _unreachable(self, error: BaseException) -> MissingProgramError:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        if isinstance(reason, TimeoutError):
            return self._missing(
                f"there is no whole answer after {self._timeout:g} seconds",
                "Ask for less, or give it longer with --timeout",
            )
        if isinstance(reason, http.client.IncompleteRead):
            return self._missing("its answer is cut off", "Ask again")
        return self._missing(
            f"the service cannot be reached ({_short(str(reason) or type(reason).__name__)})",
            "Check the address and the network",
        )


class _RefusedError(Exception):
    """The service says that it cannot read the query."""


class _NotSparqlError(Exception):
    """The answer is something else than a SPARQL result."""


def _silent(_text: str) -> None:
    """Where nobody is waiting at a terminal."""


def _read(headers: Message, body: bytes, form: str, query: str) -> Answer:
    kind = headers.get_content_type() if headers.get("Content-Type") else ""
    if form in (syntax.SELECT, syntax.ASK):
        if kind not in _TABLES:
            raise _NotSparqlError(_instead(kind, body))
        found = collected(parse_query_results(body, format=_TABLES[kind]), query)
        if isinstance(found, bool) != (form == syntax.ASK):
            raise ValueError("it is of the other form")
        return found
    rdf = RdfFormat.from_media_type(kind) if kind else None
    if rdf is None:
        raise _NotSparqlError(_instead(kind, body))
    quads = parse(body, format=rdf)
    triples = {Triple(quad.subject, quad.predicate, quad.object) for quad in quads}
    return Graph(tuple(sorted(triples, key=str)))


def _instead(kind: str, body: bytes) -> str:
    text = _short(body[:_READ].decode("utf-8", "replace"))
    page = "a web page" if "html" in kind else kind or "something without a media type"
    return f"the answer is {page} and no SPARQL result" + (f" ({text})" if text else "")


def _short(text: str) -> str:
    """The beginning of a text from elsewhere, without markup and control characters."""
    plain = unescape(_TAGS.sub(" ", text[:_READ]))
    plain = " ".join("".join(c if c.isprintable() else " " for c in plain).split())
    return plain if len(plain) <= 160 else plain[:159] + "\u2026"


def _said(error: Exception) -> str:
    """What the service wrote beside its status; SPARQLWrapper keeps it as a written-out bytes."""
    written = str(error).partition("Response:\n")[2]
    try:
        body = ast.literal_eval(written)
    except (ValueError, SyntaxError):
        body = b""
    return _short(body.decode("utf-8", "replace")) or "without a word"


def _seconds(retry_after: str) -> float | None:
    """The pause that a service asks for, in seconds or as a date; None if it asks for none."""
    if retry_after.strip().isdigit():
        return float(retry_after)
    try:
        when = parsedate_to_datetime(retry_after)
    except (TypeError, ValueError):
        return None
    moment = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _agent() -> str:
    contact = " ".join(os.environ.get(CONTACT, "").split()) or names.CC
    return f"calcinosis/{__version__} (+{contact}) SPARQLWrapper"
