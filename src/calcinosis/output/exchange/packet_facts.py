"""The facts of a case as features, diseases and medical actions of a phenopacket.

What the schema has no place for is left out and named: it is never put where another program
would read something else. So what is absent from the deposit alone is no excluded feature, and of
interventions nothing is said that were not done.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from calcinosis import names
from calcinosis.facts import age
from calcinosis.facts.case import Case, Fact, Remark, When
from calcinosis.facts.records.qualifiers import AS_CAUSE, AT_DEPOSIT, MEASURED, TIMES, UNNAMED
from calcinosis.graph.ontology import Ontology
from calcinosis.output.exchange.packet_labs import Item, Left
from calcinosis.output.exchange.term_codes import Code, Codes

_ENDS: Final = {"AtDeposit": "at_deposit", "AsCause": "cause"}
_CODES_OF: Final = {"at_deposit": AT_DEPOSIT, "cause": AS_CAUSE}
_STATUS: Final = "calcinosis"
_LEVELS: Final = "labs["
_UNNAMED: Final = {f"calc:{name}" for name in UNNAMED.values()}
_FINDING: Final = re.compile(r"findings\[(\d+)\]\Z")


@dataclass(frozen=True, slots=True)
class Statement:
    """A term that is stated of a patient, or stated absent, with what is said of it.

    ``fact`` is the plain one, ``links`` what is stated of the link to the deposit.
    """

    fact: Fact
    code: Code
    links: Mapping[str, bool] = field(default_factory=dict)

    @property
    def is_done(self) -> bool:
        """Whether it is an intervention."""
        return (self.fact.property or "").startswith(names.UNDERWENT)


@dataclass(slots=True)
class Told:
    """What a phenopacket says of the facts of a case, by its keys; ``used`` are the codes."""

    parts: dict[str, list[Item]] = field(default_factory=dict)
    used: list[Code] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)

    def add(self, key: str, item: Item) -> None:
        """Put an item into a list."""
        self.parts.setdefault(key, []).append(item)


class Telling:
    """Tells the facts of cases by the terms and codes of one ontology."""

    def __init__(self, ontology: Ontology, codes: Codes) -> None:
        self._ontology = ontology
        self._codes = codes

    def told(self, case: Case, lost: frozenset[str]) -> Told:
        """What is told of a case; ``lost`` are items whose facts are not told."""
        found = Told({key: [] for key in ("phenotypicFeatures", "diseases", "medicalActions")})
        sites = self._sites(case, found)
        for one in self._statements(case, lost, found.left):
            if one.is_done:
                self._action(one, found)
            else:
                self._stated(one, found, sites if one.fact.item == _STATUS else [])
        for remark in case.not_understood:
            self._in_words(remark, found)
        found.left += _beside(case)
        return found

    # -- what is stated ----------------------------------------------------------------

    def _statements(
        self, case: Case, lost: frozenset[str], left: list[Left]
    ) -> Iterable[Statement]:
        """The statements of a case, each once; ``left`` takes what none of them says."""
        found: dict[tuple[str, bool, When], list[Statement]] = {}
        for item, facts in self._by_item(case, left).items():
            if item[0] in lost:
                continue
            statement = self._statement(facts, left)
            if statement is not None:
                fact = statement.fact
                known = found.setdefault((statement.code.id, fact.affirmed, fact.when), [])
                _merge(known, statement)
        return [one for several in found.values() for one in several]

    def _by_item(self, case: Case, left: list[Left]) -> dict[tuple[str, str], list[Fact]]:
        """The facts that one item states of one term."""
        found: dict[tuple[str, str], list[Fact]] = {}
        against = self._against(case)
        facts = (*case.facts, *self._of_other_times(case, left))
        for fact in facts:
            where = fact.item or fact.where
            if fact.gives_way and where in against:
                continue  # as it is judged: it gives way to what is stated
            if fact.property is None:
                left.append(Left(where, fact.words, "a criterion that is ruled out"))
            else:
                found.setdefault((where, fact.term), []).append(fact)
        return found

    def _against(self, case: Case) -> set[str]:
        """The items of phrases that deny what is stated."""
        weak = [fact for fact in case.facts if fact.gives_way]
        if not weak:
            return set()
        stated = (fact for fact in case.facts if fact.affirmed and not fact.gives_way)
        above = {iri for fact in stated for iri in self._ontology.terms.ancestors(fact.term)}
        return {fact.item for fact in weak if fact.term in above}

    def _of_other_times(self, case: Case, left: list[Left]) -> Iterator[Fact]:
        """Findings of another time, which give no fact now but leave a level open."""
        terms = self._ontology.terms
        for remark in case.set_aside:
            match = _FINDING.match(remark.where)
            if match is None or not remark.about or not isinstance(case.raw, Mapping):
                continue
            item = case.raw["findings"][int(match[1])]
            found = terms.find(remark.what)
            is_told = isinstance(item, Mapping) and item.get("when") in TIMES
            if is_told and len(found) == 1 and terms.kind(found[0]) == "finding":
                (iri,) = found
                said = remark.where, remark.what
                fact = Fact(True, names.HAS_FINDING, iri, terms.label(iri), *said)
                yield replace(fact, when=item["when"], item=remark.where)
            else:
                left.append(Left(remark.where, remark.what, "what it leaves open of a level"))

    def _statement(self, facts: list[Fact], left: list[Left]) -> Statement | None:
        plain = next((fact for fact in facts if fact.property in names.HAS.values()), None)
        first = plain or facts[0]
        where = first.item or first.where
        reason = ""
        if plain is None:
            reason = "ruled out of the deposit alone"
        elif plain.property == names.UNDERWENT and not plain.affirmed:
            reason = "an intervention that is ruled out"
        code = None if reason else self._codes.stated(first)
        if plain is None or code is None:
            left.append(Left(where, first.label, reason or "no code denies as much"))
            return None
        links = {
            _ENDS[end]: fact.affirmed
            for fact in facts
            for end in [str(fact.property).removeprefix(str(plain.property))]
            if end in _ENDS
        }
        if plain.property == names.UNDERWENT and links.get("cause") is False:
            left.append(Left(f"{where}.cause", str(plain), "that an intervention is not the cause"))
            links.pop("cause")
        return Statement(plain, code, links)

    # -- as the schema has it ----------------------------------------------------------

    def _stated(self, one: Statement, found: Told, sites: list[Code]) -> None:
        """A finding or condition: a disease by its code, every other one a feature.

        A disease has no modifiers: a feature of our own term has what is said of its link.
        """
        found.used.append(one.code)
        modifiers = [*sites, *self._linked(one)]
        is_disease = one.code.is_disease and one.fact.property != names.HAS_FINDING
        if is_disease:
            item: Item = {"term": one.code.to_dict(), **self._at(one, found)}
            found.add("diseases", item if one.fact.affirmed else {**item, "excluded": True})
            if not modifiers:
                return
            one = replace(one, code=self._codes.own(names.local(one.fact.term)))
            found.used.append(one.code)
        found.used += modifiers
        feature: Item = {"type": one.code.to_dict(), **self._at(one, found)}
        if said := _description(one):
            feature["description"] = said
        if not one.fact.affirmed:
            feature["excluded"] = True
        if modifiers:
            feature["modifiers"] = [code.to_dict() for code in modifiers]
        if _is_measured(one.fact):
            evidence = self._codes.own(MEASURED)
            found.used.append(evidence)
            feature["evidence"] = [{"evidenceCode": evidence.to_dict()}]
        found.add("phenotypicFeatures", feature)

    def _in_words(self, remark: Remark, found: Told) -> None:
        """What was not understood, as a thing of its kind that its description names."""
        kind = UNNAMED.get(remark.kind)
        if remark.where.startswith(_LEVELS):
            return
        if kind is None:
            found.left.append(Left(_item(remark), remark.what, "not understood"))
            return
        said = {"at_deposit": remark.at_deposit, "cause": remark.cause}
        modifiers = [self._codes.own(_CODES_OF[key][True]) for key in said if said[key]]
        code = self._codes.own(kind)
        found.used += [code, *modifiers]
        feature: Item = {"type": code.to_dict(), "description": remark.what}
        if modifiers:
            feature["modifiers"] = [one.to_dict() for one in modifiers]
        found.add("phenotypicFeatures", feature)

    def _at(self, one: Statement, found: Told) -> Item:
        """When it was there, relative to the assessment, where that is not now."""
        when = one.fact.when
        if when == "at":
            return {}
        time = self._codes.own(TIMES[when])
        found.used.append(time)
        key = "resolution" if when == "before" else "onset"
        return {key: {"ontologyClass": time.to_dict()}}

    def _linked(self, one: Statement) -> list[Code]:
        return [self._codes.own(_CODES_OF[key][said]) for key, said in one.links.items()]

    def _action(self, one: Statement, found: Told) -> None:
        """An intervention; what has a place or a time is a procedure, for a treatment has none."""
        found.used.append(one.code)
        links, when = one.links, one.fact.when
        more: Item = {}
        if "at_deposit" in links:
            site = self._codes.own(AT_DEPOSIT[links["at_deposit"]])
            found.used.append(site)
            more["bodySite"] = site.to_dict()
        if when != "at":
            time = self._codes.own(TIMES[when])
            found.used.append(time)
            more["performed"] = {"ontologyClass": time.to_dict()}
        if self._codes.is_substance(one.fact.term) and not more:
            action: Item = {"treatment": {"agent": one.code.to_dict()}}
        else:
            action = {"procedure": {"code": one.code.to_dict(), **more}}
        if links.get("cause"):
            effect = self._codes.code(names.CALCINOSIS)
            found.used.append(effect)
            action["adverseEvents"] = [effect.to_dict()]
        found.add("medicalActions", action)

    def _sites(self, case: Case, found: Told) -> list[Code]:
        """The codes of the sites of the deposit, where there is one."""
        codes = []
        for number, site in enumerate(case.sites):
            iri = self._ontology.sites.find(site)
            where = f"calcinosis.sites[{number}]"
            if case.calcinosis != "present":
                found.left.append(Left(where, site, "a site, where no deposit is stated"))
            elif iri is None:
                found.left.append(Left(where, site, "no site with a code"))
            else:
                codes.append(self._codes.site(iri))
        return codes


def _merge(known: list[Statement], new: Statement) -> None:
    """Add a statement, or what it says of its link to one that says nothing against that."""
    for place, one in enumerate(known):
        if all(one.links.get(key, said) == said for key, said in new.links.items()):
            both = (one.fact, new.fact)
            fact = max(both, key=lambda fact: (not _is_measured(fact), len(str(fact))))
            known[place] = replace(one, fact=fact, links={**one.links, **new.links})
            return
    known.append(new)


def _is_measured(fact: Fact) -> bool:
    return fact.item.startswith(_LEVELS)


def _description(one: Statement) -> str:
    """What is noted of a fact, else the fact in words where its code does not say as much.

    A term that a description would name has none.
    """
    if one.code.id in _UNNAMED:
        return ""
    if one.fact.note and not _is_measured(one.fact):
        return one.fact.note
    said = str(one.fact)
    is_told = said != one.code.label and (one.fact.reading or one.fact.affirmed)
    return said if is_told else ""


def _beside(case: Case) -> Iterator[Left]:
    """What of a case gives no fact, but could bear on a verdict."""
    for fact in case.workup:
        yield Left(fact.item or fact.where, fact.words, "looked into in full")
    if case.assume is not None:
        yield Left("assume", ", ".join(case.assume) or "nothing", "what may be assumed")


def _item(remark: Remark) -> str:
    return remark.where.partition(".")[0]


def age_left(case: Case, written: str | None) -> Iterator[Left]:
    """That the age is not there, or not as exactly; ``written`` is the duration that is."""
    stated = case.raw.get("age") if isinstance(case.raw, Mapping) else None
    if stated is None or (written is not None and age.days(written) == case.age_days):
        return
    how = "as exactly" if written is not None else "at all"
    yield Left("age", str(stated), f"an age that it does not hold {how}", written)
