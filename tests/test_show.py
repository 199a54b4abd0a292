"""The page of a term: what it is, where it stands, who claims what of it, and who disagrees."""

from __future__ import annotations

import json
import re

import pytest

import calcinosis
from calcinosis.api.notebooks import TermPage
from calcinosis.errors import UsageError
from calcinosis.graph.claims import contested_pairs
from calcinosis.graph.describe import Describer, Page
from calcinosis.graph.lexicon import REFERENCE, Lexicon
from calcinosis.output.markup import markdown_text
from calcinosis.output.references.lines import identifier
from calcinosis.output.words import term as render
from tests.shared import few, graph
from tests.terminal import run

SHOWN = (
    "calciphylaxis",
    "Werner syndrome",
    "tumour lysis syndrome",
    "tissue damage",
    "metastatic case",
    "scalp",
    "serum phosphate",
    "anti-NXP2 antibody",
    "reiter-2011",
    "association",
)


@pytest.fixture(scope="module")
def pages(kg: calcinosis.KnowledgeGraph) -> dict[str, Page]:
    return {name: kg.lookups.page(name) for name in SHOWN}


def text(kg: calcinosis.KnowledgeGraph, name: str, width: int = 80) -> str:
    return render.text(kg.lookups.page(name), kg.ontology.library.bibliography, width=width)


def test_a_subtype_has_all_that_is_known_of_it(kg: calcinosis.KnowledgeGraph) -> None:
    shown = text(kg, "calciphylaxis")
    head, *_ = shown.splitlines()
    assert head == "calciphylaxis  (subtype, calc:Calciphylaxis)"
    flat = " ".join(shown.split())
    assert (
        "with ischaemia or necrosis of the skin that they supply. [jimenez-gallo-2015, reiter-2011]"
        in flat
    )
    assert re.search(r"Also: [^.]*\bcalciphylaxis cutis\b", flat)
    assert "Criteria of the viewpoint: seed review with Reiter 2011" in shown
    assert "Skin-vessel calcification (names the cause): A case with calcium in small" in flat
    assert "Our reading: Reiter 2011 names the vessels" in flat
    for heading in ("Causes", "Risk factors and triggers", "Histology", "Sites", "Tests"):
        assert re.search(rf"^{heading} \(\d+\)$", shown, re.MULTILINE), heading
    assert "(read: abstract; review)" in flat
    assert "Contested, side by side" in shown
    assert re.search(r"^  exact +MONDO:0017216 +\w", shown, re.MULTILINE)
    assert "reiter-2011: Reiter 2011, J Am Acad Dermatol 65:1," in shown


def test_the_hierarchy_is_drawn_as_a_tree(kg: calcinosis.KnowledgeGraph) -> None:
    place = text(kg, "scar").split("Place\n")[1].split("\n\n")[0]
    assert place.startswith(
        "  condition\n"
        "  \u2514\u2500 local tissue-damaging condition\n"
        "     \u2514\u2500 scar \u25c0\n"
    )
    assert "Kinds of it: acne scar; burn scar" in place
    assert "Is a kind of local tissue-damaging condition by" in place


def test_both_sides_of_a_contested_claim_stand_side_by_side(
    kg: calcinosis.KnowledgeGraph,
) -> None:
    shown = text(kg, "tumour lysis syndrome")
    sides = shown.split("Contested, side by side\n")[1].split("\n\n")[0].splitlines()
    left, right = zip(*(line.split(" \u2502") for line in sides if "\u2502" in line), strict=True)
    assert "is reported to" in " ".join(left)
    assert "may count as" in " ".join(right)
    assert "sinha-2021 (read: text" in " ".join(" ".join(left).split())
    narrow = text(kg, "tumour lysis syndrome", 50)
    assert "\u2502" not in narrow
    assert "may count as" in " ".join(narrow.split())


@pytest.mark.parametrize("name", ["heel stick", "metastatic", "calcinosis cutis"])
def test_a_contested_claim_names_the_other_side_where_it_stands(
    name: str, kg: calcinosis.KnowledgeGraph
) -> None:
    shown, page = text(kg, name, 400), kg.lookups.page(name)
    known = {claim.iri: claim for claim in (*page.claims, *page.against)}
    listed = re.split(r"^(?:Contested, side by side|In other vocabularies)$", shown, flags=re.M)[0]
    for claim in page.claims:
        label = claim.label[0].upper() + claim.label[1:]
        stands = listed.split(f"  {label}{' (contested)' if claim.contested else ''}\n")[1]
        stands = re.split(r"\n(?:  \S|\n)", stands)[0]
        assert ("Contested by" in stands) == bool(claim.contested_by)
        assert ("Contested by" in stands or "Disputed by" in stands) == claim.contested
        if len(claim.contested_by) > 2:
            assert "see 'Contested, side by side' below" in stands
            continue
        for other in (known[i] for i in claim.contested_by):
            keys = [c.reference for c in other.citations if not c.disputes]
            said = other.statement in stands or other.label[1:] in stands
            assert said, stands
            assert f"[{', '.join(keys)}]" in stands
    markdown = kg.show(name)._repr_markdown_()
    assert "Contested by" in markdown


