"""Claims as nanopublications, held against the guidelines and two other implementations."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal

import calcinosis
from calcinosis import names
from calcinosis.api.selecting import select
from calcinosis.errors import MissingProgramError, UsageError
from calcinosis.graph.settings import Settings
from calcinosis.output.formats import find
from calcinosis.output.rdf import nanopub, signing
from calcinosis.output.rdf.nanopub import ASSERTION, THIS, Nanopub, Publisher
from calcinosis.output.selection import Selection
from tests.nanopubs import faults, graphs, iri, parted, quads, values
from tests.shared import examples, graph
from tests.terminal import run

ORCID = "0000-0002-1825-0097"  # ORCID's own example, a person who does not exist
SELECTIONS: list[dict[str, Any]] = [
    {"subtype": "calciphylaxis"},
    {"reference": "reiter-2011"},
    {"query": "contested"},
]


@cache
def whole() -> bytes:
    return bytes(graph().export("nanopublications"))


def claims(trig: bytes) -> dict[str, bytes]:
    """The nanopublications that describe an association, by its IRI."""
    return described(trig, names.ASSOC)


def described(trig: bytes, kind: str) -> dict[str, bytes]:
    """The nanopublications that describe something whose IRI begins so, by that IRI."""
    found = {}
    for part in parted(trig):
        for quad in graphs(part)["pubinfo"]:
            if quad.predicate == names.NPX + "describes" and quad.object.startswith(kind):
                found[quad.object] = part
    return found


def indexes(trig: bytes) -> list[bytes]:
    return [part for part in parted(trig) if b"npx:NanopubIndex" in part]


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("key") / "key.pem"
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    path.write_bytes(made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path


# -- other programs --------------------------------------------------------------------


def python_accepts(trig: bytes) -> bool:
    """The verdict of the Python library nanopub: well-formed, and its name is right."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library uses what rdflib will drop
        import nanopub as library
        from rdflib import ConjunctiveGraph

        read = ConjunctiveGraph()
        read.parse(data=trig.decode(), format="trig")
        try:
            found = library.nanopub.Nanopub(rdf=read)
            return bool(found.is_valid and found.has_valid_trusty)
        except ValueError:
            return False


def rust_accepts(trig: bytes) -> bool:
    """The verdict of the Rust library nanopub: as above, and its signature is right."""
    library = pytest.importorskip("nanopub_sign")
    try:
        library.Nanopub(trig.decode()).check()
    except Exception:  # noqa: BLE001 (it raises nothing narrower)
        return False
    return True


@pytest.mark.slow
def test_other_programs_accept_every_nanopublication() -> None:
    found = parted(whole())
    assert len(found) > len(graph().ontology.claims.associations)
    assert all(map(rust_accepts, found))
    assert all(map(python_accepts, found[::20] + found[-2:]))


@pytest.mark.slow
def test_other_programs_tell_where_one_letter_was_changed() -> None:
    part = parted(whole())[0]
    statement = select(graph()).associations[0].statement.encode()
    assert part.count(statement) == 1
    tampered = part.replace(statement, statement[:-1] + b"!")
    assert not faults(tampered)
    for accepts in (python_accepts, rust_accepts):
        assert accepts(part)
        assert not accepts(tampered)


@pytest.mark.slow
def test_other_programs_accept_a_signature_and_no_false_one(key: Path) -> None:
    signed = bytes(
        graph().export(
            "nanopublications", condition="milk-alkali syndrome", sign_key=key, creator=ORCID
        )
    )
    assert signed.count(b"npx:hasSignature ") == len(parted(signed))
    for part in parted(signed):
        assert rust_accepts(part)
        assert python_accepts(part)
        assert not faults(part)
        assert b"npx:signedBy <https://orcid.org/0000-0002-1825-0097>" in part
        assert b"dcterms:creator <https://orcid.org/0000-0002-1825-0097>" in part


@pytest.mark.slow
def test_a_false_signature_is_told_even_under_a_right_name(key: Path) -> None:
    class Forger(signing.Signer):
        def sign(self, text: str) -> str:
            return super().sign(text + "x")

    publish = Publisher(graph().ontology, "https://orcid.org/" + ORCID, signer=Forger(key, ORCID))
    forged = publish.publish(made("a")).trig
    assert python_accepts(forged)
    assert not rust_accepts(forged)


