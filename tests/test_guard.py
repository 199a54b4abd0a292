"""No local query asks another server, wherever SERVICE stands; one that only has the word runs."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from proofs.fuzz_sparql import Listener
from pyoxigraph import Literal, QueryBoolean, Store

from calcinosis.errors import UsageError
from calcinosis.facts.quantity import amount
from calcinosis.graph import fault, guard, syntax
from calcinosis.graph.catalogue import LookUp
from calcinosis.graph.locate import Modules
from calcinosis.graph.query import Engine
from calcinosis.graph.received import short
from calcinosis.output.markup import markdown_text
from tests.shared import examples

DATA = """
PREFIX e: <https://example.org/>
e:s e:p true, 1, 1.5, "x", "x"@en, e:SERVICE ; e:service _:b .
"""


@pytest.fixture(scope="module")
def listener() -> Listener:
    return Listener()


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder = tmp_path_factory.mktemp("ontology")
    (folder / "calcinosis.ttl").write_text(DATA, encoding="utf-8")
    return Engine(Modules(folder, "none"))


PREFIXES = "PREFIX e: <https://example.org/> PREFIX SERVICE: <https://example.org/> "


def answers(found: Any) -> list[str]:
    """The first rows of what Oxigraph answers, as text."""
    if isinstance(found, QueryBoolean):
        return [str(bool(found))]
    return sorted(str(row) for _, row in zip(range(50), found, strict=False))


def unguarded(engine: Engine, query: str) -> list[str]:
    """What Oxigraph does with the same graphs and nobody before it."""
    store: Store = engine._store
    union = not guard.names_graphs(query, engine.prefixes)
    prefixes = engine.prefixes
    return answers(store.query(query, prefixes=prefixes, use_default_graph_as_union=union))


CALLS = [
    "SELECT * { SERVICE <URL> {} }",
    "SELECT * { service silent <URL> {} }",
    "ASK{SERVICE<URL>{}}",
    "SELECT * { ?s ?p trueSERVICE <URL> {} }",
    "SELECT * { ?s e:p 1SERVICE <URL> {} }",
    "SELECT * { ?s ?p 1.SERVICE <URL> {} }",
    "SELECT * { ?s e:p 'x'SERVICE <URL> {} }",
    'SELECT * { ?s e:p """x"""SERVICE <URL> {} }',
    "SELECT * { ?s e:p e:SERVICE .SERVICE<URL>{} }",
    "SELECT * { FILTER(1<2)SERVICE<URL>{} }",
    "PREFIX : <URL> SELECT * { FILTER(1<2)SERVICE:x#>\n{} }",
    "PREFIX SERVICE: <URL> SELECT * { FILTER(1<2)SERVICESERVICE:x#>\n{} }",
    "SELECT * { { SELECT * {} }SERVICE SILENT<URL>{} }",
    "SELECT * { ?s e:p ?o.SERVICE<URL>{ ?SERVICE ?service 'SERVICE'@service } }",
    "SELECT * { ?s e:p ?o FILTER('a#'!='b')SERVICE<URL>{} }",
    "SELECT * { OPTIONAL{}sErViCe<URL>{} }",
    "SELECT * { ?s e:p ?o #SERVICE\nSERVICE <URL> {} }",
    "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o SERVICE <URL> {} }",
    "DESCRIBE ?s { ?s e:p ?o SERVICE <URL> {} }",
    "SELECT * { ?s ?p ?o MINUS { SERVICE <URL> { ?s ?p ?o } } }",
    "SELECT * { ?s ?p ?o FILTER NOT EXISTS { SERVICE <URL> {} } }",
]


@pytest.mark.parametrize("query", CALLS)
def test_a_call_that_oxigraph_would_make_is_refused(
    query: str, engine: Engine, listener: Listener
) -> None:
    text = PREFIXES + query.replace("URL", listener.url)
    before = listener.came
    with suppress(OSError):  # the listener says nothing
        unguarded(engine, text)
    assert listener.came > before, "Oxigraph calls it"
    before = listener.came
    with pytest.raises(UsageError) as caught:
        engine.raw(text)
    assert listener.came == before
    assert "stay offline" in str(caught.value)
    assert fault.place(text, engine.prefixes) is None, "a server may answer it"


@pytest.mark.parametrize(
    "query",
    [
        r"S\u0045RVICE <URL> {}",
        r"\U00000053ERVICE <URL> {}",
        "VALUES ?u {<URL>}SERVICE?u{}",
        "VALUES ?SERVICE {<URL>}SERVICE?SERVICE{}",
    ],
)
def test_what_another_oxigraph_might_call_is_refused_too(
    query: str, engine: Engine, listener: Listener
) -> None:
    before = listener.came
    with pytest.raises(UsageError, match="stay offline"):
        engine.raw(f"SELECT * {{ {query.replace('URL', listener.url)} }}")
    assert listener.came == before


HARMLESS = [
    "?s ?p 'SERVICE <URL> {}'",
    '?s ?p "\\"SERVICE <URL> {}"',
    "?s ?p '''SERVICE\n'SERVICE'''",
    '?s ?p """"SERVICE " SERVICE"""',
    "?s ?p 'S\\u0045RVICE'",
    "?s ?p ?o FILTER(?o = '\\\\SERVICE')",
    "?s ?p 'x'@SERVICE",
    "?s ?p 'x'@en-service",
    "?s ?p 'x'^^<URLSERVICE>",
    "?s <URLSERVICE> ?o",
    "?s <URLS\\u0045RVICE#> ?o",
    "?s SERVICE:SERVICE ?o",
    "?s e:service ?o",
    "?s e:p e:SERVICE",
    "?s e:SERVICE\\#SERVICE ?o",
    "?s e:%5FSERVICE ?o",
    "SERVICE:s ?p ?o",
    "?SERVICE ?service $sERVICE",
    "?s ?p _:SERVICE . _:SERVICE ?q ?r",
    "?s ?p ?o # SERVICE <URL> {}\n",
    "#SERVICE <URL> {}\n?s ?p ?o",
    "?s ?p 1.#SERVICE\n",
    "BIND(e:SERVICE AS ?service) ?s ?p ?service",
    "?s ?p ?szzzzzz, ?service",
]


@pytest.mark.parametrize("pattern", HARMLESS)
def test_the_word_may_stand_where_it_is_no_keyword(
    pattern: str, engine: Engine, listener: Listener
) -> None:
    text = f"{PREFIXES}SELECT * {{ {pattern.replace('URL', listener.url)} }}"
    before = listener.came
    assert answers(engine.raw(text)) == unguarded(engine, text)
    assert listener.came == before


# The word, what may stand directly beside it, and what makes a query of them.
_PIECES = st.sampled_from(
    [
        *(" ", "\n", "", "{", "}", "<", ">", "?", ".", ";", "#", "'", '"', "\\", "(", ")", "@"),
        *("SERVICE", "service", "sErvIce", "S\\u0045RVICE", "SILENT", "\\u0022", "\\u0027", "\\#"),
        *("<URL>", "?s", "e:p", "e:", ":", "_:b", "@en", "%53", "'''", '"""', "'x'", '"x"'),
        *("1", "1.", "1e", "true", "a", "!", "<2", "^^", "FILTER(1<2)", "BIND(1 AS ?x)", "{}"),
        *("OPTIONAL", "UNION", "MINUS", "VALUES ?u {<URL>}", "?s ?p ?o", "?s e:p true", "[]", "$u"),
    ]
)
_TEXTS = st.lists(_PIECES, max_size=7).map("".join)


