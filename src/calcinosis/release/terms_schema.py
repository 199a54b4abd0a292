"""The JSON Schema of case files with our labels in it, so that editors complete them.

It accepts what ``schemas/case.schema.json`` accepts, one case or a list of them, and only offers
more: where a label may stand, so may any other text. Draft 7, which editors know.
Run as ``python -m calcinosis.release.terms_schema``, with ``--check`` to only compare.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from importlib.resources import files
from typing import Any, Final

from calcinosis import names
from calcinosis.facts.case import LISTS
from calcinosis.facts.laboratory import Laboratory
from calcinosis.facts.suggest import suggestions
from calcinosis.graph.locate import data
from calcinosis.graph.ontology import Ontology, load
from calcinosis.output.files import replacing

NAME: Final = "case-with-terms.schema.json"
ID: Final = names.CC + "schema/case-with-terms-1.json"
_DRAFT: Final = "http://json-schema.org/draft-07/schema#"
_FREE: Final = {"type": "string", "minLength": 1}


def terms_schema(ontology: Ontology) -> dict[str, Any]:
    """The schema for one viewpoint's ontology."""
    text = (files("calcinosis") / "schemas" / "case.schema.json").read_text(encoding="utf-8")
    case = json.loads(text)
    for key in ("$schema", "$id", "title"):
        case.pop(key)
    words = suggestions(ontology)
    tests, units = _laboratory(ontology)
    properties = case["properties"]
    for key in (*LISTS, "excluded"):
        _offer_terms(properties[key], key)
    properties["workup_complete"]["items"] = _offer("workup_complete")
    _object(properties["calcinosis"])["properties"]["sites"]["items"] = _offer("sites")
    laboratory = properties["labs"]["items"]["properties"]
    laboratory["test"] = _offer("tests")
    laboratory["unit"] = {"anyOf": [*_offer("units")["anyOf"], {"type": "null"}]}
    lists = {**words, "tests": tests, "units": units}
    found: dict[str, Any] = _as_draft_7(
        {
            "$schema": _DRAFT,
            "$id": ID,
            "title": "Cases, with the labels of the ontology on offer",
            "description": f"Ontology {ontology.version}. Generated; {_COMMAND}",
            "oneOf": [
                {"$ref": "#/definitions/case"},
                {"type": "array", "items": {"$ref": "#/definitions/case"}},
            ],
            "definitions": {
                "case": case,
                **{key: {"enum": list(found)} for key, found in lists.items()},
            },
        }
    )
    return found


def _laboratory(ontology: Ontology) -> tuple[list[str], list[str]]:
    """The names of all tests, and the codes of all units."""
    analytes = Laboratory(ontology.laboratory, {}).analytes.values()
    units = dict.fromkeys(u.ucum for a in analytes for u in a.units.values())
    return sorted(a.label for a in analytes), sorted(units)


def _offer(key: str) -> dict[str, Any]:
    return {"anyOf": [{"$ref": f"#/definitions/{key}"}, dict(_FREE)]}


def _object(schema: dict[str, Any]) -> dict[str, Any]:
    """The alternative of a schema that is a mapping."""
    found: dict[str, Any] = next(part for part in schema["oneOf"] if part.get("type") == "object")
    return found


def _offer_terms(schema: dict[str, Any], key: str) -> None:
    item = schema["items"]
    _object(item)["properties"]["term"] = _offer(key)
    item["oneOf"] = [_offer(key), _object(item)]


def _as_draft_7(schema: Any) -> Any:
    """The same schema with the one keyword that Draft 7 spells otherwise."""
    if isinstance(schema, list):
        return [_as_draft_7(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: _as_draft_7(part) for key, part in schema.items()}
    if "prefixItems" in found:
        found["items"] = found.pop("prefixItems")
    return found


def text() -> str:
    """The schema of the default viewpoint as the text of its file."""
    return json.dumps(terms_schema(load()), ensure_ascii=False, indent=1) + "\n"


def main(arguments: Iterable[str]) -> int:
    """Write the schema beside the examples, or say whether the one there is current."""
    path = data("examples") / NAME
    wanted = text()
    if "--check" not in arguments:
        with replacing(path) as stream:
            stream.write(wanted)
        return 0
    is_current = path.is_file() and path.read_text(encoding="utf-8") == wanted
    if not is_current:
        sys.stderr.write(f"{path} is out of date; {_COMMAND}\n")
    return 0 if is_current else 1


_COMMAND: Final = "run python -m calcinosis.release.terms_schema"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
