"""RO-Crates: what roc-validator accepts, true to every byte, VoID counted again by rdflib."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyshacl
import pytest
import rdflib
from rdflib.namespace import DCTERMS, RDF, VOID

import calcinosis
from calcinosis import names
from calcinosis.api.selecting import select
from calcinosis.errors import UsageError
from calcinosis.graph.locate import data
from calcinosis.graph.settings import Settings
from calcinosis.output import packages
from calcinosis.output.crate import File, Origin, dataset
from calcinosis.output.formats import FORMATS, find
from calcinosis.output.selection import Selection
from tests.shared import few, graph
from tests.terminal import run

DATA = Path(__file__).parent / "data"
TURTLE = """@prefix ex: <http://example.org/> .
ex:a a ex:C , ex:D ; ex:p "1" , "1"@en , 1 , ex:a . ex:b a ex:C ; ex:q [ ex:p "1" ] .
"""
CASES = str(data("examples") / "patients.yaml")
PICKED: list[dict[str, Any]] = [
    {},
    {"subtype": "metastatic"},
    {"condition": "acne scar"},
    {"condition": "dermatomyositis"},
    {"reference": "reiter-2011"},
    {"cases": CASES},
]


def write(selection: Selection, folder: Path) -> Path:
    for name, parts in find("ro-crate").files(selection).items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"".join(parts))
    return folder


@pytest.fixture(scope="module")
def crates(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    top = tmp_path_factory.mktemp("crates")
    return [write(picked(number), top / str(number)) for number in range(len(PICKED) + 1)]


@pytest.fixture(scope="module", params=few([(4, 6), "all"], (4, 6)), ids=str)
def some(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two crates, or all of them in slow tests."""
    if request.param == "all":
        found: list[Path] = request.getfixturevalue("crates")
        return found
    top = tmp_path_factory.mktemp("some")
    return [write(picked(number), top / str(number)) for number in request.param]


def picked(number: int) -> Selection:
    """One of PICKED; the next after them holds no claim."""
    if number < len(PICKED):
        return select(graph(), **PICKED[number])
    return replace(select(graph(), reference="reiter-2011"), associations=())


def judged(*folders: Path) -> list[list[str]]:
    """What roc-validator, in an environment of its own, finds."""
    beside = Path(str(shutil.which("rocrate-validator"))).resolve().parent / "python"
    command = [str(beside), str(Path(__file__).parent / "crate.py"), *map(str, folders)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={})
    found: list[list[str]] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.external("rocrate-validator")
def test_roc_validator_accepts_all_that_it_requires_and_recommends(crates: list[Path]) -> None:
    assert judged(*crates) == [[]] * len(crates)


@pytest.mark.external("rocrate-validator")
def test_roc_validator_finds_planted_faults(crates: list[Path], tmp_path: Path) -> None:
    faulty = [shutil.copytree(crates[1], tmp_path / str(n)) for n in range(3)]
    (faulty[0] / "data" / "associations.csv").unlink()
    for crate, (good, bad) in zip(
        faulty[1:], [('"datePublished"', '"dateprinted"'), ('"about"', '"around"')], strict=True
    ):
        place = crate / "ro-crate-metadata.json"
        place.write_text(place.read_text("utf-8").replace(good, bad), "utf-8")
    assert all(judged(*faulty))


@pytest.mark.parametrize("number", few(range(len(PICKED) + 1), 4, len(PICKED)))
def test_every_file_is_described_with_its_size_and_checksum(number: int, tmp_path: Path) -> None:
    crate = write(picked(number), tmp_path)
    whole = json.loads((crate / "ro-crate-metadata.json").read_text("utf-8"))
    entities = {entity["@id"]: entity for entity in whole["@graph"]}
    parts = {part["@id"] for part in entities["./"]["hasPart"]}
    there = {p.relative_to(crate).as_posix() for p in crate.rglob("*") if p.is_file()}
    assert parts == there - {"ro-crate-metadata.json"}
    for name in parts:
        content = (crate / name).read_bytes()
        assert entities[name]["contentSize"] == str(len(content))
        assert entities[name]["sha256"] == hashlib.sha256(content).hexdigest()


@pytest.mark.slow
def test_the_files_are_the_exports(crates: list[Path]) -> None:
    included = [form for form in FORMATS if form.name in packages.INCLUDED]
    assert len(included) >= 5
    of_cases = [form for form in FORMATS if form.cases]
    assert {form.name for form in of_cases} == set(packages.OF_CASES)
    for crate, asked in zip(crates, PICKED, strict=False):
        for form in (*included, *(of_cases if "cases" in asked else ())):
            folder = crate / "data" / (form.name if form.cases else "")
            for name, content in graph().export(form.name, **asked).files.items():
                assert (folder / name).read_bytes() == content


