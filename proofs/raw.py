"""Random cases as a case file has them, made of the terms that matter to the rules of reading.

Random words alone hardly meet a rule. Each *theme* puts together what one rule, or one way of its
being held back, is about; a case has one to three themes, and words that have nothing to do with
them. Which terms a theme draws on is read off the compiled viewpoint.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from calcinosis import names
from calcinosis.facts.case import Fact
from calcinosis.graph.rules import BY_NAME, LEVELS, TAKEN
from calcinosis.graph.settings import ASSUMPTIONS
from calcinosis.reasoning.candidates import AS_CAUSE, AT_DEPOSIT, Item
from calcinosis.reasoning.classify import Classifier
from calcinosis.reasoning.fragment import Some

LISTS = ("conditions", "interventions", "findings", "labs", "excluded", "workup_complete")
_BASES = {
    "condition": names.HAS_CONDITION,
    "intervention": names.UNDERWENT,
    "finding": names.HAS_FINDING,
}
_TESTS = {
    "calcium": ("mg/dL", {"low": 6.9, "normal": 9.4, "high": 12.9}),
    "phosphate": ("mg/dL", {"low": 1.4, "normal": 3.6, "high": 7.2}),
}
_UNKNOWN = ("xyzzy disease", "plugh fever", "frobnication")


class Words:
    """The labels of a viewpoint's terms, by what they do there."""

    def __init__(self, classifier: Classifier) -> None:
        self._c = classifier
        self._terms = classifier.ontology.terms
        self.kinds = {kind: self._of_kind(kind) for kind in (*_BASES, "criterion")}
        rules = {rule.iri: rule for rule in classifier.rules.all}
        mineral = f"{names.CC}WithMineralMetabolismDisorder"
        raised = f"{names.CC}WithRaisedMineralLevel"
        damage = f"{names.CC}WithTissueDamage"
        self.taken = self._members("condition", rules[TAKEN].concerns)
        self.damage = self._meeting("condition", AT_DEPOSIT, damage)
        self.local = [one for one in self.damage if one not in self.taken]
        self.mineral = self._meeting("condition", AS_CAUSE, mineral)
        self.implying = self._meeting("condition", "", raised)
        (entity,) = rules[BY_NAME].if_entailed
        self.entities = self._meeting("condition", "", entity)
        deposits = f"{names.CC}WithDepositingIntervention"
        self.depositing = self._meeting("intervention", AT_DEPOSIT, deposits)
        vessels = f"{names.CC}WithSkinVesselCalcification"
        skin = f"{names.CC}WithIschaemiaOrNecrosisOfTheSkin"
        self.vessels = self._meeting("finding", "", vessels)
        self.skin = self._meeting("finding", "", skin)
        self.causes = {
            names.local(subtype): [
                one for kind in ("condition", "intervention") for one in self._causes(kind, subtype)
            ]
            for subtype in (c.subtype for c in classifier.case_classes)
        }
        held = rules[LEVELS].held_back_by
        self.trouble = [self._terms.label(i) for i in held if self._terms.kind(i) in _BASES]
        self.absences = [one for one in self.kinds["criterion"] if self._states_absence(one)]
        self.worked_up = [one for one in self.kinds["criterion"] if not self._states_absence(one)]
        self.denied_by_name = [self._terms.label(iri) for iri in rules[BY_NAME].denies]

    def list_of(self, label: str) -> str:
        """The list of a case file that a term stands in."""
        return f"{self._terms.kind(self._iri(label))}s"

    def parts(self, criterion: str) -> list[str]:
        """The labels of the criteria that a criterion is defined by, where it has one each."""
        known = {*self.kinds["criterion"]}
        parts = self._c.criterion(names.CC + criterion).parts
        return [label for label in map(self._terms.label, parts) if label in known]

    def above(self, label: str) -> list[str]:
        """The wider words for a term, the tops of the hierarchies not among them."""
        tops = {names.CONDITION, names.INTERVENTION, names.FINDING}
        above = {*self._terms.ancestors(self._iri(label))} - tops
        known = {one for kind in _BASES for one in self.kinds[kind]}
        return sorted(known.intersection(map(self._terms.label, above)))

    def _iri(self, label: str) -> str:
        (iri,) = self._terms.find(label)
        return iri

    def _of_kind(self, kind: str) -> list[str]:
        terms = self._terms
        found = (t for t in terms if t.kind == kind and t.iri not in terms.case_classes)
        return sorted(t.label for t in found if len(terms.find(t.label)) == 1)

    def _states_absence(self, label: str) -> bool:
        return bool(self._terms.states_absence(self._iri(label)))

    def _meeting(self, kind: str, suffix: str, criterion: str) -> list[str]:
        """The terms that meet a criterion by one link."""
        goal = self._c.compiled.find(criterion)
        found = []
        for label in self.kinds[kind]:
            link = self._c.compiled.find(Some(_BASES[kind] + suffix, self._iri(label)))
            if link is not None and goal is not None and self._c.compiled.closure(link) >> goal & 1:
                found.append(label)
        return found

    def _members(self, kind: str, categories: Iterable[str]) -> list[str]:
        holds, base = self._c._candidates.holds, _BASES[kind]
        kinds = tuple(categories)
        return [
            label
            for label in self.kinds[kind]
            if any(holds(base, self._iri(label), one) for one in kinds)
        ]

    def _causes(self, kind: str, subtype: str) -> list[str]:
        base = _BASES[kind]
        return [
            label
            for label in self.kinds[kind]
            if subtype
            in self._c._candidates.of(
                Item(Fact(True, base, self._iri(label), label, "", label), base)
            )
        ]


