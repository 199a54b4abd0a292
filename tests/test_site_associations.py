"""The page of all claims: its facets, its files, its order."""

from __future__ import annotations

import csv
import gzip
import io
import re
import urllib.request
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

from calcinosis.errors import UsageError
from calcinosis.output.site.associations import Table
from calcinosis.output.site.facets import OF_CITATIONS, SORTS, Choice, Claims
from calcinosis.output.site.links import Links
from tests.shared import few, graph
from tests.site_pages import get, hrefs, one, parsed, rows, words
from tests.started import Served

CHOICES: list[Mapping[str, list[str]]] = [
    {},
    {"kind": ["Cause"]},
    {"kind": ["Cause", "RiskFactor"], "subtype": ["metastatic"], "read": ["text"]},
    {"study_type": ["cohort"], "read": ["text"], "year": ["2010s"]},
    {"condition": ["connective tissue disease"], "contested": ["yes"]},
    {"q": ["phosphate"], "study_type": ["review"]},
    {"relation": ["hasReportedResult"], "q": ["calcium low"]},
]


@cache
def table() -> Table:
    kg = graph()
    return Table(Claims(kg.ontology, kg.lookups.lexicon), Links())


def shown(**given: str) -> set[str]:
    claims = table().claims
    choice = claims.chosen({name: [value] for name, value in given.items()})
    return {claims.rows[place].claim.iri for place in table().places(choice)}


def asked(name: str, **given: Any) -> set[str]:
    return {str(row["claim"]) for row in graph().query(name, **given).rows()}


@pytest.mark.parametrize("given", few(CHOICES, CHOICES[2], CHOICES[5]), ids=str)
def test_a_count_says_how_many_a_value_shows(given: Mapping[str, list[str]]) -> None:
    claims = table().claims
    choice = claims.chosen(given)
    counts = claims.counts(choice, table().texts)
    for facet in claims.facets:
        for value in facet.values:
            alone = Choice({**choice.values, facet.name: frozenset({value})}, choice.text)
            assert len(table().places(alone)) == counts[facet.name][value], (facet.name, value)


def test_one_citation_meets_all_that_is_asked_of_citations() -> None:
    claims = table().claims
    wanted = {"study_type": "cohort", "read": "text", "year": "2010s"}
    choice = claims.chosen({name: [value] for name, value in wanted.items()})
    found = table().places(choice)
    assert found
    for place in found:
        assert wanted in [dict(one) for one in claims.rows[place].citations]
    apart = [shown(**{name: value}) for name, value in wanted.items()]
    assert len(found) < len(apart[0] & apart[1] & apart[2])
    assert set(wanted) == set(OF_CITATIONS)