@pytest.mark.slow
def test_no_file_of_a_crate_cites_what_the_crate_has_not(crates: list[Path]) -> None:
    known = set(graph().ontology.library.bibliography)
    for crate, asked in zip(crates, PICKED, strict=False):
        listed = json.loads((crate / "data" / "references.json").read_text("utf-8"))
        keys = [item["id"] for item in listed]
        assert keys == sorted(keys)
        bibtex = (crate / "data" / "references.bib").read_text("utf-8")
        assert set(re.findall(r"^@\w+\{([^,]+),", bibtex, re.MULTILINE)) == set(keys)
        claims: set[str] = set()
        cited = {one.key for one in select(graph(), **asked).references}
        for name in ("associations", "criteria"):
            with (crate / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
                for row in csv.DictReader(lines):
                    cited.update(filter(None, (row.get("reference"),)))
                    cited.update(filter(None, row.get("references", "").split("; ")))
                    claims.update(filter(None, (row.get("association"),)))
                    assert set(filter(None, row.get("associations", "").split("; "))) <= claims
        read = rdflib.Graph().parse(crate / "data" / "calcinosis.ttl")
        for node in {*read.subjects(), *read.objects()}:
            if isinstance(node, rdflib.URIRef) and node.startswith(names.REF):
                cited.add(node.removeprefix(names.REF))
        assert cited <= known
        assert set(keys) == cited


@pytest.mark.slow
def test_files_with_codes_of_others_point_at_their_terms(some: list[Path]) -> None:
    for crate in some:
        whole = json.loads((crate / "ro-crate-metadata.json").read_text("utf-8"))
        entities = {entity["@id"]: entity for entity in whole["@graph"]}
        for name in (path.relative_to(crate).as_posix() for path in (crate / "data").rglob("*.*")):
            text = (crate / name).read_text("utf-8")
            licence = entities[name]["license"]
            if "LOINC:" in text or "SNOMEDCT:" in text or "MONDO:" in text:
                assert {"@id": "LICENSE-data"} in licence, name
        assert entities["data/associations.csv"]["license"] == {"@id": names.LICENCE}


def conforms(text: str) -> bool:
    data = rdflib.Graph().parse(data=text, format="turtle", publicID="http://example.org/")
    shapes = rdflib.Graph().parse(DATA / "dataset-shapes.ttl")
    return bool(pyshacl.validate(data, shacl_graph=shapes)[0])


@pytest.mark.slow
def test_the_description_has_the_shape_of_dcat_and_void(some: list[Path]) -> None:
    for crate in some:
        assert conforms((crate / "dataset.ttl").read_text("utf-8"))
    good = described(TURTLE)
    assert conforms(good)
    for word in ("dcterms:issued", "void:triples", "dcat:downloadURL", "spdx:algorithm"):
        assert not conforms(good.replace(word, "dcterms:relation"))


def described(turtle: str) -> str:
    odd = replace(Origin.of(select(graph())), asked_for='"ä"\n\\', title='"ä"\n\\')
    return dataset([File("data/a.ttl", 'a "graph"', "text/turtle", turtle.encode())], odd)


def stated(description: rdflib.Graph, node: rdflib.term.Node) -> dict[str, int]:
    keys = ("triples", "distinctSubjects", "distinctObjects", "properties", "classes")
    return {key: int(str(description.value(node, VOID[key]))) for key in keys}


def counted(graph: rdflib.Graph) -> dict[str, int]:
    return {
        "triples": len(graph),
        "distinctSubjects": len(set(graph.subjects())),
        "distinctObjects": len(set(graph.objects())),
        "properties": len(set(graph.predicates())),
        "classes": len(set(graph.objects(predicate=RDF.type))),
    }


@pytest.fixture(params=["small", "schema", "associations", "references"])
def turtle(request: pytest.FixtureRequest) -> str:
    if request.param == "small":
        return TURTLE
    return (graph().ontology.folder / f"{request.param}.ttl").read_text("utf-8")


def test_void_counts_what_is_in_the_file(turtle: str) -> None:
    description = rdflib.Graph().parse(data=described(turtle), format="turtle")
    (node,) = description.subjects(RDF.type, VOID.Dataset)
    assert stated(description, node) == counted(rdflib.Graph().parse(data=turtle))


def merged(path: Path) -> rdflib.Graph:
    """The statements of all graphs of a file as one graph."""
    found, union = rdflib.ConjunctiveGraph(), rdflib.Graph()
    with path.open("rb") as stream:
        found.parse(stream, format={".ttl": "turtle", ".trig": "trig"}[path.suffix])
    for triple in found.triples((None, None, None)):
        union.add(triple)
    return union


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*(ConjunctiveGraph|Dataset):DeprecationWarning")
def test_void_counts_each_rdf_file_of_a_crate(crates: list[Path]) -> None:
    for crate in crates:
        described = rdflib.Graph().parse(crate / "dataset.ttl")
        nodes = list(described.subjects(RDF.type, VOID.Dataset))
        graphs = [p for p in (crate / "data").rglob("*") if p.suffix in (".ttl", ".trig")]
        assert len(nodes) == len(graphs)
        for node in nodes:
            dump = str(described.value(node, VOID.dataDump)).removeprefix("file://")
            assert stated(described, node) == counted(merged(Path(dump)))


@pytest.mark.slow
def test_a_package_says_by_which_settings_it_was_made() -> None:
    kg = calcinosis.load(settings=Settings(without=("reiter-2011",)))
    files = kg.export("ro-crate", subtype="metastatic").files
    entities = {e["@id"]: e for e in json.loads(files["ro-crate-metadata.json"])["@graph"]}
    assert entities["#viewpoint"]["value"] == kg.viewpoint
    assert "reiter-2011" in entities["#left-out"]["value"]
    assert entities["#asked-for"]["value"] == "metastatic"
    assert entities["#program"]["version"] == calcinosis.__version__
    text = files["dataset.ttl"].decode()
    said = rdflib.Graph().parse(data=text, format="turtle")
    assert any(
        "without reiter-2011" in str(words) for words in said.objects(None, DCTERMS.description)
    )


@pytest.mark.slow
def test_only_the_environment_says_when(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    before = graph().export("ro-crate", condition="acne scar").files
    assert b"endTime" not in before["ro-crate-metadata.json"]
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    after = graph().export("ro-crate", condition="acne scar").files
    assert b'"endTime": "2023-11-14T22:13:20Z"' in after["ro-crate-metadata.json"]
    assert {name for name in after if after[name] != before[name]} == {
        "ro-crate-metadata.json",
        "dataset.ttl",
    }
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "today")
    with pytest.raises(UsageError, match="SOURCE_DATE_EPOCH"):
        graph().export("ro-crate", condition="acne scar")


@pytest.mark.slow
def test_a_folder_is_written_and_written_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "crate"
    asked = ["export", "ro-crate", "--condition", "acne scar", "-o", str(target)]
    assert run(asked, capsys) == (0, "", "")
    (target / "mine.txt").write_text("kept")
    assert run(asked, capsys)[0] == 2
    code, out, err = run([*asked, "--force"], capsys)
    assert (code, out) == (0, "")
    assert err == f"1 other file in {target} stayed as before.\n"
    written = {p.relative_to(target).as_posix() for p in _files(target)}
    assert written == {*graph().export("ro-crate", condition="acne scar").files, "mine.txt"}


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


@pytest.mark.slow
def test_a_chosen_set_of_formats(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    chosen = ("trig", "nanopublications", "associations-csv", "report-md")
    files = graph().export("ro-crate", subtype="iatrogenic", include=chosen).files
    inside = {name for name in files if name.startswith("data/")}
    wanted = {
        f"data/{name}" for name in graph().export("associations-csv", subtype="iatrogenic").files
    }
    assert wanted < inside
    assert sum(name.endswith(".trig") for name in inside) >= 2  # of one name, in two folders
    assert not any(name.endswith("_edges.tsv") for name in inside)
    parts = json.loads(files["ro-crate-metadata.json"])["@graph"]
    (root,) = (part for part in parts if part["@id"] == "./")
    assert {part["@id"] for part in root["hasPart"]} == set(files) - {"ro-crate-metadata.json"}
    for given, said in (
        (["ro-crate", "--include", "ro-crate"], "holds formats, and cannot be one"),
        (["ro-crate", "--include", "turtel"], "Did you mean turtle"),
        (["turtle", "--include", "obo"], "turtle is one format"),
    ):
        code, _, err = run(["export", *given, "-o", str(tmp_path / "x")], capsys)
        assert code == 2
        assert said in err
