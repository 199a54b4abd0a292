"""A command whose options of one value are given once: the last of two never wins in silence."""

from __future__ import annotations

from collections import Counter
from typing import Any

import click

from calcinosis.errors import UsageError


class Command(click.Command):
    """As click's, but an option of one value that is repeated is a UsageError."""

    def make_parser(self, ctx: click.Context) -> Any:
        """The parser of the command's options."""
        parser = super().make_parser(ctx)
        parse = parser.parse_args

        def checked(args: list[str]) -> Any:
            found = parse(args)
            if not ctx.resilient_parsing:
                _refuse_repeated(found[2])
            return found

        parser.parse_args = checked  # type: ignore[method-assign]
        return parser


def _refuse_repeated(given: list[click.Parameter]) -> None:
    for parameter, times in Counter(given).items():
        if times == 1 or not isinstance(parameter, click.Option):
            continue
        if not (parameter.multiple or parameter.count or parameter.is_flag):
            name = max(parameter.opts, key=len)
            raise UsageError(f"it is given {times} times", name, "Give it once, with one value")