def made(text: str, *, language: str | None = None) -> Nanopub:
    said = Literal(text, language=language)
    return Nanopub(
        [(names.CASE, names.LABEL, said)],
        [(ASSERTION, names.PROV + "wasAttributedTo", nanopub.DEVELOPERS)],
        [(THIS, names.LABEL, said)],
    )


@given(st.text(st.characters(codec="utf-8")), st.sampled_from([None, "en", "pt-BR"]))
@settings(max_examples=examples(60), deadline=None)
def test_any_text_has_the_name_that_other_programs_give_it(text: str, language: str | None) -> None:
    published = Publisher(graph().ontology).publish(made(text, language=language))
    assert rust_accepts(published.trig)


def test_the_order_of_statements_does_not_matter() -> None:
    one = made("a")
    triples = [(names.CASE, names.LABEL, Literal(text)) for text in "bca"]
    publish = Publisher(graph().ontology).publish
    assert (
        publish(replace(one, assertion=triples)).iri
        == publish(replace(one, assertion=[*triples[::-1], triples[0]])).iri
    )


# -- the guidelines --------------------------------------------------------------------


def test_every_nanopublication_is_well_formed() -> None:
    for part in parted(whole()):
        assert not faults(part), iri(part)


@pytest.mark.parametrize(
    ("was", "becomes", "fault"),
    [
        (b"a np:Nanopublication", b"a np:Other", "exactly one nanopublication"),
        (b"np:hasProvenance sub:provenance", b"np:has sub:provenance", "exactly one of each part"),
        (b"np:hasProvenance sub:provenance", b"np:hasProvenance sub:pubinfo", "names of their own"),
        (b"sub:pubinfo {", b"sub:elsewhere {", "a graph is empty"),
        (b"sub:Head {", b"sub:Head { this: rdfs:label 'more' .", "says more"),
        (b"sub:assertion prov:", b"sub:other prov:", "not that of the assertion"),
        (b"sub:assertion {", b"sub:assertion { calc:Case calc:read [] .", "no name"),
        (b"sub:Head {", b"calc:Case calc:read 'x' . sub:Head {", "in none of them"),
    ],
)
def test_what_is_not_well_formed_is_found(was: bytes, becomes: bytes, fault: str) -> None:
    part = parted(whole())[0]
    assert was in part
    assert fault in "; ".join(faults(part.replace(was, becomes)))


# -- what is in them -------------------------------------------------------------------


def test_each_claim_is_whole() -> None:
    """Statement, context, citations, how far read, study type, and nothing that is read into it."""
    found = claims(whole())
    library = graph().ontology.library
    ours = {
        str(said[names.INTERPRETS][0]): {str(getattr(m, "value", "")) for m in mechanisms}
        for said in graph().ontology.interpretations.values()
        if (mechanisms := said.get(names.CC + "mechanism"))
    }
    assert ours
    assert set(found) == set(graph().ontology.claims.associations)
    for claim in select(graph()).associations:
        said = quads(found[claim.iri])
        assert values(said, claim.iri, names.CC + "statement") == {claim.statement}
        assert values(said, claim.iri, names.CC + "context") == set(claim.contexts)
        assert not values(said, claim.iri, names.CC + "editorial")
        assert values(said, claim.iri, names.CC + "contestedBy") == set(claim.contested_by)
        stated = {claim.mechanism} - {None, *ours.get(claim.iri, ())}
        assert values(said, claim.iri, names.CC + "mechanism") == stated
        bare = values(said, claim.subject, claim.predicate)
        assert bare == (set() if claim.contexts else {claim.object})
        read = {
            (values(said, node, names.OWL + "annotatedProperty").pop())
            + values(said, node, names.OWL + "annotatedTarget").pop()
            + values(said, node, names.CC + "read").pop()
            for node in {q.subject for q in said if "#citation-" in q.subject}
        }
        sides = {True: names.DISPUTES, False: names.EVIDENCE}
        assert read == {
            sides[c.disputes] + names.REF + c.reference + c.read for c in claim.citations
        }
        for citation in claim.citations:
            reference = library.reference(citation.reference)
            studied = values(said, names.REF + citation.reference, names.CC + "studyType")
            assert studied == {reference.study_type} - {""}
            assert values(said, names.REF + reference.key, names.BIBO + "doi") == {
                reference.doi
            } - {""}


