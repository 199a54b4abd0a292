"""References as text in a citation style, by its CSL file and citeproc-py.

What citeproc-py leaves undone is done here, each with its reason in the class: a list of
names that goes on, a title that stands in for the authors, page ranges of unequal length,
capitals in labels. Not done, by either: letters that tell the works of one year apart
(2009a), which only a text with citations needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any, Final

from citeproc import (  # reads the CSL files
    Citation,
    CitationItem,
    CitationStylesBibliography,
    CitationStylesStyle,
    formatter,
    model,
)
from citeproc.source.json import CiteProcJSON
from lxml import etree

from calcinosis.errors import UsageError
from calcinosis.graph.claims import Reference
from calcinosis.output.references import csl, styles

_CSL: Final = "http://purl.org/net/xbiblio/csl"
_NAMES_WITHOUT_FORM: Final = "//cs:names[not(cs:name) and not(parent::cs:substitute)]"
_NUMBER = re.compile(r"([\[(]?\d+[\])]?\.?)(?=[^\s\d])")
_QUOTED_STOP = re.compile(r"(?<=[.?!])”\.")
_MARK_AND_STOP = re.compile(r"([?!])(?:\.(?=\s|$)|[.,](?=[’'”]))")
_QUOTED_MARK = re.compile(r"”([.,])")


class _Name(model.Name):  # type: ignore[misc]
    """A list of names that goes on ends with the style's own "et al."."""

    def process(
        self,
        item: Any,
        variable: str,
        context: Any = None,
        sort_options: Any = None,
        **extra: Any,
    ) -> Any:
        names = item.reference.get(variable, [])
        if len(names) < 2 or dict(names[-1]) != csl.OTHERS:
            return super().process(item, variable, context, sort_options, **extra)
        before = dict(self.attrib)
        shown, least = len(names) - 1, self.get_option("et-al-min", context, sort_options)
        if least and len(names) >= least:
            shown = min(shown, self.get_option("et-al-use-first", context, sort_options))
        self.attrib.update(
            {"et-al-min": "2", "et-al-use-first": str(shown), "et-al-use-last": "false"}
        )
        try:
            return super().process(item, variable, context, sort_options, **extra)
        finally:
            self.attrib.clear()
            self.attrib.update(before)


class _Text(model.Text):  # type: ignore[misc]
    """Notes what is printed in the place of authors; keeps unequal ranges of pages whole."""

    def _variable(self, item: Any, context: Any) -> Any:
        text = super()._variable(item, context)
        standing_in = context.get_layout().standing_in
        if text and standing_in is not None:
            standing_in.append(self.get("variable"))
        return text

    def _format_last_page(self, first: str, last: str) -> Any:
        """The last page as the style shortens it, but 1-12 in full, never as 1-2."""
        return super()._format_last_page(first, last) if len(first) == len(last) else last


class _Substitute(model.Substitute):  # type: ignore[misc]
    """What stands in for missing authors is not printed a second time."""

    def render(self, item: Any, context: Any = None, **extra: Any) -> Any:
        layout = context.get_layout()
        layout.standing_in = []
        text = super().render(item, context=context, **extra)
        if text:
            layout.repressed.setdefault(f"{{{_CSL}}}text", []).extend(layout.standing_in)
        layout.standing_in = None
        return text


class _Label(model.Label):  # type: ignore[misc]
    """A label has no language of its own; without one its capitals would be left out."""

    def case(self, text: Any, language: str | None = None) -> Any:
        return super().case(text, language or "en")


class _Style(CitationStylesStyle):  # type: ignore[misc]
    """A style whose elements are those of citeproc-py with the ones above in their place."""

    def __init__(self, xml: str) -> None:
        elements = {cls.__name__: cls for cls in model.CitationStylesElement.__subclasses__()}
        elements |= {"Name": _Name, "Text": _Text, "Substitute": _Substitute, "Label": _Label}
        lookup = etree.ElementNamespaceClassLookup()
        namespace = lookup.get_namespace(_CSL)
        namespace[None] = model.CitationStylesElement
        namespace.update({name.replace("_", "-").lower(): cls for name, cls in elements.items()})
        parser = etree.XMLParser(remove_comments=True, no_network=True, resolve_entities=False)
        parser.set_element_class_lookup(lookup)
        self.xml = etree.parse(BytesIO(xml.encode()), parser)
        self.root = self.xml.getroot()
        self.root.set_locale_list(self.root.get("default-locale", "en-US"), validate=False)
        for names in self.root.xpath(_NAMES_WITHOUT_FORM, namespaces={"cs": _CSL}):
            names.insert(0, names.makeelement(f"{{{_CSL}}}name"))


def write(references: Iterable[Reference], style: str) -> str:
    """The references in a citation style, one line each, sorted as the style says.

    UsageError if the style is unknown, or no style that citeproc-py can use.
    """
    found = list(references)
    retracted = {reference.key for reference in found if reference.retracted}
    marked = (
        (text, " (retracted)" if key in retracted else "") for key, text in entries(found, style)
    )
    return "".join(f"{text}{mark}\n" for text, mark in marked)


def entries(references: Iterable[Reference], style: str) -> list[tuple[str, str]]:
    """The key and the text of each reference in a citation style, sorted as the style says."""
    items = [csl.item(reference) for reference in references]
    xml = styles.source(style)
    if style in styles.STYLES:
        return list(_entries(items, _Style(xml)))
    try:
        own = _Style(xml)
        if own.has_bibliography():
            return list(_entries(items, own))
    except (AttributeError, LookupError, TypeError, ValueError, etree.XMLSyntaxError) as error:
        raise _unusable(style) from error
    raise UsageError(
        "this CSL style makes no bibliography", style, "Name the style that it depends on"
    )


def _unusable(style: str) -> UsageError:
    return UsageError(
        "this is no CSL style that can be used",
        style,
        f"Use another, or one of {', '.join(styles.STYLES)}",
    )


def _entries(items: list[csl.Item], style: _Style) -> Iterator[tuple[str, str]]:
    """Numbers stand for the keys, which citeproc-py would take for the same in any case."""
    data = [
        {**{field: value for field, value in item.items() if field != "note"}, "id": str(number)}
        for number, item in enumerate(items)
    ]
    book = CitationStylesBibliography(style, CiteProcJSON(data), formatter.plain)
    for item in data:
        book.register(Citation([CitationItem(item["id"])]))
    book.sort()
    for key, text in zip(book.keys, book.bibliography(), strict=True):
        yield items[int(key)]["id"], _finished(str(text), style)


def _finished(text: str, style: _Style) -> str:
    """One line, a space after the number, stops in quotes where they belong, none after "?"."""
    text = csl.line(text)
    if style.root.bibliography.get("second-field-align"):
        text = _NUMBER.sub(r"\1 ", text, count=1) if _NUMBER.match(text) else text
    if style.root.get_locale_option("punctuation-in-quote") == "true":
        text = _QUOTED_MARK.sub(r"\1”", _QUOTED_STOP.sub("”", text))
    return _MARK_AND_STOP.sub(r"\1", text)
