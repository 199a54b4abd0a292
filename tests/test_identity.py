"""Identity: versions, licences and redirects of everything that has an IRI of ours."""

from __future__ import annotations

import re
import tomllib
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from calcinosis import names
from calcinosis.graph import mapped
from calcinosis.graph.locate import data
from calcinosis.graph.triples import Triples
from calcinosis.release import version
from calcinosis.release.check import modules
from calcinosis.release.rules import module
from tests.shared import few, graph

ROOT = Path(__file__).parent.parent
RULES = ROOT / "w3id" / ".htaccess"
ONTOLOGY = data("ontology")
HTML = "text/html,application/xhtml+xml,*/*;q=0.8"
(DAY,) = set(
    re.findall(r"releases/([0-9-]+(?:-dev)?)/", (ONTOLOGY / "genes.ttl").read_text("utf-8"))
)


def header(path: Path) -> Triples:
    found = Triples()
    found.read(path)
    return found


# -- versions ----------------------------------------------------------------------------


def test_each_module_has_the_dated_version_of_the_release() -> None:
    assert DAY
    for path in modules(ONTOLOGY):
        iri = module(ONTOLOGY, path)
        found = header(path).iris(iri, names.OWL + "versionIRI")
        assert list(found) == [version.version_iri(iri, DAY)], path.name


@pytest.mark.parametrize(
    "asked",
    few([{}, {"inferred": True}, {"condition": "acne scar"}], {"condition": "acne scar"}),
)
def test_an_export_has_the_version_of_its_release(asked: dict[str, Any]) -> None:
    text = bytes(graph().export("turtle", **asked)).decode()
    (iri,) = re.findall(r"^<(\S+)> a owl:Ontology", text, re.MULTILINE)
    assert re.findall(r"owl:versionIRI <(\S+)>", text) == [version.version_iri(iri, DAY)]


@pytest.mark.slow
def test_a_day_is_written_into_every_module_and_again(tmp_path: Path) -> None:
    for path in (*modules(ONTOLOGY), ONTOLOGY / "catalog-v001.xml"):
        copy = tmp_path / path.relative_to(ONTOLOGY)
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(path.read_bytes())
    assert version.main(["2027-01-02", str(tmp_path)]) == 0
    for path in modules(tmp_path):
        assert "2027-01-02/ontology" in path.read_text("utf-8")
        assert DAY not in path.read_text("utf-8")
    assert version.terms(tmp_path) == set((tmp_path / "released.txt").read_text().splitlines())
    assert version.main([DAY, str(tmp_path)]) == 0
    for path in modules(tmp_path):
        assert path.read_bytes() == (ONTOLOGY / path.relative_to(tmp_path)).read_bytes()


@pytest.mark.parametrize("words", [[], ["tomorrow"], ["2027-1-2"], ["2027-01-02-beta"]])
def test_what_is_no_day_is_refused(words: list[str]) -> None:
    assert version.main(words) == 2


def test_headers_name_contact_and_tracker_as_the_project_does() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    urls = {key.casefold(): url for key, url in project["urls"].items()}
    known = [person["email"] for person in project["authors"] if "email" in person]
    known += [url for key, url in urls.items() if key in {"issues", "tracker", "bug tracker"}]
    for path in modules(ONTOLOGY):
        iri, text = module(ONTOLOGY, path), path.read_text("utf-8")
        assert urls["documentation"] in header(path).iris(iri, names.RDFS + "seeAlso"), path
        assert all(one in text for one in known), path
        stated = "There is no published contact address and no issue tracker yet." in text
        assert stated == (not known), path


# -- licences ------------------------------------------------------------------------------


def licence(path: str) -> str:
    rows = tomllib.loads((ROOT / "REUSE.toml").read_text("utf-8"))["annotations"]
    found = ""
    for row in rows:
        patterns = [row["path"]] if isinstance(row["path"], str) else row["path"]
        if any(fnmatch(path, one.replace("**", "*")) for one in patterns):
            found = row["SPDX-License-Identifier"]
    return found


def test_a_file_that_states_its_licence_states_the_one_of_the_list() -> None:
    spdx = {
        "https://creativecommons.org/licenses/by/4.0/": "CC-BY-4.0",
        "https://creativecommons.org/publicdomain/zero/1.0/": "CC0-1.0",
        "https://loinc.org/license/": "LicenseRef-LOINC",
        "https://www.snomed.org/get-snomed": "LicenseRef-SNOMED-CT",
        "http://creativecommons.org/licenses/by-sa/3.0/": "CC-BY-SA-3.0",
    }
    for path in modules(ONTOLOGY):
        iri = module(ONTOLOGY, path)
        stated = header(path).iri(iri, names.DCTERMS + "license") or ""
        assert spdx[stated] == licence(f"ontology/{path.relative_to(ONTOLOGY)}"), path
    for path in ONTOLOGY.rglob("*.sssom.tsv"):
        stated = mapped.read(path).head["license"]
        assert spdx[stated] == licence(f"ontology/{path.relative_to(ONTOLOGY)}"), path
    for path in (ROOT / "src/calcinosis/styles").glob("*.csl"):
        rights = re.search(r'<rights license="([^"]*)"', path.read_text("utf-8"))
        assert rights is not None
        assert spdx[rights[1]] == licence(f"src/calcinosis/styles/{path.name}"), path
    assert licence("src/calcinosis/api/graph.py") == "Apache-2.0"


