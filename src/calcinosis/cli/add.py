"""``calcinosis add claim``."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click

from calcinosis.api import READ, NewClaim, NewReference, NewTerm, add_claim, modules_of, unknown
from calcinosis.cli import complete
from calcinosis.cli.options import Out
from calcinosis.cli.terminal import say
from calcinosis.cli.usage import Command, InputPath, OutputPath
from calcinosis.errors import UsageError

_ASKED: Final = {
    "id": "The name of the claim, such as one-thing-causes-another.",
    "subject": "Of what it is said: a label, synonym or code; that of --new-term if left out.",
    "object": "What is said of it: a subtype or another term.",
    "label": "The claim in one line, such as '… is reported to cause …'.",
    "statement": "What the source says, in your own words.",
    "reference": "The key of the reference; that of --new-reference if left out.",
    "curator": "Who read it.",
}
_OTHER: Final = {
    "predicate": "The relation, such as RO:0003302; what most claims of the kind have if left out.",
    "design": "The design of the study, such as CaseReport.",
    "locator": "Where it stands, in a dozen words at most.",
    "role": "The role of the cause; it needs --reason.",
    "reason": "Why that role, or what is our own reading.",
}
_REFERENCE: Final = {
    "new_reference": "The key of a reference that is not there yet, such as doe-2024.",
    "title": "Its title as printed.",
    "container": "Its journal, book or site.",
    "year": "Its year.",
    "doi": "Its DOI, if you saw it with the title.",
    "pmid": "Its PMID, if you saw it with the title.",
    "url": "Its address.",
    "type": "JournalArticle (if left out), ReviewArticle, BookChapter, ConferencePaper or WebPage.",
    "study_type": "What kind of study it reports, such as 'case report'; unknown if left out.",
}
_TERM: Final = {
    "new_term": "The label of a term that is not there yet.",
    "parent": "What it is a kind of, such as condition.",
    "definition": "What it is, in one sentence.",
    "definition_source": "The key of the reference that says so; our own words if left out.",
}
_MANY: Final = {
    "context": "Among whom it is said, such as the patients with a condition; may be repeated.",
    "figure": "A number that the source gives: 'odds ratio; estimate=4.2; low=2.3; high=7.9; "
    "n=12/58', also with unit, p, population, adjusted; n is cases/total, cases or /total. May be "
    "repeated.",
    "author": "An author of the new reference, as 'Doe, Jane', a body without a comma; may be "
    "repeated.",
}
_COMPLETED: Final = {
    **dict.fromkeys(("subject", "object", "role", "parent", "context"), complete.term()),
    **dict.fromkeys(("reference", "definition_source"), complete.keys),
}
_NEXT: Final = (
    "Now run make knowledge: it brings what is made of the graph up to date, and checks it."
)


@click.group(short_help="Add a claim to the graph, or to a file of your own for --with.")
def add() -> None:
    """Add to the modules of a checkout, or to a file of your own for --with."""


def _options(command: Any) -> Any:
    every = {**_ASKED, **_OTHER, **_MANY, **_REFERENCE, **_TERM}
    for name, text in reversed(every.items()):
        command = click.option(
            f"--{name.replace('_', '-')}",
            name,
            metavar="TEXT",
            multiple=name in _MANY,
            help=text,
            shell_complete=_COMPLETED.get(name),
        )(command)
    return command


@add.command(cls=Command, short_help="Add a claim with its evidence.")
@_options
@click.option("--kind", default="Cause", show_default=True, metavar="KIND", help="Which claim.")
@click.option(
    "--read",
    type=click.Choice(READ),
    default="abstract",
    show_default=True,
    help="How far the reference was read.",
)
@click.option("--against", is_flag=True, help="The reference speaks against it.")
@click.option(
    "--to",
    type=OutputPath(),
    metavar="FILE.ttl",
    help="A file of your own, which may hold more. Without it the modules of the checkout are "
    "written, or claims.ttl where the package is installed.",
)
@click.option(
    "--ontology",
    type=InputPath(folder=True),
    metavar="DIR",
    help="The ontology folder, or a checkout, that is read and, without --to, written.",
)
@click.option("-q", "--quiet", is_flag=True, help="No remarks on standard error.")
def claim(*, to: str | None, ontology: str | None, quiet: bool, **given: Any) -> None:
    """Add a claim with its evidence; what is not given is asked for at a terminal.

    It is checked before anything is written, and all of it is written or nothing. What is not there
    yet, a reference or the term that the claim is about, may come with it.

    \b
    Examples:
      calcinosis add claim --to site.ttl --reference doe-2024
      calcinosis add claim --new-reference doe-2024 --new-term "glass skin disease"
    """
    folder = modules_of(Path(ontology)) if ontology else None
    if to is None and modules_of(folder) is None:
        to = "claims.ttl"
    new = _asked({name: value for name, value in given.items() if value}, folder)
    written = add_claim(new, Path(to) if to else None, folder)
    with Out(None, False, quiet, "turtle").writing() as stream:
        stream.write(written)
    if not quiet:
        place = to or str(modules_of(folder))
        then = f"Use it: calcinosis classify CASE --with {to}" if to else _NEXT
        say(f"Written to {place}. {then}", one_line=True)


def _asked(given: dict[str, Any], folder: Path | None) -> NewClaim:
    """The claim that is asked for: by options, and at a terminal by questions."""
    told = {name: given.pop(name) for name in (*_REFERENCE, *_TERM, "author") if name in given}
    given.setdefault("reference", told.get("new_reference"))
    given.setdefault("subject", told.get("new_term"))
    for name, text in _ASKED.items():
        if not given.get(name):
            given[name] = _answer(name, text)
            _offer(name, given[name], told, folder)
    contexts, figures = given.pop("context", ()), given.pop("figure", ())
    return NewClaim(
        **given,
        contexts=contexts,
        figures=figures,
        new_reference=_reference(told),
        new_term=_term(told),
    )


def _offer(name: str, text: str, told: dict[str, Any], folder: Path | None) -> None:
    """Ask for the rest of a reference or term that is not there, if it is to be added."""
    own, rest = {"reference": ("new_reference", _REFERENCE), "subject": ("new_term", _TERM)}.get(
        name, ("", {})
    )
    if not own or not unknown({name: text}, folder):
        return
    what = "reference" if name == "reference" else "term"
    if not click.confirm(f"There is no {what} {text!r} yet. Add it", err=True):
        return
    told[own] = text
    for part, help_ in rest.items():
        if part not in told:
            told[part] = _prompt(help_, optional=True)
    if name == "reference" and "author" not in told:
        said = _prompt("Its authors, as 'Doe, Jane; Roe, Richard'", optional=True)
        told["author"] = tuple(one.strip() for one in said.split(";") if one.strip())


def _reference(told: Mapping[str, Any]) -> NewReference | None:
    if not told.get("new_reference"):
        _refuse_alone({*_REFERENCE, "author"} & told.keys(), "--new-reference")
        return None
    said = {name: told[name] for name in _REFERENCE if told.get(name) and name != "new_reference"}
    return NewReference(told["new_reference"], authors=tuple(told.get("author", ())), **said)


def _term(told: Mapping[str, Any]) -> NewTerm | None:
    if not told.get("new_term"):
        _refuse_alone(_TERM.keys() & told.keys(), "--new-term")
        return None
    said = {name: told.get(name) or "" for name in ("parent", "definition")}
    return NewTerm(told["new_term"], **said, source=told.get("definition_source") or "")


def _refuse_alone(parts: set[str], option: str) -> None:
    if parts:
        where = f"--{min(parts).replace('_', '-')}"
        raise UsageError(f"it goes with {option} alone", where, f"Add {option}, or leave it out")


def _answer(name: str, text: str) -> str:
    if not sys.stdin or not sys.stdin.isatty():
        raise UsageError("it is missing", f"--{name}", text)
    return _prompt(text)


def _prompt(text: str, *, optional: bool = False) -> str:
    words = text.rstrip(".")
    if not optional:
        answer: str = click.prompt(words, err=True)
        return answer
    answer = click.prompt(f"{words} (may be left empty)", default="", show_default=False, err=True)
    return answer.strip()
