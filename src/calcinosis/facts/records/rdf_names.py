"""The properties by which a case is RDF in our words, and what each is in the case format."""

from __future__ import annotations

from typing import Final

from calcinosis import names
from calcinosis.facts import case

LISTS: Final = {key: names.HAS[kind] for key, kind in case.LISTS.items()}
EXCLUDES: Final = names.CC + "excludes"
RESULT: Final = names.CC + "hasResult"
SITE: Final = names.CC + "hasDepositAt"
WORKED_UP: Final = names.CC + "hasCompleteWorkUpOf"
ASSUME: Final = names.CC + "mayAssume"
OTHER: Final = names.CC + "isSaidToo"
LEAVES_OPEN: Final = names.CC + "leavesOpen"
IDENTIFIER: Final = names.DCTERMS + "identifier"
SOURCE: Final = names.DCTERMS + "source"
SEX, AGE = names.CC + "sex", names.CC + "age"
AS_WRITTEN: Final = names.CC + "asWritten"
AT_DEPOSIT, AS_CAUSE = names.CC + "isAtDeposit", names.CC + "isCause"
TIME: Final = names.CC + "atTime"
NOTE: Final = names.SKOS + "note"
TEST, VALUE, LEVEL = names.CC + "ofTest", names.CC + "hasValue", names.CC + "hasLevel"
UNIT, LOW, HIGH = names.CC + "inUnit", names.CC + "lowerBound", names.CC + "upperBound"
REASON, CURE, ABOUT = names.CC + "becauseOf", names.CC + "lacks", names.CC + "aboutFinding"

LINKS: Final = {
    **{iri: (key, "") for key, iri in LISTS.items()},
    **{
        iri + suffix: (key, flag)
        for key, iri in LISTS.items()
        for suffix, flag in (("AtDeposit", "at_deposit"), ("AsCause", "cause"))
        if key != "findings"
    },
    EXCLUDES: ("excluded", ""),
}
ONE: Final = {IDENTIFIER: "id", SOURCE: "source", SEX: "sex", AGE: "age"}
MANY: Final = {WORKED_UP: "workup_complete", ASSUME: "assume", OTHER: "other"}
OF_ITEM: Final = {AT_DEPOSIT: "at_deposit", AS_CAUSE: "cause", TIME: "when", NOTE: "note"}
OF_RESULT: Final = {
    TEST: "test", VALUE: "value", UNIT: "unit", LEVEL: "level", TIME: "when", NOTE: "note",
}  # fmt: skip
OF_CASES: Final = frozenset((*LINKS, *ONE, *MANY, RESULT, SITE, LEAVES_OPEN, names.TYPE))
OURS: Final = (*OF_CASES, *OF_ITEM, *OF_RESULT, AS_WRITTEN, LOW, HIGH, REASON, CURE, ABOUT)
MARKS: Final = frozenset((*LINKS, RESULT, SITE, WORKED_UP))  # what only a case has
PLAIN: Final = frozenset((names.CASE, names.OWL + "NamedIndividual", names.OWL + "Thing"))
KIND_CLASSES: Final = frozenset((*PLAIN, names.CONDITION, names.INTERVENTION, names.FINDING))
CLASSES: Final = frozenset(
    (names.OWL + "Class", names.RDFS + "Class", names.SKOS + "Concept", names.OWL + "Restriction")
)
COMPLEMENT, ON_PROPERTY = names.OWL + "complementOf", names.OWL + "onProperty"
SOME_VALUES: Final = names.OWL + "someValuesFrom"
NUMBERS: Final = {
    **dict.fromkeys(map(names.XSD.__add__, ("decimal", "double", "float")), float),
    **dict.fromkeys(map(names.XSD.__add__, ("integer", "int", "long", "short")), int),
}
TRUTHS: Final = {"true": True, "1": True, "false": False, "0": False}