def test_a_level_is_never_shown_without_its_statement(kg: calcinosis.KnowledgeGraph) -> None:
    shown, page = " ".join(text(kg, "metastatic").split()), kg.lookups.page("metastatic")
    levels = [claim for claim in page.claims if claim.topic == "Laboratory"]
    assert levels
    assert all(claim.statement in shown for claim in levels)


def test_each_pair_is_shown_once(pages: dict[str, Page]) -> None:
    for page in pages.values():
        pairs = [
            frozenset((claim.id, other.id))
            for claim, others in contested_pairs(page.claims, render._known(page))
            for other in others
        ]
        assert len(set(pairs)) == len(pairs)
        contested = {c.id for c in page.claims if c.contested_by}
        assert contested <= {name for pair in pairs for name in pair}
        others = [c for c in page.claims if c.contested and not c.contested_by]
        assert all(any(one.disputes for one in claim.citations) for claim in others)


def test_every_claim_says_its_references_how_far_read_and_the_study_type(
    kg: calcinosis.KnowledgeGraph, pages: dict[str, Page]
) -> None:
    library = kg.ontology.library.bibliography
    for page in pages.values():
        for claim in page.claims:
            assert any(not c.disputes for c in claim.citations)
            for c in claim.citations:
                assert c.read
                assert render._study_type(c) == library[c.reference].study_type


def test_all_claims_about_a_term_are_there(
    kg: calcinosis.KnowledgeGraph, pages: dict[str, Page]
) -> None:
    for name in ("calciphylaxis", "Werner syndrome"):
        rows = kg.query("claims", term=name).rows()
        assert {row["claim"].rsplit("/", 1)[1] for row in rows} == {
            claim.id for claim in pages[name].claims
        }


def test_a_long_page_leaves_statements_out_and_says_where_they_are(
    kg: calcinosis.KnowledgeGraph,
) -> None:
    shown = " ".join(text(kg, "dystrophic").split())
    assert "calcinosis query claims --term DystrophicCalcinosisCutis -f csv" in shown
    assert "Scars of acne are named" not in shown
    assert "Scars of acne are named" in " ".join(text(kg, "acne scar").split())


def test_a_criterion_says_what_would_settle_it(kg: calcinosis.KnowledgeGraph) -> None:
    shown = text(kg, "WithIschaemiaOrNecrosisOfTheSkin")
    assert "What would settle it: signs of ischaemia or necrosis of the skin" in shown


def test_a_reference_says_what_rests_on_it(kg: calcinosis.KnowledgeGraph) -> None:
    shown = text(kg, "reiter-2011")
    assert shown.startswith("Reiter 2011  (reference, ref:reiter-2011)\n")
    assert "Calcinosis cutis: part I. Diagnostic pathway" in " ".join(shown.split())
    assert "Study type: review" in shown
    assert "Features of definitions (" in shown


def test_another_viewpoint_has_other_criteria() -> None:
    page = calcinosis.load("walsh-fairley-1995").lookups.page("dystrophic")
    assert "Walsh" in page.viewpoint
    assert page.criteria
    assert page.criteria != graph().lookups.page("dystrophic").criteria


@pytest.mark.slow
@pytest.mark.parametrize("width", few([60, 80, 200], 60, 200))
def test_it_fits_the_terminal(width: int, kg: calcinosis.KnowledgeGraph) -> None:
    """All lines do but those of one word: a web address that a break would spoil, at 80 columns."""
    lexicon = Lexicon(kg.ontology)
    describer = Describer(kg.ontology, lexicon)
    library = kg.ontology.library.bibliography
    assert any(len(reference.uri) > 80 for reference in library.values())
    for number, entry in enumerate(lexicon.entries.values()):
        if width != 80 and number % 5:
            continue
        shown = render.text(describer.page(entry), library, width=width)
        for line in shown.splitlines():
            alone = len(line.split()) == 1 and (width < 80 or "://" in line)
            assert len(line) <= width or alone, line
        address = identifier(library[entry.id])[0] if entry.kind == REFERENCE else ""
        assert "://" not in address or address in shown


