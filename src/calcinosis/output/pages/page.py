"""A document as one HTML file: no scripts, nothing from the network, made for screen and A4."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

from calcinosis.output.document import (
    Bibliography,
    Block,
    Break,
    Cite,
    Figure,
    Heading,
    Library,
    Link,
    Outline,
    Paragraph,
    Row,
    Table,
    Words,
    kind,
    visible_text,
)
from calcinosis.output.markup import html_text
from calcinosis.output.references.lines import html_reference

_STYLE: Final = """
body { font: 16px/1.45 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; color: #1b2733;
  background: #fff; max-width: 68rem; margin: 0 auto; padding: 1.5rem; overflow-wrap: break-word; }
h1 { font-size: 1.8rem; line-height: 1.2; }
h2 { font-size: 1.4rem; margin-top: 2.4rem; border-bottom: 2px solid #7a8ca0; }
h3 { font-size: 1.1rem; margin-top: 1.6rem; }
a { color: #0b4f8a; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; margin: .6rem 0 1.4rem;
  font-size: .875em; hyphens: auto; }
caption { text-align: left; color: #44566a; padding-bottom: .3rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .5rem; border: 1px solid #c3ccd6; }
thead th { background: #e9eff5; }
tbody th { font-weight: 600; }
figure { margin: 1rem 0; }
figure svg { width: 100%; height: auto; }
ul.outline { list-style: none; padding-left: 1.2rem; margin: .2rem 0; }
main > ul.outline > li { margin-top: .5rem; }
ul.references { padding-left: 1.2rem; }
:target { background: #fff4c2; }
@page { size: A4; margin: 16mm 14mm; }
@media print {
  body { font-size: 9.5pt; max-width: none; padding: 0; }
  nav { display: none; }
  a { color: inherit; text-decoration: none; }
  h1, h2, h3, caption { break-after: avoid; }
  tr, figure, ul.references li { break-inside: avoid; }
  thead { display: table-header-group; break-inside: avoid; break-after: avoid; }
  tbody tr:first-child { break-before: avoid; }
  :target { background: none; }
}
"""


def html(blocks: Sequence[Block], library: Library) -> Iterator[str]:
    """The document as an HTML page, in parts; every value is escaped, once."""
    title = next(block.text for block in blocks if isinstance(block, Heading))
    yield (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html_text(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
    )
    contents = [block for block in blocks if isinstance(block, Heading) and block.level == 2]
    for number, block in enumerate(blocks):
        if number and isinstance(block, Heading) and block in contents[:1]:
            yield _contents(contents)
        yield _block(block, library)
    yield "</main>\n</body>\n</html>\n"


def _contents(headings: Iterable[Heading]) -> str:
    items = "".join(f'<li><a href="#{h.anchor}">{html_text(h.text)}</a></li>\n' for h in headings)
    return f'<nav aria-label="Contents">\n<ul>\n{items}</ul>\n</nav>\n'


def _block(block: Block, library: Library) -> str:
    match block:
        case Heading():
            tag = f"h{block.level}"
            return f"<{tag}{_id(block.anchor)}>{html_text(block.text)}</{tag}>\n"
        case Paragraph():
            return f"<p>{_words(block.words, library)}</p>\n"
        case Table():
            return "".join(_table(block, library))
        case Figure():
            caption = f"<figcaption>{html_text(block.table.caption)}</figcaption>"
            return f"<figure>\n{block.svg}{caption}\n</figure>\n"
        case Outline():
            return _outline(block.lines)
        case Bibliography():
            items = "".join(
                f'<li id="ref-{html_text(one.key)}"><b>{html_text(one.label)}</b>. '
                f"{html_reference(one)} ({html_text(kind(one))})</li>\n"
                for one in block.references
            )
            return f'<ul class="references">\n{items}</ul>\n' if items else ""


def _table(table: Table, library: Library) -> Iterator[str]:
    heads = "".join(
        f'<th scope="col" style="width: {width}%">{html_text(head)}</th>'
        for head, width in zip(table.heads, table.widths, strict=True)
    )
    yield f"<table>\n<caption>{html_text(table.caption)}</caption>\n"
    yield f"<thead>\n<tr>{heads}</tr>\n</thead>\n<tbody>\n"
    for row in table.rows:
        yield _row(row, library, 'th scope="row"' if table.named else "td")
    yield "</tbody>\n</table>\n"


def _row(row: Row, library: Library, tag: str) -> str:
    first, *rest = (_words(cell, library) for cell in row.cells)
    cells = "".join(f"<td>{cell}</td>" for cell in rest)
    return f"<tr{_id(row.anchor)}><{tag}>{first}</{tag[:2]}>{cells}</tr>\n"


def _outline(lines: Iterable[tuple[int, str]], depth: int = 1) -> str:
    """Lines as lists within lists; a line that is deeper than the one before stands within it."""
    items: list[str] = []
    for deeper, group in groupby(lines, key=lambda line: line[0] > depth):
        if deeper and items:
            items[-1] += "\n" + _outline(list(group), depth + 1)
        else:
            items += [html_text(text) for _, text in group]
    within = "".join(f"<li>{item}</li>\n" for item in items)
    return f'<ul class="outline">\n{within}</ul>\n' if items else ""


def _words(words: Words, library: Library) -> str:
    return "".join(_word(word, library) for word in words)


def _word(word: str | Cite | Link | Break, library: Library) -> str:
    if isinstance(word, Break):
        return "<br>"
    text = html_text(visible_text(word, library))
    if isinstance(word, Cite):
        return f'<a href="#ref-{html_text(word.key)}">{text}</a>'
    return f'<a href="#{html_text(word.anchor)}">{text}</a>' if isinstance(word, Link) else text


def _id(anchor: str) -> str:
    return f' id="{html_text(anchor)}"' if anchor else ""
