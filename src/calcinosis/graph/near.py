"""What to offer where a look-up finds nothing: the codes and authors nearest to what was asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from calcinosis.errors import close_to, quoted
from calcinosis.graph.claims import Reference
from calcinosis.graph.terms import Mapping as Code
from calcinosis.graph.viewpoints import Viewpoint

_COUNT: Final = 3
_LIKE: Final = 0.7
_CODE_LIKE: Final = 0.8


def codes(value: str, mappings: Iterable[Code]) -> str:
    """That a code is mapped to no term, the vocabularies that are, and the nearest codes."""
    labels: dict[str, str] = {}
    for mapping in mappings:
        labels[mapping.object] = labels.get(mapping.object) or mapping.label
    known = sorted({code.partition(":")[0] for code in labels}, key=str.casefold)
    prefix = value.partition(":")[0].casefold()
    own = [code for code in labels if code.partition(":")[0].casefold() == prefix]
    near = _close(value, {code: code for code in own}, _CODE_LIKE)
    near += _close(value, {label: code for code, label in labels.items() if label}, _LIKE)
    told = [f"{code} ({labels[code]})" if labels[code] else code for code in dict.fromkeys(near)]
    nearest = f"Nearest: {'; '.join(told[:_COUNT])}." if told else "No code or label is near to it."
    vocabularies = f"The vocabularies known are {', '.join(known)}."
    return f"{quoted(value)} is mapped to no term of this graph. {vocabularies} {nearest}"


def viewpoints(subtype: str, loaded: str, views: Iterable[Viewpoint]) -> str:
    """That the loaded viewpoint does not define a subtype, and which viewpoints do."""
    views = list(views)
    known = {view.name: {one.id for one in view.subtypes} for view in views}
    if subtype in known.get(loaded, ()):
        return ""
    others = [name for name, ids in known.items() if subtype in ids]
    who = f"Defined by --viewpoint {' or '.join(others)}." if others else "No viewpoint defines it."
    return f"The viewpoint {loaded} does not define it. {who}"


def authors(value: str, bibliography: Mapping[str, Reference]) -> str:
    """That no author or editor has such a name, and the nearest that there are."""
    families = {
        author.family
        for reference in bibliography.values()
        for author in (*reference.authors, *reference.editors)
    }
    near = _close(value, {family: family for family in sorted(families)}, _LIKE)
    nearest = f"Nearest: {', '.join(near)}." if near else "No name is near to it."
    return f"No author or editor has {quoted(value)} in the family name. {nearest}"


def _close(value: str, words: Mapping[str, str], cutoff: float) -> list[str]:
    """What the words that are most like the value stand for, best first."""
    folded: dict[str, str] = {}
    for word, meant in words.items():
        folded.setdefault(word.casefold(), meant)
    found = close_to(value.casefold(), folded, _COUNT, cutoff)
    return [folded[word] for word in found]