@pytest.mark.slow
def test_what_is_read_into_a_claim_is_published_apart() -> None:
    found = described(whole(), names.INTERP)
    named = {claim: iri(part) for claim, part in claims(whole()).items()}
    assert set(found) == set(graph().ontology.interpretations)
    read = {}
    for interpretation, part in found.items():
        said = quads(part)
        (claim,) = values(said, interpretation, names.INTERPRETS)
        own = graph().ontology.claims.associations[claim]
        read[claim] = values(said, interpretation, names.CC + "editorial")
        assert values(said, interpretation, names.CC + "licenses") <= {own.licenses}
        assert values(said, interpretation, names.CC + "givesBasisFor") == set(own.gives_basis_for)
        assertion = iri(part) + "#assertion"
        assert values(said, assertion, names.PROV + "wasDerivedFrom") == {named[claim]}
    every = graph().ontology.claims.associations.values()
    assert read == {one.iri: {one.editorial} for one in every if one.editorial}


def test_a_number_keeps_its_type() -> None:
    part = claims(whole())[names.ASSOC + "calcinosis-cutis-has-five-subtypes"]
    assert b"calc:object 5 ;" in part


def test_two_claims_that_contest_each_other_are_tied_by_their_names() -> None:
    named = {claim: iri(part) for claim, part in claims(whole()).items()}
    tied = {
        (q.subject, q.object)
        for part in parted(whole())
        for q in graphs(part)["assertion"]
        if q.predicate == names.CC + "contestedBy" and "/nanopub/" in q.subject
    }
    assert tied
    assert tied == {
        (named[claim.iri], named[other])
        for claim in select(graph()).associations
        for other in claim.contested_by
    }


def test_nothing_says_when_it_was_made_but_the_release() -> None:
    dates = set(re.findall(rb'"(\d{4}-\d\d-\d\dT[^"]*)"', whole()))
    issued = graph().ontology.root.text(names.ONTOLOGY, names.DCTERMS + "issued")
    assert issued
    assert dates == {issued.encode()}


# -- selections and the index ----------------------------------------------------------


@pytest.mark.parametrize("asked", SELECTIONS, ids=str)
def test_an_index_lists_all_and_no_more(asked: dict[str, Any]) -> None:
    trig = bytes(graph().export("nanopublications", **asked))
    every = parted(trig)
    (index,) = indexes(trig)
    listed = [
        q.object for q in graphs(index)["assertion"] if q.predicate == names.NPX + "includesElement"
    ]
    assert listed == [iri(part) for part in every[:-1]]
    assert index == every[-1]
    assert set(claims(trig)) == {claim.iri for claim in select(graph(), **asked).associations}
    assert set(every[:-1]) <= set(parted(whole()))


@pytest.mark.parametrize("asked", [{}, {"subtype": "metastatic"}], ids=str)
def test_a_claim_whose_support_is_left_out_is_not_published(asked: dict[str, Any]) -> None:
    kg = calcinosis.load(settings=Settings(before=2010))
    cited, whole = claims(bytes(kg.export("nanopublications", **asked))), graph().ontology.claims
    fallen = kg.ontology.claims.fallen
    assert fallen
    wanted = {claim.iri for claim in select(graph(), **asked).associations} - fallen
    assert set(cited) <= wanted
    assert not asked or set(cited)
    for claim, part in cited.items():
        assert kg.ontology.claims.references(claim) or not whole.references(claim)
        told = {q.object for q in quads(part) if q.predicate == names.CC + "contestedBy"}
        assert told.isdisjoint(fallen)
    rows = {claim.iri for claim in select(kg, **asked).associations}
    assert rows == set(cited)
    edges = bytes(kg.export("kgx-jsonl", **asked).files["calcinosis_edges.jsonl"]).decode()
    assert not any(f'"id": "{iri}"' in edges for iri in fallen)


