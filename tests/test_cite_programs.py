"""What Debian's programs read from the bibliographies, and how pandoc formats them."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from lxml import etree

from calcinosis.api.bibliography import Bibliography
from calcinosis.graph.claims import Author, Reference
from calcinosis.output.references import bibtex, csl
from calcinosis.output.references.formatted import entries
from calcinosis.output.references.styles import STYLES, source
from tests.bibliographies import article, authors, everything, expected, parts, same, titles
from tests.shared import examples, few

# -- pandoc ----------------------------------------------------------------------------


def _run(*command: str, text: str) -> str:
    done = subprocess.run(command, input=text, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.lstrip("\ufeff")


def _pandoc(form: str, text: str) -> dict[str, csl.Item]:
    read = json.loads(_run("pandoc", "-f", form, "-t", "csljson", text=text))
    return {item["id"]: item for item in read}


def _joined(name: csl.Name) -> tuple[str, ...]:
    """The parts of a name, however pandoc parts a particle (van der, d') from the family name."""
    family, *rest = map(same, parts(name))
    return family.replace(" ", ""), *rest


def _signs(name: csl.Name) -> list[str]:
    """The signs of a name: pandoc takes many for a particle, and a comma for the mark of one."""
    return sorted(same("".join(parts(name))).replace(" ", "").replace(",", ""))


@pytest.mark.external("pandoc")
@pytest.mark.parametrize("form", ["bibtex", "biblatex", "csljson"])
def test_pandoc_reads_each_reference(form: str) -> None:
    book = everything()
    read = _pandoc(form, book.csl_json() if form == "csljson" else book.bibtex())
    assert set(read) == set(book.keys)
    for key, item in expected(book).items():
        found = read[key]
        assert same(found["title"]) == same(item["title"])
        for role in ("author", "editor"):
            assert list(map(_joined, found.get(role, ()))) == list(map(_joined, item.get(role, ())))
        for field in (
            "type",
            "issued",
            "page",
            "volume",
            "issue",
            "edition",
            "DOI",
            "URL",
            "PMID",
            "PMCID",
        ):
            assert found.get(field) == item.get(field), (key, field)
        site = "publisher" if item["type"] == "webpage" and form != "csljson" else "container-title"
        assert same(found.get(site, "")) == same(item.get("container-title", ""))


@pytest.mark.external("pandoc")
@settings(max_examples=examples(25), deadline=None, phases=(Phase.reuse, Phase.generate))
@given(st.lists(st.tuples(titles, authors), min_size=8, max_size=12))
def test_any_title_and_name_survive_pandoc(rows: list[tuple[str, Author]]) -> None:
    every = [article(t, [author], key=f"key-{n}") for n, (t, author) in enumerate(rows)]
    # Pandoc drops the macro of a brace without its partner.
    book = [reference for reference in every if r"\textbrace" not in bibtex.entry(reference)]
    read = _pandoc("bibtex", Bibliography(book).bibtex())
    assert len(read) == len(book)
    for key, item in expected(book).items():
        assert same(read[key]["title"]) == same(item["title"])
        assert list(map(_signs, read[key]["author"])) == list(map(_signs, item["author"]))


# -- pandoc's citation processor against ours ------------------------------------------


def _spelled_out(xml: str) -> str:
    """A style with what it inherits written out, which pandoc before 3 does not inherit."""
    inherited = "and delimiter-precedes-et-al delimiter-precedes-last et-al-min et-al-use-first "
    inherited += "et-al-use-last initialize-with name-as-sort-order sort-separator name-delimiter"
    root = etree.fromstring(xml.encode())
    space = {"c": root.nsmap[None]}
    (bibliography,) = root.xpath("c:bibliography", namespaces=space)
    for option in inherited.split():
        if root.get(option) and not bibliography.get(option):
            bibliography.set(option, root.get(option))
    for names in root.xpath(
        "//c:names[not(c:name) and not(parent::c:substitute)]", namespaces=space
    ):
        names.insert(0, etree.Element(f"{{{root.nsmap[None]}}}name"))
    return str(etree.tostring(root, encoding="unicode"))


def _by_pandoc(book: Bibliography, style: str, folder: Path) -> dict[str, str]:
    xml = source(style)
    locale = re.search(r'default-locale="([^"]+)"', xml)
    (folder / "style.csl").write_text(_spelled_out(xml), encoding="utf-8")
    items = [{f: v for f, v in item.items() if f != "note"} for item in map(csl.item, book)]
    (folder / "items.json").write_text(json.dumps(items), encoding="utf-8")
    command = ["pandoc", "-t", "html", "--wrap=none", "--citeproc", f"--csl={folder}/style.csl"]
    command += [
        f"--bibliography={folder}/items.json",
        "-M",
        f"lang={locale[1] if locale else 'en-US'}",
    ]
    html = _run(*command, text="---\nnocite: '@*'\n---\n")
    blocks = re.findall(
        r'<div id="ref-([^"]+)" class="csl-entry".*?>\n(.*?)\n</div>', html, re.DOTALL
    )
    return {key: "".join(etree.HTML(block).itertext()).strip() for key, block in blocks}


# What pandoc 2.17 and ours do differently, each seen to be as citeproc-js has it, or better.
_LETTER = re.compile(r"(\((?:n\.d\.|no date)|\d{4})[- ]?[a-z]\b")  # 2009a: for texts with citations
_STOP = re.compile(r"\b(eds?)\.")  # its British "eds." is the newer locale's "eds"
_EMPTY_IN = re.compile(r"(?<=\.) In\.$")  # what a chapter is part of was not seen


def _comparable(text: str) -> str:
    text = re.sub(r"^\[?\d+[.\]]*\s*", "", " ".join(text.split()))
    text = re.sub(r"\(no date [a-z]{1,2}\)", "(no date)", text)  # its letters tell works apart
    return same(_EMPTY_IN.sub("", _STOP.sub(r"\1", _LETTER.sub(r"\1", text))))


def _differs_in_pandoc(reference: Reference, style: str) -> bool:
    goes_on = style == "apa" and (reference.more_authors or reference.more_editors)
    shortened = style == "vancouver" and len(reference.first_page) < len(reference.last_page)
    told_apart = style == "harvard" and reference.key.startswith("li-2009")  # by a second author
    no_number = style == "harvard" and " " in reference.first_page  # "p." for its "pp."
    # It capitalises every word of a journal's name, also in a language that does not.
    foreign = style == "apa" and bool(re.search(r"[-(][a-z]| (di|e) ", reference.container))
    hyphened = style in ("ama", "vancouver") and any("-" in one.given for one in reference.authors)
    within = reference.kind in ("ConferencePaper", "BookChapter") and not reference.container
    nowhere = style == "vancouver" and within  # its "In" stands alone
    return goes_on or shortened or told_apart or no_number or foreign or hyphened or nowhere


@pytest.mark.external("pandoc")
@pytest.mark.parametrize("style", few(STYLES, "vancouver"))
def test_pandoc_formats_each_reference_alike(style: str, tmp_path: Path) -> None:
    book = everything()
    theirs = _by_pandoc(book, style, tmp_path)
    ours = dict(entries(book, style))
    assert set(ours) == set(theirs) == set(book.keys)
    compared = [r.key for r in book if not _differs_in_pandoc(r, style)]
    assert len(compared) > 0.9 * len(book.keys)
    assert {key: _comparable(ours[key]) for key in compared} == {
        key: _comparable(theirs[key]) for key in compared
    }


@pytest.mark.slow
@pytest.mark.parametrize("style", few(STYLES, "vancouver", "nature"))
def test_each_style_says_et_al_once(style: str) -> None:
    book = everything()
    text = dict(entries(book, style))
    for reference in book:
        assert "others" not in text[reference.key]
        if reference.more_authors or reference.more_editors:
            assert text[reference.key].count("et al") == 1, text[reference.key]


# -- bibutils --------------------------------------------------------------------------

_MODS = {"m": "http://www.loc.gov/mods/v3"}


def _mods(xml: str) -> dict[str, ElementTree.Element]:
    return {m.attrib["ID"]: m for m in ElementTree.fromstring(xml).iterfind("m:mods", _MODS)}


def _mods_names(mods: ElementTree.Element) -> list[tuple[str, ...]]:
    found = []
    for name in mods.iterfind("m:name", _MODS):
        if name.findtext("m:role/m:roleTerm", "", _MODS) != "author":
            continue
        by_kind: dict[str, list[str]] = {}
        for part in name.iterfind("m:namePart", _MODS):
            by_kind.setdefault(part.get("type", "family"), []).append(part.text or "")
        found.append(tuple(" ".join(by_kind.get(k, ())) for k in ("family", "given", "suffix")))
    return [_bare(name) for name in found]


def _bare(name: tuple[str, ...]) -> tuple[str, ...]:
    """A name as bibutils has it: without stops, each initial apart."""
    family, given, suffix = map(same, name)
    return family.rstrip(","), " ".join(re.findall(r"[^ .,]+", given)), suffix.rstrip(".")


def _text(mods: ElementTree.Element, path: str) -> str:
    return same(" ".join(e.text or "" for e in mods.iterfind(path, _MODS)))


def _mods_pages(mods: ElementTree.Element) -> str:
    ends = ("m:part/m:extent/m:start", "m:part/m:extent/m:end")
    alone = _text(mods, "m:part/m:detail[@type='page']/m:number")
    return alone or "-".join(filter(None, (_text(mods, end) for end in ends)))


def _compare_mods(read: dict[str, ElementTree.Element], form: str) -> None:
    assert len(read) == len(everything().keys)
    for key, item in expected(everything()).items():
        mods = read[key]
        names = [name for name in item.get("author", ()) if form == "bib" or name != csl.OTHERS]
        wanted = [_bare(parts(name)) for name in names]
        if form == "ris":
            wanted = [(family.replace(",", ";"), *rest) for family, *rest in wanted]
        assert _mods_names(mods) == list(dict.fromkeys(wanted))  # it drops a name that comes twice
        assert _text(mods, "m:titleInfo/m:title") == same(item["title"])
        assert _mods_pages(mods).replace(" ", "-") == item.get("page", "").replace(" ", "-")
        years = {_text(mods, p) for p in ("m:originInfo/m:dateIssued", "m:part/m:date")} - {""}
        assert years == ({str(item["issued"]["date-parts"][0][0])} if "issued" in item else set())


@pytest.mark.external("bib2xml")
def test_bibutils_reads_the_bibtex() -> None:
    _compare_mods(_mods(_run("bib2xml", "-nt", "-un", text=everything().bibtex())), "bib")


@pytest.mark.external("ris2xml")
def test_bibutils_reads_the_ris(tmp_path: Path) -> None:
    bodies = {
        n["literal"].replace(",", ";")
        for i in expected(everything()).values()
        for n in i.get("author", ())
        if "literal" in n
    }
    # It takes a comma for the end of a family name only where a given name follows.
    authors = (n for i in expected(everything()).values() for n in i.get("author", ()))
    bodies |= {n["family"] for n in authors if " " in n.get("family", "") and "given" not in n}
    (tmp_path / "bodies").write_text("".join(f"{b}\n" for b in sorted(bodies)), encoding="utf-8")
    command = ("ris2xml", "-nt", "-un", "-as", str(tmp_path / "bodies"))
    _compare_mods(_mods(_run(*command, text=everything().ris())), "ris")
