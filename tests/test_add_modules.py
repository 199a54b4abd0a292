"""Adding a claim to the modules of a checkout: written whole, or refused and not at all."""

from __future__ import annotations

import errno
import os
import shutil
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import calcinosis
from calcinosis import names
from calcinosis.cli.main import cli
from calcinosis.errors import OntologyError, UsageError
from calcinosis.graph import locate
from calcinosis.graph.locate import data
from calcinosis.release import adding
from calcinosis.release.adding import add_claim, modules_of
from calcinosis.release.asked import NewClaim, NewReference, NewTerm, figure
from calcinosis.release.blocks import blocks
from calcinosis.release.canonical import canonical
from calcinosis.release.derive import DERIVED, derive
from tests.shared import graph

REFERENCE = NewReference(
    key="doe-2024",
    title="Calcinosis cutis in glass skin disease",
    authors=("Doe, Jane", "van der Berg, A B", "World Calcium Body"),
    container="J Imaginary Dermatol",
    year="2024",
    doi="https://doi.org/10.1000/imaginary.1",
    study_type="case report",
)
TERM = NewTerm(
    "glass skin disease",
    parent="condition",
    definition="A disease in which the skin is brittle all over the body.",
)
NEW = NewClaim(
    id="glass-skin-disease-causes-dystrophic",
    kind="Cause",
    subject="glass skin disease",
    object="dystrophic",
    label="glass skin disease is reported to cause dystrophic calcinosis cutis",
    statement="Deposits were found in two patients with normal calcium and phosphate.",
    reference="doe-2024",
    read="abstract",
    design="case report",
    locator="Results, second sentence",
    role="systemic tissue-damaging condition",
    reason="The skin is damaged all over.",
    curator="A. Curator",
    contexts=("systemic sclerosis",),
    figures=("odds ratio; estimate=4.2; low=2; high=7.9; n=12/58; p=<0.01", "age; estimate=>40"),
    new_reference=REFERENCE,
    new_term=TERM,
)


@pytest.fixture(autouse=True)
def names_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("calcinosis.release.blocks.Lexicon", lambda _: graph().lookups.lexicon)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    shutil.copytree(data("ontology"), tmp_path / "ontology")
    return tmp_path


