"""References as RIS, which reference managers import.

The tags are those that both Zotero and bibutils read: JF and BT for what a text is part of,
ED for editors, AN for the PMID, C2 for the PMCID. A comma ends the family name in RIS and
cannot be escaped, so a semicolon stands for it in the name of a body.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from calcinosis.graph.claims import Reference
from calcinosis.output.references import csl

_TYPES = {
    "article-journal": ("JOUR", "JF"),
    "chapter": ("CHAP", "BT"),
    "paper-conference": ("CONF", "BT"),
    "webpage": ("ELEC", "T2"),
}
_FIELDS = {
    "volume": "VL",
    "issue": "IS",
    "edition": "ET",
    "publisher": "PB",
    "publisher-place": "CY",
    "DOI": "DO",
    "PMID": "AN",
    "PMCID": "C2",
    "URL": "UR",
    "note": "N1",
}


def write(references: Iterable[Reference]) -> str:
    """The references as a RIS file."""
    return "".join(map(record, references))


def record(reference: Reference) -> str:
    """One reference as a RIS record."""
    item = csl.item(reference)
    kind, container = _TYPES.get(item["type"], ("GEN", "T2"))
    fields = [
        ("TY", kind),
        ("ID", item["id"]),
        *_names(item),
        ("TI", item["title"]),
        (container, item.get("container-title", "")),
        ("PY", str(item["issued"]["date-parts"][0][0]) if "issued" in item else ""),
        ("SP", csl.line(reference.first_page)),
        ("EP", csl.line(reference.last_page)),
        *((tag, item.get(field, "")) for field, tag in _FIELDS.items()),
    ]
    lines = [f"{tag}  - {value}" for tag, value in fields if value]
    return "\n".join([*lines, "ER  - ", "", ""])


def _names(item: csl.Item) -> Iterator[tuple[str, str]]:
    """Authors and editors; that a list goes on is said by the note."""
    for role, tag in (("author", "AU"), ("editor", "ED")):
        for name in item.get(role, ()):
            if name != csl.OTHERS:
                yield tag, _name(name)


def _name(name: csl.Name) -> str:
    if "literal" in name:
        return name["literal"].replace(",", ";")
    family = (name.get("non-dropping-particle", ""), name["family"])
    given = (name.get("given", ""), name.get("dropping-particle", ""))
    parts = (" ".join(family), " ".join(given), name.get("suffix", ""))
    written = ", ".join(part.replace(",", ";").strip() for part in parts if part.strip())
    # Without a comma, readers take all but the last word for given names.
    return written if ", " in written or " " not in written else f"{written},"