# -- redirects -----------------------------------------------------------------------------


def redirect(path: str, accept: str) -> str | None:
    """Where the rules lead, as Apache's mod_rewrite reads this subset of them; None for 404."""
    base, conditions = "", []
    for line in RULES.read_text("utf-8").splitlines():
        word, *rest = line.split() if line.strip() else [""]
        if word == "RewriteCond":
            conditions.append(rest[1])
        elif word == "RewriteRule":
            pattern, target, *flags = rest
            holds = not conditions or any(re.search(one, accept) for one in conditions)
            conditions = []
            match = re.search(pattern, path)
            if match is None or not holds:
                continue
            given = match.expand(re.sub(r"\$(\d)", r"\\\1", " ".join(rest[1:])))
            target = given.split()[0]
            if "[E=BASE:" in given:
                base = given.split("[E=BASE:")[1].rstrip("]")
            path = path if target == "-" else target.replace("%{ENV:BASE}", base)
            if "L]" in "".join(flags):
                return path
    return None


def minted() -> set[str]:
    catalog = ElementTree.parse(ONTOLOGY / "catalog-v001.xml").getroot()
    found = {node.attrib["name"] for node in catalog.iter() if node.tag.endswith("uri")}
    for path in ONTOLOGY.rglob("*.ttl"):
        found |= {iri for iri in header(path).by_subject if iri.startswith(names.CC)}
    return found


def file_of(url: str) -> str:
    """The file in the repository; that of the release of this day stands in its folder."""
    base = "https://calcinosis.invalid/"
    assert url.startswith(base), url
    return url.removeprefix(base).removeprefix(f"releases/{DAY}/")


@cache
def exports() -> set[str]:
    """The files of the exports; a part has the names of the whole."""
    return {
        "exports/" + name
        for form in ("turtle", "owl", "jsonld")
        for name in graph().export(form, condition="acne scar").files
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    "accept", ["text/turtle", "application/rdf+xml", "application/ld+json", "*/*", HTML]
)
def test_each_iri_that_we_mint_leads_to_a_file_that_exists(accept: str) -> None:
    known = minted()
    assert len(known) > 1500
    lost = set()
    for iri in known:
        url = redirect(iri.removeprefix(names.CC), accept)
        if url is None or not (file_of(url) in exports() or (ROOT / file_of(url)).is_file()):
            lost.add((iri, url))
    assert not lost


def test_a_module_leads_to_the_file_that_the_catalogue_names() -> None:
    catalog = ElementTree.parse(ONTOLOGY / "catalog-v001.xml").getroot()
    for node in catalog.iter():
        if node.tag.endswith("uri"):
            url = redirect(node.attrib["name"].removeprefix(names.CC), "text/turtle")
            assert url is not None
            assert file_of(url) == "ontology/" + node.attrib["uri"]


@pytest.mark.parametrize(
    ("path", "accept", "file"),
    [
        ("ontology", "application/rdf+xml", "exports/calcinosis.owl"),
        ("ontology", HTML, "ontology/README.md"),
        ("Calciphylaxis", "application/ld+json", "exports/calcinosis.jsonld"),
        ("Calciphylaxis", "text/turtle", "exports/calcinosis.ttl"),
        ("reference/reiter-2011", "*/*", "ontology/references.ttl"),
        ("equivalents", "application/rdf+xml", "ontology/equivalents.sssom.tsv"),
        ("ontology/export/0a1b", "text/turtle", "docs/export-ontology.md"),
        (f"releases/{DAY}/ontology/genes", "text/turtle", "ontology/genes.ttl"),
        ("nanopub/RAx", "*/*", "docs/export-citable-claims.md"),
    ],
)
def test_what_is_asked_for_decides_the_file(path: str, accept: str, file: str) -> None:
    assert file_of(redirect(path, accept) or "") == file
    assert (ROOT / file).is_file() or file.startswith("exports/")


@pytest.mark.parametrize("path", ["../etc/passwd", "reference/", "a b", "releases/x/ontology", "-"])
def test_what_we_do_not_mint_leads_nowhere(path: str) -> None:
    assert redirect(path, "text/turtle") is None


def test_what_may_never_vanish_are_terms() -> None:
    found = version.terms(ONTOLOGY)
    assert "Acne" in found
    assert not [one for one in found if one.startswith(("evidence/", "association/", "reference/"))]
