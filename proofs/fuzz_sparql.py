"""Spoilt queries: each ends in an answer or one error of ours, in time, and asks nobody.

The shipped look-ups and fragments in the manner of the W3C's tests are cut, doubled, crossed and
sprinkled with what has hurt before; each result is asked of a worker under a short clock. A run is
repeated by its seed; what is found is written down beside the corpus, which a test runs.

    python -m proofs.fuzz_sparql --inputs 2000 --seed 1
"""

from __future__ import annotations

import argparse
import hashlib
import random
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import calcinosis
from calcinosis.errors import CalcinosisError, MissingProgramError
from calcinosis.graph import syntax
from calcinosis.graph.limited import LimitError

CORPUS: Final = Path(__file__).parent.parent / "tests" / "data" / "corpus" / "sparql"
SECONDS: Final = 1.0
MEGABYTES: Final = 256
SLACK: Final = 30.0  # beyond the clock, on a machine that is busy: to end, start and load
FRAGMENTS: Final = (
    "SELECT * { ?s ?p ?o }",
    "SELECT DISTINCT ?s FROM graph:ontology { ?s a owl:Class } ORDER BY ?s LIMIT 3",
    "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    "ASK { calc:Case rdfs:subClassOf+ ?x FILTER NOT EXISTS { ?x a ?y } }",
    "CONSTRUCT { ?s rdfs:seeAlso [ rdfs:label ?o ] } WHERE { ?s rdfs:label ?o } LIMIT 5",
    "DESCRIBE calc:Calciphylaxis",
    "SELECT ?s (GROUP_CONCAT(?o; SEPARATOR='|') AS ?all) { ?s calc:caseOf ?o } GROUP BY ?s",
    "SELECT * { { ?s a calc:Case } UNION { ?s calc:caseOf ?o } MINUS { ?s calc:sortOrder 1 } }",
    "SELECT * { VALUES (?a ?b) { (1 UNDEF) ('x'@en calc:Case) } BIND(CONCAT(STR(?a), 'y') AS ?c) }",
    "SELECT * { ?s calc:caseOf/rdfs:label|^rdfs:subClassOf* ?o . OPTIONAL { ?o ?p 2.5e3 } }",
    "SELECT * { GRAPH ?g { ?s ?p \"\"\"a\n'b\"\"\"@en-GB , '''c'''^^xsd:string } } # end",
    "PREFIX SERVICE: <https://example.org/SERVICE#> SELECT ?SERVICE { ?SERVICE a SERVICE:x }",
    "SELECT * { FILTER(REGEX('aaaaaaaaaaaaaaaaaaaa', '(a+)+b') || REPLACE('a', 'a', 'b') = 'b') }",
    "INSERT DATA { calc:a calc:b calc:c }",
)
SPICES: Final = (
    *("SERVICE <URL> {}", "SERVICE", "SERVICE SILENT <URL> { ?s ?p ?o }", "SERVICE:x#>", "true"),
    *("S\\u0045RVICE <URL> {}", "SERVICE ?s {}", "FROM <URL>", "FROM NAMED <URL>", "LOAD <URL>"),
    *("{" * 300, "}" * 300, "(" * 3000, "!" * 3000, "[" * 200, "<<(" * 50, "OPTIONAL { ?s ?p ?o }"),
    *("?s ?p ?o .", "UNION { ?s ?p ?o }", "a/" * 200, "FILTER(1<2)", "BIND(CONCAT(?s, ?s) AS ?t)"),
    *("'", '"', "'''", '"""', "\\", "\\u0022", "\\uD800", "\\U0010FFFF", "#", "<", ">", "@", "^^"),
    *("\x00", "\x01", "\u2028", "\ufeff", "\U0001f600", "\udc80", "9" * 400, "1e999", "-0.0"),
    *("a." * 2000, "LIMIT 0", "OFFSET 99999999999999999999", "ORDER BY ?s", "GROUP BY ?s", "*"),
)


