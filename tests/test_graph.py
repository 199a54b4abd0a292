"""Pictures of the graph: what is drawn is in the graph, and can be read on paper by all eyes."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

import calcinosis
from calcinosis import names
from calcinosis.errors import to_install
from calcinosis.graph.claims import Reference
from calcinosis.graph.lexicon import Lexicon, merged
from calcinosis.graph.locate import data
from calcinosis.graph.neighbours import Neighbourhood, around
from calcinosis.graph.results import Table
from calcinosis.output.pictures import graph_pictures as pictures
from calcinosis.output.pictures import neighbourhood as layout
from calcinosis.output.pictures import painted_marks as painted
from calcinosis.output.pictures.marks import INK, Box, Line, Shape, Text
from calcinosis.output.pictures.neighbourhood import HEIGHT, KINDS, WIDTH, Drawing
from tests.colours import contrast, distance, without_green, without_red
from tests.shared import few, graph
from tests.terminal import run

VIEWPOINTS = sorted(path.stem for path in (data("ontology") / "viewpoints").glob("*.ttl"))
MEASURE = painted.measure()
TERMS = [
    "calcinosis cutis",
    "dystrophic calcinosis cutis",
    "metastatic calcinosis cutis",
    "idiopathic calcinosis cutis",
    "iatrogenic calcinosis cutis",
    "mixed calcinosis cutis",
    "calciphylaxis",
    "non-uraemic calciphylaxis",
    "calciphylaxis or iatrogenic calcinosis cutis",
    "systemic sclerosis",
    "dermatomyositis",
    "juvenile dermatomyositis",
    "tumoral calcinosis",
    "warfarin",
    "anticentromere antibody",
    "fingertip",
]


def lexicon() -> Lexicon:
    return graph().lookups.lexicon


def library() -> Mapping[str, Reference]:
    return graph().ontology.library.bibliography


def neighbourhood(term: str, most: int = 16) -> Neighbourhood:
    return around(graph().ontology, lexicon(), lexicon().resolve(term), most)


def drawing(term: str, most: int = 16) -> Drawing:
    return layout.draw(neighbourhood(term, most), library(), MEASURE)


def box(text: Text) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of a text; letters reach a fifth of their size below the line."""
    wide = MEASURE(text.text, text.size, text.bold)
    left = text.x - {"start": 0, "middle": 0.5, "end": 1}[text.anchor] * wide
    return left, text.y - text.size * 0.78, left + wide, text.y + text.size * 0.2


def words(svg: bytes) -> list[str]:
    root = ElementTree.fromstring(svg)
    return ["".join(e.itertext()) for e in root.iter() if e.tag.endswith("}text")]


# -- what is drawn ---------------------------------------------------------------------


def test_every_subtype_is_among_the_terms_tried() -> None:
    assert {entry.label for entry in lexicon().of(("subtype",))} <= set(TERMS)


@pytest.mark.parametrize("term", TERMS)
def test_every_relation_and_reference_is_in_the_graph(term: str) -> None:
    entry = lexicon().resolve(term)
    claims = [
        claim
        for claim in graph().ontology.claims.associations.values()
        if entry.iri in (claim.subject, claim.object, *claim.contexts)
    ]
    told = {(c.reference, c.read, c.disputes) for claim in claims for c in claim.citations}
    placed = {key for one in graph().lookups.page(entry.id).placed for key in one.references}
    found = neighbourhood(term, 1000)
    assert found.total == len(found.neighbours)
    drawn = set()
    for neighbour in found.neighbours:
        for edge in neighbour.edges:
            for c in edge.citations:
                drawn.add((c.reference, c.read, c.disputes))
                is_above = edge.word.startswith("is a kind of")
                assert (c.reference, c.read, c.disputes) in told or is_above
                assert c.reference in library()
    assert told <= drawn
    assert placed <= {reference for reference, _, _ in drawn}


def test_a_relation_has_the_words_of_its_claim() -> None:
    label = (
        "anti-NXP2 antibody goes with a higher likelihood of calcinosis cutis in dermatomyositis"
    )
    assert label in {claim.label for claim in graph().ontology.claims.associations.values()}
    for centre, other, word in (
        ("dermatomyositis", "anti-NXP2 antibody", "goes with a higher likelihood of calcinosis"),
        ("calcinosis cutis", "anti-NXP2 antibody", "goes with a higher likelihood of \u2026 in"),
        ("anti-NXP2 antibody", "calcinosis cutis", "goes with a higher likelihood of \u2026 in"),
    ):
        found = neighbourhood(centre, 1000).neighbours
        (edges,) = [one.edges for one in found if one.label == other]
        assert [edge.inward for edge in edges if edge.word.startswith(word)] == [
            centre != "anti-NXP2 antibody"
        ] * sum(edge.word.startswith(word) for edge in edges)
        assert any(edge.word.startswith(word) for edge in edges)


