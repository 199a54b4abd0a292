"""Judges RO-Crates offline: ``PYTHON crate.py FOLDER …``, PYTHON being that of roc-validator.

roc-validator shares no environment with the other tools, whose needs contradict its own. The
context comes from the package ``rocrate`` beside it, every other address is out of reach. Writes
a JSON list of faults a crate.
"""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any


def main(folders: list[str]) -> None:
    """Judge each folder by all that RO-Crate 1.1 requires and recommends."""
    import requests
    from rocrate_validator.models import Severity, ValidationSettings
    from rocrate_validator.services import validate

    place = find_spec("rocrate")
    assert place is not None
    assert place.origin is not None
    context = (Path(place.origin).parent / "data" / "ro-crate.jsonld").read_bytes()
    address = json.loads(context)["@id"]

    def send(_adapter: Any, request: Any, **_how: Any) -> requests.Response:
        if request.url != address:
            raise requests.ConnectionError(f"{request.url} is out of reach")
        answer = requests.Response()
        answer.status_code, answer.url, answer.request = 200, address, request
        answer.headers["Content-Type"] = "application/ld+json"
        answer._content = context
        return answer

    adapters: Any = requests.adapters
    adapters.HTTPAdapter.send = send
    found = []
    for folder in folders:
        settings = ValidationSettings(
            rocrate_uri=folder,
            profile_identifier="ro-crate-1.1",
            requirement_severity=Severity.RECOMMENDED,
            no_cache=True,
        )
        issues = validate(settings).get_issues()
        found.append([f"{i.severity.name} {i.check.identifier}: {i.message}" for i in issues])
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1:])
