"""Phenopackets as protobuf has them, to the values that their JSON would have.

The package ``phenopackets`` is imported when such a message comes.
"""

from __future__ import annotations

from typing import Any, Final, Protocol

from calcinosis.errors import InputError, to_install
from calcinosis.facts.boundary import foreign

SUFFIX: Final = ".pb"
_SCHEMA: Final = "org.phenopackets.schema."
_KINDS: Final = ("Phenopacket", "Family", "Cohort")
_MISSING: Final = "phenopackets in protobuf need a package that is not installed"
_CURE: Final = "Write the phenopacket, family or cohort anew, or as JSON"


class Message(Protocol):
    """A message of protobuf in memory."""

    @property
    def DESCRIPTOR(self) -> Any:  # noqa: N802 (its name there)
        """What kind of message it is."""


def is_message(value: object) -> bool:
    """Whether a value is a phenopacket, a family or a cohort in memory."""
    named = getattr(getattr(type(value), "DESCRIPTOR", None), "full_name", "")
    return isinstance(named, str) and named.startswith(_SCHEMA)


def of_message(message: object) -> dict[str, Any]:
    """The value that the JSON of a message has."""
    from google.protobuf.json_format import MessageToDict

    found: dict[str, Any] = MessageToDict(message)
    return found


def of_bytes(data: bytes, where: str) -> dict[str, Any]:
    """The value of a message; InputError if it is none, or nothing here can read it.

    Bytes do not say of what kind they are: that is taken which leaves least unread.
    """
    try:
        import phenopackets
    except ImportError as error:
        cure = f"Install it: {to_install('phenopacket')}; or write them as JSON"
        raise InputError(_MISSING, where, cure) from error
    found = [_parsed(getattr(phenopackets, kind), data, where) for kind in _KINDS]
    kept, message = max(found, key=lambda one: one[0])
    if message is None or kept == 0 or kept < len(data) // 2:
        raise InputError("this is no phenopacket in protobuf", where, _CURE)
    with foreign("this protobuf", where, _CURE):
        return of_message(message)


def _parsed(kind: Any, data: bytes, where: str) -> tuple[int, Any]:
    """How many bytes a kind of message understands of the data, and the message."""
    message = kind()
    try:
        with foreign("this protobuf", where, _CURE):
            message.ParseFromString(data)
            message.DiscardUnknownFields()
            return message.ByteSize(), message
    except InputError:
        return 0, None


def may_be(data: bytes) -> bool:
    """Whether bytes without a name may be a message: no text, and its first field is an id."""
    if not data.startswith(b"\n"):
        return False
    try:
        return "\x00" in data.decode()
    except UnicodeDecodeError:
        return True
