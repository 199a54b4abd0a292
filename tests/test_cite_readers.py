"""What Python packages read from the bibliographies: the CSL schema, bibtexparser, rispy."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import rispy
from bibtexparser.entrypoint import parse_string
from bibtexparser.middlewares import SeparateCoAuthors, SplitNameParts
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db

import calcinosis
from calcinosis.api.bibliography import Bibliography
from calcinosis.graph.claims import Author
from calcinosis.output.references import csl
from tests.bibliographies import article, authors, everything, expected, parts, same, titles

SCHEMA = json.loads((Path(__file__).parent / "data" / "csl-data.schema.json").read_text("utf-8"))


J = {"given": "J."}


# -- names and types -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("author", "name"),
    [
        (Author("van der Berg", "J"), {"non-dropping-particle": "van der", "family": "Berg"} | J),
        (Author("de la Cruz", "J"), {"non-dropping-particle": "de la", "family": "Cruz"} | J),
        (Author("Humboldt", "J von"), {"dropping-particle": "von", "family": "Humboldt"} | J),
        (Author("Le", "Cuong"), {"family": "Le", "given": "Cuong"}),
        (Author("De Pasquale", "L"), {"family": "De Pasquale", "given": "L."}),
        (Author("d'Arc"), {"family": "d'Arc"}),
        (Author("bell hooks"), {"family": "bell hooks"}),
        (Author("Davis", "MD"), {"family": "Davis", "given": "M. D."}),
        (Author("Jefferson", "J. Ashley"), {"family": "Jefferson", "given": "J. Ashley"}),
        (Author("Mathieu", "J-P"), {"family": "Mathieu", "given": "J.-P."}),
        (Author("Mathieu", "Jean-Pierre"), {"family": "Mathieu", "given": "Jean-Pierre"}),
        (Author("Medsger", "J Jr"), {"family": "Medsger", "suffix": "Jr"} | J),
        (Author("Smith", "II"), {"family": "Smith", "given": "I. I."}),
        (Author("日本", "太郎"), {"family": "日本", "given": "太郎"}),
        (Author("A Group, of two", corporate=True), {"literal": "A Group, of two"}),
    ],
    ids=lambda value: value.family if isinstance(value, Author) else "",
)  # fmt: skip
def test_a_name_by_the_rules_of_csl(author: Author, name: csl.Name) -> None:
    assert csl.name(author) == name


@settings(deadline=None)
@given(authors)
def test_no_letter_of_a_name_is_lost(author: Author) -> None:
    letters = [sign for sign in author.family + author.given if sign.isalpha()]
    assert sorted(letters) == sorted(s for s in "".join(parts(csl.name(author))) if s.isalpha())


def test_an_edited_review_is_part_of_the_edited_work(kg: calcinosis.KnowledgeGraph) -> None:
    (seed,) = kg.cite("fernandez-2015")
    assert csl.item(seed)["type"] == "chapter"
    assert csl.item(article(kind="ReviewArticle"))["type"] == "article-journal"
    assert csl.item(article(kind=""))["type"] == "document"


def test_an_abstract_in_a_volume_is_an_article_of_the_journal() -> None:
    assert csl.item(article(kind="ConferencePaper", volume="90"))["type"] == "article-journal"
    assert csl.item(article(kind="ConferencePaper", volume=""))["type"] == "paper-conference"


def test_what_was_not_seen_is_left_out_and_said() -> None:
    bare = article("", label="Doe 2024", year=None, volume="", doi="", comment="No title was seen.")
    item = csl.item(bare)
    assert item["title"] == "[Doe 2024]"
    assert item["note"] == "No title was seen."
    assert not {"author", "issued", "volume", "DOI"} & set(item)
    assert "[Doe 2024]" in Bibliography([bare]).text("apa")


# -- CSL-JSON --------------------------------------------------------------------------


def test_csl_json_fits_the_official_schema() -> None:
    Draft7Validator.check_schema(SCHEMA)
    items = json.loads(everything().csl_json())
    Draft7Validator(SCHEMA).validate(items)
    assert [item["id"] for item in items] == list(everything().keys)
    assert not Draft7Validator(SCHEMA).is_valid([{"id": "a", "type": "article-journal", "x": 1}])


@settings(deadline=None)
@given(titles, st.lists(authors, max_size=3))
def test_any_title_and_name_fit_the_schema(title: str, people: list[Author]) -> None:
    items = json.loads(Bibliography([article(title, people)]).csl_json())
    Draft7Validator(SCHEMA).validate(items)
    assert items[0]["title"] == csl.line(title)


def test_csl_json_has_names_as_zotero_imports_them() -> None:
    people = [Author("van der Berg", "JA"), Author("Medsger", "Thomas A Jr"), Author("Adams")]
    (item,) = json.loads(Bibliography([article(people=people, more_authors=True)]).csl_json())
    assert item["author"] == [
        {"family": "van der Berg", "given": "J. A."},
        {"family": "Medsger", "given": "Thomas A., Jr"},
        {"family": "Adams"},
        {"literal": "others"},
    ]


# -- bibtexparser ----------------------------------------------------------------------


@cache
def _latex() -> LatexNodes2Text:
    """Its decoder, with three macros of the LaTeX kernel that it does not know or sets apart."""
    known = get_default_latex_context_db()
    kernel = {"textbraceleft": "{", "textbraceright": "}", "textasciicircum": "^"}
    macros = [MacroTextSpec(name, text) for name, text in kernel.items()]
    known.add_context_category("kernel", prepend=True, macros=macros)
    return LatexNodes2Text(latex_context=known, math_mode="verbatim", keep_comments=True)


def _decoded(text: str) -> str:
    return same(_latex().latex_to_text(text))


def _bibtex(references: Bibliography) -> dict[str, dict[str, Any]]:
    read = parse_string(
        references.bibtex(), append_middleware=[SeparateCoAuthors(), SplitNameParts()]
    )
    assert not read.failed_blocks
    assert len(read.entries) == len(references)
    return {
        entry.key: {"type": entry.entry_type, **{f.key: f.value for f in entry.fields}}
        for entry in read.entries
    }


def _people(read: Iterable[Any]) -> list[tuple[str, ...]]:
    return [
        tuple(_decoded(" ".join(words)) for words in (name.von + name.last, name.first, name.jr))
        for name in read
    ]


def _wanted(names: Iterable[csl.Name]) -> list[tuple[str, ...]]:
    return [tuple(map(same, parts(name))) for name in names]


PLACES = {"article": "journal", "incollection": "booktitle", "inproceedings": "booktitle"}


@pytest.fixture(scope="module")
def read_bibtex() -> dict[str, dict[str, Any]]:
    return _bibtex(everything())


@pytest.mark.slow
def test_bibtexparser_reads_each_reference(read_bibtex: dict[str, dict[str, Any]]) -> None:
    for key, item in expected(everything()).items():
        _compare_bibtex(read_bibtex[key], item, key)


def _compare_bibtex(read: dict[str, Any], item: csl.Item, key: str) -> None:
    assert _decoded(read["title"]) == same(item["title"]), key
    for role in ("author", "editor"):
        assert _people(read.get(role, ())) == _wanted(item.get(role, ())), key
    year = str(item["issued"]["date-parts"][0][0]) if "issued" in item else None
    assert read.get("year") == year, key
    assert read.get("pages", "").replace("--", "-") == item.get("page", ""), key
    place = PLACES.get(read["type"], "organization")
    assert _decoded(read.get(place, "")) == same(item.get("container-title", "")), key
    fields = {
        "volume": "volume",
        "number": "issue",
        "edition": "edition",
        "address": "publisher-place",
    }
    fields |= {"doi": "DOI", "url": "URL", "pmid": "PMID", "pmcid": "PMCID"}
    wanted = {field: item.get(name) for field, name in fields.items()}
    assert {field: read.get(field) for field in fields} == wanted, key


@settings(deadline=None)
@given(titles, st.lists(authors, min_size=1, max_size=3), st.booleans())
def test_any_title_and_name_survive_bibtex(title: str, people: list[Author], more: bool) -> None:
    reference = article(title, people, more_authors=more)
    (read,) = _bibtex(Bibliography([reference])).values()
    assert _decoded(read["title"]) == same(csl.title(reference))
    assert _people(read["author"]) == _wanted(csl.item(reference)["author"])


# -- rispy -----------------------------------------------------------------------------


def _ris_names(names: Iterable[csl.Name]) -> list[str]:
    """Names in the order of RIS: a dropped particle after the given names.

    A family name of several words that stands alone ends in a comma, or it would be split.
    """
    order = (("non-dropping-particle", "family", "literal"), ("given", "dropping-particle"))
    places = (*order, ("suffix",))
    found = []
    for name in ({part: value.replace(",", ";") for part, value in n.items()} for n in names):
        if name != csl.OTHERS:
            parts = (" ".join(name[p] for p in place if p in name) for place in places)
            text = ", ".join(filter(None, parts))
            alone = " " in text and "," not in text and "literal" not in name
            found.append(f"{text}," if alone else text)
    return found


def test_rispy_reads_each_reference() -> None:
    read = {record["id"]: record for record in rispy.loads(everything().ris())}
    assert tuple(read) == tuple(everything().keys)
    for key, item in expected(everything()).items():
        record = read[key]
        assert record["title"] == item["title"]
        assert record.get("authors", []) == _ris_names(item.get("author", ()))
        assert record.get("unknown_tag", {}).get("ED", []) == _ris_names(item.get("editor", ()))
        pages = filter(None, (record.get("start_page"), record.get("end_page")))
        assert "-".join(pages) == item.get("page", "")
        assert record.get("doi") == item.get("DOI")
        assert ";".join(record.get("urls", ())) == item.get("URL", "")  # it parts at ";"


@settings(deadline=None)
@given(titles, st.lists(authors, min_size=1, max_size=3))
def test_any_title_and_name_survive_ris(title: str, people: list[Author]) -> None:
    reference = article(title, people)
    (record,) = rispy.loads(Bibliography([reference]).ris())
    assert record["title"] == csl.title(reference)
    assert record["authors"] == _ris_names(csl.item(reference)["author"])


def test_a_list_that_goes_on_is_said_in_ris() -> None:
    record = Bibliography([article(people=[Author("Doe", "J")], more_authors=True)]).ris()
    assert "AU  - Doe, J.\n" in record
    assert "others" not in record
    assert "N1  - The list of authors goes on (et al.).\n" in record