def test_what_is_our_own_reading_of_the_hierarchy_is_said() -> None:
    found = {one.label: one.edges for one in neighbourhood("systemic sclerosis", 1000).neighbours}
    for one in graph().lookups.page("systemic sclerosis").placed:
        said = [edge for edge in found[one.label] if edge.word == "is a kind of (our reading)"]
        assert bool(said) is bool(one.editorial)
    assert any(one.editorial for one in graph().lookups.page("systemic sclerosis").placed)


def test_those_with_most_references_are_shown_and_the_rest_is_counted() -> None:
    every, few = neighbourhood("metastatic", 1000), neighbourhood("metastatic", 5)
    assert few.total == every.total > 40
    assert len(few.neighbours) == 5
    least = min(len(one.references) for one in few.neighbours)
    shown = {one.label for one in few.neighbours}
    rest = [len(one.references) for one in every.neighbours if one.label not in shown]
    assert least >= max(rest)


@pytest.mark.slow
def test_the_legend_gives_every_number_its_reference() -> None:
    found = neighbourhood("metastatic")
    texts = [mark.text for mark in drawing("metastatic").marks if isinstance(mark, Text)]
    start = next(i for i, text in enumerate(texts) if text.startswith("References ("))
    labels, legend = texts[:start], texts[start:]
    numbers = {text for text in legend if re.fullmatch(r"\[\d+\]", text)}
    keys = {key for one in found.neighbours for key in one.references}
    assert len(numbers) == len(keys)
    said = " ".join(legend)
    for key in keys:
        assert library()[key].label.split()[0] in said
    used: set[int] = set()
    for inner in re.findall(r"\[([\d, \u2013]+)\]", " ".join(labels)):
        for part in inner.split(","):
            first, _, last = part.strip().partition("\u2013")
            used.update(range(int(first), int(last or first) + 1))
    assert used == set(range(1, len(keys) + 1))


# -- legible ---------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("term", TERMS)
@pytest.mark.parametrize("most", [1, 16, 60])
def test_no_label_meets_another_or_a_line_or_the_edge(term: str, most: int) -> None:
    page = drawing(term, most)
    texts = [(mark.text, box(mark)) for mark in page.marks if isinstance(mark, Text)]
    for text, (left, top, right, bottom) in texts:
        assert left >= 10, text
        assert right <= page.width - 10, text
        assert top >= 10, text
        assert bottom <= page.height, text
    for (one, a), (other, b) in combinations(texts, 2):
        apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
        assert apart, f"{one!r} meets {other!r}"
    for line in (mark for mark in page.marks if isinstance(mark, Line)):
        (x1, y1), (x2, y2) = line.points
        for text, (left, top, right, bottom) in texts:
            beside = max(x1, x2) <= left or min(x1, x2) >= right
            assert beside or max(y1, y2) <= top or min(y1, y2) >= bottom, text


