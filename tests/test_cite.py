"""The references that carry an answer, and the command that writes them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import calcinosis
from calcinosis import names
from calcinosis.api.bibliography import Bibliography
from calcinosis.api.selecting import select
from calcinosis.cli.main import cli
from calcinosis.errors import UsageError
from calcinosis.graph.claims import Author
from calcinosis.graph.results import Table
from calcinosis.graph.settings import Settings
from calcinosis.output.references.formatted import entries
from calcinosis.output.references.lines import html_list, plain
from calcinosis.output.references.lines import name as printed
from calcinosis.output.references.styles import STYLES
from tests import golden
from tests.bibliographies import article

EXAMPLES = Path(__file__).parent.parent / "examples"
FORMATS = ("text", "bibtex", "ris", "csl-json")

# By the ontology's triples alone: what is said of each term, and who says it.
SAID = """
SELECT DISTINCT ?term ?place ?reference WHERE {
  VALUES ?place { calc:subject calc:object calc:context }
  ?claim ?place ?term ; cito:citesAsEvidence ?reference }
"""
DEFINED = """
SELECT DISTINCT ?term ?reference WHERE {
  ?class calc:caseOf ?term .
  ?axiom owl:annotatedSource ?class ; calc:restsOn/cito:citesAsEvidence ?reference }