@pytest.mark.parametrize("name", SHOWN)
def test_every_format_of_every_kind(
    name: str, kg: calcinosis.KnowledgeGraph, pages: dict[str, Page]
) -> None:
    library = kg.ontology.library.bibliography
    found = json.loads(render.to_json(pages[name]))
    assert found == json.loads(json.dumps(kg.show(name).to_dict()))
    assert found["entry"]["label"]
    assert len(found["claims"]) == len(pages[name].claims)
    markdown = render.markdown(pages[name], library)
    assert markdown == kg.show(name)._repr_markdown_()
    assert markdown.startswith("# ")
    for claim in pages[name].claims:
        assert claim.statement in markdown
    assert str(kg.show(name)) == text(kg, name)


def test_colours_are_asked_for(kg: calcinosis.KnowledgeGraph) -> None:
    page, library = kg.lookups.page("scar"), kg.ontology.library.bibliography
    coloured = render.text(page, library, style=lambda t, colour: f"<{colour}>{t}</>")
    assert coloured.startswith("<bold>scar</>")
    assert "\x1b" not in render.text(page, library)


@pytest.mark.parametrize(
    ("name", "near"), [("calciphilaxes", "calciphylaxis"), ("zzzz", "No term")]
)
def test_an_unknown_term_is_answered_with_the_nearest(
    name: str, near: str, kg: calcinosis.KnowledgeGraph, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UsageError, match=near):
        kg.show(name)
    code, out, errors = run(["show", name], capsys)
    assert (code, out) == (2, "")
    assert near in errors


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("Down syndromq", "Down syndrome"),
        ("hypotensioq", "hypotension or hypertension"),
        ("reiter-2012", "reiter-2011"),
    ],
)
def test_references_are_near_only_where_no_term_is(
    name: str, near: str, kg: calcinosis.KnowledgeGraph
) -> None:
    with pytest.raises(UsageError, match=rf"Did you mean {near}\?$"):
        kg.show(name)


def test_the_command_in_each_format(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, errors = run(["show", "systemic", "sclerosis"], capsys)
    assert (code, errors) == (0, "")
    assert out.startswith("systemic sclerosis  (condition, calc:SystemicSclerosis)\n")
    assert json.loads(run(["show", "scar", "-f", "json"], capsys)[1])["entry"]["id"] == "Scar"
    assert run(["show", "scar", "-f", "markdown"], capsys)[1].startswith("# Scar\n")
    assert run(["show", "depositing intervention"], capsys)[0] == 2


def test_a_definition_has_a_source_or_is_called_ours(kg: calcinosis.KnowledgeGraph) -> None:
    for term in ("acne scar", "SLC20A1", "dystrophic", "albumin-corrected calcium"):
        page = TermPage(kg.lookups.page(term), kg.library)
        sources = page.page.sources
        mark = f"[{', '.join(sources)}]" if sources else "(our words)"
        assert f"{page.page.definition} {mark}" in " ".join(str(page).split())
        assert markdown_text(f"{page.page.definition} {mark}") in page._repr_markdown_()
    assert kg.lookups.page("dystrophic").sources
    assert "(our words)" not in str(kg.show("reiter-2011"))


def test_a_term_that_no_claim_names_says_so_and_who_mentions_it(
    kg: calcinosis.KnowledgeGraph,
) -> None:
    page = kg.show("SLC20A1")
    text = " ".join(str(page).split())
    assert "No claim names it as such. Claims that mention it:" in text
    assert "SLC20A1 overexpression is associated with soft tissue calcification in" in text
    assert kg.lookups.page("SLC20A1").mentioned
    assert "honjo-2008: Honjo 2008" in text
    assert "No claim names it as such." in page._repr_markdown_()
    assert "No claim names it" not in str(kg.show("acne scar"))
    assert "No claim names it" not in str(kg.show("tissue damage"))
    assert not kg.lookups.page("gene").mentioned


def test_what_a_viewpoint_does_not_define_names_those_that_do(
    kg: calcinosis.KnowledgeGraph,
) -> None:
    table = kg.query("criteria", subtype="mixed")
    assert not table
    assert table.remark.endswith("does not define it. Defined by --viewpoint visualdx.")
    assert not kg.query("criteria", subtype="dystrophic").remark
    assert calcinosis.load("visualdx").query("criteria", subtype="mixed")