@pytest.mark.slow
@pytest.mark.parametrize("term", TERMS)
def test_no_node_meets_another_and_each_holds_its_words(term: str) -> None:
    nodes = []
    for mark in drawing(term).marks:
        if isinstance(mark, Box):
            nodes.append((mark.x, mark.y, mark.x + mark.width, mark.y + mark.height))
        elif isinstance(mark, Shape) and len(mark.points) > 3:
            xs, ys = zip(*mark.points, strict=True)
            nodes.append((min(xs), min(ys), max(xs), max(ys)))
    for a, b in combinations(nodes, 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
    for mark in drawing(term).marks:
        if isinstance(mark, Text) and mark.anchor == "middle" and mark.size >= 8:
            left, top, right, bottom = box(mark)
            assert any(
                a <= left and right <= c and b <= top and bottom <= d for a, b, c, d in nodes
            ), mark.text


@pytest.mark.slow
@pytest.mark.parametrize("term", few(TERMS, *TERMS[:2]))
def test_unasked_a_picture_fits_on_paper(term: str) -> None:
    drawn, remark = pictures.neighbourhood(graph().lookups, term, None, "svg")
    root = ElementTree.fromstring(drawn)
    wide, tall = (float(value) for value in str(root.get("viewBox")).split()[2:])
    assert wide == pytest.approx(WIDTH)
    assert tall <= HEIGHT
    sizes = [float(size) for size in re.findall(r"font-size: ([\d.]+)px", drawn.decode())]
    assert len(sizes) > 5
    assert min(sizes) >= 6.5
    numbers = [int(number) for number in re.findall(r"\d+", remark)]
    total = neighbourhood(term).total
    assert numbers == [] if total <= 4 else numbers[1:] in ([], [total])
    assert not numbers or 4 < numbers[0] < total


def test_words_are_read_and_kinds_told_apart_by_all_eyes() -> None:
    for _, line, fill in KINDS.values():
        assert contrast(fill, INK) >= 7
        assert contrast(fill, line) >= 3
        assert contrast("#ffffff", line) >= 3
    assert len({(shape, line) for shape, line, _ in KINDS.values()}) == len(KINDS)
    for (one, a), (other, b) in combinations(KINDS.items(), 2):
        if a[0] == b[0]:
            for seen in (str, without_red, without_green):
                assert distance(seen(a[1]), seen(b[1])) > 20, (one, other)


def test_the_colour_check_finds_what_is_confused() -> None:
    assert distance("#d00000", "#4f6000") > 60
    assert distance(without_green("#b04a00"), without_green("#5f6f00")) < 20
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


# -- files -----------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("form", ["svg", "png"])
def test_pictures_are_the_same_twice(form: str) -> None:
    assert pictures.neighbourhood(
        graph().lookups, "calciphylaxis", 5, form
    ) == pictures.neighbourhood(graph().lookups, "calciphylaxis", 5, form)
    assert pictures.criteria(graph().ontology, form) == pictures.criteria(graph().ontology, form)


@pytest.mark.slow
def test_an_svg_holds_its_words_as_text_and_nothing_of_the_day() -> None:
    drawn, _ = pictures.neighbourhood(graph().lookups, "metastatic", 3, "svg")
    shown = words(drawn)
    assert "metastatic calcinosis cutis" in shown
    root = ElementTree.fromstring(drawn)
    assert root.get("role") == "img"
    assert str(root.get("aria-label")).startswith("Metastatic calcinosis cutis")
    assert b"<dc:" not in drawn
    assert not re.search(rb"20\d\d-\d\d-\d\d", drawn)
    hrefs = [value for e in root.iter() for key, value in e.attrib.items() if "href" in key]
    assert all(value.startswith("#") for value in hrefs)


def test_signs_are_drawn_as_they_are() -> None:
    odd = "a <b> & $x^2$ \\frac \u77f3"
    marks = [Text(10, 20, odd.replace("\u77f3", "\u00e9"), 8)]
    drawn = painted.paint(marks, 200, 40, "svg", odd)
    assert words(drawn) == [odd.replace("\u77f3", "\u00e9")]
    assert ElementTree.fromstring(drawn).get("aria-label") == odd


@pytest.mark.slow
def test_a_png_shows_something_at_a_size_for_print() -> None:
    drawn, _ = pictures.neighbourhood(graph().lookups, "calciphylaxis", None, "png")
    image = Image.open(io.BytesIO(drawn))
    assert image.width == pytest.approx(WIDTH / 72 * 200, abs=2)
    colours = image.convert("RGB").getcolors(1 << 24)
    assert colours is not None
    assert len(colours) > 50


@pytest.mark.slow
def test_the_picture_of_criteria_is_that_of_the_readme_and_of_the_viewpoint() -> None:
    shown = Path(__file__).parent.parent / "docs" / "pictures" / "criteria.svg"
    assert pictures.criteria(graph().ontology, "svg") == shown.read_bytes()
    other = calcinosis.load("walsh-fairley-1995")
    texts = words(pictures.criteria(other.ontology, "svg"))
    for case_class in other.classifier.case_classes:
        for iri in case_class.criteria:
            assert other.ontology.terms.label(iri) in texts
    assert Image.open(io.BytesIO(pictures.criteria(other.ontology, "png"))).width > 1000


@pytest.mark.parametrize("viewpoint", VIEWPOINTS)
def test_a_cell_says_what_is_not_simply_cited_and_holds_its_words(viewpoint: str) -> None:
    kg = calcinosis.load(viewpoint)
    ours = taken = 0
    for case_class in kg.classifier.case_classes:
        for number in case_class.axioms.values():
            axiom = kg.classifier.compiled.axioms[number]
            taken += bool(axiom.taken)
            ours += not axiom.taken and (bool(axiom.editorial) or not axiom.rests_on)
    svg = pictures.criteria(kg.ontology, "svg")
    root = ElementTree.fromstring(svg)
    boxes = [one for one in root.iter() if one.tag.endswith("}rect")][1:]
    shown = [one for one in root.iter() if one.tag.endswith("}text")]
    assert sum(str(one.text).startswith("our reading") for one in shown) == ours
    assert sum(str(one.text).startswith("taken from the default") for one in shown) == taken
    measure = painted.measure()
    for text in (one for one in shown if one.get("font-size") == "11"):
        x, y = float(text.attrib["x"]), float(text.attrib["y"])
        half = measure(str(text.text), 11, False) / 2 + 4
        assert any(
            float(box.attrib["x"]) <= x - half
            and x + half <= float(box.attrib["x"]) + float(box.attrib["width"])
            and float(box.attrib["y"]) + 11 <= y
            and y + 4 <= float(box.attrib["y"]) + float(box.attrib["height"])
            for box in boxes
        ), text.text


# -- the command -----------------------------------------------------------------------


@pytest.mark.slow
def test_the_file_says_its_form_and_what_is_left_out_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    png, svg = tmp_path / "a.PNG", tmp_path / "a.svg"
    code, out, err = run(["graph", "--around", "metastatic", "-o", str(png)], capsys)
    assert (code, out) == (0, "")
    assert re.fullmatch(r"\d+ of \d+ neighbours shown; --most N sets how many\.\n", err)
    assert png.read_bytes() == pictures.neighbourhood(graph().lookups, "metastatic", None, "png")[0]
    asked = ["graph", "--around", "metastatic", "--most", "4", "-q", "-o", str(svg)]
    assert run(asked, capsys) == (0, "", "")
    assert svg.read_bytes() == pictures.neighbourhood(graph().lookups, "metastatic", 4, "svg")[0]
    assert run(asked, capsys)[0] == 2


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--around", "metastatc"], "metastatic calcinosis cutis"),
        (["--around", "reiter-2011"], "there is no term 'reiter-2011'"),
        (["--around", "metastatic", "--most", "0"], "--most"),
        (["--most", "4"], "Add --around"),
        (["-f", "pdf"], "'pdf' is not one of"),
        (["-o", "/nowhere/x.jpg"], "End it in .svg or .png"),
        (["-f", "png", "-o", "/nowhere/x.svg"], "End it in .png"),
        (["--viewpoint", "nobody"], "there is no viewpoint"),
    ],
)
def test_wrong_requests_are_told(
    given: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(["graph", *given], capsys)
    assert (code, out) == (2, "")
    assert said in err


@pytest.mark.slow
@pytest.mark.parametrize("asked", [["--around", "metastatic"], ["-f", "png"]])
def test_without_the_library_the_extra_is_named(
    asked: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    code, out, err = run(["graph", *asked], capsys)
    assert (code, out) == (4, "")
    assert err.splitlines() == [
        "Error: pictures need matplotlib, which is not installed. Install the extra that brings "
        f"it: {to_install('graph')}"
    ]
    code, out, err = run(["graph"], capsys)  # what needs no library is drawn without it
    assert (code, err) == (0, "")
    assert words(out.encode())


def test_the_predicate_of_each_claim_has_a_label(kg: calcinosis.KnowledgeGraph) -> None:
    claims, labelled = (
        kg.sparql(f"SELECT DISTINCT ?c {{ ?c {path} ?x }}")
        for path in ("calc:predicate", "calc:predicate/rdfs:label")
    )
    assert isinstance(claims, Table)
    assert isinstance(labelled, Table)
    assert len(claims.rows()) == len(labelled.rows()) > 400


def test_what_is_looked_up_changes_nothing_of_what_is_reasoned_with() -> None:
    one = calcinosis.load()
    before = {about: dict(said) for about, said in one.ontology.triples.by_subject.items()}
    assert Lexicon(one.ontology).nearest("fingertp")
    assert merged(one.ontology).by_subject[names.CC + "AnatomicalSite"] != (
        one.ontology.triples.by_subject.get(names.CC + "AnatomicalSite")
    )
    assert one.ontology.all_claims.associations
    assert one.ontology.triples.by_subject == before
    assert one.classify({"id": "a"}).cases
