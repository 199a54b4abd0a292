"""Data that are missing, empty, cut or changed are named before any verdict."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from proofs import fuzz_modules

from calcinosis.errors import OntologyError, UsageError
from calcinosis.graph import locate, manifest
from calcinosis.graph.catalogue import Catalogue
from calcinosis.graph.ontology import load
from calcinosis.output.references import styles
from calcinosis.release.check import check, file_findings
from tests.shared import few
from tests.terminal import run

ROOT = Path(__file__).parent.parent
CASES = ROOT / "examples" / "patients.yaml"
SOURCES = ("ontology", "queries", "examples", "LICENSE-data")


def named(package: Path) -> dict[str, Path]:
    """The data of an installed package by name."""
    found: dict[str, Path] = {}
    for name in (*manifest.INSIDE, *(f"_data/{source}" for source in SOURCES)):
        found |= manifest.below(package / name, name)
    return found


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree as a wheel installs it."""
    package = tmp_path_factory.mktemp("site") / "calcinosis"
    shutil.copytree(
        ROOT / "src" / "calcinosis", package, ignore=shutil.ignore_patterns("__pycache__")
    )
    for name in SOURCES:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
        (package / "_data").mkdir(exist_ok=True)
        copy(ROOT / name, package / "_data" / name)
    text = manifest.written(named(package))
    (package / "_data" / manifest.NAME).write_text(text, encoding="utf-8")
    return package