def test_facets_show_what_look_ups_answer() -> None:
    kinds = {"kind": "Cause", "subtype": "metastatic"}
    assert shown(**kinds) == asked("causes", subtype="metastatic")
    named = "connective tissue disease"
    assert shown(kind="Antibody", condition=named) == asked("antibodies", condition=named)
    claims = graph().ontology.claims.associations
    library = graph().library
    against = {
        iri
        for iri, claim in claims.items()
        if any(c.disputes and library[c.reference].study_type == "cohort" for c in claim.citations)
    }
    assert (
        shown(study_type="cohort") == asked("claims-by-study-type", study_type="cohort") | against
    )
    assert shown(contested="yes") == {iri for iri, claim in claims.items() if claim.contested}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"kidn": "Cause"}, "kind"),
        ({"kind": "Cuse"}, "Cause"),
        ({"condition": "dermatomyosytis"}, "dermatomyositis"),
        ({"subtype": "reiter-2011"}, "no subtype"),
        ({"sort": "size"}, "references"),
        ({"year": "'><script>"}, "2010s"),
    ],
    ids=str,
)
def test_what_is_no_value_is_told_with_the_nearest(given: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        shown(**given)


@pytest.mark.parametrize(
    ("text", "ways"),
    [
        ("STS", {"/associations?condition=SodiumThiosulfate"}),
        ("CKD", {"/associations?condition=ChronicKidneyDisease"}),
        ("Kalziphylaxie", {"/associations?subtype=Calciphylaxis"}),
        ("phosphate low in the", set[str]()),
    ],
)
def test_words_that_are_a_name_lead_to_the_claims_about_it(text: str, ways: set[str]) -> None:
    page = parsed(table().page(table().claims.chosen({"q": [text]})))
    named = [p for p in page.iter("p") if p.get("id") == "named"]
    assert {href for one in named for href in hrefs(one)} == ways


def test_the_order_is_the_one_asked_for() -> None:
    claims = table().claims
    for sort in SORTS:
        found = [claims.rows[n] for n in table().places(claims.chosen({"sort": [sort]}))]
        by_sort: dict[str, list[Any]] = {
            "kind": [list(claims.facets[2].values).index(row.claim.topic) for row in found],
            "claim": [row.claim.label.casefold() for row in found],
            "references": [-len(row.citations) for row in found],
            "year": [-row.year for row in found],
        }
        assert by_sort[sort] == sorted(by_sort[sort]), sort
        assert len(found) == len(claims.rows)


def test_in_a_folder_nothing_asks_a_server() -> None:
    known = table().claims
    page = parsed(Table(known, Links(root="", end=".html")).page(Choice()))
    assert len(rows(page, "@id='claims'")) == len(known.rows)
    assert one(page, "form[@id='choice']").attrib["data-live"] == "no"
    for href in hrefs(page, "main"):
        assert re.fullmatch(r"#count|[^?:]+\.html(\?sort=\w+)?", href), href


def test_each_row_leads_to_its_claim_terms_and_references() -> None:
    claim = next(row.claim for row in table().claims.rows if row.claim.contested_by)
    place = next(n for n, row in enumerate(table().claims.rows) if row.claim == claim)
    found = hrefs(parsed(f"<table><tr>{table().rows[place]}</tr></table>"))
    assert found[0] == f"/association/{claim.id}"
    for iri in (*claim.named, *claim.contested_by):
        assert Links().of(iri) in found
    for citation in claim.citations:
        assert f"/reference/{citation.reference}" in found


# -- over HTTP ------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("given", [*CHOICES, {"sort": ["year"], "kind": ["Treatment"]}], ids=str)
def test_the_files_hold_exactly_what_the_page_shows(
    site: Served, given: Mapping[str, list[str]]
) -> None:
    pairs = [(name, value) for name, values in given.items() for value in values]
    got = get(f"{site.url}/associations", *pairs)
    assert got.status == 200
    body = one(got.page, "table[@id='claims']/tbody")
    seen = [row for row in body if "hidden" not in row.attrib]
    ids = [hrefs(row)[0].rpartition("/")[2] for row in seen]
    links = {words(a): a.attrib["href"] for a in got.page.findall(".//a[@class='follows']")}

    sheet = get(site.url + links["CSV"])
    assert "attachment" in sheet.headers["Content-Disposition"]
    found = list(csv.DictReader(io.StringIO(sheet.text)))
    assert list(dict.fromkeys(row["association"] for row in found)) == ids
    cited = {key for row in seen for key in row.attrib["data-keys"].split()}
    assert {row["reference"] for row in found} == cited

    entries = re.findall(r"^@\w+\{(.*),$", get(site.url + links["BibTeX"]).text, re.MULTILINE)
    assert sorted(entries) == sorted(cited)
    assert words(one(got.page, "p[@id='count']")) == (
        f"{len(ids)} of {len(body)} claims shown, with {len(cited)} references"
    )


@pytest.mark.slow
def test_the_sheet_of_all_claims_is_that_of_the_command(site: Served) -> None:
    whole = bytes(graph().export("associations-csv"))
    found = get(f"{site.url}/associations.csv", ("sort", "claim")).body
    assert sorted(found.splitlines()) == sorted(whole.splitlines())
    keys = [row["association"] for row in csv.DictReader(io.StringIO(found.decode()))]
    labels = graph().ontology.claims.associations
    told = [
        labels[f"https://w3id.org/calcinosis/association/{key}"].label.casefold() for key in keys
    ]
    assert told == sorted(told)


@pytest.mark.slow
def test_the_heat_map_counts_the_references_of_what_is_shown(site: Served) -> None:
    chosen = ("subtype", "iatrogenic"), ("study_type", "case report")
    page = get(f"{site.url}/heatmap", *chosen).page
    found = {
        (row[0].casefold(), head): int(cell.rstrip("*"))
        for table in page.findall(".//details/table")
        for head, *cells in [[words(th) for th in one(table, "thead/tr")][1:]]
        for row in [[words(cell) for cell in line] for line in one(table, "tbody")]
        for head, cell in zip([head, *cells], row[1:], strict=True)
        if cell
    }
    assert found
    claims = graph().ontology.claims.associations
    label = graph().ontology.terms.label
    for iri in shown(kind="Cause", subtype="iatrogenic", study_type="case report"):
        claim = claims[iri]
        if claim.references:
            column = label(claim.object).removesuffix(" calcinosis cutis")
            assert found[label(claim.subject).casefold(), column] >= len(set(claim.references))
    assert page.find(".//figure/svg") is not None


@pytest.mark.slow
def test_a_value_that_there_is_not_is_told_on_the_page_and_by_the_files(site: Served) -> None:
    wrong = ("kind", "Cuse<b>")
    got = get(f"{site.url}/associations", wrong)
    assert got.status == 400
    assert "Cause" in words(one(got.page, "p[@role='alert']"))
    assert "<b>" not in got.text
    for path in ("associations.csv", "associations.bib"):
        assert get(f"{site.url}/{path}", wrong).status == 400


@pytest.mark.slow
def test_the_page_is_packed_for_who_takes_it_so(site: Served) -> None:
    request = urllib.request.Request(
        f"{site.url}/associations", headers={"Accept-Encoding": "gzip"}
    )
    with urllib.request.urlopen(request, timeout=60) as found:
        assert found.headers["Content-Encoding"] == "gzip"
        packed = found.read()
    assert len(packed) < 150_000
    assert gzip.decompress(packed) == get(f"{site.url}/associations").body
