"""All pages as a folder of files, which a browser reads from the disk and any server can offer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from calcinosis import names
from calcinosis.errors import UsageError
from calcinosis.graph.ask import Ask
from calcinosis.output.references import bibtex, ris
from calcinosis.output.selection import Files, Selection, Writer
from calcinosis.output.site import about, associations, found, home, questions, viewpoints
from calcinosis.output.site.facets import Choice, Claims
from calcinosis.output.site.frame import edition
from calcinosis.output.site.known import Known
from calcinosis.output.site.links import HOME, Links
from calcinosis.output.site.pages import html
from calcinosis.output.site.references import references_page

END: Final = ".html"
_ASSETS: Final = Path(__file__).parent / "assets"
Page = Callable[[Known, Links], str]


def assets() -> dict[str, bytes]:
    """The style sheets, scripts and pictures of the pages by their names."""
    return {path.name: path.read_bytes() for path in sorted(_ASSETS.iterdir()) if path.is_file()}


def write(selection: Selection) -> Files:
    """The pages of all terms, claims and references, and those that lead to them.

    UsageError for a selection: they refer to one another.
    """
    if not selection.is_whole:
        what = "a site has all pages, since they refer to one another"
        raise UsageError(what, "site", "Ask for it alone, or for report-html")
    known = Known(Ask(selection.ontology))
    described = known.described
    things = tuple(iri.removeprefix(names.CC) for iri in described if _has_page(iri, known))
    views = tuple(f"viewpoint/{name}" for name in known.viewpoints)
    asked = {f"{questions.PATH}/{name}": name for name in known.ask.catalogue.names()}
    paths = dict.fromkeys((*_PLACES, *asked, *things, *views))
    told = edition(selection.ontology)
    plain = Links(end=END, edition=told, known=frozenset(paths))
    files: dict[str, Iterator[bytes]] = {
        f"{path}{END}": _made(path, known, plain) for path in paths
    }
    for name, content in assets().items():
        files[f"assets/{name}"] = iter((content,))
    files[f"assets/{found.INDEX}"] = _said(lambda: found.index(known))
    references = [known.library[key] for key in sorted(known.library)]
    files["references.bib"] = _said(lambda: bibtex.write(references))
    files["references.ris"] = _said(lambda: ris.write(references))
    return files


def _has_page(iri: str, known: Known) -> bool:
    """Whether it is a page of its own among files: of two that differ by case there is one."""
    if iri.startswith((names.EVID, names.INTERP)):
        return False
    local = iri.removeprefix(names.CC)
    return local != "" and (
        iri in known.lexicon.entries
        or iri in known.claims
        or not local[0].islower()
        or "/" in local
        or iri == names.ONTOLOGY
    )


def _made(path: str, known: Known, plain: Links) -> Iterator[bytes]:
    """The page of a path, made when it is written."""
    root = "../" * path.count("/")
    links = Links(root, plain.end, plain.edition, plain.known)
    make = _PLACES.get(path)
    if path.startswith(f"{questions.PATH}/"):
        make = partial(_question, path.rpartition("/")[2])
    text = make(known, links) if make else html(names.CC + path, known, links)
    yield text.encode()


def _said(make: Callable[[], str]) -> Iterator[bytes]:
    yield make().encode()


def _search(known: Known, links: Links) -> str:
    return found.search_page("", (), known, links)


def _associations(known: Known, links: Links) -> str:
    claims = Claims(known.ontology, known.lexicon)
    return associations.Table(claims, links).page(Choice())


def _questions(known: Known, links: Links) -> str:
    return questions.Pages(known.ask, links).all()


def _question(name: str, known: Known, links: Links) -> str:
    """A look-up with its answer where no parameter is given."""
    look_up = known.ask.catalogue.look_up(name)
    asked = questions.Asked(look_up, {}, known.ask.look_up(name, {}))
    return questions.Pages(known.ask, links).one(asked)


def _heatmap(known: Known, links: Links) -> str:
    claims = Claims(known.ontology, known.lexicon)
    return associations.Table(claims, links).heatmap(Choice())


def _viewpoints(known: Known, links: Links) -> str:
    return viewpoints.Pages(known.ontology, known.lexicon.entries, links).all()


_PLACES: Final[Mapping[str, Page]] = {
    HOME: home.home_page,
    "search": _search,
    "terms": found.terms_page,
    "references": references_page,
    "about": about.about_page,
    associations.PATH: _associations,
    associations.HEATMAP: _heatmap,
    questions.PATH: _questions,
    viewpoints.PATH: _viewpoints,
}
WRITERS: Final[Mapping[str, Writer]] = {"site": write}