@settings(max_examples=examples(500), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    before=_TEXTS,
    word=st.sampled_from(["SERVICE", "service", "SERVICE SILENT"]),
    after=_TEXTS,
)
def test_no_query_calls_whatever_stands_beside_the_word(
    before: str, word: str, after: str, engine: Engine, listener: Listener
) -> None:
    pattern = f"{before}{word}<URL>{{}}{after}"
    text = f"{PREFIXES}SELECT * {{ {pattern} }}".replace("URL", listener.url)
    came = listener.came
    with suppress(UsageError):
        answers(engine.raw(text))
    assert listener.came == came, text


@settings(max_examples=examples(300), deadline=None, suppress_health_check=list(HealthCheck))
@given(patterns=st.lists(st.sampled_from(HARMLESS), min_size=1, max_size=4, unique=True))
def test_harmless_patterns_run_together(
    patterns: list[str], engine: Engine, listener: Listener
) -> None:
    inside = "\n}{\n".join(patterns).replace("URL", listener.url)
    text = f"{PREFIXES}SELECT * {{ {{ {inside} }} }}"
    assert answers(engine.raw(text)) == unguarded(engine, text)


@given(_TEXTS)
def test_the_hidden_word_is_gone_and_all_else_stays(text: str) -> None:
    hidden = guard.hidden(text)
    assert len(hidden) == len(text)
    assert not list(guard.spans(hidden))
    places = {n for start, end in guard.spans(text) for n in range(start, end)}
    assert all(n in places for n in range(len(text)) if text[n] != hidden[n])
    assert bool(places) == (hidden != text)


def test_every_prefix_is_read_however_closely_it_is_written(engine: Engine) -> None:
    """Only those that a query may use are told to Oxigraph, and to it two words need no blank."""
    expected = {f"{iri}x" for iri in engine.prefixes.values()}
    for gap in (" ", "\n", " 1", '"a"'):
        values = gap.join(f"{name}:x" for name in engine.prefixes)
        found: Any = engine.raw(f"SELECT ?x {{ VALUES ?x {{ {values} }} }}")
        assert {row["x"].value for row in found} - {"1", "a"} == expected


