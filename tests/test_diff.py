"""Two releases side by side: what an edit by hand makes differ, and what no edit is."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import calcinosis
from calcinosis.api import diff, diffs
from calcinosis.errors import CalcinosisError
from calcinosis.graph.locate import data
from calcinosis.output.words.difference import difference_markdown, difference_text
from calcinosis.release.derive import derive
from calcinosis.study.diff import Difference
from tests.shared import graph
from tests.terminal import run

ONTOLOGY = data("ontology")
CASE: dict[str, Any] = {
    "id": "a",
    "calcinosis": "present",
    "conditions": ["dermatomyositis"],
    "findings": ["raised calcium"],
}
ACNE: dict[str, Any] = {
    "id": "b",
    "calcinosis": "present",
    "conditions": [{"term": "acne", "at_deposit": True}],
}


@pytest.fixture(autouse=True)
def _shared(monkeypatch: pytest.MonkeyPatch) -> None:
    """The side that nobody edits is loaded once."""

    def once(viewpoint: str, ontology: Path | None = None) -> calcinosis.KnowledgeGraph:
        if ontology in (None, ONTOLOGY):
            return graph(viewpoint)
        return calcinosis.load(viewpoint, ontology=ontology)

    monkeypatch.setattr(diffs, "load", once)


@pytest.fixture
def edited(tmp_path: Path) -> Path:
    folder = tmp_path / "ontology"
    shutil.copytree(ONTOLOGY, folder)
    return folder


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.search(old, text, re.DOTALL | re.MULTILINE), old
    changed = re.sub(old, new, text, count=1, flags=re.DOTALL | re.MULTILINE)
    path.write_text(changed, encoding="utf-8")


def block(term: str) -> str:
    """A term with all that is said of it, up to the next blank line."""
    return rf"^{term} a .*?\n\n"


def against(folder: Path, case: dict[str, Any] = CASE) -> Difference:
    return diff(ONTOLOGY, folder, cases=case)


def nothing(found: Difference, but: str = "") -> bool:
    """Whether no part differs but the ones that are named."""
    told = found.to_dict()
    parts = {
        name: any(told[name].values()) if isinstance(told[name], dict) else bool(told[name])
        for name in (
            *("terms", "references", "claims", "evidence"),
            *("axioms", "entailments", "verdicts"),
        )
    }
    return {name for name, differs in parts.items() if differs} == set(but.split())


@pytest.mark.slow
def test_a_release_does_not_differ_from_itself(edited: Path) -> None:
    found = against(edited)
    assert nothing(found)
    assert "Nothing differs" in difference_text(found)
    assert nothing(diff(ONTOLOGY, cases=CASE))


@pytest.mark.slow
def test_another_prefix_is_no_difference(edited: Path) -> None:
    for path in edited.rglob("*.ttl"):
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"(?<![\w:/])calc:", "cc:", text), encoding="utf-8")
    assert "cc:Acne a owl:Class" in (edited / "conditions.ttl").read_text(encoding="utf-8")
    for path in edited.rglob("*.sssom.tsv"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("calc:", "cc:"), encoding="utf-8")
    coded = {**CASE, "conditions": ["MONDO:0016367"]}
    found = against(edited, coded)
    assert nothing(found)
    assert not found.verdicts.not_understood[0]


@pytest.mark.slow
def test_a_claim_that_is_gone_takes_its_axiom_with_it(edited: Path) -> None:
    change(edited / "associations.ttl", block("assoc:acne-causes-dystrophic"), "")
    assert derive(edited, "roles")
    found = against(edited, ACNE)
    (claim,) = found.claims.lost
    assert claim.id == "acne-causes-dystrophic"
    (axiom,) = found.axioms.lost
    assert {source.association for source in axiom.sources} == {claim.id}
    assert not found.vanished
    told = {(one.below.label, one.above.label): one.causes for one in found.entailments.lost}
    assert told["acne", "local tissue-damaging condition"] == (axiom.words,)
    assert found.verdicts.changes
    for one in found.verdicts.changes:
        assert found.behind(one) == (claim.id,)
    assert "Claims that differ: acne-causes-dystrophic" in " ".join(difference_text(found).split())
    assert nothing(found, "claims axioms entailments verdicts")


@pytest.mark.slow
def test_what_a_claim_says_may_change(edited: Path) -> None:
    change(
        edited / "associations.ttl", r'calc:mechanism "Long inflammation\."', 'calc:mechanism "X."'
    )
    (claim,) = against(edited).changed
    assert (claim.id, claim.differs) == ("acne-causes-dystrophic", ("mechanism",))


@pytest.mark.slow
def test_another_label_is_no_other_term(edited: Path) -> None:
    change(edited / "conditions.ttl", r'rdfs:label "acne scar"', 'rdfs:label "scar of acne"')
    found = against(edited)
    (term,) = found.renamed
    assert (term.label, term.was) == ("scar of acne", "acne scar")
    assert not found.vanished
    assert nothing(found, "terms")
    assert "calc:AcneScar “scar of acne”, was “acne scar”" in difference_text(found)


@pytest.mark.slow
def test_a_class_that_vanished_is_named_and_the_code_is_not_0(
    edited: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(edited / "findings.ttl", block("calc:ScarringAlopecia"), "")
    case = edited / "case.json"
    case.write_text(json.dumps(CASE), encoding="utf-8")
    code, out, _ = run(["diff", str(ONTOLOGY), str(edited), "--cases", str(case)], capsys)
    assert code == 1
    assert "Released terms that vanished (1):\n  calc:ScarringAlopecia" in out
    code, out, _ = run(["diff", str(edited), str(ONTOLOGY), "--cases", str(case)], capsys)
    assert (code, "Terms gained (1)" in out) == (0, True)


@pytest.mark.slow
def test_an_obsolete_term_has_not_vanished(edited: Path) -> None:
    gone = 'calc:ScarringAlopecia a owl:Class ; owl:deprecated true ; rdfs:label "x"@en .\n\n'
    change(edited / "findings.ttl", block("calc:ScarringAlopecia"), gone)
    found = against(edited)
    assert not found.vanished
    assert [one.iri.rpartition("/")[2] for one in found.renamed] == ["ScarringAlopecia"]


@pytest.mark.slow
def test_a_criterion_that_is_gone_opens_a_verdict(edited: Path) -> None:
    path = edited / "viewpoints" / "seed-reiter-2011.ttl"
    needs = r" ,\n        calc:WithoutRaisedMineralLevel ;\n    calc:caseOf calc:Dystrophic"
    change(path, needs, " ;\n    calc:caseOf calc:Dystrophic")
    pattern = (
        r"^\[\] a owl:Axiom ; owl:annotatedSource calc:DystrophicCase ; "
        r"owl:annotatedProperty rdfs:subClassOf ; "
        r"owl:annotatedTarget calc:WithoutRaisedMineralLevel ;.*?\.\n(?=\S|\n)"
    )
    change(path, pattern, "")
    change(path, r"(WithTissueDamage) calc:WithoutRaisedMineralLevel \)", r"\1 )")
    found = against(edited)
    (axiom, was) = found.axioms.lost
    assert (axiom.form, was.form) == ("subclass", "inclusion")
    changes = {one.subtype: one for one in found.verdicts.changes}
    one = changes["DystrophicCalcinosisCutis"]
    assert one.left == "refuted"
    assert [link.words for link in one.reasons[0].links] == [axiom.words]
    assert axiom.words in " ".join(difference_text(found).split())
    assert "**Axioms lost (2)**" in difference_markdown(found)
    assert nothing(found, "axioms entailments verdicts")


@pytest.mark.slow
@pytest.mark.parametrize("inside", ["ontology", "calcinosis/_data/ontology"])
def test_a_checkout_and_an_unpacked_wheel_hold_a_release(inside: str, tmp_path: Path) -> None:
    shutil.copytree(ONTOLOGY, tmp_path / inside)
    assert nothing(against(tmp_path))


def wheel(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.mark.slow
def test_a_wheel_is_a_release(tmp_path: Path) -> None:
    inside = "calcinosis/_data/ontology"
    members = {
        f"{inside}/{path.relative_to(ONTOLOGY).as_posix()}": path.read_bytes()
        for path in ONTOLOGY.rglob("*")
        if path.is_file()
    }
    whole = wheel(tmp_path / "a.whl", {**members, "../evil": b"", f"{inside}/../../x": b""})
    assert nothing(diff(whole, cases=CASE))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.whl"]


@pytest.mark.slow
def test_formats_hold_the_same(edited: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(edited / "conditions.ttl", r'rdfs:label "acne scar"', 'rdfs:label "a *scar*"')
    case = edited / "case.json"
    case.write_text(json.dumps(CASE), encoding="utf-8")
    command = ["diff", str(ONTOLOGY), str(edited), "--cases", str(case), "-f"]
    _, out, _ = run([*command, "json"], capsys)
    told = json.loads(out)
    assert [one["was"] for one in told["terms"]["renamed"]] == ["acne scar"]
    assert (told["vanished"], told["cases"], told["verdicts"]) == ([], 1, [])
    _, out, _ = run([*command, "markdown"], capsys)
    assert r"a \*scar\*" in out


# -- what is no release ----------------------------------------------------------------------


def _emptied(folder: Path) -> Path:
    (folder / "rules.ttl").write_text("", encoding="utf-8")
    return folder


def _broken(folder: Path) -> Path:
    (folder / "genes.ttl").write_text("calc:A a", encoding="utf-8")
    return folder


def _lacking(folder: Path) -> Path:
    (folder / "subtypes.ttl").unlink()
    return folder


def _uncatalogued(folder: Path) -> Path:
    (folder / "catalog-v001.xml").unlink()
    return folder


def _cut(folder: Path) -> Path:
    path = wheel(folder / "a.whl", {"calcinosis/_data/ontology/calcinosis.ttl": b"x" * 4000})
    path.write_bytes(path.read_bytes()[:3000])
    return path


def _damaged(folder: Path) -> Path:
    path = wheel(folder / "a.whl", {"calcinosis/_data/ontology/calcinosis.ttl": b"x" * 4000})
    path.write_bytes(path.read_bytes().replace(b"x" * 50, b"y" * 50, 1))
    return path


BAD: dict[str, tuple[Callable[[Path], Path], str]] = {
    "nothing there": (lambda f: f / "none", "no such folder or wheel"),
    "a folder of something else": (lambda f: f / "shapes", "no ontology in it"),
    "one module": (lambda f: f / "genes.ttl", "a file, and no wheel"),
    "an empty file": (lambda f: wheel(f / "e.whl", {}), "no ontology in it"),
    "a wheel of another package": (lambda f: wheel(f / "o.whl", {"x.py": b""}), "no ontology"),
    "half a wheel": (_cut, "a file, and no wheel"),
    "a damaged wheel": (_damaged, "the wheel cannot be read"),
    "an empty module": (_emptied, "rules.ttl"),
    "broken Turtle": (_broken, "genes.ttl"),
    "a module is missing": (_lacking, "subtypes.ttl"),
    "no catalogue": (_uncatalogued, "catalog-v001.xml"),
    "a name with a line break": (lambda f: f / "a\nb", "no such folder or wheel"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_release_is_said_with_its_cure(
    name: str, edited: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make, said = BAD[name]
    place = make(edited)
    with pytest.raises(CalcinosisError) as caught:
        diff(ONTOLOGY, place, cases=CASE)
    assert said in f"{caught.value.where} {caught.value.what}"
    assert caught.value.cure
    code, out, err = run(["diff", str(place)], capsys)
    assert (code, out) == (3, "")
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ([], 2),
        (["{}", "{}", "{}"], 2),
        (["{}", "--viewpoint", "nobody"], 2),
        (["{}", "-f", "csv"], 2),
        (["{}", "--cases", "{}/none.yaml"], 3),
    ],
)
def test_what_is_wrong_in_the_words_of_the_command(
    words: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [word.format(ONTOLOGY) for word in words]
    assert run(["diff", *given], capsys)[0] == code


# -- evidence ---------------------------------------------------------------------------------

CLAIM = "osteoporosis-associated-with-calcinosis-cutis-in-systemic-sclerosis"


@pytest.mark.slow
def test_evidence_that_changed_is_told_with_what_it_said_and_says(edited: Path) -> None:
    path = edited / "evidence.ttl"
    item = rf"(^evid:{CLAIM}.samoes-2023 a .*?"
    (found,) = re.findall(item + r'calc:locator ".*?")', path.read_text("utf-8"), re.S | re.M)
    locator = found.rpartition(' "')[2].rstrip('"')
    change(path, item + r'calc:locator )".*?"', r'\1"Table 9"')
    change(path, item + r"calc:confidenceHigh )14\.2", r"\g<1>15.2")
    change(path, rf"(^evid:{CLAIM}).valenzuela-2016( a .*?ref:)valenzuela-2016", r"\1.mine\2lobo")
    assert derive(edited, "citations")
    told = against(edited)
    assert [claim.differs for claim in told.changed] == [("citations",)]
    assert [(one.claim, one.reference) for one in told.evidence.lost] == [
        (CLAIM, "valenzuela-2016")
    ]
    assert [(one.claim, one.reference) for one in told.evidence.gained] == [(CLAIM, "lobo")]
    (one,) = told.restated
    assert (one.claim, one.reference, one.side) == (CLAIM, "samoes-2023", "for")
    place, figures = one.parts
    assert (place.name, place.was, place.now) == ("locator", locator, "Table 9")
    assert "odds ratio 4.1 (1.2–14.2), of 226" in figures.was
    assert figures.now == figures.was.replace("14.2", "15.2")
    said = " ".join(difference_text(told).split())
    head = f"Evidence changed (1): {CLAIM}, samoes-2023 for it: locator “{locator}” → “Table 9”"
    assert head in said
    assert "(1.2–14.2)" in difference_markdown(told)
    (shown,) = told.to_dict()["evidence"]["changed"]
    assert shown["differs"]["locator"] == {"was": locator, "now": "Table 9"}
