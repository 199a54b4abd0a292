"""An evaluation as text or Markdown: the answer first, then every figure behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from calcinosis.errors import counted, listed
from calcinosis.output.wording import VERDICT, capital, short
from calcinosis.output.words import sections as written
from calcinosis.output.words.estimates import estimate, kappa, p_value, share
from calcinosis.output.words.reporting import closing
from calcinosis.output.words.sections import Items, Part, Section, table
from calcinosis.reasoning.verdict import PRESUMED
from calcinosis.study.accuracy import DECIDED, EVERY, Confusion
from calcinosis.study.agreement import LEANING, MODES, STRICT, Disagreement, GroupRow
from calcinosis.study.evaluate import CHOSEN, Evaluation
from calcinosis.study.intervals import Share
from calcinosis.study.paired import BASELINE, Paired

_GROUP_HEADS = ("cases", "n", "exact", "+ presumed", "covered", "+ presumed", "right if covered")
_MODE_HEADS = ("cases", "n", "exact", "covered", "right if covered")
_SUBTYPE_HEADS = ("subtype", "cases", "true", "+ presumed", "ruled out", "extra", "+ presumed")
_PAIRED_HEADS = ("other way, reading", "both", "neither", "only here", "only there", "test")
_LEANS = (
    "leaning is an assumption: an open subtype whose causal criterion is met counts as claimed, as "
    "if whatever is not known were met."
)
_COUNTED = (
    "exact: the claimed subtypes are exactly the label's. covered: any subtype is claimed. right "
    "if covered: the exact ones of these, strict and presumed.",
    "true: claimed among the cases labelled with this subtype. ruled out: among the same. "
    "extra: claimed among the others.",
    "A negative control that states the absence of calcinosis is decided by that alone.",
)
_SHIPPED = (
    "The rules were chosen on these cases, so that only counts are given and no precision.",
    "Reports were read in part: what is open is mostly what was not stated there.",
)


def text(evaluation: Evaluation, width: int = 80) -> str:
    """The evaluation as plain text in ``width`` columns."""
    return written.text(sections(evaluation), width)


def markdown(evaluation: Evaluation, *, versions: bool = True) -> str:
    """The evaluation as Markdown; without ``versions`` and hashes, which every release changes."""
    found = sections(evaluation)
    return written.markdown(one for one in found if versions or one.anchor != "versions")


def sections(evaluation: Evaluation) -> list[Section]:
    """The evaluation in sections, the answer first; those with nothing in them are left out."""
    found = [_head(evaluation)]
    made = (Section(anchor, title, tuple(make(evaluation))) for anchor, title, make in _SECTIONS)
    found += [section for section in made if section.parts]
    for title, items in _lists(evaluation):
        lines = tuple(_sentence(item) for item in items) or ("none",)
        anchor = title.split(maxsplit=1)[0].casefold()
        found.append(Section(anchor, f"{title} ({len(items)})", (Items(lines),)))
    found.append(Section("table", "Case by case", tuple(_cases(evaluation))))
    return [*found, *closing(evaluation, found)]


# -- the answer --------------------------------------------------------------------------


def _head(evaluation: Evaluation) -> Section:
    whose = "" if evaluation.is_own else "published "
    title = f"{counted(evaluation.cases, f'{whose}case')}, viewpoint `{evaluation.viewpoint}`"
    return Section("", title, (f"{capital(evaluation.settings)}.", _answer(evaluation)))


def _answer(evaluation: Evaluation) -> str:
    if not evaluation.pooled:
        return (
            "No case has a label that its verdicts could be held against: nothing can be said of "
            "agreement. 'calcinosis evaluate CASES --labels FILE' takes them."
        )
    strict, presumed, _ = evaluation.pooled
    told = [_told(evaluation, row) for row in (strict, presumed)]
    ours = "" if evaluation.is_own else f" {capital(CHOSEN)}: only counts are given."
    cases = counted(strict.coverage.total, "case")
    return (
        f"Of {cases} with one answer, verdicts that follow {told[0]}; with "
        f"what is presumed they {told[1]}. Of the rest nothing is claimed.{ours}"
    )


def _told(evaluation: Evaluation, row: GroupRow) -> str:
    if not row.coverage.count:
        return "claim no subtype"
    right = estimate(row.exact_where_covered, rates=evaluation.is_own)
    return f"claim a subtype in {row.coverage.count}, exactly as labelled in {right}"


# -- agreement -----------------------------------------------------------------------------


def _pooled(evaluation: Evaluation) -> Iterator[Part]:
    if evaluation.pooled:
        rows = [(row.mode, *_mode_cells(evaluation, row)) for row in evaluation.pooled]
        caption = "All scored cases but those that a name decides, pooled"
        yield table(caption, ("reading", *_MODE_HEADS[1:]), rows)
        yield f"Strict counts what follows, presumed also what is presumed; {_LEANS}"


def _mode_cells(evaluation: Evaluation, row: GroupRow) -> tuple[str, ...]:
    shares = (row.exact, row.coverage, row.exact_where_covered)
    told = (estimate(one, rates=evaluation.is_own) for one in shares)
    return (str(row.coverage.total), *told)


def _groups(evaluation: Evaluation) -> Iterator[Part]:
    if not evaluation.groups:
        return
    yield table("By group, strict and presumed", _GROUP_HEADS, _group_rows(evaluation.groups))
    leaning = [row for row in evaluation.groups if row.mode == LEANING.name]
    rows = (
        (r.group, str(r.coverage.total), share(r.exact), share(r.coverage), _covered(r))
        for r in leaning
    )
    yield table("By group, leaning", _MODE_HEADS, rows)
    if evaluation.subtypes:
        yield table("By subtype and group", _SUBTYPE_HEADS, _subtype_rows(evaluation))
    yield Items((*(() if evaluation.is_own else _SHIPPED), *_COUNTED))


def _covered(row: GroupRow) -> str:
    return share(row.exact_where_covered)


def _group_rows(rows: Iterable[GroupRow]) -> list[tuple[str, ...]]:
    found = {(row.group, row.mode): row for row in rows}
    pairs = [(r, found[r.group, PRESUMED]) for (_, mode), r in found.items() if mode == STRICT.name]
    return [
        (
            strict.group,
            str(strict.coverage.total),
            share(strict.exact),
            share(presumed.exact),
            share(strict.coverage),
            share(presumed.coverage),
            f"{_covered(strict)}, {_covered(presumed)}",
        )
        for strict, presumed in pairs
    ]


def _subtype_rows(evaluation: Evaluation) -> Iterator[tuple[str, ...]]:
    found = {(row.subtype, row.group, row.mode): row for row in evaluation.subtypes}
    for (subtype, group, mode), presumed in found.items():
        if mode == PRESUMED:
            strict = found.get((subtype, group, STRICT.name))
            yield (
                short(presumed.label),
                "by name" if group == "name decides it" else group.removesuffix(" label"),
                share(strict.true) if strict else f"0/{presumed.true.total}",
                share(presumed.true),
                share(presumed.false),
                share(strict.unlabelled) if strict else f"0/{presumed.unlabelled.total}",
                share(presumed.unlabelled),
            )


# -- accuracy ------------------------------------------------------------------------------


def _accuracy(evaluation: Evaluation) -> Iterator[Part]:
    readings = {
        EVERY: "every case counts, open as not claimed",
        DECIDED: "decided cases only: open is left out",
    }
    own = evaluation.is_own
    rates = ("sensitivity", "specificity", "PPV", "NPV")
    for mode in MODES:
        for reading, words in readings.items():
            rows = [
                (short(one.label), *map(str, (one.tp, one.fn, one.fp, one.tn)))
                + (tuple(estimate(s, rates=True) for s in one.rates.values()) if own else ())
                for one in evaluation.accuracy
                if (one.mode, one.reading) == (mode.name, reading)
            ]
            if rows:
                heads = ("subtype", "TP", "FN", "FP", "TN", *(rates if own else ()))
                yield table(f"{capital(mode.name)}; {words}", heads, rows)
    if evaluation.accuracy:
        yield (
            "TP labelled and claimed, FN labelled and not claimed, FP claimed and labelled "
            "otherwise, TN neither; each subtype against all else, over the pooled cases."
        )
        if not own:
            yield f"No sensitivity, specificity or predictive value is given: {CHOSEN}."


def _confusion(evaluation: Evaluation) -> Iterator[Part]:
    for found in evaluation.confusions:
        yield _matrix(evaluation, found)


def _matrix(evaluation: Evaluation, found: Confusion) -> written.Table:
    """Rows by label, columns by answer, both in the order of the viewpoint."""
    order = list(evaluation.labels)

    def name(key: frozenset[str] | str) -> str:
        if isinstance(key, str):
            return key
        inside = sorted(key, key=order.index)
        return " + ".join(short(evaluation.labels[one]) for one in inside) or "none"

    def place(key: frozenset[str] | str) -> tuple[int, list[int], str]:
        if isinstance(key, str):
            return 99, [], key
        return len(key) or 98, sorted(map(order.index, key)), ""

    rows = sorted({label for label, _, _ in found.cells}, key=place)
    columns = sorted({answer for _, answer, _ in found.cells}, key=place)
    counts = {(label, answer): count for label, answer, count in found.cells}
    return table(
        f"{capital(found.mode)}: label down, answer across",
        ("label", *map(name, columns)),
        [(name(row), *(str(counts.get((row, c), 0)) for c in columns)) for row in rows],
        tells_zeros=False,
    )


def _curve(evaluation: Evaluation) -> Iterator[Part]:
    if evaluation.curve:
        own = evaluation.is_own
        rows = [
            (
                f"{number}. {one.step}",
                estimate(one.coverage, rates=own),
                estimate(one.wrong, rates=own),
            )
            for number, one in enumerate(evaluation.curve, 1)
        ]
        yield table("Answering up to each step", ("answers that", "cover", "are wrong in"), rows)
        yield (
            "A case is answered by the surest step that it has, and keeps that answer; wrong is "
            "every answer that is not exactly the label. What is still open is no answer."
        )


# -- look-alikes, presuming, kinds -----------------------------------------------------------


def _look_alikes(evaluation: Evaluation) -> Iterator[Part]:
    if not evaluation.pooled:
        return
    rows = [
        (c.deposit, str(len(c.cases)), listed(c.cases), _named(c.strict), _named(c.presumed))
        for c in evaluation.controls
    ]
    heads = ("deposit", "n", "controls", "claimed", "+ presumed")
    yield table("Negative controls, by whether a deposit is stated", heads, rows)
    present, _, unknown = (len(one.cases) for one in evaluation.controls)
    if not present:
        more = f"; in {unknown} it is unknown" if unknown else ""
        yield (
            f"There is no control with a deposit present{more}: that no subtype is claimed where "
            "the deposit is absent tests nothing but that statement. What tests specificity are "
            "cases with a deposit, or perhaps one, that are labelled otherwise:"
        )
    alike = [
        (short(one.label), str(one.cases), str(one.strict), str(one.presumed))
        for one in evaluation.others
    ]
    columns = ("subtype", "labelled otherwise", "claimed", "+ presumed")
    yield table("Each subtype among its look-alikes with a deposit, or perhaps one", columns, alike)


def _named(ids: tuple[str, ...]) -> str:
    return listed(ids) or "none"


def _presuming(evaluation: Evaluation) -> Iterator[Part]:
    """What presuming changes, by name, and the test with hidden levels."""
    if not evaluation.groups:
        return
    wrong = [f"{case} ({_short(subtype)})" for case, subtype in evaluation.newly_wrong]
    withheld = evaluation.withheld
    hidden = [f"{case} ({_short(subtype)})" for case, subtype in withheld.wrong]
    yield Items(
        (
            f"Gained by presuming ({len(evaluation.gained)}): {_named(evaluation.gained)}",
            f"Lost by presuming ({len(evaluation.lost)}): {_named(evaluation.lost)}",
            f"Newly wrong by presuming ({len(wrong)}): {listed(wrong) or 'none'}",
            f"Raised levels hidden in the {withheld.cases} cases that state one: a subtype is then "
            f"claimed in {withheld.presumed}, one that does not follow with the level in "
            f"{len({case for case, _ in withheld.wrong})}: {listed(hidden) or 'none'}",
        )
    )


def _kinds(evaluation: Evaluation) -> Iterator[Part]:
    if evaluation.kinds:
        rows = [
            (f"{row.group}, {row.mode}", *_mode_cells(evaluation, row)) for row in evaluation.kinds
        ]
        yield table("Cases that have a subtype by a label of the kind", _MODE_HEADS, rows)
    if evaluation.between:
        found = [
            (f"{one.one} and {one.other}", share(one.agreement.same), kappa(one.agreement))
            for one in evaluation.between
        ]
        yield table("Where a case has two kinds", ("kinds", "the same", "kappa"), found)


def _own_source(evaluation: Evaluation) -> Iterator[Part]:
    own = evaluation.own_source
    if not own.known:
        yield "No case or label names a reference of the graph as its source."
        return
    done = "It was kept" if own.is_kept else "It was left out of the definitions for its own case"
    alone = "" if own.is_kept else f"; of {len(own.bearing)} it holds up alone what may decide"
    yield f"Cases whose source is a reference of the graph: {len(own.known)}. {done}{alone}."
    lines = [
        f"{c.case} ({c.reference}): {_short(c.subtype)} {VERDICT[c.left_out]}, with its own source "
        f"{VERDICT[c.kept]}"
        for c in own.changes
    ]
    if lines:
        yield Items(tuple(lines))
    elif not own.is_kept:
        yield "No verdict changes by it."


# -- other ways, encoders --------------------------------------------------------------------


def _other_ways(evaluation: Evaluation) -> Iterator[Part]:
    simple = evaluation.baseline
    if not simple.exact.total:
        return
    yield (
        f"Baseline: {BASELINE}. The first condition or intervention of a case that a claim of the "
        "graph names as a cause stands for every subtype that it is cited for; without a deposit "
        f"nothing is said. It is exact in {share(simple.exact)}, covers {share(simple.coverage)} "
        f"and is right in {share(simple.exact_where_covered)} of these."
    )
    rows = [_paired(evaluation, one) for one in (*simple.paired, *evaluation.paired)]
    yield table("Exact agreement, case by case", _PAIRED_HEADS, rows)
    if not evaluation.is_own:
        yield f"No test is given: {CHOSEN}."


def _paired(evaluation: Evaluation, one: Paired) -> tuple[str, ...]:
    counts = (one.both, one.neither, len(one.lost), len(one.gained))
    test = p_value(one.p) if evaluation.is_own else "\u2013"
    name = "baseline" if one.other == BASELINE else one.other
    return (f"{name}, {one.mode}", *map(str, counts), test)


def _encoders(evaluation: Evaluation) -> Iterator[Part]:
    found = evaluation.encoders
    if found is None:
        return
    both = f"{counted(found.cases, 'case')} {'is' if found.cases == 1 else 'are'}"
    yield (
        f"{both} in both files; {len(found.only_first)} only in the first "
        f"({_named(found.only_first)}), {len(found.only_second)} only in the second "
        f"({_named(found.only_second)}). Facts that both state: {_percent(found.facts)} of those "
        f"that either does; all facts alike in {_percent(found.same_facts)} cases; verdicts alike "
        f"in {_percent(found.verdicts)}."
    )
    pairs = [("deposit", found.deposit), *((short(k), v) for k, v in found.subtypes.items())]
    rows = [(name, _percent(one.same), kappa(one)) for name, one in pairs]
    yield table("Agreement by subtype", ("verdict on", "the same", "kappa (95% interval)"), rows)
    yield Items(
        tuple(
            f"{one.case}: only the first {listed(one.first) or 'nothing'}; only the second "
            f"{listed(one.second) or 'nothing'}"
            for one in found.differing
        )
    )


def _percent(value: Share) -> str:
    told = "" if value.value is None else f" ({100 * value.value:.0f}%)"
    return f"{share(value)}{told}"


# -- lists and cases -------------------------------------------------------------------------


def _lists(evaluation: Evaluation) -> list[tuple[str, tuple[Disagreement, ...]]]:
    return [
        ("Disagreements", evaluation.disagreements),
        ("Differences in cases without a single answer, or outside", evaluation.unscored),
        ("Abstentions", evaluation.abstentions),
    ]


def _sentence(item: Disagreement) -> str:
    label = listed([_short(a) for a in item.authors]) or "none of the subtypes"
    return (
        f"{item.case} ({item.group}): label {label}; here {_short(item.subtype)} "
        f"{'is ' if item.verdict != 'entailed' else ''}{VERDICT[item.verdict]}. {item.reason}"
    )


def _short(subtype: str) -> str:
    return subtype.removesuffix("CalcinosisCutis").casefold()


def _cases(evaluation: Evaluation) -> Iterator[Part]:
    labels = evaluation.labels
    rows = [
        (
            row.case,
            " + ".join(short(labels.get(one, one)) for one in row.authors) or row.group,
            *(VERDICT[row.verdicts[one]] if one in row.verdicts else "" for one in labels),
            row.why,
        )
        for row in evaluation.table
    ]
    heads = ("case", "label", *map(short, labels.values()), "why")
    yield table("Label, verdicts, and why", heads, rows)


_SECTIONS: Final[tuple[tuple[str, str, Callable[[Evaluation], Iterator[Part]]], ...]] = (
    ("pooled", "Agreement", _pooled),
    ("accuracy", "Accuracy by subtype", _accuracy),
    ("confusion", "Labels and answers", _confusion),
    ("curve", "Risk and coverage", _curve),
    ("look-alikes", "Controls and look-alikes", _look_alikes),
    ("groups", "Group by group", _groups),
    ("presuming", "What presuming changes", _presuming),
    ("kinds", "Kinds of label", _kinds),
    ("own-source", "The cases' own sources", _own_source),
    ("other-ways", "Baseline and other ways of judging", _other_ways),
    ("encoders", "Two encoders", _encoders),
)
