"""What a clerk can be asked: to judge, to explain, to tell how a sheet is read."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any, Final

from calcinosis.api import TABLES, Result, Sheet, sheet_map
from calcinosis.api.written import Counting, Written, explanations_page
from calcinosis.errors import InputError, OurFaultError
from calcinosis.web.clerk_cohort import COHORT
from calcinosis.web.clerk_pages import PAGES, warming
from calcinosis.web.desk import Answered, Asked, Desk
from calcinosis.web.remarks import remarked
from calcinosis.web.wording import reworded

Verb = Callable[[Desk, Asked, Sequence[str]], Answered]

_MANY: Final = 1_000  # faults that are told


def prepare() -> None:
    """Load what a process that opens no file but its own could not load later."""
    import difflib  # noqa: F401
    import mimetypes

    import openpyxl  # noqa: F401 (with numpy where it is, which opens libraries of the system)

    mimetypes.init()  # openpyxl asks for the system's list


def warming_up() -> list[Asked]:
    """Requests that load what others need, when they are answered."""
    from calcinosis.api.examples import examples

    case = json.dumps(examples()[0]["case"]).encode()
    file = {"name": "cases.json", "data": base64.b64encode(case).decode("ascii")}
    shared = {"settings": {}, "strict": False, "kind": "", "visit": "", "mapped": False}
    asked = {**shared, "files": [file], "memory": 1 << 20, "shape": "long", "explain": False}
    forms = [{**asked, "verb": "classify", "form": form} for form in ("json", "html", "xlsx")]
    text = {"settings": {}, "verb": "propose", "memory": 1 << 20, "text": "No pain."}
    why = {"subtype": None, "id": None, "on_conflict": "report"}
    return [*forms, text, {**asked, "verb": "explain", "form": "html", **why}, *warming()]


def folders() -> list[Path]:
    """Folders of the package's data beside the ontology."""
    from calcinosis.api.examples import published

    return [published().parent]


def _classify(desk: Desk, asked: Asked, paths: Sequence[str]) -> Answered:
    kg, form = desk.graph(asked["settings"]), asked["form"]
    refused: list[InputError] = []
    counting = Counting(kg)

    def refuse(error: InputError) -> None:
        _check_room([error])
        refused.append(reworded(error))
        if form in _COUNTED:
            counting.refuse(error)

    with remarked() as remarks:
        verdicts = kg.stream(
            _inputs(paths, asked),
            strict=asked["strict"],
            kind=asked["kind"],
            explain=asked["explain"] or form in _ANNOTATED,
            refused=refuse,
        )
        cases = _Seen(verdicts)
        body = _body(Written(kg, verdicts, cases, counting, asked["shape"]), form)
    head = {"count": cases.count, "refused": _faults(refused), "remarks": remarks[:_MANY]}
    if form == "outcome":
        body = _outcome(body, head)
    return {"kind": "answer", **head}, body


class _Seen:
    """Verdicts as they go by, counted."""

    def __init__(self, cases: Any) -> None:
        self._cases = cases
        self.count = 0

    def __iter__(self) -> Iterator[Any]:
        for case in self._cases:
            self.count += 1
            yield case


def _explain(desk: Desk, asked: Asked, paths: Sequence[str]) -> Answered:
    kg = desk.graph(asked["settings"])
    with remarked() as remarks:
        found = kg.explain(
            _inputs(paths, asked),
            asked["subtype"],
            identifier=asked["id"],
            on_conflict=asked["on_conflict"],
            strict=asked["strict"],
            kind=asked["kind"],
        )
    _check_room(found.refused)
    head = {"count": len(found), "refused": _faults(found.refused), "remarks": remarks[:_MANY]}
    if asked["form"] == "html":
        return {"kind": "answer", **head}, explanations_page(kg, found).encode()
    return {"kind": "answer", **head}, (found.to_json() + "\n").encode()


def _map(desk: Desk, asked: Asked, paths: Sequence[str]) -> Answered:
    kg = desk.graph(asked["settings"])
    with remarked() as remarks:
        found = sheet_map(kg, paths[0])
    return {"kind": "answer", "count": 1, "refused": [], "remarks": remarks}, found.encode()


