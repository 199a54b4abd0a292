"""Signatures on nanopublications: RSA keys, as the nanopublication network takes them."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from calcinosis.errors import MissingProgramError, UsageError, to_install
from calcinosis.output.selection import Files, Selection

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

_ORCID: Final = re.compile(r"(?:https?://orcid\.org/)?(\d{4}-\d{4}-\d{4}-\d{3}[\dX])/?")


class Signer:
    """Who signs, by an ORCID, and with which key.

    UsageError for what is no ORCID or no RSA private key; MissingProgramError where the package
    that signs is not installed.
    """

    def __init__(self, key: str | Path, creator: str) -> None:
        self.creator = orcid(creator)
        self._key = _read(Path(key))

    @property
    def public_key(self) -> str:
        """The public key, in the form that nanopublications state it."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        public = self._key.public_key()
        return _base64(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))

    def sign(self, text: str) -> str:
        """The signature of a text; the same whenever it is made."""
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.hashes import SHA256

        return _base64(self._key.sign(text.encode(), PKCS1v15(), SHA256()))


def orcid(text: str) -> str:
    """The address of an ORCID; UsageError for what is none, or has a letter wrong.

    >>> orcid("0000-0002-1825-0097")
    'https://orcid.org/0000-0002-1825-0097'
    """
    found = _ORCID.fullmatch(text.strip())
    if found is None or _check(found[1][:-1].replace("-", "")) != found[1][-1]:
        raise UsageError(
            f"{text!r} is not an ORCID", "--creator", "Write it as 0000-0002-1825-0097"
        )
    return f"https://orcid.org/{found[1]}"


def _check(digits: str) -> str:
    """The last character of an ORCID, by ISO 7064 (MOD 11-2)."""
    total = 0
    for digit in digits:
        total = (total + int(digit)) * 2
    rest = (12 - total % 11) % 11
    return "X" if rest == 10 else str(rest)


def _read(path: Path) -> RSAPrivateKey:
    """The key of a PEM file, or of one that holds only what stands between PEM's lines."""
    try:
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.serialization import (
            load_der_private_key,
            load_pem_private_key,
        )
    except ImportError as error:
        raise MissingProgramError(
            "signing needs the package cryptography",
            "--sign-key",
            f"Install it: {to_install('nanopub')}",
        ) from error
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"the key cannot be read ({error.strerror})", str(path), "Name the file of a key"
        ) from error
    try:
        if content.lstrip().startswith(b"-----BEGIN"):
            key = load_pem_private_key(content.strip() + b"\n", None)
        else:
            key = load_der_private_key(base64.b64decode(b"".join(content.split())), None)
    except (ValueError, TypeError) as error:
        raise _refused(path) from error
    if not isinstance(key, RSAPrivateKey):
        raise _refused(path)
    return key


def _refused(path: Path) -> UsageError:
    return UsageError(
        "this is not an RSA private key without a passphrase",
        str(path),
        "Make one: openssl genrsa -out FILE 2048",
    )


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


SigningWriter = Callable[[Selection, Signer], Files]
"""What writes a format, and signs it."""
