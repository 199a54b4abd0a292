"""What the shell completes when Tab is pressed: names of terms, references, look-ups, styles.

Every value offered begins with what was typed, so that no shell takes anything away, and needs no
quotes: an underscore stands for a space, as everywhere that a term is asked for.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    add_completion_class,
    split_arg_string,
)

from calcinosis.api import Settings, normal
from calcinosis.errors import CalcinosisError

if TYPE_CHECKING:
    from calcinosis.api import Entry, Lexicon, Parameter

Completer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]

_BARE: Final = re.compile(r"[\w.+/-]+(?: [\w.+/-]+)*")
"""A name in which no shell, and no script between, sees anything but letters and spaces."""


def files(_ctx: click.Context, _param: click.Parameter, typed: str) -> list[CompletionItem]:
    """The files that the shell knows."""
    return [CompletionItem(typed, type="file")]


def viewpoints(ctx: click.Context, _param: click.Parameter, typed: str) -> list[CompletionItem]:
    """The viewpoints of the ontology folder."""
    from calcinosis.api import viewpoints as known

    folder = ctx.params.get("ontology")
    try:
        return _beginning(known(Path(folder) if folder else None), typed)
    except CalcinosisError:
        return []


def styles(_ctx: click.Context, _param: click.Parameter, typed: str) -> list[CompletionItem]:
    """The citation styles by name, or files where none begins so."""
    from calcinosis.output.references.styles import PLAIN, STYLES

    found = _beginning(sorted((PLAIN, *STYLES)), typed)
    return found or [CompletionItem(typed, type="file")]


def look_ups(_ctx: click.Context, _param: click.Parameter, typed: str) -> list[CompletionItem]:
    """The named look-ups, with what each answers."""
    from calcinosis.api import Catalogue

    known = {k: v for group in Catalogue().summaries().values() for k, v in group.items()}
    return [CompletionItem(k, help=known[k]) for k in sorted(known) if k.startswith(typed)]


def settings(ctx: click.Context, _param: click.Parameter, typed: str) -> list[CompletionItem]:
    """``NAME=VALUE`` for the parameters of the look-ups that were named."""
    from calcinosis.api import Catalogue

    try:
        asked = [Catalogue().look_up(name) for name in ctx.params.get("queries") or ()]
    except CalcinosisError:
        return []
    parameters = {p.name: p for look_up in asked for p in look_up.parameters}
    name, sign, start = typed.partition("=")
    chosen = [known for known in parameters if (known == name if sign else known.startswith(name))]
    if len(chosen) != 1:
        return [CompletionItem(f"{n}=", help=parameters[n].description) for n in chosen]
    found = _values(ctx, parameters[chosen[0]], start)
    if not found and not sign:
        return [CompletionItem(f"{chosen[0]}=")]
    return [CompletionItem(f"{chosen[0]}={item.value}", help=item.help) for item in found]


def value(parameter: Parameter) -> Completer:
    """The values of one parameter of a look-up."""

    def complete(ctx: click.Context, _param: click.Parameter, typed: str) -> list[CompletionItem]:
        return _values(ctx, parameter, typed)

    return complete


def term(*kinds: str) -> Completer:
    """The names of terms of some kinds, or of all; a name may go over several words."""

    def complete(ctx: click.Context, param: click.Parameter, typed: str) -> list[CompletionItem]:
        before = ctx.params.get(param.name or "") if param.nargs == -1 else None
        return _terms(ctx, kinds, typed, " ".join(before or ()))

    return complete


def keys(ctx: click.Context, _param: click.Parameter, typed: str) -> list[CompletionItem]:
    """The keys of references, with author, year and title."""
    from calcinosis.api import REFERENCE

    return _terms(ctx, (REFERENCE,), typed)


def _values(ctx: click.Context, parameter: Parameter, typed: str) -> list[CompletionItem]:
    from calcinosis.api import KINDS, kinds_of

    if parameter.values:
        return _beginning(parameter.values, typed)
    kinds = kinds_of(parameter.type)
    return _terms(ctx, kinds, typed) if set(kinds) <= set(KINDS) else []


def _beginning(words: Iterable[str], typed: str) -> list[CompletionItem]:
    start = normal(typed)
    return [CompletionItem(word) for word in words if normal(word).startswith(start)]


def _terms(
    ctx: click.Context, kinds: Collection[str], typed: str, before: str = ""
) -> list[CompletionItem]:
    """Names that begin with the words before and what was typed, without the words before.

    Without a beginning, the names of one kind or two are offered, but not those of everything.
    """
    if not typed and not before and not 0 < len(kinds) < 3:
        return []
    try:
        lexicon = _lexicon(ctx)
    except CalcinosisError:
        return []
    found = sorted(_offers(lexicon, kinds, typed, normal(before)), key=itemgetter(0))
    return [CompletionItem(word, help=_told(entry)) for word, entry in found]


def _offers(
    lexicon: Lexicon, kinds: Collection[str], typed: str, before: str
) -> Iterator[tuple[str, Entry]]:
    start = f"{before} {normal(typed)}" if before else normal(typed)
    there = len(before.split())
    for entry in lexicon.of(kinds):
        for word in _words(entry):
            if (
                normal(word).startswith(start)
                and _BARE.fullmatch(word)
                and len(lexicon.find(word, kinds)) == 1
            ):
                yield "_".join(word.split()[there:]), entry
                break


def _words(entry: Entry) -> Iterable[str]:
    from calcinosis.api import REFERENCE

    return (entry.id,) if entry.kind == REFERENCE else entry.words


def _told(entry: Entry) -> str:
    from calcinosis.api import REFERENCE

    if entry.kind == REFERENCE:
        return ". ".join((entry.label, *entry.synonyms[:1]))
    return f"{entry.label} ({entry.kind})"


def _lexicon(ctx: click.Context) -> Lexicon:
    from calcinosis.api import Lexicon, load_ontology

    folder = ctx.params.get("ontology")
    laid = [Path(path) for path in ctx.params.get("overlays") or () if path.endswith(".ttl")]
    viewpoint = ctx.params.get("viewpoint") or Settings().viewpoint
    return Lexicon(load_ontology(viewpoint, Path(folder) if folder else None, None, laid))


class _Bash(BashComplete):
    """Bash parts words at ``=``: they are put together again, and it gets what follows the sign."""

    def get_completion_args(self) -> tuple[list[str], str]:
        place = int(os.environ["COMP_CWORD"])
        words = split_arg_string(os.environ["COMP_WORDS"])[: place + 1]
        joined: list[str] = []
        for word in (*words, *[""] * (place + 1 - len(words))):
            if len(joined) > 1 and (word == "=" or joined[-1].endswith("=")):
                joined[-1] += word
            else:
                joined.append(word)
        self._parted = "=" in joined[-1]
        return joined[1:-1], joined[-1]

    def format_completion(self, item: Any) -> str:
        word = item.value.rpartition("=")[2] if self._parted else item.value
        return f"{item.type},{word}"


add_completion_class(_Bash)