def _propose(desk: Desk, asked: Asked, _paths: Sequence[str]) -> Answered:
    from calcinosis.api.proposed import proposals

    found = proposals(desk.graph(asked["settings"]), asked["text"])
    body = (json.dumps(found, ensure_ascii=False, indent=1) + "\n").encode()
    return {"kind": "answer", "count": 1, "refused": [], "remarks": []}, body


def _cite(desk: Desk, asked: Asked, _paths: Sequence[str]) -> Answered:
    found = desk.graph({}).cite(
        *asked["keys"],
        subtype=asked["subtype"] or None,
        condition=asked["condition"] or None,
        below=asked["below"],
    )
    writes = {"bibtex": found.bibtex, "ris": found.ris, "csl-json": found.csl_json}
    form = asked["form"]
    text = writes[form]() if form in writes else found.text(asked["style"])
    return {"kind": "answer"}, text.encode("utf-8", "replace")


def _tool(desk: Desk, asked: Asked, _paths: Sequence[str]) -> Answered:
    from calcinosis.web.assistant_clerk import reply

    found = reply(desk.graph({}), asked["name"], asked["arguments"])
    return {"kind": "answer"}, json.dumps(found, ensure_ascii=False).encode("utf-8", "replace")


def _export(desk: Desk, asked: Asked, _paths: Sequence[str]) -> Answered:
    return {"kind": "answer"}, bytes(desk.graph(asked["settings"]).export(asked["form"]))


def _inputs(paths: Sequence[str], asked: Asked) -> list[str | Sheet]:
    """What was sent, each table with how to read it; the mapping is the last where there is one."""
    mapping = paths[-1] if asked["mapped"] else None
    sent = paths[:-1] if asked["mapped"] else paths
    return [
        Sheet(path, mapping, asked["visit"])
        if PurePath(path).suffix.casefold() in TABLES and (mapping or asked["visit"])
        else path
        for path in sent
    ]


def _check_room(refused: Sequence[InputError]) -> None:
    """MemoryError where one was refused for want of memory: the rest would be no whole answer."""
    for error in refused:
        if isinstance(error.__cause__, MemoryError):
            raise MemoryError


def _faults(refused: Sequence[InputError]) -> list[dict[str, Any]]:
    """What was wrong with what was refused, where, and the cure; of faults of ours no words."""
    none: Any = None
    shown = (
        InputError("this program stumbled over it", one.where, one.cure)
        if isinstance(one, OurFaultError)
        else reworded(one)
        for one in refused
    )
    return Result(none, (), tuple(shown)).faults()[:_MANY]


def _outcome(body: bytes, head: Mapping[str, Any]) -> bytes:
    """The result with what was refused and remarked beside it."""
    told = {"result": json.loads(body), "refused": head["refused"], "remarks": head["remarks"]}
    return (json.dumps(told, ensure_ascii=False) + "\n").encode()


def _annotated(written: Written, form: str) -> Iterator[Mapping[str, Any]]:
    """What came in, with the verdicts beside it."""
    from calcinosis.output.exchange import fhir, phenopacket

    why = written.verdicts.why
    assert why is not None
    write_each = {"phenopacket": phenopacket.packets, "fhir": fhir.bundles}[form]
    return write_each(written.kg.ontology, map(why, written.cases))


def _body(written: Written, form: str) -> bytes:
    if form in _ANNOTATED:
        found = (json.dumps(one, ensure_ascii=False) for one in _annotated(written, form))
        return "".join(f"{line}\n" for line in found).encode()
    return written.in_bytes("json" if form == "outcome" else form)


_ANNOTATED: Final = ("phenopacket", "fhir")
_COUNTED: Final = ("xlsx", "html", "markdown")
VERBS: Final[dict[str, Verb]] = {
    "classify": _classify,
    "explain": _explain,
    "map": _map,
    "cite": _cite,
    "export": _export,
    "tool": _tool,
    "propose": _propose,
    **PAGES,
    **COHORT,
}
