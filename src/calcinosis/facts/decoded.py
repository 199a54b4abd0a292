"""The text of a file that should be UTF-8."""

from __future__ import annotations

from calcinosis.errors import InputError


def decoded(data: bytes, where: str) -> str:
    """UTF-8 text, with or without a byte order mark; InputError for anything else."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError("the text is UTF-16 or UTF-32", where, "Save it as UTF-8")
    if b"\x00" in data[:4096]:
        raise InputError("this is binary", where, "Give YAML, JSON or JSON Lines as UTF-8 text")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        place = where if line == 1 and data.count(b"\n") <= 1 else f"{where}, line {line}"
        raise InputError("the text is not UTF-8", place, "Save it as UTF-8") from error