class Listener:
    """A server of this machine that counts who comes."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/"
        self.came = 0
        threading.Thread(target=self._count, daemon=True).start()

    def _count(self) -> None:
        while True:
            other, _ = self._socket.accept()
            self.came += 1
            other.close()  # it says nothing


def mutants(seeds: list[str], number: int, seed: int) -> Iterator[str]:
    """So many queries, each made of the seeds by one to three changes."""
    chance = random.Random(seed)
    for _ in range(number):
        text = chance.choice(seeds)
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            text = _changed(text, chance.choice(seeds), chance)
        yield text


def _changed(text: str, other: str, chance: random.Random) -> str:
    start, end = sorted(chance.randrange(len(text) + 1) for _ in range(2))
    at = chance.randrange(len(other) + 1)
    (first, last), (there, then) = _word(text, chance), _word(other, chance)
    ways = (
        lambda: text[:first] + other[there:then] + text[last:],
        lambda: text[:last] + text[first:],
        lambda: f"{text[:first]} {chance.choice(SPICES)} {text[first:]}",
        lambda: text[:first] + text[last:],
        lambda: text[:start] + text[min(end, start + 20) :],
        lambda: text[:end] + text[start:],
        lambda: text[:start] + chance.choice(SPICES) + text[start:],
        lambda: (
            text[:start] + chance.choice("{}()<>?.;,#'\"\\ \n:@^/|*+!=-0aAeE_%") + text[start + 1 :]
        ),
        lambda: text[:start] + other[at:],
        lambda: text.replace(" ", "", chance.randint(1, 5)),
    )
    return chance.choice(ways)()


def _word(text: str, chance: random.Random) -> tuple[int, int]:
    """Where a word, a string or an IRI of a text begins and ends."""
    places = [(start, end) for start, end, _ in syntax.tokens(text)]
    return chance.choice(places) if places else (0, 0)


def outcome(kg: calcinosis.KnowledgeGraph, query: str) -> str:
    """What became of a query: the kind of its answer or error, or "fault: …" with the reason."""
    began = time.monotonic()
    try:
        found = type(kg.sparql(query, timeout=SECONDS, memory=MEGABYTES)).__name__
    except MissingProgramError as error:  # the process has ended for no known reason
        return f"fault: {error}"
    except LimitError as error:
        found = error.what.split(" after ")[0].split(" more than ")[0]
        if len(str(error).splitlines()) > 1:
            return f"fault: more than a line: {error}"
    except CalcinosisError as error:
        found = type(error).__name__
    except Exception as error:  # noqa: BLE001 (what is looked for)
        return f"fault: {type(error).__name__}: {error}"
    if time.monotonic() - began > SECONDS + SLACK:
        return f"fault: it took {time.monotonic() - began:.1f} s"
    return found


def main(arguments: list[str] | None = None) -> int:
    """Run it; 0 where nothing was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--inputs", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=20261128)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after that")
    given = parser.parse_args(arguments)
    began = time.monotonic()
    kg, listener = calcinosis.load(), Listener()
    catalogue = kg.lookups.catalogue
    seeds = [*FRAGMENTS, *(catalogue.look_up(name).text for name in catalogue.names())]
    counts: Counter[str] = Counter()
    faults = 0
    for query in mutants(seeds, given.inputs, given.seed):
        if time.monotonic() - began > given.seconds:
            break
        text = query.replace("URL", listener.url)
        came = listener.came
        found = outcome(kg, text)
        if listener.came > came:
            found = "fault: it asked another server"
        counts[found.split(":")[0]] += 1
        if found.startswith("fault"):
            faults += 1
            _keep(query, found)
    for name, count in counts.most_common():
        print(f"{count:7} {name}")
    tried = f"{counts.total():,} queries, seed {given.seed}"
    print(f"{tried}: {faults} faults, {listener.came} connections")
    return 1 if faults or listener.came else 0


def _keep(query: str, found: str) -> None:
    CORPUS.mkdir(parents=True, exist_ok=True)
    content = query.encode("utf-8", "surrogateescape")
    path = CORPUS / f"{hashlib.sha256(content).hexdigest()[:12]}.rq"
    with suppress(OSError):
        path.write_bytes(content)
    print(f"{path.name}: {found}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
