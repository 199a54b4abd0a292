"""What a user gives for the parameters of a look-up, as RDF terms.

Labels, synonyms, CURIEs and IRIs become the IRI of the one term that they name; words are of a
fixed list; names of authors, codes and numbers are literals. Only such terms get into a query,
and pyoxigraph writes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pyoxigraph import Literal, NamedNode

from calcinosis import names
from calcinosis.errors import UsageError, close_to, did_you_mean, quoted
from calcinosis.graph.catalogue import AUTHOR, CODE, NUMBER, WORD, LookUp, Parameter
from calcinosis.graph.codes import as_curie
from calcinosis.graph.lexicon import REFERENCE, Lexicon, kinds_of
from calcinosis.graph.results import TakenParameter

Given = Mapping[str, str | int | None]
Value = NamedNode | Literal

_LONGEST: Final = 200


def terms(look_up: LookUp, given: Given, lexicon: Lexicon) -> dict[str, Value | None]:
    """A term for every parameter of a look-up, the default where none is given.

    UsageError for a parameter that the look-up does not have, and for a value that names nothing,
    with the nearest that do.
    """
    known = {parameter.name: parameter for parameter in look_up.parameters}
    for name in given:
        if name not in known:
            raise UsageError(
                f"the look-up {look_up.name} has no parameter {quoted(name)}",
                "query",
                f"It has: {', '.join(known) or 'none'}",
            )
    found: dict[str, Value | None] = {}
    for name, parameter in known.items():
        value = given.get(name)
        chosen = parameter.default if value is None else str(value)
        found[name] = None if chosen is None else _term(parameter, chosen, lexicon)
    return found


def taken_parameters(
    look_up: LookUp, given: Given, values: Mapping[str, Value | None], lexicon: Lexicon
) -> tuple[TakenParameter, ...]:
    """The parameters of a look-up in words: what each was taken for, and whether by default."""
    found = []
    for parameter in look_up.parameters:
        value = values[parameter.name]
        label = None if value is None else value.value
        code = None
        if isinstance(value, NamedNode):
            entry = lexicon.entries[value.value]
            label = entry.label
            code = f"{'ref' if entry.kind == REFERENCE else 'calc'}:{entry.id}"
        default = given.get(parameter.name) is None
        found.append(TakenParameter(parameter.name, label, code, default))
    return tuple(found)


def _term(parameter: Parameter, value: str, lexicon: Lexicon) -> Value:
    if len(value) > _LONGEST:
        raise UsageError(
            f"the value is longer than {_LONGEST} characters", parameter.option, "Shorten it"
        )
    if any("\ud800" <= sign <= "\udfff" for sign in value):
        raise UsageError(
            f"{quoted(value)} is not text in UTF-8", parameter.option, "Write it in UTF-8"
        )
    if parameter.type == WORD:
        return Literal(_word(parameter, value))
    if parameter.type == AUTHOR:
        return Literal(value)
    if parameter.type == NUMBER:
        return Literal(_number(parameter, value))
    if parameter.type == CODE:
        return Literal(":".join(as_curie(value) or (value,)))
    return NamedNode(lexicon.resolve(value, kinds_of(parameter.type), parameter.option).iri)


def _word(parameter: Parameter, value: str) -> str:
    words = {_plain(word): word for word in parameter.values}
    if _plain(value) in words:
        return words[_plain(value)]
    near = (words[word] for word in close_to(_plain(value), words, 1))
    raise UsageError(
        f"{quoted(value)} is none of the values",
        parameter.option,
        did_you_mean(near, then=f"Known: {', '.join(parameter.values)}"),
    )


def _plain(word: str) -> str:
    return names.normal(word).replace("-", " ")


def _number(parameter: Parameter, value: str) -> int:
    try:
        return int(value) if len(value) < 10 else int("refused")
    except ValueError as error:
        raise UsageError(
            f"{quoted(value)} is no whole number", parameter.option, "Give digits, such as 2010"
        ) from error
