"""The canonical form of Turtle, and the roles that are derived from the associations."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
import rdflib
from pyoxigraph import CanonicalizationAlgorithm, Dataset, RdfFormat
from pyoxigraph import parse as parse_triples
from rdflib.compare import isomorphic

from calcinosis import names
from calcinosis.errors import OntologyError
from calcinosis.graph.locate import data
from calcinosis.graph.triples import Triples
from calcinosis.release import canonical, derive
from calcinosis.release.check import modules
from calcinosis.release.modules import derived_findings
from tests import faults
from tests.shared import few

ONTOLOGY = data("ontology")
FILES = [*modules(ONTOLOGY), *sorted((ONTOLOGY / "shapes").glob("*.ttl"))]
SMALL = [path for path in FILES if path.stat().st_size < 60_000]
PREFIX = "@prefix : <http://example.org/> .\n"


# -- canonical form --------------------------------------------------------------------


@pytest.mark.parametrize("path", few(FILES, *SMALL), ids=lambda p: p.stem)
def test_the_form_keeps_the_graph_and_is_idempotent(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    once = canonical.canonical(text)
    assert canonical.canonical(once) == once
    assert by_another_parser(text) == by_another_parser(once)


def by_another_parser(text: str) -> Dataset:
    """The graph as rdflib reads it; its own comparison takes ten seconds for the references."""
    lines = rdflib.Graph().parse(data=text).serialize(format="nt")
    graph = Dataset(parse_triples(input=lines, format=RdfFormat.N_TRIPLES))
    graph.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return graph


@pytest.mark.parametrize("name", ["subtypes", "laboratory", "viewpoints/seed-reiter-2011"])
def test_the_form_does_not_depend_on_order_or_on_names_of_blank_nodes(name: str) -> None:
    text = (ONTOLOGY / f"{name}.ttl").read_text(encoding="utf-8")
    lines = [f"{triple} ." for triple in parse_triples(input=text, format=RdfFormat.TURTLE)]
    random.Random(1).shuffle(lines)
    labels: dict[str, str] = {}

    def rename(match: re.Match[str]) -> str:
        return labels.setdefault(match.group(), f"_:x{len(labels)}y")

    shuffled = re.sub(r"_:\w+", rename, "\n".join(lines))
    assert canonical.canonical(shuffled) == canonical.canonical(text)


def test_the_form_is_for_readers() -> None:
    text = """# A comment at the top stays.
@prefix calc: <https://w3id.org/calcinosis/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix foaf: <http://xmlns.com/foaf/0.1/> .
calc:B calc:factor 7.60 , 1 , 1.0e0 ; calc:contested true ; rdfs:label "b"@en ; a owl:Class .
[] a owl:Axiom ; owl:annotatedTarget _:g ; owl:annotatedProperty owl:equivalentClass ;
  owl:annotatedSource calc:A ; calc:editorial "a \\"quoted\\" reason"@en .
_:g owl:intersectionOf ( calc:B [ a owl:Restriction ; owl:onProperty calc:p ] ) .
_:i rdfs:subClassOf calc:A ; owl:unionOf ( calc:B ) . [] owl:annotatedSource _:i .
calc:A owl:equivalentClass _:g ; calc:authorship [ calc:position 10 ] , [ calc:position 2 ] .
calc:ontology a owl:Ontology . foaf:name a owl:AnnotationProperty .
"""
    assert (
        canonical.canonical(text)
        == """# A comment at the top stays.

@prefix calc: <https://w3id.org/calcinosis/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .

<https://w3id.org/calcinosis/ontology> a owl:Ontology .

calc:A owl:equivalentClass _:A-equivalentClass ;
    calc:authorship [ calc:position 2 ] ,
        [ calc:position 10 ] .
_:A-equivalentClass owl:intersectionOf ( calc:B [ a owl:Restriction ; owl:onProperty calc:p ] ) .
[] a owl:Axiom ; owl:annotatedSource calc:A ; owl:annotatedProperty owl:equivalentClass ; \
owl:annotatedTarget _:A-equivalentClass ;
    calc:editorial "a \\"quoted\\" reason"@en .
_:subClassOf-A owl:unionOf ( calc:B ) ;
    rdfs:subClassOf calc:A .
[] owl:annotatedSource _:subClassOf-A .

calc:B a owl:Class ;
    rdfs:label "b"@en ;
    calc:contested true ;
    calc:factor 1 ,
        7.60 ,
        "1.0e0"^^xsd:double .

