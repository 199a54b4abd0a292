"""Pages at the paths of their IRIs: what they say is what the commands say, in every form."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, parse

import calcinosis
from calcinosis.api import KnowledgeGraph, load_ontology
from calcinosis.graph.results import Table
from calcinosis.output.references.lines import identifier
from calcinosis.output.site.claim import query
from tests.pages_asked import addresses, asked, read, words

CC = "https://w3id.org/calcinosis/"
CLAIM = "association/werner-syndrome-causes-dystrophic"
TERMS = ("WernerSyndrome", "CalcinosisCutis", "WithTissueDamage", "Albumin", "ABCC6", "Abdomen")
KINDS = {
    "home": "/",
    "term": "/WernerSyndrome",
    "subtype": "/Calciphylaxis",
    "criterion": "/WithNormalMineralLevels",
    "site": "/Abdomen",
    "analyte": "/Albumin",
    "reference": "/reference/reiter-2011",
    "claim": f"/{CLAIM}",
    "contested claim": "/association/calciphylaxis-is-kind-of-calcinosis-cutis",
    "viewpoint": "/viewpoint/minars",
    "property": "/studyDesign",
    "obsolete": "/WithHighMineralLevel",
    "ontology": "/ontology",
    "terms": "/terms",
    "references": "/references",
    "about": "/about",
    "found": "/search?q=werner",
    "nothing found": "/search?q=zzzzzzzz",
    "missing": "/WernerSyndrom",
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_page_is_strict_html_with_one_heading_and_landmarks(
    kg: calcinosis.KnowledgeGraph, kind: str
) -> None:
    found = asked(kg, KINDS[kind])
    assert found.status == (404 if kind == "missing" else 200)
    page = read(found.text)
    levels = [int(one.tag[1]) for one in page.iter() if re.fullmatch("h[1-6]", str(one.tag))]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(deeper - before <= 1 for before, deeper in pairwise(levels))
    for landmark in ("header", "nav", "main", "footer"):
        assert next(page.iter(landmark), None) is not None
    names = [one.get("aria-label") for one in page.iter("nav")]
    assert None not in names
    assert len(set(names)) == len(names)
    ids = [one.get("id") for one in page.iter() if one.get("id")]
    assert len(set(ids)) == len(ids)
    for table in page.iter("table"):
        assert next(table.iter("caption"), None) is not None
        assert all(head.get("scope") for head in table.iter("th"))
    for picture in page.iter("{http://www.w3.org/2000/svg}svg"):
        assert picture.get("role") in ("img", "group")
        assert picture.get("aria-labelledby")
    assert not [one for one in page.iter() if one.get("style") or one.get("onclick")]
    assert all(one.get("type") or one.get("src") for one in page.iter("script"))


@pytest.mark.parametrize("term", TERMS)
def test_the_page_of_a_term_says_what_show_says(kg: calcinosis.KnowledgeGraph, term: str) -> None:
    shown = json.loads(kg.show(term).to_json())
    page = read(asked(kg, f"/{term}").text)
    said = words(page)
    every = [shown["definition"], *shown["entry"]["synonyms"]]
    for claim in (*shown["claims"], *shown["against"]):
        every += [claim["label"][1:], claim["statement"]]
        for one in claim["citations"]:
            every += [kg.library[one["reference"]].label, f"read: {one['read']}", *one["figures"]]
    every += [one["definition"] for one in shown["criteria"]]
    every += [one["object"] for one in shown["mappings"]]
    every += [label for _, label in shown["below"]]
    missing = [one for one in every if " ".join(one.split()) not in said]
    assert not missing
    disputing = sum(one["disputes"] for claim in shown["claims"] for one in claim["citations"])
    assert said.count("disputes") >= disputing
    assert len(shown["claims"]) == 0 or said.count("supports") > 0


def test_other_forms_have_the_same_values(kg: calcinosis.KnowledgeGraph) -> None:
    for term in ("WernerSyndrome", "reference/reiter-2011"):
        found = asked(kg, f"/{term}.json")
        assert found.kind == "application/json"
        assert found.text == kg.show(term.rpartition("/")[2]).to_json()
    view = asked(kg, "/viewpoint/minars.json").text
    assert view == kg.show("minars").to_json()
    claim = json.loads(asked(kg, f"/{CLAIM}.json").text)
    shown = json.loads(kg.show("WernerSyndrome").to_json())["claims"]
    same = next(one for one in shown if one["id"] == claim["id"])
    assert claim["statement"] == same["statement"]
    assert {one["reference"] for one in claim["evidence"]} == {
        one["reference"] for one in same["citations"]
    }


@pytest.mark.parametrize(
    "path",
    [
        *("WernerSyndrome", CLAIM, "reference/reiter-2011", "studyDesign", "ontology/findings"),
        "viewpoint/minars",
    ],
)
def test_turtle_and_json_ld_state_the_same(kg: calcinosis.KnowledgeGraph, path: str) -> None:
    about = NamedNode(CC + path)
    turtle = set(parse(asked(kg, f"/{path}.ttl").body, format=RdfFormat.TURTLE))
    stated = {(one.predicate, one.object) for one in turtle if one.subject == about}
    assert stated
    if path.startswith("ontology"):
        return
    linked = list(parse(asked(kg, f"/{path}.jsonld").body, format=RdfFormat.JSON_LD))
    said = {(one.predicate, one.object) for one in linked if one.subject == about}
    plain = {(p, o) for p, o in stated if not hasattr(o, "value") or not str(o).startswith("_:")}
    assert {pair for pair in plain if "_:" not in str(pair[1])} <= said


def test_a_term_is_described_in_the_words_of_schema_org(kg: calcinosis.KnowledgeGraph) -> None:
    schema = "https://schema.org/"
    body = asked(kg, "/WernerSyndrome", "application/ld+json").body
    linked = list(parse(body, format=RdfFormat.JSON_LD))
    about = [one for one in linked if one.subject == NamedNode(CC + "WernerSyndrome")]
    kinds = {one.object.value for one in about if one.predicate.value.endswith("#type")}
    assert {f"{schema}DefinedTerm", f"{schema}MedicalCondition"} <= kinds
    assert (schema + "name", Literal("Werner syndrome")) in {
        (one.predicate.value, one.object) for one in about
    }
    head = asked(kg, "/WernerSyndrome").text
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', head)
    node = json.loads(block)
    assert node["@context"] == "https://schema.org"
    assert node["@id"] == CC + "WernerSyndrome"
    assert node["name"] == "Werner syndrome"


def test_a_viewpoint_is_a_set_of_terms_with_all_its_axioms(kg: calcinosis.KnowledgeGraph) -> None:
    found = asked(kg, "/viewpoint/minars", "application/ld+json")
    linked = list(parse(found.body, format=RdfFormat.JSON_LD))
    axioms = set(parse(asked(kg, "/viewpoint/minars.ttl").body, format=RdfFormat.TURTLE))
    assert len(linked) > len(axioms) > 50
    schema, about = "https://schema.org/", NamedNode(CC + "viewpoint/minars")
    defined = (about, NamedNode(f"{schema}hasDefinedTerm"))
    terms = {one.object for one in linked if (one.subject, one.predicate) == defined}
    assert NamedNode(CC + "DystrophicCalcinosisCutis") in terms
    page = asked(kg, "/viewpoint/minars").text
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    assert json.loads(block)["@type"] == "DefinedTermSet"
    assert 'href="/viewpoint/minars.jsonld"' in page


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html"),
        ("*/*", "text/html"),
        ("text/turtle", "text/turtle"),
        ("text/html;q=0.4, text/turtle;q=0.5", "text/turtle"),
        ("application/ld+json", "application/ld+json"),
        ("application/json, text/html;q=0.9", "application/json"),
        ("application/x-bibtex", "application/x-bibtex"),
    ],
)
def test_the_form_is_the_one_that_is_wanted_most(
    kg: calcinosis.KnowledgeGraph, accept: str, kind: str
) -> None:
    found = asked(kg, "/reference/reiter-2011", accept)
    assert (found.status, found.kind) == (200, kind)
    assert found.headers["vary"] == "Accept"
    assert found.headers["etag"]


def test_what_nobody_gives_is_refused(kg: calcinosis.KnowledgeGraph) -> None:
    assert asked(kg, "/WernerSyndrome", "image/png").status == 406
    assert asked(kg, "/WernerSyndrome.owl").status == 404
    assert asked(kg, "/WernerSyndrome", method="POST").status == 405
    assert asked(kg, "/assets/../../names.py").status == 404
    assert asked(kg, "/assets/nothing.js").status == 404


def test_a_page_that_is_known_is_not_sent_again(kg: calcinosis.KnowledgeGraph) -> None:
    first = asked(kg, "/WernerSyndrome")
    again = asked(kg, "/WernerSyndrome", if_none_match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    assert asked(kg, "/WernerSyndrome", if_none_match="*").status == 304
    assert asked(kg, "/WernerSyndrome", if_none_match='"other"').status == 200
    other = asked(kg, "/WernerSyndrome", "text/turtle", if_none_match=first.headers["etag"])
    assert other.status == 200
    head = asked(kg, "/WernerSyndrome", method="HEAD")
    assert head.status == 200
    assert head.headers["content-length"] == first.headers["content-length"]


def test_a_claim_tells_its_relation_in_words_beside_its_code(
    kg: calcinosis.KnowledgeGraph,
) -> None:
    page = read(asked(kg, f"/{CLAIM}").text)
    assert "Relation causes ( RO:0003302 )" in words(page)
    links = ["".join(one.itertext()) for one in page.iter("a")]
    assert "RO:0003302" in links


def test_a_reference_without_a_title_is_named_once(kg: calcinosis.KnowledgeGraph) -> None:
    (found,) = [one for one in kg.library.values() if one.key == "acnpsearch-48213205"]
    claim = next(
        c
        for c in load_ontology().claims.associations.values()
        if found.key in {one.reference for one in c.citations}
    )
    page = read(asked(kg, f"/association/{claim.id}").text)
    items = [" ".join("".join(li.itertext()).split()) for li in page.iter("li")]
    assert f"{found.label}. {found.uri}" in items
    lead = next(
        p
        for p in read(asked(kg, f"/reference/{found.key}").text).iter("p")
        if p.get("class") == "lead"
    )
    assert "".join(lead.itertext()) == found.uri


def test_what_is_not_there_names_the_nearest(kg: calcinosis.KnowledgeGraph) -> None:
    found = asked(kg, "/WernerSyndrom")
    assert found.status == 404
    assert ("a", "/WernerSyndrome") in addresses(read(found.text))
    told = asked(kg, "/WernerSyndrom", "application/json")
    assert (told.status, told.kind) == (404, "application/problem+json")
    assert "/WernerSyndrome" in json.loads(told.text)["cure"]
    turtle = asked(kg, "/WernerSyndrom.ttl", "text/turtle")
    assert (turtle.status, "/WernerSyndrome" in turtle.text) == (404, True)
    curl = asked(kg, "/WernerSyndrom", "*/*", user_agent="curl/8.5")
    assert (curl.kind, "Did you mean /WernerSyndrome" in curl.text) == ("text/plain", True)
    nothing = asked(kg, "/qqqqqqqq", "application/json")
    assert json.loads(nothing.text)["cure"] == "Begin at the home"


def test_an_obsolete_term_says_what_to_use(kg: calcinosis.KnowledgeGraph) -> None:
    page = read(asked(kg, "/WithHighMineralLevel").text)
    assert "replaced by" in words(page)
    assert ("a", "/WithRaisedMineralLevel") in addresses(page)


def test_evidence_and_readings_lead_to_their_place_on_the_claim(
    kg: calcinosis.KnowledgeGraph,
) -> None:
    page = read(asked(kg, f"/{CLAIM}").text)
    ids = {one.get("id") for one in page.iter()}
    for path, part in (
        ("evidence/werner-syndrome-causes-dystrophic.honjo-2008", "honjo-2008"),
        ("interpretation/werner-syndrome-causes-dystrophic", "reading"),
    ):
        found = asked(kg, f"/{path}")
        assert (found.status, found.headers["location"]) == (303, f"/{CLAIM}#{part}")
        assert part in ids
        assert asked(kg, f"/{path}", "text/turtle").status == 200


def test_both_sides_of_what_is_contested_stand_side_by_side(kg: calcinosis.KnowledgeGraph) -> None:
    page = read(asked(kg, "/Calciphylaxis").text)
    shown = json.loads(kg.show("Calciphylaxis").to_json())
    contested = [one for one in shown["claims"] if one["contested_by"]]
    sides = [one for one in page.iter("div") if one.get("class") == "sides"]
    assert contested
    assert sides
    assert all(len(list(one)) == 2 for one in sides)
    links = {href for one in sides for _, href in addresses(one)}
    assert {f"/association/{one['id']}" for one in contested} <= links


@pytest.mark.slow
def test_the_queries_behind_pages_give_what_the_pages_say(kg: calcinosis.KnowledgeGraph) -> None:
    for path in ("WernerSyndrome", "reference/reiter-2011", CLAIM):
        page = read(asked(kg, f"/{path}").text)
        (query_of_page,) = [
            "".join(one.itertext()) for one in page.iter("pre") if one.get("class") == "query"
        ]
        answer = kg.sparql(query_of_page)
        assert isinstance(answer, Table)
        if path == CLAIM:
            keys = {row["reference"].rpartition("/")[2] for row in answer.rows()}
            claim = kg.ontology.claims.associations[CC + CLAIM]
            assert query(claim).strip() == query_of_page.strip()
            assert keys == {one.reference for one in claim.citations}
        else:
            shown = json.loads(kg.show(path.rpartition("/")[2]).to_json())
            found = {row["claim"].rpartition("/")[2] for row in answer.rows()}
            found = {one.removeprefix("assoc:") for one in found}
            assert found == {one["id"] for one in shown["claims"]}


def test_a_reference_leads_to_where_it_was_published(kg: calcinosis.KnowledgeGraph) -> None:
    page = read(asked(kg, "/reference/reiter-2011").text)
    assert identifier(kg.library["reiter-2011"])[1] in {href for _, href in addresses(page)}
    bibtex = asked(kg, "/reference/reiter-2011.bib").text
    assert bibtex.startswith("@article{reiter-2011")
    assert bibtex.strip() in "".join("".join(one.itertext()) for one in page.iter("pre"))
    assert asked(kg, "/reference/reiter-2011.ris").text.startswith("TY  - JOUR")
    assert asked(kg, "/references.bib").text == kg.cite().bibtex()


def test_of_many_claims_the_first_stand_open_and_the_others_are_there(
    kg: calcinosis.KnowledgeGraph,
) -> None:
    page = read(asked(kg, "/DystrophicCalcinosisCutis").text)
    shown = json.loads(kg.show("DystrophicCalcinosisCutis").to_json())
    (part,) = [one for one in page.iter("section") if one.get("aria-labelledby") == "claims-Cause"]
    causes = {f"/association/{one['id']}" for one in shown["claims"] if one["kind"] == "Cause"}
    (folded,) = part.iter("details")
    stand, fold = ({href for _, href in addresses(one)} & causes for one in (part, folded))
    assert stand == causes
    assert len(stand - fold) == 5
    assert f"{len(causes) - 5} more claims" in "".join(folded.itertext())
    assert "open" not in folded.attrib


def test_files_have_names_that_say_what_they_are(kg: calcinosis.KnowledgeGraph) -> None:
    for path in (
        "WernerSyndrome.json",
        "reference/reiter-2011.bib",
        "references.ris",
        f"{CLAIM}.ttl",
    ):
        said = asked(kg, f"/{path}").headers["content-disposition"]
        assert said == f'inline; filename="calcinosis-{path.rpartition("/")[2]}"'
    assert "content-disposition" not in asked(kg, "/WernerSyndrome").headers


def test_references_are_found_by_their_first_letter(kg: calcinosis.KnowledgeGraph) -> None:
    page = read(asked(kg, "/references").text)
    (contents,) = [one for one in page.iter("nav") if one.get("class") == "contents"]
    letters = [href.removeprefix("#") for _, href in addresses(contents)]
    found = {}
    for part in page.iter("details"):
        (table,) = part.iter("table")
        assert "open" not in part.attrib, "so many stand behind their letters"
        found[part.get("id")] = [
            "".join(next(row.iter("a")).itertext()) for row in next(table.iter("tbody"))
        ]
    assert letters == list(found)
    assert "/references.csv" in {href for _, href in addresses(page)}
    assert sum(map(len, found.values())) == len(kg.library)
    assert "Reiter 2011" in found["letter-R"]
    assert all(one.casefold().startswith("w") for one in found["letter-W"])


def test_references_are_narrowed_by_words_and_cited_as_they_are_shown(
    kg: calcinosis.KnowledgeGraph,
) -> None:
    page = read(asked(kg, "/references?q=reiter+2011").text)
    (form,) = [one for one in page.iter("form") if one.get("action") == "/references"]
    assert form.get("method") == "get"
    assert [(one.get("name"), one.get("value")) for one in form.iter("input")] == [
        ("q", "reiter 2011")
    ]
    rows = [row for body in page.iter("tbody") for row in body]
    keys = [next(row.iter("a")).get("href", "").rpartition("/")[2] for row in rows]
    assert "reiter-2011" in keys
    assert len(keys) < 10
    assert not list(page.iter("details"))
    assert f"{len(keys)} of {len(kg.library)} shown" in words(page)
    bibtex = asked(kg, "/references.bib?q=reiter+2011").text
    assert bibtex == kg.cite(*keys).bibtex()
    files = {f"/references.{end}?q=reiter+2011" for end in ("bib", "ris", "csv")}
    assert files <= {href for _, href in addresses(page)}
    accents = read(asked(kg, "/references?q=JIMENEZ").text)
    assert [row for body in accents.iter("tbody") for row in body]
    nothing = words(read(asked(kg, "/references?q=zzzz").text))
    assert "No reference has these words" in nothing
    assert asked(kg, "/references.bib?q=zzzz").text == ""
    assert "<b>" not in asked(kg, "/references?q=%3Cb%3Ex").text


@pytest.mark.parametrize(
    "asked_for",
    [
        "PMID 21679810",
        "PMID:21679810",
        "doi 10.1016/j.jaad.2010.08.038",
        "https://doi.org/10.1016/j.jaad.2010.08.038",
        "Reiter et al. (2011)",
        '"calcinosis cutis: part I"',
        "Reiter N, 2011;",
        "reiter-2011",
    ],
)
def test_references_are_narrowed_by_a_citation_as_it_was_copied(
    kg: calcinosis.KnowledgeGraph, asked_for: str
) -> None:
    page = read(asked(kg, f"/references?q={quote(asked_for)}").text)
    rows = [row for body in page.iter("tbody") for row in body]
    keys = [next(row.iter("a")).get("href", "").rpartition("/")[2] for row in rows]
    assert "reiter-2011" in keys
    assert len(keys) < 5


def test_a_search_says_where_a_word_is_but_a_kind_of_what_is_found(
    kg: calcinosis.KnowledgeGraph,
) -> None:
    assert "(CTCL, a kind of it)" in words(read(asked(kg, "/search?q=CTCL").text))
    assert "(STS)" in words(read(asked(kg, "/search?q=STS").text))


def test_search_forgives_spelling_and_the_home_has_the_box(kg: calcinosis.KnowledgeGraph) -> None:
    home = read(asked(kg, "/").text)
    (form,) = [one for one in home.iter("form") if one.get("role") == "search"]
    assert form.get("action") == "/search"
    assert [one.get("name") for one in form.iter("input")] == ["q"]
    page = read(asked(kg, "/search?q=werner%20syndrom").text)
    first = next(one for one in page.iter("li") if next(one.iter("a"), None) is not None
                 and any(href == "/WernerSyndrome" for _, href in addresses(one)))  # fmt: skip
    assert first is not None
    assert "Nothing is near" in words(read(asked(kg, "/search?q=zzzzzzzz").text))


@pytest.mark.slow
def test_the_home_leads_to_each_subtype_and_to_answers(kg: calcinosis.KnowledgeGraph) -> None:
    page = read(asked(kg, "/").text)
    linked = {href for _, href in addresses(page)}
    views = json.loads(kg.show(kg.ontology.viewpoint).to_json())
    assert {f"/{one['id']}" for one in views["subtypes"]} <= linked
    answers = [href for href in linked if "#claims-" in href]
    assert len(answers) == 3
    for href in answers:
        path, _, part = href.partition("#")
        assert part in {one.get("id") for one in read(asked(kg, path).text).iter()}


@pytest.mark.slow
def test_markup_in_labels_and_in_addresses_stays_text(tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>\\\"'&"
    site = tmp_path / "site.ttl"
    site.write_text(
        f"@prefix calc: <{CC}> .\n@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        "@prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
        "@prefix IAO: <http://purl.obolibrary.org/obo/IAO_> .\n"
        f'calc:EvilSyndrome a owl:Class ; rdfs:label "{evil}"@en ; '
        f'IAO:0000115 "A condition {evil}."@en ; '
        "IAO:0000119 calc:OwnWords ; rdfs:subClassOf calc:Condition .\n",
        encoding="utf-8",
    )
    kg = KnowledgeGraph(load_ontology(overlays=[site]))  # the rules would refuse it
    for target in ("/EvilSyndrome", "/terms", "/search?q=%3Cscript%3Ealert(1)%3C/script%3E"):
        text = asked(kg, target).text
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)" in text
        read(text)
    assert "<script>" not in asked(kg, "/assets/search-index.js").text
    assert "<b>x" not in asked(kg, "/%3Cb%3Ex").text


@pytest.mark.slow
def test_the_whole_graph_is_given_in_the_form_that_is_accepted(
    kg: calcinosis.KnowledgeGraph,
) -> None:
    found = asked(kg, "/ontology", "text/turtle, text/html;q=0.5")
    assert (found.status, found.kind) == (200, "text/turtle")
    assert found.body == bytes(kg.export("turtle"))
    again = asked(kg, "/ontology.ttl", if_none_match=found.headers["etag"])
    assert again.status == 304
