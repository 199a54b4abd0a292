"""What the rules did in a case: which was used, which was held back, and how."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from calcinosis.facts.case import Case
from calcinosis.graph.rules import BY_NAME, LINK, RAISED, TAKEN
from calcinosis.reasoning.candidates import Item
from calcinosis.reasoning.classify import Classifier, Known
from calcinosis.reasoning.defaults import Situation

EVENTS = {
    "R3a": "set_apart",
    "R3b": "level_aside",
    "R3c": "denied_deposit",
    "R1 taken": "taken",
    "R1 held: a cause is stated": "held",
    "R1 held: a deposit was put there": "held",
    "R1 not: denied": "taken_denied",
    "R2 used": "named",
    "R2 held: criterion": "named_met",
    "R2 held: possible cause": "named_beside_cause",
    "R2 held: not understood": "named_not_understood",
    "R2 held: no room": "named_without_room",
    "work-up used": "worked_up",
    "work-up held: a fact meets it": "work_up_met",
    "work-up held: a held cause may meet it": "work_up_held",
    "work-up held: an unplaced item may meet it": "work_up_unplaced",
    "work-up held: not understood": "work_up_not_understood",
    "work-up held: no room": "work_up_without_room",
    "A1": "levels",
    "A2": "denials",
    "A3 raised": "raised",
    "A3 link": "link",
    "2 repairs": "clash",
    "3 repairs": "clash_of_many",
    "4 repairs": "clash",
    "5 repairs": "clash_of_many",
    "6 repairs": "clash_of_many",
}
"""What can happen, each with the theme of raw cases that makes it likely."""


def events(classifier: Classifier, case: Case, known: Known) -> set[str]:
    """The keys of EVENTS that happened in a case."""
    found = {code for code in ("R3a", "R3b", "R3c") if _set_aside(known, code)}
    for situation in known.situations:
        found |= {*_names(classifier, case, situation), *_work_up(case, situation)}
    for presumption in known.presumed.values():
        for one in presumption.assumptions:
            kinds = {RAISED: "A3 raised", LINK: "A3 link"}
            found.add(kinds.get(one.rule.iri, one.rule.code))
    if not known.consistent:
        found.add(f"{len(known.situations)} repairs")
    return found.intersection(EVENTS)


def _set_aside(known: Known, code: str) -> bool:
    return any(f"({code})" in remark.reason for remark in known.read.set_aside)


def _names(classifier: Classifier, case: Case, found: Situation) -> Iterator[str]:
    for fact in found.taken:
        if fact.rule is not None and fact.rule.iri in (TAKEN, BY_NAME):
            yield "R1 taken" if fact.rule.iri == TAKEN else "R2 used"
    if found.held:
        stated = any(one.cause for one in found.items) or any(r.cause for r in case.not_understood)
        yield f"R1 held: {'a cause is stated' if stated else 'a deposit was put there'}"
    if any(_is_denied(classifier, item, found) for item in found.items):
        yield "R1 not: denied"
    if found.named:
        yield from _held_back(classifier, [flag.words for flag in found.flags])


def _is_denied(classifier: Classifier, item: Item, found: Situation) -> bool:
    """Whether an item would be taken as a cause if it were not stated that it is none."""
    holds = classifier._candidates.holds
    kinds = classifier._defaults.categories()
    return classifier._defaults.is_denied(item, found.judged) and any(
        holds(item.base, item.term, kind) for kind in kinds
    )


def _held_back(classifier: Classifier, raised: list[str]) -> Iterator[str]:
    rule = next(rule for rule in classifier.rules.all if rule.iri == BY_NAME)
    for flag in rule.flags:
        start = flag.words.split("{what}")[0]
        end = flag.words.split("{what}")[1]
        if any(words.startswith(start) and words.endswith(end) for words in raised):
            yield f"R2 held: {flag.when}"
    if any("the facts leave no room" in words for words in raised):
        yield "R2 held: no room"


def _work_up(case: Case, found: Situation) -> Iterator[str]:
    if len(found.ignored) < len(case.workup):
        yield "work-up used"
    held = {item.fact.label for item in found.held}
    for _, why in found.ignored:
        if "leave no room" in why:
            yield "work-up held: no room"
        elif "not understood" in why:
            yield "work-up held: not understood"
        elif why == "a fact meets it":
            yield f"work-up held: {why}"
        else:
            is_held = not held.isdisjoint(why.removesuffix(" may meet it").split(" or "))
            yield f"work-up held: {'a held cause' if is_held else 'an unplaced item'} may meet it"


def table(viewpoints: Iterable[str], counts: Iterable[dict[str, int]]) -> Iterator[str]:
    """How often each happened, by viewpoint, as the lines of a Markdown table."""
    names, numbers = list(viewpoints), list(counts)
    yield f"| what the rules did | {' | '.join(names)} | all |"
    yield f"|---|{'--:|' * (len(names) + 1)}"
    for event in EVENTS:
        row = [count.get(event, 0) for count in numbers]
        yield f"| {event} | {' | '.join(f'{n:,}' for n in (*row, sum(row)))} |"