def sums(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


# -- what is written --------------------------------------------------------------------------


@pytest.mark.slow
def test_each_part_goes_into_its_module_in_form(checkout: Path) -> None:
    before = sums(checkout)
    told = add_claim(NEW, folder=modules_of(checkout))
    after = sums(checkout)
    changed = {name for name in after if after[name] != before.get(name)}
    claims = ("associations", "citations", "evidence", "interpretations", "interpreted")
    wanted = (*claims, "conditions", "references", "roles")
    assert changed == {f"ontology/{name}.ttl" for name in wanted}
    assert before.keys() == after.keys(), "something was left beside"
    folder = checkout / "ontology"
    for name in wanted:
        text = (folder / f"{name}.ttl").read_text(encoding="utf-8")
        assert canonical(text) == text
        lost = set((data("ontology") / f"{name}.ttl").read_text("utf-8").splitlines())
        assert lost <= set(text.splitlines())
    assert not [name for name in DERIVED if derive(folder, name, check=True)]
    for block in told.strip().split("\n\n"):
        assert any(block in (folder / f"{one}.ttl").read_text("utf-8") for one in wanted)
    kg = calcinosis.load(ontology=folder)
    _is_there(kg)


def _is_there(kg: calcinosis.KnowledgeGraph) -> None:
    reference = kg.ontology.library.reference("doe-2024")
    assert [str(one) for one in reference.authors] == [
        *("Doe Jane", "van der Berg A B"),
        "World Calcium Body",
    ]
    assert (reference.doi, reference.year) == ("10.1000/imaginary.1", 2024)
    assert not reference.comment
    (row,) = kg.query("claims", term="glass skin disease").rows()
    assert row["figure"] == "odds ratio 4.2 (2–7.9), 12/58, +1"
    (item,) = [one for one in kg.ontology.evidence if one.reference == "doe-2024"]
    assert item.figures[0] == "age >40"
    assert item.locator == NEW.locator
    claim = kg.ontology.claims.association(names.ASSOC + NEW.id)
    assert claim.contexts == (names.CC + "SystemicSclerosis",)
    case = {"id": "a", "calcinosis": "present", "conditions": ["glass skin disease"]}
    result = kg.classify(case).cases[0]
    met = {one.id: one for one in result.subtypes[0].criteria if one.status == "met"}
    assert "doe-2024" in met["WithTissueDamage"].references


@pytest.mark.slow
def test_a_rule_that_would_be_broken_changes_nothing(checkout: Path) -> None:
    before = sums(checkout)
    with pytest.raises(OntologyError, match="it would not do") as caught:
        add_claim(replace(NEW, label="glass skin disease causes all of it"), folder=checkout)
    assert str(checkout) in caught.value.where
    assert "added.ttl" not in str(caught.value)
    assert sums(checkout) == before


@pytest.mark.slow
def test_a_disk_that_is_full_changes_nothing(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The third of the files cannot be written; no rule is asked again."""
    monkeypatch.setattr(adding, "verify", lambda _: None)
    before, synced = sums(checkout), []
    sync = os.fsync

    def full(number: int) -> None:
        synced.append(number)
        if len(synced) == 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(number)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UsageError, match="No space left"):
        add_claim(NEW, folder=checkout / "ontology")
    assert sums(checkout) == before


def test_an_installed_package_is_not_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    is_checkout = data("ontology") == locate.CHECKOUT / "ontology"
    assert modules_of() == (data("ontology") if is_checkout else None)
    monkeypatch.setattr(adding, "CHECKOUT", locate.CHECKOUT / "elsewhere")
    assert modules_of() is None
    with pytest.raises(UsageError, match="installed package are not changed"):
        add_claim(NEW)


# -- what is refused, before a rule is asked ----------------------------------------------------


def reference(**changed: Any) -> dict[str, Any]:
    fresh = replace(REFERENCE, **changed)
    return {"new_reference": fresh, "reference": fresh.key}


def term(**changed: Any) -> dict[str, Any]:
    return {"new_term": replace(TERM, **changed), "subject": changed.get("label", TERM.label)}


BAD: list[tuple[dict[str, Any], str]] = [
    ({"reference": "doe-2023", "new_reference": None}, "no reference 'doe-2023'"),
    ({"subject": "glass skin", "new_term": None}, "no term 'glass skin'"),
    ({"contexts": ("systemic sclerosys",)}, "--context: .*systemic sclerosis"),
    ({"role": "tissue-damaging"}, "--role: "),
    ({"id": "glass skin"}, "--id: .*small letters"),
    ({"id": "acne-causes-dystrophic"}, "--id: there is a claim"),
    ({"predicate": "RO:0003303"}, "--predicate: there is no relation .*Did you mean RO:0003302"),
    ({"design": "Cohort"}, "--design: there is no design 'Cohort'. Did you mean "),
    ({"reference": "reiter-2011"}, "--reference: it is not the new reference"),
    ({"subject": "acne"}, "--new-term: the claim does not name it"),
    (reference(key="Doe 2024"), "--new-reference: .*no key"),
    (reference(key="reiter-2011"), "--new-reference: there is a reference reiter-2011"),
    (reference(title=""), "--title: "),
    (reference(doi="10.1/x"), "--doi: '10.1/x' has not the form"),
    (reference(doi='10.1000/x"> ; a'), "--doi: "),
    (reference(doi="doi:10.1016/J.JAAD.2010.08.038"), "--doi: reiter-2011 has the same DOI"),
    (reference(pmid="PMID: 0123"), "--pmid: "),
    (reference(pmid="123456789"), "--pmid: "),
    (reference(url="ftp://example.org"), "--url: "),
    (reference(year="24"), "--year: "),
    (reference(year="in press"), "--year: "),
    (reference(type="Book"), "--type: .*Known: JournalArticle|--type: .*Did you mean BookChapter"),
    (reference(study_type="case reports"), "--study-type: .*Did you mean case report"),
    (term(label="acne"), "--new-term: there is a term 'acne' already"),
    (term(label="ÆØ"), "--new-term: .*no label"),
    (term(parent=""), "--parent: it is missing"),
    (term(definition=""), "--definition: it is missing"),
    (term(parent="some condition"), "--parent: there is no term"),
    (term(source="doe-1999"), "--definition-source: there is no reference"),
    ({"figures": ("4.2",)}, "--figure: '4.2' gives no number"),
    ({"figures": ("estimate=4.2",)}, "--figure: .*what was measured"),
    ({"figures": ("odds ratio; estimate=4,2",)}, "--figure: '4,2' is no number"),
    ({"figures": ("odds ratio; estimate=1; estimate=2",)}, "--figure: .*no part"),
    ({"figures": ("odds ratio; estimate=2; low=1",)}, "--figure: .*both limits"),
    ({"figures": ("odds ratio; estimate=2; low=3; high=1",)}, "--figure: .*no lower limit"),
    ({"figures": ("count; n=5/4",)}, "--figure: '5/4' is no count"),
    ({"figures": ("count; n=many",)}, "--figure: 'many' is no count"),
    ({"figures": ("count; of=4",)}, "--figure: 'of=4' is no part"),
]


@pytest.mark.parametrize(("changed", "said"), BAD, ids=[said[:40] for _, said in BAD])
def test_bad_input_is_one_error_with_its_place(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        list(blocks(replace(NEW, **changed), graph().ontology))
    assert "\n" not in str(caught.value)
    assert caught.value.cure


def test_the_same_title_is_the_same_reference() -> None:
    library = graph().ontology.library.bibliography
    title = library["reiter-2011"].title.upper()
    with pytest.raises(UsageError, match="--title: reiter-2011 has the same title"):
        list(blocks(replace(NEW, **reference(title=title)), graph().ontology))


def test_words_are_words_whatever_they_hold() -> None:
    """What would end a literal, or begin a statement, stays within its text."""
    odd = 'x" ; calc:editorial "y"@en . calc:Acne a owl:Thing . #\\ \n'
    changed = replace(
        NEW, statement=odd, locator=odd, curator=odd, figures=(f"{odd.replace(';', ',')}; n=1",)
    )
    changed = replace(changed, new_reference=replace(REFERENCE, authors=(odd,), container=odd))
    text = "".join(turtle for _, turtle in blocks(changed, graph().ontology))
    found = canonical("".join((adding._head(), text)))
    assert "owl:Thing ." not in [line.strip() for line in found.splitlines()]
    assert found.count(" a owl:Class") == 1


@pytest.mark.parametrize(
    ("parent", "module"),
    [
        ("condition", "conditions"),
        ("connective tissue disease", "conditions"),
        ("intervention", "interventions"),
        ("finding", "findings"),
        ("gene", "genes"),
        ("anatomical site", "anatomy"),
    ],
)
def test_a_new_term_goes_where_its_kinds_are(parent: str, module: str) -> None:
    asked = replace(NEW, new_term=replace(TERM, parent=parent))
    modules = [name for name, turtle in blocks(asked, graph().ontology) if "owl:Class" in turtle]
    assert modules == [module]


def test_a_reference_says_what_was_not_seen() -> None:
    bare = NewReference("doe-2024", "Glass skin")
    asked = replace(NEW, new_reference=bare)
    (text,) = [turtle for name, turtle in blocks(asked, graph().ontology) if name == "references"]
    assert "No DOI or PMID was seen with the title." in text
    assert "The authors, the journal and the year were not seen." in text
    page = replace(bare, type="WebPage", year="2024", url="https://example.org/a b")
    with pytest.raises(UsageError, match="--url"):
        list(blocks(replace(NEW, new_reference=page), graph().ontology))
    page = replace(page, url="https://example.org/a")
    asked = replace(NEW, new_reference=page)
    (text,) = [turtle for name, turtle in blocks(asked, graph().ontology) if name == "references"]
    assert "The authors were not seen." in text


def test_a_relation_may_be_named_by_its_curie() -> None:
    texts = [t for name, t in blocks(replace(NEW, predicate="RO:0003302"), graph().ontology)]
    assert any(f"calc:predicate <{names.RO}0003302>" in text for text in texts)


def test_a_figure_is_read_in_its_parts() -> None:
    found = figure(
        "proportion; estimate=about 20; unit=%; n=/58; population=children; adjusted=age"
    )
    assert (found.comparator, found.estimate, found.unit) == ("about", "20.0", "%")
    assert (found.cases, found.total, found.population) == ("", "58", "children")
    assert figure("count; n=3").cases == "3"


# -- the command line -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "where"),
    [
        (["--title", "A"], "--title"),
        (["--author", "Doe, J"], "--author"),
        (["--parent", "condition"], "--parent"),
    ],
)
def test_parts_of_what_is_not_added_are_refused(
    words: list[str], where: str, tmp_path: Path
) -> None:
    given = {"id": "a", "subject": "acne", "object": "dystrophic", "label": "a", "statement": "A."}
    given |= {"reference": "reiter-2011", "curator": "A"}
    call = [word for name, text in given.items() for word in (f"--{name}", text)]
    to = str(tmp_path / "ours.ttl")
    result = CliRunner().invoke(cli, ["add", "claim", "--to", to, *call, *words])
    assert isinstance(result.exception, UsageError)
    assert result.exception.where == where
    assert not list(tmp_path.iterdir())
