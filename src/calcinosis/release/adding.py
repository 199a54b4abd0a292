"""Adding a claim to the modules of a checkout, or to a file of one's own: checked, whole or not."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from pyoxigraph import Store

from calcinosis.errors import OntologyError, UsageError
from calcinosis.graph.lexicon import REFERENCE, TERMS, Lexicon
from calcinosis.graph.locate import CHECKOUT, ROOT, data
from calcinosis.graph.ontology import load
from calcinosis.output.files import replace_folder, replacing
from calcinosis.output.rdf.turtle import PREFIXES
from calcinosis.release.asked import NewClaim, refuse_halves
from calcinosis.release.blocks import Block, blocks
from calcinosis.release.canonical import canonical
from calcinosis.release.derive import DERIVED, derived
from calcinosis.release.finding import ERROR
from calcinosis.release.laid import verify
from calcinosis.release.modules import module_import_findings
from calcinosis.release.rules import fill


def modules_of(folder: Path | None = None) -> Path | None:
    """The ontology folder whose modules may be written: one that is named, or the checkout's own.

    None where the ontology is that of an installed package. ``folder`` may hold it as ``ontology``.
    """
    if folder is None:
        own = data("ontology")
        return own if own == CHECKOUT / "ontology" else None
    within = folder / "ontology"
    return within if (within / f"{ROOT}.ttl").is_file() else folder


def unknown(names: Mapping[str, str], folder: Path | None = None) -> list[str]:
    """Which of ``reference`` and ``subject`` are names that the graph does not hold."""
    lexicon = Lexicon(load(folder=folder))
    kinds = {"reference": (REFERENCE,), "subject": TERMS}
    return [one for one, text in names.items() if not lexicon.find(text, kinds[one])]


def add_claim(new: NewClaim, to: Path | None = None, folder: Path | None = None) -> str:
    """Add a claim with its evidence; the Turtle that was added.

    It goes into the file ``to``, for ``--with``, or else into the modules of the ontology
    ``folder``, with what is derived from them. What is there changes when all of it keeps the rules
    of the graph, else nothing does. UsageError for a name that is not known, with the nearest, or
    that is taken; OntologyError for a rule that would be broken.
    """
    refuse_halves(new)
    if to is not None:
        return _into_file(new, to, folder)
    modules = modules_of(folder)
    if modules is None:
        cure = "Name a file of your own with --to, or a checkout's with --ontology"
        raise UsageError("the modules of an installed package are not changed", "add claim", cure)
    return _into_modules(new, modules)


def _into_file(new: NewClaim, to: Path, folder: Path | None) -> str:
    there = os.path.exists(to)  # noqa: PTH110 (a name that no file can have is none's)
    ontology = load(folder=folder, overlays=[to] if there else [])
    added = _head() + "\n".join(turtle for _, turtle in blocks(new, ontology))
    before = to.read_text(encoding="utf-8") if there else ""
    text = canonical(f"{before}\n{added}", str(to))
    _verify(text, to.with_name(f".{to.stem}.trial.ttl"), str(to), folder)
    with replacing(to) as stream:
        stream.write(text)
    return canonical(added).partition("\n\n")[2]


def _into_modules(new: NewClaim, folder: Path) -> str:
    told = list(blocks(new, load(folder=folder)))
    added = canonical(_head() + "\n".join(turtle for _, turtle in told))
    with TemporaryDirectory() as room:
        _verify(added, Path(room) / "added.ttl", str(folder), folder)
        trial = Path(room) / "ontology"
        shutil.copytree(folder, trial)
        texts = _changed(trial, told)
        _refuse_imports(trial)
    files = {f"{name}.ttl": [text.encode()] for name, text in texts.items()}
    replace_folder(files, str(folder), force=True)
    return added.partition("\n\n")[2]


def _changed(trial: Path, told: Iterable[Block]) -> dict[str, str]:
    """The new texts of the modules that change, written into a copy of the folder."""
    parts: dict[str, str] = {}
    for name, turtle in told:
        parts[name] = f"{parts.get(name, _head())}\n{turtle}"
    texts = {}
    for name, turtle in parts.items():
        path = trial / f"{name}.ttl"
        before = path.read_text(encoding="utf-8")
        texts[name] = canonical(f"{before}\n{turtle}", str(path))
        path.write_text(texts[name], encoding="utf-8")
    return {**texts, **{name: derived(trial, name) for name in DERIVED}}


def _refuse_imports(trial: Path) -> None:
    """OntologyError where a module would name what it does not import."""
    store, files = Store(), sorted(trial.glob("*.ttl"))
    fill(store, trial, files)
    for one in module_import_findings(store, trial, files):
        if one.severity == ERROR:
            raise OntologyError(f"it would not do: {one.message}", one.subject, one.cure)


def _verify(text: str, trial: Path, where: str, folder: Path | None) -> None:
    """OntologyError for the first rule of the graph that a text laid over it breaks."""
    with _written(trial, where):
        try:
            trial.write_text(text, encoding="utf-8")
            verify(load(folder=folder, overlays=[trial]))
        except OntologyError as error:
            at = error.where.replace(str(trial), where).partition(", line")[0]
            raise OntologyError(f"it would not do: {error.what}", at, error.cure) from error


@contextmanager
def _written(trial: Path, where: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(f"it cannot be written ({error.strerror})", where, "Check it") from error
    finally:
        with suppress(OSError):  # of a name that no file can have
            trial.unlink(missing_ok=True)


def _head() -> str:
    return "".join(f"@prefix {prefix}: <{base}> .\n" for prefix, base in PREFIXES.items())