class Maker:
    """Makes raw cases under one viewpoint, the same ones for the same seed."""

    def __init__(self, words: Words, seed: int) -> None:
        self._words = words
        self._chance = random.Random(seed)
        self._raw: dict[str, list[Any]] = {}
        self._number = 0
        self.themes: dict[str, Callable[[], None]] = {
            name.removeprefix("_theme_"): getattr(self, name)
            for name in dir(self)
            if name.startswith("_theme_")
        }

    def case(self, theme: str = "") -> dict[str, Any]:
        """A raw case; of one theme and little else, or of some themes drawn by chance."""
        self._raw = {key: [] for key in LISTS}
        some = self._chance.sample(sorted(self.themes), self._one((1, 1, 2, 3)))
        chosen = [theme] if theme else some
        for one in chosen:
            self.themes[one]()
        for _ in range(self._one((0, 0, 1) if theme else (0, 0, 1, 2))):
            self._noise()
        self._number += 1
        found = self._head("-".join(chosen))
        for key, items in self._raw.items():
            self._chance.shuffle(items)
            if items:
                found[key] = items
        return found

    def _head(self, chosen: str) -> dict[str, Any]:
        """What a case says of the patient, and what may be assumed."""
        found: dict[str, Any] = {"id": f"{chosen}-{self._number}"}
        status = self._one(("present",) * 16 + ("absent", "unknown", None, None))
        if status:
            found["calcinosis"] = status
        if self._maybe(0.7):
            found["age"] = self._one(("45 years", "61 years", "9 years", "P4M"))
        if self._maybe(0.1):
            found["assume"] = self._chance.sample(ASSUMPTIONS, self._chance.randint(0, 3))
        return found

    # -- chance ----------------------------------------------------------------------

    def _maybe(self, share: float) -> bool:
        return self._chance.random() < share

    def _one(self, some: Sequence[Any]) -> Any:
        return self._chance.choice(some)

    def _add(self, label: str, **said: Any) -> None:
        """An item in the list of its term, with what is said of it."""
        self._raw[self._words.list_of(label)].append({"term": label, **said} if said else label)

    def _linked(self) -> dict[str, Any]:
        said: dict[str, Any] = {}
        for key in ("at_deposit", "cause"):
            if self._maybe(0.25):
                said[key] = self._maybe(0.5)
        if self._maybe(0.1):
            said["when"] = self._one(("before", "at", "after"))
        return said

    def _lab(self, test: str, level: str, when: str = "") -> None:
        item: dict[str, Any] = {"test": test}
        unit, values = _TESTS[test]
        if self._maybe(0.3):
            item |= {"value": values[level], "unit": unit}
            if self._maybe(0.5):
                item["interval"] = [values["low"] + 1, values["high"] - 2]
        else:
            item["level"] = level
        self._raw["labs"].append({**item, "when": when} if when else item)

    def _normal(self, most: int = 2) -> None:
        for test in self._chance.sample(sorted(_TESTS), most):
            self._lab(test, "normal")

    def _deny(self, label: str, **said: Any) -> None:
        self._raw["excluded"].append({"term": label, **said} if said else label)

    def _unknown(self, **said: Any) -> None:
        key = self._one(("conditions", "conditions", "interventions", "findings"))
        word = self._one(_UNKNOWN)
        linked = {} if key == "findings" else said
        self._raw[key].append({"term": word, **linked} if linked else word)

    def _noise(self) -> None:
        kind = self._one(("condition", "condition", "intervention", "finding"))
        label = self._one(self._words.kinds[kind])
        which = self._chance.random()
        if which < 0.45:
            self._add(label, **({} if kind == "finding" else self._linked()))
        elif which < 0.6:
            self._deny(label)
        elif which < 0.7:
            self._unknown(**self._linked())
        elif which < 0.8:
            self._deny(self._one(self._words.kinds["criterion"]))
        elif which < 0.9:
            self._raw["workup_complete"].append(self._one(self._words.worked_up))
        else:
            when = self._one(("", "", "before", "after"))
            self._lab(self._one(sorted(_TESTS)), self._one(("low", "normal", "high")), when)

    # -- facts -----------------------------------------------------------------------

    def _theme_set_apart(self) -> None:
        label = self._one(self._words.implying)
        which = self._chance.randrange(3)
        if which == 0:
            self._add(label, cause=False)
        elif which == 1:
            self._add(label, when="before")
        else:
            self._add(label)
            self._deny(self._one([label, *self._words.above(label)]), cause=True)
        if self._maybe(0.5):
            self._normal(self._chance.randint(1, 2))

    def _theme_level_aside(self) -> None:
        self._add(self._one(self._words.implying))
        if self._maybe(0.7):
            self._normal()
        else:
            self._lab(self._one(sorted(_TESTS)), "low")

    def _theme_denied_deposit(self) -> None:
        label = self._one(self._words.depositing)
        if self._maybe(0.6):
            self._add(label, at_deposit=True, cause=False)
        else:
            self._add(label, at_deposit=True)
            self._deny(self._one([label, *self._words.above(label)]), cause=True)
        if self._maybe(0.5):
            self._add(self._one(self._words.taken))

    # -- names -----------------------------------------------------------------------

    def _theme_taken(self) -> None:
        self._add(self._one(self._words.taken))
        if self._maybe(0.6):
            self._normal(self._chance.randint(1, 2))
        if self._maybe(0.15):
            self._add(self._one(self._words.taken), cause=self._maybe(0.3))

    def _theme_taken_denied(self) -> None:
        label = self._one(self._words.taken)
        which = self._chance.randrange(3)
        self._add(label, **({"cause": False} if which == 0 else {}))
        if which == 1:
            self._deny(self._one([label, *self._words.above(label)]), cause=True)
        elif which == 2:
            self._deny(self._one(self._words.denied_by_name))

    def _theme_held(self) -> None:
        self._add(self._one(self._words.taken))
        which = self._chance.randrange(4)
        if which == 0:
            self._add(self._one(self._words.damage), cause=True)
        elif which == 1:
            self._add(self._one(self._words.kinds["intervention"]), cause=True)
        elif which == 2:
            key = self._one(("conditions", "interventions"))
            self._raw[key].append({"term": self._one(_UNKNOWN), "cause": True})
        else:
            self._add(self._one(self._words.depositing), at_deposit=True)

    def _theme_named(self) -> None:
        self._add(self._one(self._words.entities))
        if self._maybe(0.5):
            self._normal(self._chance.randint(1, 2))
        if self._maybe(0.3):
            self._add(self._one(self._words.kinds["condition"]))

    def _theme_named_met(self) -> None:
        self._add(self._one(self._words.entities))
        which = self._chance.randrange(5)
        if which == 0:
            self._add(self._one(self._words.damage), at_deposit=True)
        elif which == 1:
            self._lab(self._one(sorted(_TESTS)), "high")
        elif which == 2:
            self._add(self._one(self._words.depositing), at_deposit=True)
        elif which == 3:
            self._add(self._one(self._words.vessels))
        else:
            self._add(self._one(self._words.mineral), cause=True)

    def _theme_named_beside_cause(self) -> None:
        self._add(self._one(self._words.entities))
        self._add(self._one(self._words.causes["MetastaticCalcinosisCutis"]))

    def _theme_named_not_understood(self) -> None:
        self._add(self._one(self._words.entities))
        key = self._one(("conditions", "interventions"))
        link = self._one(("at_deposit", "cause"))
        self._raw[key].append({"term": self._one(_UNKNOWN), link: True})
        if self._maybe(0.5):
            self._normal()

    def _theme_named_without_room(self) -> None:
        self._add(self._one(self._words.entities))
        self._deny(self._one(self._words.absences))
        if self._maybe(0.3):
            self._normal()

    # -- the work-up -----------------------------------------------------------------

    def _worked_up(self) -> None:
        some = self._chance.sample(self._words.denied_by_name, self._chance.randint(1, 4))
        self._raw["workup_complete"] += some
        if self._maybe(0.2):
            self._raw["workup_complete"].append(self._one(self._words.worked_up))

    def _theme_worked_up(self) -> None:
        self._worked_up()
        if self._maybe(0.6):
            self._normal(self._chance.randint(1, 2))

    def _theme_work_up_met(self) -> None:
        self._worked_up()
        self._theme_named_met()
        if self._maybe(0.8):
            self._raw["conditions"].remove(
                next(c for c in self._raw["conditions"] if c in self._words.entities)
            )

    def _theme_work_up_unplaced(self) -> None:
        self._worked_up()
        self._add(self._one([*self._words.local, *self._words.depositing]))

    def _theme_work_up_held(self) -> None:
        self._raw["workup_complete"] += self._words.denied_by_name[:4]
        self._theme_held()

    def _theme_work_up_not_understood(self) -> None:
        self._worked_up()
        self._raw[self._one(("conditions", "interventions"))].append(self._one(_UNKNOWN))

    def _theme_work_up_without_room(self) -> None:
        self._raw["workup_complete"] += self._words.denied_by_name
        self._deny(self._one(self._words.absences))

    # -- assumed ---------------------------------------------------------------------

    def _theme_levels(self) -> None:
        label = self._one(self._words.damage)
        self._add(label, **({} if label in self._words.taken else {"at_deposit": True}))
        if self._maybe(0.3):
            self._normal(1)
        if self._maybe(0.15):
            self._add(self._one(self._words.trouble))

    def _theme_denials(self) -> None:
        self._deny(self._one(self._words.damage))
        if self._maybe(0.5):
            self._normal(self._chance.randint(1, 2))
        if self._maybe(0.3):
            self._deny(self._one(self._words.mineral))

    def _theme_raised(self) -> None:
        self._add(self._one(self._words.causes["MetastaticCalcinosisCutis"]))
        if self._maybe(0.15):
            self._lab(self._one(sorted(_TESTS)), self._one(("low", "normal")))

    def _theme_link(self) -> None:
        self._add(self._one([*self._words.local, *self._words.depositing]))
        if self._maybe(0.5):
            self._normal()

    def _theme_skin(self) -> None:
        self._add(self._one(self._words.skin))
        if self._maybe(0.6):
            self._add(self._one(self._words.vessels))
        if self._maybe(0.5):
            self._theme_raised()

    # -- contradictions --------------------------------------------------------------

    def _theme_clash(self) -> None:
        for _ in range(self._one((1, 1, 2))):
            self._clash()
        if self._maybe(0.7):
            self._one((self._theme_taken, self._theme_named, self._theme_link))()

    def _theme_clash_of_many(self) -> None:
        """Facts of which any one may be given up: as many repairs as facts."""
        absence = "no underlying cause"
        if self._maybe(0.4):
            self._add("abnormal calcium level")
            self._deny("hypercalcaemia")
            self._deny("hypocalcaemia")
            if self._maybe(0.4):  # a level that one of the denials clashes with as well
                self._lab("phosphate", "high")
                self._deny(self._one(("raised calcium or phosphate", "mineral disturbance")))
        else:
            self._deny(absence)
            parts = self._words.denied_by_name[:3]
            self._raw["excluded"] += parts
            if self._maybe(0.5) and "mineral disturbance" in parts:
                self._raw["excluded"].remove("mineral disturbance")
                self._raw["excluded"] += self._words.parts("WithMineralDisturbance")
        if self._maybe(0.3):
            self._clash()

    def _clash(self) -> None:
        which = self._chance.randrange(5)
        words = self._words
        if which == 0:
            label = self._one([*words.skin, *words.vessels, *words.kinds["finding"]])
            self._add(label)
            self._deny(self._one([label, *words.above(label)]))
        elif which == 1:
            label = self._one([*words.taken, *words.entities, *words.kinds["condition"]])
            self._add(label, **self._linked())
            self._deny(self._one([label, *words.above(label)]))
        elif which == 2:
            self._lab(self._one(sorted(_TESTS)), "high")
            self._deny(self._one(("raised calcium or phosphate", "mineral disturbance")))
        elif which == 3:
            label = self._one(words.damage)
            self._add(label, at_deposit=True, cause=self._maybe(0.5))
            self._deny(self._one([label, "tissue damage"]))
        else:
            label = self._one(words.depositing)
            self._add(label, at_deposit=True)
            self._deny(self._one([label, *words.above(label)]), at_deposit=True)