def test_the_index_says_what_is_left_out() -> None:
    kg = calcinosis.load(settings=Settings(before=2010))
    (index,) = indexes(bytes(kg.export("nanopublications", subtype="metastatic")))
    assert kg.ontology.left_out_words in index.decode()


def test_no_claims_are_no_nanopublications() -> None:
    nothing = Selection(graph().ontology, (), "nothing", is_whole=False)
    trig = b"".join(find("nanopublications").files(nothing)["nanopublications.trig"])
    assert trig.startswith(b"#")
    assert not quads(trig)


@pytest.mark.slow
def test_a_long_index_goes_on_in_further_ones() -> None:
    elements = [f"{names.NANOPUB}RA{number:043}" for number in range(2500)]
    found = [
        one.trig for one in Publisher(graph().ontology).indexes(elements, "All", "All of them")
    ]
    assert [part.count(b"npx:IncompleteIndex") for part in found] == [1, 1, 0]
    listed: list[str] = []
    before = None
    for part in found:
        assert python_accepts(part)
        assert rust_accepts(part)
        held = [q for q in graphs(part)["assertion"] if "includes" in q.predicate]
        assert len(held) <= 1000
        listed += [q.object for q in held]
        appended = [q for q in graphs(part)["assertion"] if "appends" in q.predicate]
        assert [q.object for q in appended] == ([] if before is None else [before])
        before = iri(part)
    assert listed == elements


# -- keys ------------------------------------------------------------------------------


def bad_keys(folder: Path) -> Iterator[tuple[Path, str]]:
    yield folder / "none.pem", "cannot be read"
    words = folder / "words.pem"
    words.write_text("not a key")
    yield words, "not an RSA private key"
    curve = folder / "curve.pem"
    made = ec.generate_private_key(ec.SECP256R1())
    curve.write_bytes(made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    yield curve, "not an RSA private key"


def test_a_bad_key_is_refused(tmp_path: Path) -> None:
    for path, said in bad_keys(tmp_path):
        with pytest.raises(UsageError, match=said):
            signing.Signer(path, ORCID)


def test_a_key_without_its_lines_is_the_same_key(key: Path, tmp_path: Path) -> None:
    bare = tmp_path / "id_rsa"
    bare.write_text("".join(key.read_text().splitlines()[1:-1]))
    one, two = signing.Signer(key, ORCID), signing.Signer(bare, f"https://orcid.org/{ORCID}")
    assert (one.public_key, one.creator) == (two.public_key, two.creator)
    assert one.sign("a") == two.sign("a") != one.sign("b")


@pytest.mark.parametrize("text", ["", "0000-0002-1825-0098", "Ann Author", "0000-0002-1825-009"])
def test_what_is_no_orcid_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is not an ORCID"):
        signing.orcid(text)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["nanopublications", "--sign-key", "k"], "--creator: there is a key alone"),
        (["nanopublications", "--creator", ORCID], "--sign-key: there is an ORCID alone"),
        (["nanopublications", "--sign-key", "k", "--creator", "x"], "'x' is not an ORCID"),
    ],
)
def test_half_a_signature_is_told(
    given: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(["export", *given], capsys)
    assert (code, out) == (2, "")
    assert said in err
    assert len(err.splitlines()) == 1


@pytest.mark.slow
def test_only_what_can_be_signed_is_signed(key: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["associations-csv", "--sign-key", str(key), "--creator", ORCID]
    code, out, err = run(["export", *given], capsys)
    assert (code, out) == (2, "")
    assert "associations-csv cannot be signed" in err
    code, out, err = run(["export", "nanopublications", *given[1:], "--query", "contested"], capsys)
    assert (code, err) == (0, "")
    assert out.encode() == bytes(
        graph().export("nanopublications", query="contested", sign_key=key, creator=ORCID)
    )


def test_what_signing_needs_is_named(key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.serialization", None)
    with pytest.raises(MissingProgramError, match="package cryptography"):
        signing.Signer(key, ORCID)
