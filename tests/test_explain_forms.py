"""Explanations as one HTML file and as provenance in Turtle, read by outside checkers."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from functools import cache
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import html5lib
import pyshacl
import pytest
import rdflib

from calcinosis import names
from calcinosis.api.graph import by_settings
from calcinosis.cli import main
from calcinosis.explain.explanation import Explanation
from calcinosis.explain.justify import Explainer
from calcinosis.facts.case import Case
from calcinosis.graph.ontology import viewpoints
from calcinosis.graph.settings import Settings
from calcinosis.output.markup import tag
from calcinosis.output.pages.explanation import explanation_page
from calcinosis.output.rdf.prov import provenance
from calcinosis.output.rdf.roles import roles
from tests import shared
from tests.shared import EXAMPLES, few, graph
from tests.started import unmeasured
from tests.test_explain import ROOT, shipped
from tests.test_explain_said import CONTRADICTORY

XHTML = "{http://www.w3.org/1999/xhtml}"
SVG = "{http://www.w3.org/2000/svg}"
NASTY = "<script>alert('&amp;')</script>\" & co"


@cache
def explained(viewpoint: str = names.DEFAULT_VIEWPOINT) -> list[Explanation]:
    """Of the examples, under another viewpoint than the default of every sixteenth."""
    last = graph(viewpoint).explain(CONTRADICTORY)[0]
    if viewpoint == names.DEFAULT_VIEWPOINT:
        return [*shared.explained(), last]
    cases = shipped(viewpoint)[::16]
    return [*(Explainer(graph(viewpoint).classifier).explain(case) for case in cases), last]


def shipped_files() -> list[Path]:
    return [ROOT / "examples" / "patients.yaml", ROOT / "examples" / "published"]


def page(found: list[Explanation]) -> str:
    return explanation_page(found, graph().ontology.library.bibliography, "a review", "calcinosis")


def parsed(text: str) -> ElementTree.Element:
    """The tree by html5lib, which raises for every error in the HTML."""
    tree: ElementTree.Element = html5lib.HTMLParser(strict=True).parse(text)
    return tree


@cache
def whole(viewpoint: str = names.DEFAULT_VIEWPOINT) -> tuple[str, ElementTree.Element]:
    text = page(explained(viewpoint))
    return text, parsed(text)


def words(element: ElementTree.Element) -> str:
    return " ".join("".join(element.itertext()).split())


# -- HTML ------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("viewpoint", few(viewpoints(), "tristano-2006"))
def test_the_page_is_html_that_stands_alone_and_can_be_read_aloud(viewpoint: str) -> None:
    text, tree = whole(viewpoint)
    assert tree.get("lang") == "en"
    assert len(list(tree.iter(XHTML + "main"))) == 1
    levels = [int(e.tag[-1]) for e in tree.iter() if re.fullmatch(r".*\}h[1-6]", str(e.tag))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    names_ = [e.get("id") for e in tree.iter() if e.get("id")]
    assert len(names_) == len(set(names_))
    links = [str(e.get("href")) for e in tree.iter(XHTML + "a")]
    assert {link[1:] for link in links if link.startswith("#")} <= set(names_)
    assert all(e.get("scope") in ("col", "row") for e in tree.iter(XHTML + "th"))
    for name in ("script", "img", "link", "iframe"):
        assert not list(tree.iter(XHTML + name))
    assert not re.search(r"\bsrc=|@import|url\(", text)
    assert all(next(iter(table)).tag == XHTML + "caption" for table in tree.iter(XHTML + "table"))


@pytest.mark.slow
def test_each_settled_verdict_has_a_picture_with_words_for_it() -> None:
    found = explained()
    pictures = list(whole()[1].iter(SVG + "svg"))
    settled = [why for one in found for why in one.subtypes if why.justifications]
    clashing = [one for one in found if one.contradictions.conflicts]
    assert clashing
    slim = [svg for svg in pictures if svg.get("class") == "slim"]
    assert len(slim) == len(settled)  # for a phone, beside each that is wide
    assert len(pictures) == 2 * len(settled) + len(clashing)
    for svg in pictures:
        assert svg.get("role") == "img"
        title, desc = svg.find(SVG + "title"), svg.find(SVG + "desc")
        assert title is not None
        assert desc is not None
        assert words(title)
        assert words(desc)
        assert str(svg.get("aria-labelledby")).split() == [title.get("id"), desc.get("id")]


def test_the_answer_stands_before_the_derivation() -> None:
    found = graph().explain(CONTRADICTORY)[0]
    text = words(parsed(page([found])))
    order = ["contradictory", "Facts read", "What contradicts", "What would decide", "How each"]
    places = [text.index(part) for part in order]
    assert places == sorted(places)
    assert all(str(fact) in text[: places[2]] for fact in found.verdict.case.facts)


def test_the_picture_of_a_clash_says_in_words_what_it_shows() -> None:
    found = graph().explain(CONTRADICTORY)[0]
    svg = next(parsed(page([found])).iter(SVG + "svg"))
    desc = words(svg.find(SVG + "desc"))  # type: ignore[arg-type]
    told = found.contradictions
    for number, conflict in enumerate(told.conflicts, 1):
        said = desc.partition(f"Clash {number}: ")[2].partition(" cannot hold together")[0]
        assert said.count(";") == len(conflict.facts) - 1
        assert all(str(one.fact) in said for one in conflict.facts)
    assert len(list(svg.iter(SVG + "circle"))) == sum(len(one.facts) for one in told.conflicts)
    assert desc.count("to mend it: withdraw") == min(4, len(told.repairs))
    _, _, wide, high = map(float, str(svg.get("viewBox")).split())
    for one in svg.iter(SVG + "circle"):
        assert 0 < float(str(one.get("cx"))) < wide
        assert 0 < float(str(one.get("cy"))) < high


@pytest.mark.slow
@pytest.mark.parametrize(
    "viewpoint", few((names.DEFAULT_VIEWPOINT, "tristano-2006"), "tristano-2006")
)
def test_boxes_of_a_picture_do_not_overlap_and_hold_their_words(viewpoint: str) -> None:
    for svg in whole(viewpoint)[1].iter(SVG + "svg"):
        boxes = [
            tuple(float(str(box.get(key))) for key in ("x", "y", "width", "height"))
            for box in svg.iter(SVG + "rect")
        ]
        _, _, wide, high = map(float, str(svg.get("viewBox")).split())
        for n, (x, y, w, h) in enumerate(boxes):
            assert x >= 0
            assert y >= 0
            assert x + w <= wide
            assert y + h <= high
            for left, top, width, height in boxes[n + 1 :]:
                apart = x + w <= left or left + width <= x or y + h <= top or top + height <= y
                assert apart, svg


@pytest.mark.slow
def test_the_page_says_all_that_the_values_hold() -> None:
    found = graph().explain(CONTRADICTORY)[0]
    both = [found, *explained()[:6]]
    text = words(parsed(page(both)))
    for one in both:
        for why in one.subtypes:
            for justification in why.justifications:
                for link in justification.links:
                    assert " ".join(link.words.split()) in text
                    assert (link.why or "") in text
                    for source in link.sources:
                        how = f"read: {source.read}; study: {source.study_type}"
                        assert f"] {source.association}; {how}" in text
        for question in one.questions:
            assert question.asks in text
    for wanted in ("Ways to mend it: withdraw", "Conflict 3", "falls without", "Weakest link"):
        assert wanted in text


def test_the_page_says_how_each_statement_was_read_and_judged(tmp_path: Path) -> None:
    path = tmp_path / "case.yaml"
    path.write_text(
        "id: a\nage: 40 years\ncalcinosis: present\n"
        "conditions:\n  - MONDO:0016367\n  - dermatomyositis\n"
        "labs:\n  - {test: calcium, value: 9, unit: mg/dL}\n"
        "  - {test: albumin, value: 2, unit: g/dL}\n",
        encoding="utf-8",
    )
    found = graph().explain(path)[0]
    text = words(parsed(page([found])))
    facts = [
        given
        for why in found.subtypes
        for one in why.justifications
        for given in one.to_dict()["facts"]
    ]
    mapped = next(fact for fact in facts if "mapping" in fact)
    for value in (mapped["code"], *mapped["mapping"].values()):
        assert str(value) in text
    assert mapped["also"]
    assert (
        f"line {mapped['line']}; conditions[1], file {path.name}, line {mapped['line'] + 1}" in text
    )
    judged = next(fact for fact in facts if "interval" in fact)
    for value in (*judged["corrected"].values(), *judged["interval"].values()):
        for one in () if isinstance(value, list | dict) else (value,):
            assert str(one) in text
    assert "For a correction of total serum calcium." in text
    assert "For a reference interval." in text


def test_the_page_names_the_cell_of_a_fact_once(tmp_path: Path) -> None:
    path = tmp_path / "clinic.csv"
    path.write_text("id,calcinosis,phosphate\na,present,high\n", encoding="utf-8")
    text = words(parsed(page([*graph().explain(path)])))
    assert "(clinic.csv, row 2, column B (calcinosis))" in text
    assert "column B (calcinosis), file" not in text


@pytest.mark.parametrize("viewpoint", few(viewpoints(), "tristano-2006"))
def test_every_reference_of_the_page_is_used_and_says_what_for(viewpoint: str) -> None:
    _, tree = whole(viewpoint)
    used = {str(e.get("href"))[1:] for e in tree.iter(XHTML + "a")}
    items = [e for e in tree.iter(XHTML + "li") if "-reference-" in str(e.get("id"))]
    assert items
    for item in items:
        assert str(item.get("id")) in used
        assert re.search(r"How far read for this: \w| For (a|what) ", words(item)), words(item)
        assert "Type of study: " in words(item)


def test_the_page_names_the_cited_tests_for_what_is_open() -> None:
    found = graph().explain(shipped_files()[0], identifier="teaching-dystrophic")[0]
    text = words(parsed(page([found])))
    tests = [test for one in found.still_open for test in one.tests]
    assert tests
    for test in tests:
        assert test.statement in text
        assert all(f"{one.association}; read: {one.read}" in text for one in test.sources)
    assert "ischaemia or necrosis of the skin none is cited" in text.replace(
        "skinnone", "skin none"
    )


def test_the_page_says_that_nothing_left_can_settle_it() -> None:
    kg = by_settings(graph(), Settings(min_read="text", without_study_type=("web page",)))
    found = kg.explain(shipped_files()[0], "dystrophic", identifier="teaching-dystrophic")[0]
    assert "Nothing that is left can settle it." in words(parsed(page([found])))


def test_references_have_the_numbers_of_the_explanation() -> None:
    found = graph().explain(shipped_files()[0], identifier="teaching-metastatic")[0]
    items = [e for e in parsed(page([found])).iter(XHTML + "li") if "reference" in str(e.get("id"))]
    library = graph().ontology.library
    for key, item in zip(found.cited, items, strict=False):
        reference = library.reference(key)
        assert reference.title[1:].rstrip(".") in words(item)
        assert reference.study_type in words(item)
    assert [e.get("id") for e in items] == [
        f"case-1-reference-{number}" for number in range(1, len(items) + 1)
    ]


def test_names_are_text_and_never_markup() -> None:
    raw = {"id": NASTY, "calcinosis": "present", "labs": [{"test": "calcium", "level": "high"}]}
    found = graph().explain(raw)
    tree = parsed(page([found[0]]))
    assert not list(tree.iter(XHTML + "script"))
    (heading,) = tree.iter(XHTML + "h2")
    assert heading.text == NASTY
    assert "<script" not in found._repr_html_()


@pytest.mark.parametrize("sign", ["\x01", "\x0c", "\x85", "\ud800", "\ufffe", "<", "&amp;", '"'])
def test_any_text_is_escaped_once_and_can_be_read_back(sign: str) -> None:
    made = tag("p", sign, tag("b", sign), title=sign)
    (p,) = parsed(f"<!DOCTYPE html><title>a</title>{made}").iter(XHTML + "p")
    wanted = sign if sign.isprintable() else "\ufffd"
    assert [p.text, p[0].text, p.get("title")] == [wanted] * 3


def test_what_lies_beyond_the_bound_is_said_on_the_page() -> None:
    narrow = Explainer(graph().classifier, most=1)
    found = [narrow.explain(shipped()[0]), narrow.explain(Case("empty"))]
    text = words(parsed(page(found)))
    assert "This is one reason of many" in text
    assert "that would decide it" in text


def test_a_notebook_shows_an_explanation() -> None:
    found = graph().explain(shipped_files()[0], identifier="teaching-dystrophic")
    part = found._repr_html_()
    parsed(f"<!DOCTYPE html><html lang='en'><title>a</title><body>{part}</body></html>")
    assert part.startswith("<section")
    assert "<svg" in part
    assert "Reiter" in part


@pytest.mark.slow
@pytest.mark.parametrize("form", ["html", "ttl"])
def test_the_command_writes_the_same_file_by_any_hash_seed(
    form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    unmeasured(monkeypatch)
    where = str(shipped_files()[0])
    command = [sys.executable, "-m", "calcinosis", "explain", where, "-f", form]
    told = [
        subprocess.run(
            command, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in "12"
    ]
    assert told[0] == told[1]
    assert len(told[0]) > 10_000


def test_a_page_without_cases_is_said(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("id: a\nunheard: 1\n", encoding="utf-8")
    with pytest.raises(SystemExit) as left:
        main(["explain", str(path), "-f", "html"])
    assert left.value.code == 3
    assert "No case was explained" in words(parsed(capsys.readouterr().out))


# -- provenance ------------------------------------------------------------------------

WALK = """
PREFIX prov: <http://www.w3.org/ns/prov#>
SELECT DISTINCT ?reference WHERE {
  ?verdict prov:wasGeneratedBy ?activity ;
    (prov:wasDerivedFrom|prov:wasInfluencedBy)/prov:hadMember/prov:wasDerivedFrom ?reference
}"""


def turtle(found: list[Explanation], viewpoint: str = names.DEFAULT_VIEWPOINT) -> rdflib.Graph:
    kg = graph(viewpoint)
    text = provenance(found, kg.ontology, kg.classify([]).head.to_dict())
    return rdflib.Graph().parse(data=text, format="turtle")


@pytest.mark.slow
@pytest.mark.parametrize("viewpoint", few(viewpoints(), "tristano-2006"))
def test_a_walk_from_the_verdicts_gives_exactly_the_references(viewpoint: str) -> None:
    found = explained(viewpoint)
    for one in found[:: max(1, len(found) // 25)]:
        rows = turtle([one], viewpoint).query(WALK)
        keys = {str(row[0]).removeprefix(names.REF) for row in rows}  # type: ignore[index]
        assert keys == set(one.rests_on), one.verdict.case.id


@pytest.mark.slow
def test_the_bibliography_of_provenance_is_exactly_what_it_cites() -> None:
    files = graph().export("provenance", cases=[*shipped_files(), CONTRADICTORY]).files
    data = rdflib.Graph().parse(data=files["provenance.ttl"], format="turtle")
    named = {str(node) for triple in data for node in triple}
    keys = {node.removeprefix(names.REF) for node in named if node.startswith(names.REF)}
    assert {item["id"] for item in json.loads(files["references.json"])} == keys


@pytest.mark.slow
def test_provenance_tells_in_which_role_each_reference_is_cited() -> None:
    judged = {
        "id": "own-lab",
        "age": "40 years",
        "calcinosis": "present",
        "labs": [{"test": "phosphate", "value": 7.1, "unit": "mg/dL"}],
    }
    kg = graph()
    found = [*kg.explain(EXAMPLES[0]), kg.explain(judged)[0]]
    data, cito = turtle(found), rdflib.Namespace(names.CITO)
    for verb in ("citesAsEvidence", "disputes", "usesDataFrom"):
        told = {
            (str(s), str(o).removeprefix(names.REF)) for s, o in data.subject_objects(cito[verb])
        }
        wanted = {
            (names.ASSOC + role.association if role.association else "", role.reference)
            for one in found
            for role in roles(one, kg.ontology)
            if role.cito == names.CITO + verb
        }
        assert wanted, verb
        if verb == "usesDataFrom":
            told = {("", key) for _, key in told}
        assert told == wanted, verb


@pytest.mark.parametrize("on_conflict", ["report", "prefer-asserted", "prefer-excluded"])
def test_the_references_of_a_conflict_are_walked_to(on_conflict: str) -> None:
    one = graph().explain(CONTRADICTORY, on_conflict=on_conflict)[0]
    rows = turtle([one]).query(WALK)
    keys = {str(row[0]).removeprefix(names.REF) for row in rows}  # type: ignore[index]
    assert keys == set(one.rests_on)


@pytest.mark.slow
def test_the_provenance_fits_the_shapes_that_are_shipped() -> None:
    shapes = rdflib.Graph().parse(ROOT / "ontology" / "shapes" / "explanations.ttl")
    data = turtle([*explained()[:12], graph().explain(CONTRADICTORY)[0]])
    conforms, _, report = pyshacl.validate(data, shacl_graph=shapes)
    assert conforms, report
    prov = rdflib.Namespace("http://www.w3.org/ns/prov#")
    data.remove((None, prov.value, None))
    conforms, _, _ = pyshacl.validate(data, shacl_graph=shapes)
    assert not conforms


def test_each_justification_is_a_collection_of_its_own() -> None:
    prov = rdflib.Namespace("http://www.w3.org/ns/prov#")
    one = graph().explain(shipped_files()[0], identifier="teaching-metastatic")[0]
    data = turtle([one])
    for why in one.subtypes:
        subject = rdflib.URIRef(names.CC + why.verdict.id)
        (verdict,) = (
            s
            for s in data.subjects(rdflib.DCTERMS.subject, subject)
            if (s, prov.wasGeneratedBy, None) in data
        )
        assert str(verdict).startswith("https://w3id.org/calcinosis/verdict/")
        sets = [
            len(list(data.objects(source, prov.hadMember)))
            for source in data.objects(verdict, prov.wasDerivedFrom)
            if (source, rdflib.RDF.type, prov.Collection) in data
        ]
        wanted = [len(j.facts) + len(j.links) for j in why.justifications]
        assert sorted(sets) == sorted(wanted)


def test_provenance_tells_no_time_and_quotes_what_stood_in_the_input() -> None:
    raw = {"id": 'a"\\', "calcinosis": "present", "labs": [{"test": "calcium", "level": "high"}]}
    data = turtle([graph().explain(raw)[0]])
    prov = rdflib.Namespace("http://www.w3.org/ns/prov#")
    for word in ("startedAtTime", "endedAtTime", "generatedAtTime"):
        assert not list(data.subject_objects(prov[word]))
    assert rdflib.Literal('a"\\') in set(data.objects(None, rdflib.DCTERMS.identifier))
    places = {
        str(o)
        for p in data.objects(None, prov.atLocation)
        for o in data.objects(p, rdflib.RDFS.label)
    }
    assert "labs[0]" in places


def test_the_same_case_in_another_file_is_the_same_verdict(tmp_path: Path) -> None:
    texts = []
    for name in ("a.yaml", "b.yaml"):
        path = tmp_path / name
        path.write_text("id: a\nconditions: [dermatomyositis]\n", encoding="utf-8")
        texts.append({str(s) for s in turtle([graph().explain(path)[0]]).subjects()})
    assert texts[0] == texts[1]


def test_pages_tell_possible_causes_and_known_parts_of_what_is_open_as_the_text_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "one.yaml"
    calcium = {"test": "total serum calcium", "value": 2.3, "unit": "mmol/L"}
    case = {
        "id": "a",
        "calcinosis": "present",
        "conditions": ["end-stage kidney disease", "haemodialysis"],
        "labs": [calcium | {"interval": [2.2, 2.6]}],
    }
    path.write_text(json.dumps([case, case | {"id": "b"}]), "utf-8")
    cause = "open, with a possible cause (haemodialysis; end-stage kidney disease)"
    known = "known: total serum calcium 2.3 mmol/L is normal"

    def said(command: str, form: str) -> str:
        with pytest.raises(SystemExit):
            main([command, "-f", form, str(path)])
        return " ".join(capsys.readouterr().out.split())

    text = said("classify", "text")
    assert "possible cause: haemodialysis; end-stage kidney disease" in text
    assert known in text
    cohort = said("classify", "html")
    assert cause in cohort
    assert known in cohort
    assert cause in said("classify", "markdown")
    explained = said("explain", "text")
    assert "OPEN metastatic calcinosis cutis, with a possible cause" in explained
    assert "possible cause: haemodialysis; end-stage kidney disease [" in explained
    assert "possible cause: haemodialysis; end-stage kidney disease" in said("explain", "markdown")
    explained = said("explain", "html")
    assert "Possible cause: haemodialysis; end-stage kidney disease" in explained
    assert cause.removeprefix("open, with") in explained
    assert known in explained
    assert "o fact settles it" not in explained + cohort
