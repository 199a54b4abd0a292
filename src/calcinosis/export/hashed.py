"""A hash of what a claim says, which changes when the claim does; its id never changes."""

from __future__ import annotations

import json
from hashlib import sha256

from calcinosis.graph.claims import Association


def claim_hash(claim: Association) -> str:
    """32 hexadecimal digits of the SHA-256 of subject, predicate, object, contexts, statement.

    The order of contexts does not matter; citations and labels do not enter.
    """
    said = [
        claim.subject,
        claim.predicate,
        claim.object,
        sorted(claim.contexts),
        claim.statement,
    ]
    text = json.dumps(said, ensure_ascii=True, separators=(",", ":"))
    return sha256(text.encode("ascii")).hexdigest()[:32]
