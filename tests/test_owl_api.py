"""Every module, opened alone with two stock releases of the OWL API: nothing is lost.

``make owl-api`` fetches them; the folder is build/owl-api, or what CALCINOSIS_OWL_API names.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import RdfFormat, parse

from calcinosis import __version__, names
from calcinosis.graph.locate import data
from tests.ontologies import SUBCLASS, exported, graph

ROOT = Path(__file__).parent.parent
PART_OF = f"<{names.PART_OF}>"
JARS = Path(os.environ.get("CALCINOSIS_OWL_API") or ROOT / "build" / "owl-api")
ONTOLOGY = data("ontology")
MODULES = sorted(
    path.relative_to(ONTOLOGY).as_posix()
    for path in (*ONTOLOGY.glob("*.ttl"), *(ONTOLOGY / "viewpoints").glob("*.ttl"))
)
_OF_AXIOMS = {names.TYPE, names.ANNOTATED_SOURCE, names.ANNOTATED_PROPERTY, names.ANNOTATED_TARGET}

pytestmark = [
    pytest.mark.java,
    pytest.mark.skipif(not JARS.is_dir(), reason="needs the OWL API: make owl-api"),
]


@cache
def asked(what: str, release: str, path: Path) -> dict[str, Any]:
    command = (sys.executable, "-m", "tests.owl_api", what, str(JARS / release), str(path))
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, check=False, timeout=300, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout[done.stdout.index("\n{") :])
    return found


def reports(release: str) -> dict[str, Any]:
    return asked("modules", release, ONTOLOGY)


@cache
def statements(file: str) -> tuple[tuple[str, str, str], ...]:
    """The triples of a module; blank nodes differ between modules."""
    read = parse(path=str(ONTOLOGY / file), format=RdfFormat.TURTLE, rename_blank_nodes=True)
    return tuple((str(q.subject), q.predicate.value, str(q.object)) for q in read)


def closure(file: str) -> set[str]:
    """A module with all that it imports."""
    found, waiting = {file}, [file]
    while waiting:
        for _, verb, value in statements(waiting.pop()):
            if verb == names.OWL + "imports":
                other = f"{value[1:-1].removeprefix(f'{names.ONTOLOGY}/')}.ttl"
                if other not in found:
                    found.add(other)
                    waiting.append(other)
    return found


def annotated(file: str) -> Counter[str]:
    """How often each property annotates an axiom of a module or of its imports, by the triples."""
    triples = [triple for one in closure(file) for triple in statements(one)]
    marks = {s for s, verb, value in triples if verb == names.TYPE and value.endswith("#Axiom>")}
    return Counter(verb for s, verb, _ in triples if s in marks and verb not in _OF_AXIOMS)


@pytest.mark.parametrize("release", ["4", "5"])
@pytest.mark.parametrize("module", MODULES)
def test_a_module_opens_whole(module: str, release: str) -> None:
    told = reports(release)[module]
    assert told["axioms"] > 0
    assert not told["missing"]
    assert not told["unparsed"]
    assert not told["violations"]
    assert told["annotated"] == annotated(module)


@pytest.mark.parametrize("release", ["4", "5"])
@pytest.mark.parametrize("module", MODULES)
def test_a_module_saved_and_opened_again_is_the_same(module: str, release: str) -> None:
    assert not reports(release)[module]["changed"]


@pytest.mark.parametrize("release", ["4", "5"])
def test_the_evidence_is_there(release: str) -> None:
    told = reports(release)["calcinosis.ttl"]["annotated"]
    used = annotated("calcinosis.ttl")
    for name in ("read", "restsOn", "editorial"):
        assert told[names.CC + name] == used[names.CC + name] > 0


# -- what follows ----------------------------------------------------------------------------

# HermiT is the authority. ELK knows neither complements nor unions, so that these escape it.
ELK_MISSES = {
    ("Case", "Criterion"),
    ("IdiopathicCase", "WithoutRaisedMineralLevel"),
    ("MetastaticCase", "WithAbnormalMineralLevel"),
    ("WithLowMineralLevel", "WithAbnormalMineralLevel"),
    ("WithNormalMineralLevels", "WithoutRaisedMineralLevel"),
    ("WithRaisedMineralLevel", "WithAbnormalMineralLevel"),
    ("WithoutUnderlyingCause", "WithoutRaisedMineralLevel"),
}


def test_reasoners_agree_where_they_understand_the_axioms() -> None:
    told = {name: set(pairs) for name, pairs in asked("reasoners", "5", ONTOLOGY).items()}
    assert len(told["HermiT"]) > len(MODULES)
    assert not any("Nothing" in pair for pair in told["HermiT"])
    assert told["Openllet"] == told["HermiT"]
    assert told["ELK"] < told["HermiT"]
    missed = {
        tuple(names.local(word[1:-1]) for word in pair.split())
        for pair in told["HermiT"] - told["ELK"]
    }
    assert missed == ELK_MISSES


# -- OBO -------------------------------------------------------------------------------------


@pytest.mark.parametrize("release", ["4", "5"])
@pytest.mark.parametrize("selection", ["inferred", "module"])
def test_obo_comes_back_to_our_iris(selection: str, release: str, tmp_path: Path) -> None:
    path = tmp_path / "calcinosis.obo"
    path.write_bytes(exported("obo", selection))
    told = asked("obo", release, path)
    ours = {q for q in graph("turtle", selection) if q.subject.value.startswith(names.CC)}
    kinds = {"classes": "Class", "objectProperties": "ObjectProperty"}
    for word, kind in kinds.items():
        here = {q.subject.value for q in ours if str(q.object) == f"<{names.OWL}{kind}>"}
        assert {one for one in told[word] if one.startswith(names.CC)} == here, word
    assert names.CC + "statement" in told["annotationProperties"]
    links = {(str(q.subject), str(q.object)) for q in ours if q.predicate == SUBCLASS}
    named = {pair for pair in links if not pair[1].startswith("_:")}
    found = {tuple(pair) for pair in told["subclasses"]}
    assert {pair for pair in found if pair[1].startswith("<")} == named
    parts = [whole for _, whole in found if f"ObjectSomeValuesFrom(<{names.PART_OF}>" in whole]
    assert len(parts) == len([q for q in graph("turtle", selection) if str(q.object) == PART_OF])


@pytest.mark.parametrize("release", ["4", "5"])
def test_obo_has_a_short_name_and_the_release(release: str, tmp_path: Path) -> None:
    path = tmp_path / "calcinosis.obo"
    path.write_bytes(exported("obo", "whole"))
    base = "http://purl.obolibrary.org/obo/calcinosis"
    told = asked("obo", release, path)["id"]
    assert f"<{base}.owl>" in told
    assert f"<{base}/{__version__}/calcinosis.owl>" in told
