"""Our kinds and predicates in the Biolink Model 4: never more than the graph says.

Where no Biolink predicate says the same, the nearest one that says less is taken; the edge keeps
ours as ``original_predicate``. A predicate is used only between the categories that Biolink
states for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Final

from calcinosis import names

DISEASE: Final = "biolink:Disease"
CONDITION: Final = "biolink:DiseaseOrPhenotypicFeature"
FEATURE: Final = "biolink:PhenotypicFeature"
TREATMENT: Final = "biolink:Treatment"
TEST: Final = "biolink:DiagnosticAid"
GENE: Final = "biolink:Gene"
ATTRIBUTE: Final = "biolink:OrganismAttribute"
ANYTHING: Final = "biolink:NamedThing"

# The schema says which category a kind of term falls under (skos:broadMatch). Of several the first
# here is taken: what is a test and an intervention is a test.
CATEGORIES: Final = (
    "biolink:AnatomicalEntity",
    GENE,
    "biolink:MolecularEntity",
    ATTRIBUTE,
    TEST,
    TREATMENT,
    "biolink:ClinicalIntervention",
    FEATURE,
    "biolink:ExposureEvent",
    CONDITION,
    "biolink:PopulationOfIndividualOrganisms",
)
# An exact match in one of these makes a condition a disease.
DISEASE_VOCABULARIES: Final = ("MONDO", "DOID", "OMIM", "OMIMPS", "Orphanet")

_CONDITIONS: Final = frozenset((DISEASE, CONDITION, FEATURE))


@dataclass(frozen=True, slots=True)
class Predicate:
    """A Biolink predicate, what it may stand between, and the weaker one where it may not."""

    name: str = "biolink:related_to"
    subjects: Set[str] | None = None
    objects: Set[str] | None = None
    otherwise: str = "biolink:related_to"
    negated: bool = False

    def between(self, subject: str, target: str) -> str:
        """The predicate that holds between two categories."""
        fits = (self.subjects is None or subject in self.subjects) and (
            self.objects is None or target in self.objects
        )
        return self.name if fits else self.otherwise


RELATED: Final = Predicate()
PREDICATES: Final[Mapping[str, Predicate]] = {
    # "causes or contributes to": of the two, what is always true
    names.RO + "0003302": Predicate("biolink:contributes_to"),
    names.RO + "0002200": Predicate("biolink:has_phenotype", _CONDITIONS, frozenset((FEATURE,))),
    names.RO + "0004026": Predicate("biolink:disease_has_location"),
    names.BIOLINK + "gene_associated_with_condition": Predicate(
        "biolink:gene_associated_with_condition",
        frozenset((GENE,)),
        _CONDITIONS,
        "biolink:associated_with",
    ),
    names.BIOLINK + "applied_to_treat": Predicate(
        "biolink:applied_to_treat", frozenset((TREATMENT,)), _CONDITIONS
    ),
    names.BIOLINK + "diagnoses": Predicate("biolink:diagnoses", frozenset((TEST,)), _CONDITIONS),
    # Biolink keeps it for drugs and treatments
    names.BIOLINK + "predisposes_to_condition": Predicate(
        "biolink:predisposes_to_condition",
        frozenset((TREATMENT,)),
        _CONDITIONS,
        "biolink:affects_likelihood_of",
    ),
    **{
        names.BIOLINK + name: Predicate("biolink:" + name)
        for name in (
            "associated_with",
            "associated_with_decreased_likelihood_of",
            "associated_with_increased_likelihood_of",
        )
    },
    # a claim about filing, which sources dispute: no closure is to be built over it
    names.CC + "isKindOf": Predicate("biolink:related_to_at_concept_level"),
    names.CC + "sharesHistologyWith": Predicate("biolink:similar_to"),
    names.CC + "excludesFeature": Predicate("biolink:coexists_with", negated=True),
    **{
        names.CC + name: RELATED
        for name in (
            "describedIn",
            "doesNotRequireFeature",
            "hasContestedSubtype",
            "hasCourse",
            "hasDefiningFeature",
            "hasDepositionThreshold",
            "hasDifferentialDiagnosis",
            "hasFrequency",
            "hasMeanAgeAtOnset",
            "reportedWith",
            "hasReportedResult",
            "hasSubtypeCount",
            "hasTypicalResult",
        )
    },
}
