"""What the ending of a file says of its content: one table for all commands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from calcinosis.errors import UsageError

_SPELLINGS: Final = {  # an ending, and what else the same content may end in
    ".jsonl": (".ndjson",),
    ".jsonld": (".json",),
    ".sssom.tsv": (".tsv",),
    ".owl": (".rdf", ".xml"),
    ".xml": (".srx",),
    ".md": (".markdown",),
    ".html": (".htm",),
    ".bib": (".bibtex",),
}


def spelt(ending: str) -> tuple[str, ...]:
    """An ending, and the others that content of its kind may have."""
    return (ending, *_SPELLINGS.get(ending, ()))


FORMATS: Final = {  # no .txt, which may hold any text
    name: spelt(ending)
    for name, ending in {
        "json": ".json",
        "jsonl": ".jsonl",
        "csv": ".csv",
        "tsv": ".tsv",
        "xlsx": ".xlsx",
        "parquet": ".parquet",
        "xml": ".xml",
        "markdown": ".md",
        "html": ".html",
        "ttl": ".ttl",
        "turtle": ".ttl",
        "ntriples": ".nt",
        "jsonld": ".jsonld",
        "bibtex": ".bib",
        "ris": ".ris",
        "csl-json": ".json",
        "svg": ".svg",
        "png": ".png",
        "pdf": ".pdf",
    }.items()
} | {form: (f".{form}.jsonl", ".jsonl") for form in ("phenopacket", "fhir")}
_NO_TEXT: Final = (".xlsx", ".parquet", ".png", ".pdf", ".zip")
_ANY_TEXT: Final = ".txt"

# What exports alone are written as; what is read, and what everybody knows to be of another kind.
_EXPORTS: Final = (".trig", ".owl", ".obo", ".sssom.tsv", ".zip")
_OTHERS: Final = (
    *(".yaml", ".yml", ".xlsm", ".rq", ".sparql", ".pem", ".csl", ".nq", ".n3", ".xls", ".ods"),
    *(".doc", ".docx", ".odt", ".rtf", ".gz", ".bz2", ".xz", ".zst", ".7z", ".tar", ".tgz"),
    *(".sqlite", ".rds", ".jpg", ".jpeg", ".gif", ".eps", ".ps", ".tif", ".tiff"),
)
KNOWN: Final = frozenset(
    (
        *(ending for endings in FORMATS.values() for ending in endings),
        *(ending for known in _EXPORTS for ending in spelt(known)),
        *(*_OTHERS, _ANY_TEXT),
    )
)


def ending_of(output: str | None, more: Sequence[str] = ()) -> str:
    """The longest known ending of a file's name, such as ``.sssom.tsv``; else its last one."""
    name = Path(output or "").name.casefold()
    known = [one for one in {*KNOWN, *more} if name.endswith(one) and name != one]
    return max(known, key=len, default=Path(name).suffix)


def chosen_format(
    asked: str | None,
    output: str | None,
    endings: Mapping[str, Sequence[str]],
    option: str = "",
) -> str | None:
    """The format to write: the one asked for, or the one that the file's ending belongs to.

    ``endings`` are those of each format, its own first; ``option`` stands before a format in
    errors. None if neither says one. UsageError where the ending belongs to another format, here or
    anywhere, or to several and none is asked for.
    """
    if asked is not None and asked not in endings:
        return asked
    ending = ending_of(output, [one for known in endings.values() for one in known])
    meant = [name for name, known in endings.items() if ending in known]
    if asked in meant or (not meant and _may_hold(ending, endings.get(asked or "", ()))):
        return asked
    own = [name for name in meant if endings[name][0] == ending] or meant
    if asked is None and len(own) == 1:
        return own[0]
    raise _refused(asked, str(output), ending, own, endings, option)


def _may_hold(ending: str, own: Sequence[str]) -> bool:
    """Whether what ends otherwise in ``own`` may be in a file of an ending that no format has."""
    return ending not in KNOWN or (ending == _ANY_TEXT and not {*own} & {*_NO_TEXT})


def _refused(
    asked: str | None,
    output: str,
    ending: str,
    meant: Sequence[str],
    endings: Mapping[str, Sequence[str]],
    option: str,
) -> UsageError:
    if not meant:
        ends = dict.fromkeys(known[0] if known else _ANY_TEXT for known in endings.values())
        allowed = endings[asked] or (_ANY_TEXT,) if asked is not None else ends
        return UsageError(
            f"nothing that can be written there ends in {ending}",
            output,
            f"End it in {' or '.join(allowed)}",
        )
    if asked is None:
        return UsageError(
            f"several formats end in {ending}", output, f"Name one of {', '.join(meant)}"
        )
    return UsageError(
        f"its ending is that of {option}{meant[0]}, and {option}{asked} is asked for",
        output,
        f"End it in {' or '.join(endings[asked]) or _ANY_TEXT}, "
        f"or take {option}{' or '.join(meant)}",
    )
