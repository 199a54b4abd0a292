"""The style that pages share: light and dark, a phone, print on A4."""

from __future__ import annotations

from typing import Final

STACKED: Final = """\
  table.stacked thead { position: absolute; width: 1px; height: 1px; overflow: hidden;
    clip-path: inset(50%); }
  table.stacked, table.stacked tbody, table.stacked tr, table.stacked th, table.stacked td,
  table.stacked caption { display: block; }
  table.stacked tr { border: 1px solid var(--rule); margin-bottom: .6rem; }
  table.stacked th, table.stacked td { border: 0; }
  table.stacked tbody th { background: var(--soft); font-weight: 600; }
  table.stacked td[data-head]:not([data-head=""])::before { content: attr(data-head) ": ";
    font-weight: 600; }
"""
"""Tables of the class ``stacked`` on a narrow page: a row is a block, each cell has its head."""

STYLE: Final = """
:root { color-scheme: light dark; --ink: #1b2733; --paper: #fff; --soft: #eef2f5; --rule: #8a98a6;
  --link: #0b4f8a; --clash: #a4262c; }
@media screen and (prefers-color-scheme: dark) { :root { --ink: #e4eaf0; --paper: #14191f;
  --soft: #222b35; --rule: #66788a; --link: #8cc4f5; --clash: #ff9a93; }
  figure:not(.chart) svg text { fill: var(--ink); stroke: none; }
  figure:not(.chart) svg rect[fill="#ffffff"] { fill: var(--soft); }
  svg [stroke="#a4262c"] { stroke: var(--clash); } svg [fill="#a4262c"] { fill: var(--clash); }
  svg [stroke="#0b4f8a"] { stroke: var(--link); } svg [fill="#0b4f8a"] { fill: var(--link); } }
html { font-size: 16px; }
body { font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  margin: 0 auto; max-width: 68rem; padding: 1rem 1.5rem; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.2; } h2 { font-size: 1.35rem;
  border-top: 2px solid var(--rule); padding-top: 1rem; margin-top: 2.5rem; }
h3 { font-size: 1.15rem; margin-top: 2rem; } h4 { font-size: 1.05rem; margin: 1.4rem 0 .3rem; }
h5 { font-size: 1rem; margin: 1.2rem 0 .3rem; }
.answer { font-size: 1.15rem; font-weight: 600; }
table { border-collapse: collapse; width: 100%; margin: .8rem 0; font-size: .9rem; }
caption { text-align: left; font-weight: 600; padding: .3rem 0; }
th, td { border: 1px solid var(--rule); padding: .3rem .5rem; text-align: left;
  vertical-align: top; }
td b { overflow-wrap: normal; } tbody th { font-weight: 400; }
thead th { background: var(--soft); overflow-wrap: normal; }
figure { margin: 1rem 0; overflow-x: auto; } svg { width: 100%; height: auto; max-width: 980px; }
svg.narrow { max-width: 30rem; } svg.slim { display: none; } figcaption { font-size: .9rem; }
ul, ol { padding-left: 1.6rem; } td ul { margin: 0; padding-left: 1rem; }
a { color: var(--link); }
@media screen and (max-width: 44rem) { body { padding: .5rem .8rem; }
  ul, ol { padding-left: 1.1rem; }
  figure:not(.chart) svg:not(.narrow, .slim) { min-width: 46rem; }
  figure svg.slim { display: block; max-width: 30rem; } figure svg:has(+ svg.slim) {
  display: none; }
%STACKED% }
@media print { @page { size: A4; margin: 16mm; } html { font-size: 9.5pt; } body { max-width: none;
  padding: 0; } nav { display: none; } a { color: inherit; } h2, h3, h4, h5, caption {
  break-after: avoid; } figure, tr, li { break-inside: avoid; } thead {
  display: table-header-group; break-inside: avoid; break-after: avoid; }
  tbody tr:first-child { break-before: avoid; }
  section.case + section.case { break-before: page; } }
""".replace("%STACKED%", STACKED)