foaf:name a owl:AnnotationProperty .
"""
    )


@pytest.mark.parametrize(
    "text",
    [
        ":a :b _:x . _:x :b _:y . _:y :b _:x .",
        ":a :b _:x , _:y . :c :b _:x , _:y .",
        "[] :b [ :b ( ) , ( 1 ( 2 ) ) ] . [] :b [] .",
        "_:x :b _:x . :a :b 'it''s' , \"line\\nbreak\\t\\\\\"@en-gb , '1'^^:own .".replace(
            "''", "\\'"
        ),
        "<http://example.org/a/b> :b <http://example.org/é> , :a.b , :c- .",
        ":a :b ( _:x _:x ) . _:l <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> 1 , 2 .",
        ":long :list ( "
        + ":member-of-a-long-list " * 8
        + ') , [ :p [ :q "'
        + "x" * 90
        + '" ] ; :r 1 ] .',
    ],
)
def test_odd_graphs_keep_their_meaning(text: str) -> None:
    once = canonical.canonical(PREFIX + text)
    assert canonical.canonical(once) == once
    assert isomorphic(rdflib.Graph().parse(data=PREFIX + text), rdflib.Graph().parse(data=once))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (PREFIX + ":a :b :c", "not Turtle"),
        (PREFIX + ":a :b :c . # why\n", "line 2: a comment within"),
        (PREFIX + ':a :b "# no" , \'# no\' , """# "no" """ ,\n# yes\n<http://a/#b> .', "line 3"),
    ],
)
def test_a_file_that_would_lose_something_is_refused_and_kept(
    text: str, what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.ttl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(OntologyError, match=what):
        canonical.restore(path)
    assert canonical.main([str(path), str(tmp_path / "none.ttl")]) == 3
    assert "none.ttl" in capsys.readouterr().err
    assert path.read_text(encoding="utf-8") == text
    assert list(tmp_path.iterdir()) == [path]


def test_the_command_checks_and_restores(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.ttl"
    path.write_text("<http://a/s> <http://a/p> 'x' .", encoding="utf-8")
    assert canonical.main(["--check", str(path)]) == 1
    assert canonical.main([str(path)]) == 0
    assert canonical.main(["--check", str(path)]) == 0
    assert "make format" in capsys.readouterr().err


# -- roles -----------------------------------------------------------------------------

CLAIMS = (
    faults.PREFIXES
    + """
assoc:a calc:subject calc:Acne .
assoc:b calc:subject calc:Acne .
assoc:c calc:subject calc:Burn .
"""
)
INTERPRETATIONS = (
    faults.PREFIXES
    + """
interp:a calc:interprets assoc:a ; calc:licenses calc:Role ; calc:editorial "why"@en .
interp:b calc:interprets assoc:b ; calc:licenses calc:Role ; calc:mechanism "So."@en .
interp:c calc:interprets assoc:c ; calc:licensesWhereTaken calc:Role .
interp:d calc:interprets assoc:c ; calc:licenses calc:Role ; calc:inViewpoint calc:Ours .
"""
)

EVIDENCE = (
    faults.PREFIXES
    + """
evid:a.one calc:evidenceFor assoc:a ; dcterms:source ref:one ; calc:read "text" .
evid:a.two calc:evidenceAgainst assoc:a ; dcterms:source ref:two ; calc:read "abstract" .
evid:b.one calc:evidenceFor assoc:b ; dcterms:source ref:one .
"""
)
OUTDATED = {"citations_outdated", "interpreted_outdated", "roles_outdated"}


def write(folder: Path) -> None:
    """The modules from which others are derived."""
    texts = {"associations": CLAIMS, "evidence": EVIDENCE, "interpretations": INTERPRETATIONS}
    for name, text in texts.items():
        (folder / f"{name}.ttl").write_text(text, encoding="utf-8")


def test_roles_rest_on_all_claims_that_license_them(tmp_path: Path) -> None:
    write(tmp_path)
    assert {finding.rule for finding in derived_findings(tmp_path)} == OUTDATED
    assert derive.main(["--check", str(tmp_path)]) == 1
    assert derive.main([str(tmp_path)]) == 0
    assert derive.main(["--check", str(tmp_path)]) == 0
    text = (tmp_path / "roles.ttl").read_text(encoding="utf-8")
    assert canonical.canonical(text) == text
    triples = Triples()
    triples.read(tmp_path / "roles.ttl")
    (note,) = triples.instances(names.OWL + "Axiom")
    assert triples.iri(note, names.OWL + "annotatedSource") == names.CC + "Acne"
    assert triples.iris(note, names.CC + "restsOn") == [names.ASSOC + "a", names.ASSOC + "b"]
    assert triples.texts(note, names.CC + "editorial") == ["why"]
    assert triples.iris(names.CC + "Acne", names.SUBCLASS) == [names.CC + "Role"]
    assert names.CC + "Burn" not in triples.by_subject


def test_claims_say_what_is_read_into_them_in_every_viewpoint(tmp_path: Path) -> None:
    write(tmp_path)
    assert derive.main([str(tmp_path)]) == 0
    triples = Triples()
    triples.read(tmp_path / "interpreted.ttl")
    role, (a, b, c) = names.CC + "Role", (names.ASSOC + one for one in "abc")
    assert triples.iris(a, names.CC + "licenses") == [role]
    assert triples.texts(a, names.CC + "editorial") == ["why"]
    assert triples.text(a, names.CC + "mechanismIsOurs") is None
    assert triples.texts(b, names.CC + "mechanism") == ["So."]
    assert triples.text(b, names.CC + "mechanismIsOurs") == "true"
    assert triples.iris(c, names.CC + "licensesWhereTaken") == [role]
    assert not triples.iris(c, names.CC + "licenses")  # that is one viewpoint's alone


def test_citations_say_what_the_evidence_items_say(tmp_path: Path) -> None:
    write(tmp_path)
    assert derive.main([str(tmp_path)]) == 0
    triples = Triples()
    triples.read(tmp_path / "citations.ttl")
    claim = names.ASSOC + "a"
    assert triples.iris(claim, names.EVIDENCE) == [names.REF + "one"]
    assert triples.iris(claim, names.DISPUTES) == [names.REF + "two"]
    said = {about: triples.text(node, names.CC + "read") for node, about in triples.annotated()}
    assert said == {
        (claim, names.EVIDENCE, names.REF + "one"): "text",
        (claim, names.DISPUTES, names.REF + "two"): "abstract",
    }
    assert names.ASSOC + "b" not in triples.by_subject  # how far it was read is not said


@pytest.mark.parametrize("text", [":a", "<http://a/s> <http://a/p> 1 ."])
def test_broken_associations_write_no_roles(text: str, tmp_path: Path) -> None:
    for name in ("associations", "evidence", "interpretations"):
        (tmp_path / f"{name}.ttl").write_text(text, encoding="utf-8")
    assert derive.main([str(tmp_path)]) == 3
    assert {finding.rule for finding in derived_findings(tmp_path)} == OUTDATED
    assert not (tmp_path / "roles.ttl").exists()