"""


def _keys(kg: calcinosis.KnowledgeGraph, query: str, *places: str) -> dict[str, set[str]]:
    answer = kg.sparql(query)
    assert isinstance(answer, Table)
    found = defaultdict(set)
    for row in answer.rows():
        if not places or names.local(row["place"]) in places:
            found[row["term"]].add(names.local(row["reference"]))
    return found


# -- which references ------------------------------------------------------------------


def test_a_subtype_is_carried_by_its_claims_and_its_definition(
    kg: calcinosis.KnowledgeGraph,
) -> None:
    said, defined = _keys(kg, SAID, "subject", "object"), _keys(kg, DEFINED)
    subtypes = [term for term in kg.ontology.terms if term.kind == "subtype"]
    assert len(subtypes) >= 5
    for term in subtypes:
        found = kg.cite(subtype=term.label)
        assert set(found.keys) == said[term.iri] | defined[term.iri], term.label


def test_a_condition_is_carried_by_the_claims_that_name_it(kg: calcinosis.KnowledgeGraph) -> None:
    said = _keys(kg, SAID, "subject", "object", "context")
    terms = [kg.ontology.terms.term(iri) for iri in said if iri in kg.ontology.terms]
    assert len(terms) > 100
    for term in terms:
        assert set(kg.cite(condition=term.id).keys) == said[term.iri], term.label


def test_below_adds_the_kinds_of_a_condition(kg: calcinosis.KnowledgeGraph) -> None:
    said = _keys(kg, SAID, "subject", "object", "context")
    term = kg.lookups.term("connective tissue disease").iri
    below = {iri for iri in kg.ontology.terms.iris() if term in kg.ontology.terms.ancestors(iri)}
    found = set(kg.cite(condition="connective tissue disease", below=True).keys)
    assert found == set().union(*(said[iri] for iri in below))
    assert found > set(kg.cite(condition="connective tissue disease").keys)


def _cases() -> Iterator[dict[str, Any]]:
    yield from (row.case for row in golden.rows())


def test_a_case_is_carried_by_what_its_verdicts_cite(kg: calcinosis.KnowledgeGraph) -> None:
    library = kg.ontology.library.bibliography
    result = kg.classify([*_cases(), EXAMPLES / "published"])
    for verdict in result.cases:
        found = kg.cite(cases=replace(result, cases=(verdict,)))
        judged = {key for fact in verdict.case.facts for key in fact.references}
        assert set(found.keys) == {*verdict.to_dict()["references"], *judged}
        assert all(library[key] in found for key in judged)


def test_the_interval_of_a_laboratory_value_is_cited(kg: calcinosis.KnowledgeGraph) -> None:
    case = {
        "id": "a",
        "age": "40 years",
        "labs": [{"test": "calcium", "value": 9.2, "unit": "mg/dL"}],
    }
    (verdict,) = kg.classify(case).cases
    interval = {key for fact in verdict.case.facts for key in fact.references}
    assert interval
    assert set(kg.cite(cases=case).keys) >= interval


def test_a_refused_case_stands_beside_the_references(kg: calcinosis.KnowledgeGraph) -> None:
    found = kg.cite("reiter-2011", cases={"id": "a", "condition": ["no such thing"]})
    assert found.keys == ("reiter-2011",)
    (refused,) = found.refused
    assert "'condition' is unknown" in str(refused)


def test_several_things_are_put_together(kg: calcinosis.KnowledgeGraph) -> None:
    one, other = kg.cite(subtype="calciphylaxis"), kg.cite(condition=["scar", "porphyria"])
    found = kg.cite("sarma-1984", subtype=["calciphylaxis"], condition=["scar", "porphyria"])
    assert set(found.keys) == {*one.keys, *other.keys, "sarma-1984"}
    assert list(found.keys) == sorted(found.keys)


def test_nothing_asked_for_is_every_reference(kg: calcinosis.KnowledgeGraph) -> None:
    assert set(kg.cite().keys) == set(kg.ontology.library.bibliography)


def test_what_carries_nothing_is_empty(kg: calcinosis.KnowledgeGraph) -> None:
    empty = kg.cite(cases=[])
    assert not empty
    assert (empty.text(), empty.bibtex(), empty.ris(), empty.csl_json()) == ("", "", "", "[]\n")
    assert empty.text("apa") == ""
    assert "No reference" in empty._repr_html_()


def test_an_unknown_name_is_refused(kg: calcinosis.KnowledgeGraph) -> None:
    with pytest.raises(UsageError, match="no such thing"):
        kg.cite(condition="no such thing")
    with pytest.raises(UsageError, match="not a subtype"):
        kg.cite(subtype="scar")


def test_the_references_of_another_question_are_exactly_those(
    kg: calcinosis.KnowledgeGraph,
) -> None:
    library = kg.ontology.library.bibliography
    assert Bibliography.of(library, ["reiter-2011", "reiter-2011"]).keys == ("reiter-2011",)
    assert not Bibliography.of(library, [])
    with pytest.raises(UsageError, match="no-such-key"):
        Bibliography.of(library, ["no-such-key"])


# -- the value -------------------------------------------------------------------------


def test_a_bibliography_is_a_sequence_of_references(kg: calcinosis.KnowledgeGraph) -> None:
    found = kg.cite("walsh-1995", "reiter-2011")
    first, second = found
    assert (first.key, second.key) == found.keys == ("reiter-2011", "walsh-1995")
    assert found[0] == first
    assert found[1:] == kg.cite("walsh-1995") == [second]
    assert found == Bibliography([second, first])
    assert len({found, Bibliography(found)}) == 1
    assert repr(found) == "Bibliography of 2: reiter-2011, walsh-1995"


def test_html_links_and_escapes() -> None:
    html = html_list(
        [
            article("<b>", doi="10.1/a&b"),
            article(doi="", pmid="1"),
            article(doi="", pmid="", uri="https://x.y/?a=1&b"),
        ]
    )
    assert "&lt;b&gt;" in html
    assert 'href="https://doi.org/10.1/a%26b"' in html
    assert 'href="https://pubmed.ncbi.nlm.nih.gov/1/"' in html
    assert 'href="https://x.y/?a=1&amp;b"' in html


def test_plain_lines(kg: calcinosis.KnowledgeGraph) -> None:
    lines = {key: plain(kg.cite(key)[0]) for key in ("fairley-2008", "reiter-2011", "nbt-calcium")}
    assert lines["reiter-2011"].startswith("Reiter N, El-Shabrawi L, Leinweber B, et al. Calcin")
    assert "2011;65(1):1\u201312. doi:10.1016/j.jaad.2010.08.038" in lines["reiter-2011"]
    assert (
        "In: Bolognia JL, Jorizzo JL, Rapini RP, et al, editors. Dermatology. 2nd ed. "
        "St. Louis: Elsevier Mosby 2008;1:653." in lines["fairley-2008"]
    )
    assert lines["nbt-calcium"].startswith("North Bristol NHS Trust, Severn Pathology. Calcium.")
    many = [Author(f"Name{number}", "A") for number in range(7)]
    assert plain(article(people=many)).startswith("Name0 A, Name1 A, Name2 A, et al. A title.")
    edited = article(people=many[:1], editors=(Author("Doe", "J"),), pmcid="PMC1", doi="", pmid="")
    assert "In: Doe J, editor. " in plain(edited)
    assert plain(edited).endswith("PMC1.")
    assert "[Reiter 2011]." in plain(article(""))


@pytest.mark.slow
def test_names_are_those_of_the_vancouver_style(kg: calcinosis.KnowledgeGraph) -> None:
    people = {one for reference in kg.cite() for one in (*reference.authors, *reference.editors)}
    alone = {str(n): article("T", [one], key=str(n)) for n, one in enumerate(people)}
    found = dict(entries(alone.values(), "vancouver"))
    assert len(found) > 400
    for key, reference in alone.items():
        (one,) = reference.authors
        assert found[key].partition(". ")[2].startswith(f"{printed(one)}."), one


# -- the command -----------------------------------------------------------------------


def run(*arguments: str) -> str:
    done = CliRunner().invoke(cli, ["cite", *arguments], catch_exceptions=False)
    assert not done.exception
    return done.stdout


@pytest.mark.parametrize("form", FORMATS)
def test_the_command_writes_what_python_writes(form: str, kg: calcinosis.KnowledgeGraph) -> None:
    found = kg.cite(subtype="calciphylaxis")
    writer = {"csl-json": found.csl_json, "ris": found.ris, "bibtex": found.bibtex}
    assert run("--subtype", "calciphylaxis", "-f", form) == writer.get(form, found.text)()


@pytest.mark.parametrize("style", STYLES)
def test_the_command_writes_each_style(style: str, kg: calcinosis.KnowledgeGraph) -> None:
    written = run("reiter-2011", "fairley-2008", "--style", style)
    assert written == kg.cite("reiter-2011", "fairley-2008").text(style)
    assert "Calcinosis cutis: part I" in written
    assert len(written.splitlines()) == 2


def test_cases_are_cited_and_refused_ones_named(tmp_path: Path) -> None:
    done = process("--case", str(EXAMPLES / "patients.yaml"), "--case", str(tmp_path / "none.yaml"))
    assert done.returncode == 3
    assert "[reiter-2011] " in done.stdout
    assert "Refused: " in done.stderr


def process(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "calcinosis", "cite", *arguments],
        capture_output=True,
        encoding="utf-8",
        check=False,
        env={**os.environ, **environment},
    )


def test_an_unknown_key_is_refused_with_the_nearest() -> None:
    done = process("reiter-2012")
    assert done.returncode == 2
    assert "'reiter-2012'" in done.stderr
    assert "Did you mean reiter-2011" in done.stderr
    assert not done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("reiter-2011", "--style", "no-such-style"),
        ("reiter-2011", "--style", "no-such-file.csl"),
        ("reiter-2011", "--style", "apa", "-f", "ris"),
        ("--subtype", "scar"),
        ("zzzzzzzzzzzzzzz",),
    ],
)
def test_a_call_that_does_not_fit_is_refused(arguments: tuple[str, ...]) -> None:
    done = CliRunner().invoke(cli, ["cite", *arguments])
    assert isinstance(done.exception, UsageError)


def test_a_condition_without_a_claim_is_said_so(kg: calcinosis.KnowledgeGraph) -> None:
    silent = next(
        term.id
        for term in kg.ontology.terms
        if term.kind == "finding" and not kg.cite(condition=term.id)
    )
    done = CliRunner().invoke(cli, ["cite", "--condition", silent])
    assert done.stderr == "No reference carries that.\n"
    assert not CliRunner().invoke(cli, ["cite", "--condition", silent, "-q"]).stderr


def test_a_file_is_written_once(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    run("reiter-2011", "-f", "csl-json", "-o", str(path))
    assert json.loads(path.read_text(encoding="utf-8"))[0]["id"] == "reiter-2011"
    done = CliRunner().invoke(cli, ["cite", "walsh-1995", "-o", str(path)])
    assert isinstance(done.exception, UsageError)
    run("walsh-1995", "-f", "csl-json", "-o", str(path), "--force")
    assert json.loads(path.read_text(encoding="utf-8"))[0]["id"] == "walsh-1995"


def test_the_ending_of_the_file_chooses_the_format(
    tmp_path: Path, kg: calcinosis.KnowledgeGraph
) -> None:
    found = kg.cite("reiter-2011")
    for name, text in (
        ("a.bib", found.bibtex()),
        ("a.RIS", found.ris()),
        ("a.json", found.csl_json()),
        ("a.txt", found.text()),
    ):
        path = tmp_path / name
        run("reiter-2011", "-o", str(path))
        assert path.read_text(encoding="utf-8") == text


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [*(("-f", form) for form in FORMATS), *(("--style", style) for style in ("apa", "vancouver"))],
    ids=" ".join,
)
def test_what_is_written_is_the_same_each_time(arguments: tuple[str, str]) -> None:
    asked = ("--condition", "connective tissue disease", "--below", "--subtype", "calciphylaxis")
    runs = [process(*asked, *arguments, PYTHONHASHSEED=seed) for seed in ("0", "1", "2")]
    assert runs[0].returncode == 0, runs[0].stderr
    assert len(runs[0].stdout) > 1000
    assert len({done.stdout for done in runs}) == 1


# -- styles ----------------------------------------------------------------------------


def test_every_shipped_style_has_a_name_and_its_licence() -> None:
    folder = files("calcinosis") / "styles"
    shipped = {
        path.name.removesuffix(".csl"): path
        for path in folder.iterdir()
        if path.name.endswith(".csl")
    }
    assert set(shipped) == set(STYLES.values())
    notice = (folder / "NOTICE").read_text(encoding="utf-8")
    for name, path in shipped.items():
        assert "creativecommons.org/licenses/by-sa/3.0" in path.read_text(encoding="utf-8")
        assert f"| {name}.csl |" in notice
    assert all(style in run("--help") for style in STYLES)


def test_a_style_of_ones_own(tmp_path: Path, kg: calcinosis.KnowledgeGraph) -> None:
    source = (files("calcinosis") / "styles" / "nature.csl").read_text(encoding="utf-8")
    own = tmp_path / "own.csl"
    own.write_text(source, encoding="utf-8")
    found = kg.cite("reiter-2011")
    assert found.text(str(own)) == found.text("nature")


DEPENDENT = '<style xmlns="http://purl.org/net/xbiblio/csl"><info/><citation/></style>'
BROKEN = (
    '<style xmlns="http://purl.org/net/xbiblio/csl"><citation/><bibliography><layout>'
    '<text macro="none"/></layout></bibliography></style>'
)


@pytest.mark.parametrize(
    ("xml", "message"),
    [
        ("<style", "no CSL style"),
        ("<a/>", "no CSL style"),
        (DEPENDENT, "no bibliography"),
        (BROKEN, "no CSL style"),
    ],
)
def test_a_style_that_cannot_be_used_is_refused(
    xml: str, message: str, tmp_path: Path, kg: calcinosis.KnowledgeGraph
) -> None:
    path = tmp_path / "bad.csl"
    path.write_text(xml, encoding="utf-8")
    with pytest.raises(UsageError, match=message):
        kg.cite("reiter-2011").text(str(path))


def test_the_references_of_a_look_up(kg: calcinosis.KnowledgeGraph) -> None:
    answer = CliRunner().invoke(
        cli, ["cite", "--query", "causes", "--with", "subtype=iatrogenic", "-f", "csl-json"]
    )
    assert answer.exit_code == 0
    keys = set(kg.query("causes", subtype="iatrogenic").references())
    assert {item["id"] for item in json.loads(answer.output)} == keys
    wrongs = (["--query", "causes", "--with", "subtype"], ["--with", "a=b"], ["--below"])
    for wrong in wrongs:
        assert isinstance(CliRunner().invoke(cli, ["cite", *wrong]).exception, UsageError)


def test_an_option_that_the_look_up_has_as_a_parameter_is_refused() -> None:
    for option, name in (("--subtype", "causes"), ("--condition", "references")):
        done = CliRunner().invoke(cli, ["cite", "--query", name, option, "some thing"])
        assert isinstance(done.exception, UsageError)
        assert done.exception.where == option
        assert f"--with '{option[2:]}=some thing'" in done.exception.cure


def test_what_is_put_together_with_a_look_up_is_said(kg: calcinosis.KnowledgeGraph) -> None:
    asked = ["cite", "--query", "causes", "--with", "subtype=iatrogenic", "-f", "csl-json"]
    done = CliRunner().invoke(cli, [*asked, "--subtype", "calciphylaxis", "reiter-2011"])
    keys = set(kg.query("causes", subtype="iatrogenic").references())
    keys.update(kg.cite("reiter-2011", subtype="calciphylaxis").keys)
    assert {item["id"] for item in json.loads(done.stdout)} == keys
    assert done.stderr.startswith("Put together: --query causes and reiter-2011, --subtype calci")
    assert not CliRunner().invoke(cli, asked).stderr


@pytest.mark.parametrize("start", ["", "ref:", names.REF])
def test_a_reference_is_known_by_key_curie_and_iri(
    start: str, kg: calcinosis.KnowledgeGraph
) -> None:
    assert kg.cite(f"{start}reiter-2011", "reiter-2011").keys == ("reiter-2011",)
    wanted = select(kg, reference="reiter-2011").associations
    assert select(kg, reference=f"{start}reiter-2011").associations == wanted
    assert Settings(without=(f"{start}reiter-2011",)) == Settings(without=("reiter-2011",))
    with pytest.raises(UsageError, match="Did you mean reiter-2011"):
        kg.cite(f"{start}reiter-2012")


def test_of_a_refused_case_only_the_refusal_is_said() -> None:
    done = CliRunner().invoke(cli, ["cite", "--case", "no-such-file.yaml"])
    assert done.stderr.startswith("Refused: no-such-file.yaml")
    assert len(done.stderr.splitlines()) == 1