# -- FROM --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("SELECT * FROM graph:ontology { ?s ?p ?o }", True),
        ("SELECT *FROM<https://example.org/>{ ?s ?p ?o }", True),
        ("SELECT (1 AS ?x)from NAMED graph:ontology{ ?s ?p ?o }", True),
        ("DESCRIBE <https://example.org/FROM>FROM graph:ontology", True),
        ("SELECT ?from { ?from ?p 'FROM graph:ontology' } # FROM", False),
        ("PREFIX from: <https://example.org/FROM> SELECT * { ?s from:FROM ?from }", False),
        (r"SELECT * { ?s ?p '\from' , <https://example.org/%0FROM> }", False),
    ],
)
def test_whether_graphs_are_named_is_what_oxigraph_reads(
    query: str, names: bool, engine: Engine
) -> None:
    assert guard.names_graphs(query, engine.prefixes) is names


def test_from_reads_no_file(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "secret.ttl"
    path.write_text(DATA, encoding="utf-8")
    for words in (f"FROM <{path.as_uri()}>", f"FROM NAMED <{path.as_uri()}>"):
        with pytest.raises(UsageError, match="files are not read"):
            engine.raw(f"SELECT * {words} {{ ?s ?p ?o }}")
    folder = f"PREFIX f: <{tmp_path.as_uri()}/>"
    assert answers(engine.raw(f"{folder} SELECT * FROM f:secret.ttl {{ ?s ?p ?o }}")) == []
    assert answers(engine.raw("ASK { ?s ?p 'FROM <file:///x>' }")) == ["False"]


# -- long texts --------------------------------------------------------------------------------

_SIZE = 200_000
LONG = {
    "names with dots": "a." * (_SIZE // 2),
    "names with hyphens": "a-" * (_SIZE // 2),
    "dots": "a" + "." * _SIZE,
    "quotes": '"' * (_SIZE + 1),
    "escaped quotes": '"' + '\\"' * (_SIZE // 2),
    "long strings": '"""\\' * (_SIZE // 4),
    "both quotes": "'\"" * (_SIZE // 2),
    "open IRIs": "<a" * (_SIZE // 2),
    "numbers": "1.1e" * (_SIZE // 4),
    "language tags": "@a-" * (_SIZE // 3),
    "local names": ":." * (_SIZE // 2),
    "blanks": "SELECT" + " " * _SIZE,
    "words": "SELECT " * (_SIZE // 7),
    "SERVIC": "SERVIC" * (_SIZE // 6),
    "escapes": "\\u0053" * (_SIZE // 6),
}


@pytest.mark.parametrize("name", LONG)
def test_a_long_text_is_read_once(name: str) -> None:
    """Each text took the square of its length where a pattern tried again from every place."""
    text = LONG[name]
    covered = [text[start:end] for start, end, _ in syntax.tokens(text)]
    assert sum(map(len, covered)) <= len(text)
    assert len(guard.hidden(text)) == len(text)
    assert syntax.column_order(text, ["b", "a"]) == ["b", "a"]
    assert list(syntax.used_prefixes(text)) in ([], [""], ["a."], ["a"])


@pytest.mark.parametrize("text", [" " * 100_000, "1" + " " * 100_000 + "x", "\t" * 100_000])
def test_blanks_cost_no_square(text: str) -> None:
    assert amount(text) is None
    assert markdown_text(text).strip() == text.strip()
    assert markdown_text(f"a{text}\n{text}b") == markdown_text(f"a{text.rstrip()} {text.lstrip()}b")


def test_tags_without_end_from_elsewhere_are_cut() -> None:
    assert len(short("<script" * 100_000)) <= 160


def test_tokens_are_what_they_were() -> None:
    query = "SELECT ?x { ?x a.b calc:a.b. 1.5 'x'@en-GB <a> a.:b a-b.c:d } # end"
    found = [query[start:end] for start, end, _ in syntax.tokens(query)]
    names = "SELECT ?x ?x a b calc:a.b 1.5 'x' @en-GB <a> a :b a-b.c:d"
    assert found == [*names.split(), "# end"]


def test_a_value_that_looks_like_a_block_stays_a_value() -> None:
    """It was replaced in its turn by the value of a later parameter, which then was no text."""
    text = "SELECT * { VALUES ?_a { UNDEF } VALUES ?_b { UNDEF } }"
    look_up = LookUp("two", "", "", (), text)
    first, second = "VALUES ?_b { }", '" } SERVICE <https://example.org/> { #'
    bound = look_up.bound({"a": Literal(first), "b": Literal(second)})
    (row,) = answers(Store().query(bound))
    assert first in row
    assert second in row