@pytest.fixture
def installed(package: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """That tree as the one that this process runs from."""
    monkeypatch.setattr(locate, "PACKAGE", package)
    monkeypatch.setattr(locate, "DATA", package / "_data")
    return package


def delete(path: Path) -> None:
    path.unlink()


def empty(path: Path) -> None:
    path.write_bytes(b"")


def cut(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: content.rfind(b"\n\n", 0, len(content) // 2) + 1 or 1])


def change(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


HURTS: dict[str, Callable[[Path], None]] = {"delete": delete, "empty": empty, "cut": cut}


class Hurt:
    """A file that is hurt for a while."""

    def __init__(self, path: Path, how: Callable[[Path], object]) -> None:
        self._path, self._how = path, how
        self._whole = path.read_bytes()

    def __enter__(self) -> Path:
        self._how(self._path)
        return self._path

    def __exit__(self, *_: object) -> None:
        self._path.write_bytes(self._whole)


def said(call: Callable[[], object]) -> OntologyError:
    with pytest.raises(OntologyError) as caught:
        call()
    assert caught.value.cure
    assert "\n" not in str(caught.value)
    return caught.value


# -- an installed package ------------------------------------------------------------------


def test_a_whole_installation_has_no_fault(installed: Path) -> None:
    assert file_findings() == []
    assert load().version
    assert Catalogue().names()


@pytest.mark.parametrize("how", few(HURTS, "delete"))
def test_every_file_of_an_installation_is_missed(installed: Path, how: str) -> None:
    files = [path for path in named(installed).values() if path.stat().st_size]
    assert len(files) > 150
    for path in files:
        with Hurt(path, HURTS[how]):
            error = said(lambda: manifest.verify(None))
            assert error.where == str(path)
            assert "reinstall" in error.cure


@pytest.mark.slow
def test_every_changed_byte_of_an_installation_is_found_by_check(installed: Path) -> None:
    for path in named(installed).values():
        with Hurt(path, change):
            (found,) = file_findings()
            assert (found.subject, found.severity) == (str(path), "ERROR")


def test_a_manifest_that_is_gone_is_missed(installed: Path) -> None:
    path = installed / "_data" / manifest.NAME
    for how in (
        delete,
        empty,
        lambda p: p.write_text("x\ty\tz\n"),
        lambda p: p.write_bytes(b"\xff"),
    ):
        with Hurt(path, how):
            assert said(load).where == str(path)


def test_a_module_that_was_put_into_an_installation_is_named(installed: Path) -> None:
    extra = installed / "_data" / "ontology" / "extra.ttl"
    extra.write_text("<a:a> <a:b> <a:c> .", encoding="utf-8")
    try:
        assert "no part of the release" in str(said(load))
    finally:
        extra.unlink()


def test_what_an_installation_lacks_is_not_looked_for_elsewhere(
    installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locate, "CHECKOUT", ROOT)
    kept = installed / "_data" / "queries"
    kept.rename(installed / "queries")
    try:
        assert "'queries' of this installation is missing" in str(
            said(lambda: locate.data("queries"))
        )
        assert str(kept) in said(Catalogue).where
    finally:
        (installed / "queries").rename(kept)


HURT_FILES = (
    ("_data/ontology/roles.ttl", "empty"),
    ("_data/ontology/genes.ttl", "delete"),
    ("_data/ontology/viewpoints/minars.ttl", "cut"),
    ("_data/ontology/mappings/icd.sssom.tsv", "delete"),
    ("_data/ontology/shapes/terms.ttl", "empty"),
    ("_data/queries/lookup/causes.rq", "cut"),
    ("_data/queries/check/missing_label.rq", "delete"),
    ("_data/examples/published/cases.yaml", "cut"),
    ("styles/apa.csl", "empty"),
    ("schemas/case.schema.json", "delete"),
)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "how"), HURT_FILES)
def test_the_program_names_it_and_gives_no_verdict(package: Path, name: str, how: str) -> None:
    with Hurt(package / name, HURTS[how]):
        done = subprocess.run(
            [sys.executable, "-m", "calcinosis", "classify", str(CASES), "-f", "csv"],
            # The copy is not the tree that coverage measures.
            env={k: v for k, v in os.environ.items() if not k.startswith("COV")}
            | {"PYTHONPATH": str(package.parent)},
            cwd=package.parent,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith(f"Error: {package / name}: the file ")
    assert done.stderr.count("\n") == 1


# -- a checkout, and a folder of one's own -------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(ROOT / "ontology", tmp_path_factory.mktemp("own") / "ontology"))


def loaded(folder: Path) -> Iterator[Path]:
    for below in ("", "viewpoints", "mappings", "shapes"):
        yield from (p for p in sorted((folder / below).iterdir()) if p.suffix in (".ttl", ".tsv"))


@pytest.mark.parametrize("how", ["delete", "empty"])
def test_every_file_of_a_folder_is_missed(folder: Path, how: str) -> None:
    files = [path for path in loaded(folder) if path.name != "trace.tsv"]
    assert len(files) > 30
    for path in files:
        with Hurt(path, HURTS[how]):
            assert said(lambda: load(folder=folder)).where == str(path)
            assert str(path) in {found.subject for found in file_findings(folder)}


def test_a_catalogue_that_is_gone_is_missed(folder: Path) -> None:
    for how in (delete, empty):
        with Hurt(folder / manifest.CATALOG, how):
            assert "list of what belongs to the ontology" in str(said(lambda: load(folder=folder)))


def test_a_module_without_a_statement_is_named(folder: Path) -> None:
    for name in ("roles", "anatomy", "laboratory", "associations", "references"):
        path = folder / f"{name}.ttl"
        with Hurt(path, lambda p: p.write_text("# nothing\n@prefix a: <a:> .\n")):

            def read_all() -> None:
                ontology = load(folder=folder)
                _ = ontology.laboratory, ontology.anatomy, ontology.claims, ontology.library

            assert said(read_all).where == str(path)


def test_a_module_that_the_root_imports_is_missed(folder: Path) -> None:
    with Hurt(folder / "calcinosis.ttl", lambda p: p.write_text(_importing(p))):
        assert "others.ttl is missing" in str(said(lambda: load(folder=folder)))


def _importing(root: Path) -> str:
    more = "<https://w3id.org/calcinosis/ontology/anatomy> ,"
    other = "<https://w3id.org/calcinosis/ontology/others> ,"
    return root.read_text(encoding="utf-8").replace(more, f"{more} {other}")


def test_an_unknown_viewpoint_is_still_a_matter_of_the_call(folder: Path) -> None:
    with pytest.raises(UsageError, match="no viewpoint"):
        load("none", folder)


def test_an_emptied_look_up_or_style_of_a_checkout_is_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("ontology", "queries"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for name in manifest.INSIDE:
        shutil.copytree(ROOT / "src" / "calcinosis" / name, tmp_path / name)
    monkeypatch.setattr(locate, "CHECKOUT", tmp_path)
    monkeypatch.setattr(locate, "DATA", tmp_path / "_data")
    monkeypatch.setattr(locate, "PACKAGE", tmp_path)
    monkeypatch.setattr(styles, "PACKAGE", tmp_path)
    assert not file_findings()
    for name in ("queries/lookup/causes.rq", "queries/check/missing_label.rq", "styles/apa.csl"):
        with Hurt(tmp_path / name, empty):
            code, out, errors = run(["classify", str(CASES)], capsys)
            assert (code, out) == (3, "")
            assert errors.startswith(f"Error: {tmp_path / name}: the file is empty")
    with Hurt(tmp_path / "styles" / "apa.csl", delete):
        assert "style is missing" in str(said(lambda: styles.source("apa")))
    monkeypatch.setattr("calcinosis.release.check.shape_findings", lambda *_: [])  # it takes long
    for name in ("queries/check/missing_label.rq", "schemas/result.schema.json"):
        with Hurt(tmp_path / name, empty):
            assert [found.rule for found in check(reasoner=False)] == [
                "file_at_fault",
                "not_checked",
            ]
    with Hurt(tmp_path / "ontology" / "laboratory.ttl", delete):
        assert "file_at_fault" in {found.rule for found in check(reasoner=False)}


# -- what was found once -------------------------------------------------------------------

CORPUS = sorted(fuzz_modules.CORPUS.glob("*.ttl"))


@pytest.mark.parametrize("module", CORPUS, ids=lambda path: path.name)
def test_a_module_that_was_once_misread_is_refused_in_one_line(folder: Path, module: Path) -> None:
    target = folder / f"{module.name.partition('.')[0]}.ttl"
    with Hurt(target, lambda path: path.write_bytes(module.read_bytes())):
        assert fuzz_modules.fault(folder) in ("", "refused")
