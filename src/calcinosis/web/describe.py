"""What the endpoint says of itself: SPARQL's service description, and VoID.

Both are made by a query over the graph of metadata, so they come in any form of RDF.
"""

from __future__ import annotations

import re
from string import Template
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from calcinosis.web.answering import allowed, answered, open_to_all
from calcinosis.web.forms import wanted

_HOST: Final = re.compile(r"[\w.-]+(:\d+)?|\[[\da-f:]+\](:\d+)?", re.ASCII | re.IGNORECASE)
_ROOT: Final = re.compile(r"[\w./~-]*", re.ASCII)
_FORMATS: Final = (
    *("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV"),
    *("Turtle", "N-Triples", "RDF_XML", "JSON-LD", "N-Quads", "TriG"),
)
_SERVICE: Final = Template(
    """
PREFIX sd: <http://www.w3.org/ns/sparql-service-description#>
CONSTRUCT {
  ?service a sd:Service ; sd:endpoint ?service ; sd:supportedLanguage sd:SPARQL11Query ;
    sd:feature sd:UnionDefaultGraph ; sd:resultFormat $formats ; sd:defaultDataset calc:dataset .
  calc:dataset a sd:Dataset , void:Dataset ; dcterms:title ?title ; dcterms:license ?licence ;
    void:sparqlEndpoint ?service ; sd:defaultGraph ?union ; sd:namedGraph ?graph .
  ?union a sd:Graph ; void:triples ?triples .
  ?graph a sd:NamedGraph , sd:Graph ; sd:name ?graph ; sd:graph ?graph ; void:triples ?number .
} WHERE {
  VALUES ?service { <$base/sparql> }
  VALUES ?union { <$base/graphs?default> }
  GRAPH graph:metadata {
    calc:dataset dcterms:title ?title ; dcterms:license ?licence ; void:triples ?triples .
    calc:dataset void:subset ?graph . ?graph void:triples ?number . }
}"""
)
_VOID: Final = Template(
    """
CONSTRUCT {
  ?s ?p ?o . calc:dataset void:sparqlEndpoint <$base/sparql> ; void:dataDump <$base/graphs> ;
    foaf:homepage <$base/> ; void:feature $features .
} WHERE {
  GRAPH graph:metadata { ?s ?p ?o FILTER NOT EXISTS { ?s a sh:SPARQLExecutable } }
}"""
)
METHODS: Final = ("GET", "HEAD", "OPTIONS")


def base(request: Request) -> str:
    """The address of the server as the client knows it, without a slash at its end."""
    host = request.headers.get("host", "")
    if not _HOST.fullmatch(host):
        name, port = request.scope.get("server") or ("127.0.0.1", None)
        host = f"{name}:{port}" if port else name
    root = request.scope.get("root_path", "").rstrip("/")
    return f"{_scheme(request)}://{host}{root if _ROOT.fullmatch(root) else ''}"


def _scheme(request: Request) -> str:
    """``https`` also where a proxy of this machine says that it was asked so; others may lie."""
    asked = request.headers.getlist("x-forwarded-proto")
    peer = request.client.host if request.client else ""
    is_near = peer.removeprefix("::ffff:").startswith("127.") or peer == "::1"
    return "https" if is_near and asked == ["https"] else request.url.scheme


def service(request: Request) -> dict[str, Any]:
    """The question whose answer is the service description."""
    formats = " , ".join(f"<http://www.w3.org/ns/formats/{name}>" for name in _FORMATS)
    return {"query": _SERVICE.substitute(base=base(request), formats=formats)}


async def void(request: Request) -> Response:
    """The VoID description of the graph: how many of what there is in which graph."""
    if request.method == "OPTIONS":
        return allowed(METHODS)
    features = " , ".join(f"<http://www.w3.org/ns/formats/{name}>" for name in _FORMATS[4:])
    question = {"query": _VOID.substitute(base=base(request), features=features)}
    form = wanted(request.headers.get("accept"), request.query_params.get("format"))
    return await answered(request, question, form)


ROUTES: Final[tuple[BaseRoute, ...]] = (
    Route("/.well-known/void", open_to_all(void), methods=METHODS),
)
