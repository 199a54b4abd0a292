"""Look-ups that other commands take by ``--query``, with ``--with`` for their parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from calcinosis.errors import UsageError


def set_by(texts: Iterable[str]) -> dict[str, str]:
    """The parameters that ``--with NAME=VALUE`` sets; UsageError for what sets none."""
    found = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign:
            raise UsageError(f"{text!r} sets no parameter", "--with", "Write NAME=VALUE")
        found[name] = value
    return found


def refuse_parameters(
    queries: Iterable[str], set_by_with: Mapping[str, str], given: Mapping[str, tuple[str, ...]]
) -> None:
    """UsageError where an option is given that a look-up has a parameter for.

    ``calcinosis query`` takes it as that parameter; here it would widen the answer instead.
    """
    from calcinosis.api import Catalogue

    for query in queries:
        for parameter in Catalogue().look_up(query).parameters:
            values = given.get(parameter.name)
            if values and parameter.name not in set_by_with:
                raise UsageError(
                    f"beside --query {query} it would add references, not restrict the answer",
                    parameter.option,
                    f"Write --with {_setting(parameter.name, values[0])}",
                )


def _setting(name: str, value: str) -> str:
    import shlex

    return shlex.quote(f"{name}={value}")


def put_together(queries: Iterable[str], given: Mapping[str, tuple[str, ...]]) -> str:
    """A line to say where look-ups and other things asked for are put together, else nothing.

    ``given`` holds what else is asked for, by option.
    """
    asked = [f"--query {name}" for name in queries]
    others = [f"{option} {value}" for option, values in given.items() for value in values]
    if not asked or not others:
        return ""
    both = " and ".join((", ".join(asked), ", ".join(other.strip() for other in others)))
    return f"Put together: {both}. A parameter of the look-up is set by --with NAME=VALUE.\n"
