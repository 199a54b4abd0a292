"""Words of records for whether and when something was there, and small helps with values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

NOT_SURE: Final = (
    "preliminary", "provisional", "suspected", "possible", "probable", "differential", "rule out",
    "to be diagnosed", "unconfirmed",
)  # fmt: skip
"""Statuses of what is not sure to be there."""
OVER: Final = ("resolved", "history", "remission", "inactive")
"""Statuses of what was there before."""
PRESENCE_WORDS: Final = {
    **dict.fromkeys(("present", "positive", "detected", "yes", "true", "observed"), True),
    **dict.fromkeys(("absent", "negative", "not detected", "no", "false", "not observed"), False),
}


def mapping(value: object) -> Mapping[str, Any]:
    """A mapping; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[Any]:
    """The mappings of a list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def shown(value: object) -> str:
    """Any value in few words."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 200 else f"{text[:199]}…"


def camelled(value: Any) -> Any:
    """A value with its keys as JSON has them; itself where no key has an underscore."""
    if isinstance(value, dict):
        return {camel(key): camelled(one) for key, one in value.items()}
    return [camelled(one) for one in value] if isinstance(value, list) else value


def camel(key: Any) -> Any:
    """A key as JSON has it.

    >>> camel("phenotypic_features")
    'phenotypicFeatures'
    """
    if not isinstance(key, str) or "_" not in key:
        return key
    first, *others = key.split("_")
    return first + "".join(one[:1].upper() + one[1:] for one in others)
