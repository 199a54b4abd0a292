"""One fault for each rule that is kept as a file: what is added to the graph, or taken away."""

from __future__ import annotations

from dataclasses import dataclass

PREFIXES = """
PREFIX cc: <https://w3id.org/calcinosis/>
PREFIX assoc: <https://w3id.org/calcinosis/association/>
PREFIX ref: <https://w3id.org/calcinosis/reference/>
PREFIX interval: <https://w3id.org/calcinosis/interval/>
PREFIX module: <https://w3id.org/calcinosis/ontology/>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX dc: <http://purl.org/dc/elements/1.1/>
PREFIX cito: <http://purl.org/spar/cito/>
PREFIX fabio: <http://purl.org/spar/fabio/>
PREFIX bibo: <http://purl.org/ontology/bibo/>
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX IAO: <http://purl.obolibrary.org/obo/IAO_>
"""


@dataclass(frozen=True)
class Fault:
    """A fault, the entity that its rule must name, and the module that it is in."""

    entity: str
    added: str
    module: str = "conditions"
    removed: str = ""

    def update(self) -> str:
        """The SPARQL update that makes the fault."""
        graph = f"<https://w3id.org/calcinosis/ontology/{self.module}>"
        parts = [PREFIXES]
        if self.removed:
            parts.append(f"DELETE WHERE {{ GRAPH ?g {{ {self.removed} }} }} ;")
        parts.append(f"INSERT DATA {{ GRAPH {graph} {{ {self.added} }} }}")
        return "\n".join(parts)


VIEW = "viewpoints/seed-reiter-2011"
SUBCLASS = "owl:annotatedProperty rdfs:subClassOf"

QUERIES: dict[str, Fault] = {
    "annotation_whitespace": Fault("Bad", 'cc:Bad rdfs:comment "spaced "@en .'),
    "author_order": Fault(
        "bad",
        "ref:bad cc:authorship [ cc:position 1 ] , [ cc:position 3 ] .",
    ),
    "axiom_without_taken": Fault(
        "Acne", "cc:Acne rdfs:subClassOf cc:DepositingIntervention .", VIEW
    ),
    "canonical_unit_factor": Fault(
        "Bad", 'cc:Bad cc:canonicalUnit "x" ; cc:unit [ cc:ucum "x" ; cc:factor 2.0 ] .'
    ),
    "case_report_label": Fault(
        "bad",
        'assoc:bad cc:predicate cc:p ; rdfs:label "acne predisposes to scars"@en ;'
        ' cito:citesAsEvidence ref:a . ref:a cc:studyType "case report" .',
    ),
    "causal_criterion": Fault(
        "BadCase", "cc:BadCase cc:causalCriterion cc:WithTissueDamage .", VIEW
    ),
    "contested_licence_untaken": Fault(
        "bad", "assoc:bad cc:licensesWhereTaken cc:LocalTissueDamagingCondition ."
    ),
    "criterion_asks": Fault(
        "WithBad",
        "cc:WithBad rdfs:subClassOf cc:Criterion ; owl:equivalentClass [ a owl:Class ] ."
        " cc:BadCase rdfs:subClassOf cc:WithBad ; cc:caseOf cc:Calciphylaxis .",
    ),
    "criterion_undefined": Fault("WithBad", "cc:WithBad rdfs:subClassOf cc:Criterion ."),
    "dangling_reference": Fault("Acne", "cc:Acne rdfs:subClassOf cc:Nowhere ."),
    "dc_properties": Fault("Acne", 'cc:Acne dc:title "old" .'),
    "deprecated_boolean_datatype": Fault("Acne", 'cc:Acne owl:deprecated "true" .'),
    "deprecated_class_reference": Fault("AcneScar", "cc:Scar owl:deprecated true ."),
    "duplicate_association": Fault(
        "a",
        "assoc:a cc:subject cc:Acne ; cc:predicate cc:p ; cc:object cc:Scar ."
        " assoc:b cc:subject cc:Acne ; cc:predicate cc:p ; cc:object cc:Scar .",
    ),
    "duplicate_definition": Fault(
        "Bad1",
        'cc:Bad1 a owl:Class ; IAO:0000115 "Same."@en .'
        ' cc:Bad2 a owl:Class ; IAO:0000115 "Same."@en .',
    ),
    "duplicate_exact_synonym": Fault(
        "ZBad", 'cc:ZBad a owl:Class ; skos:altLabel "Acne Vulgaris"@en .'
    ),
    "duplicate_identifier": Fault("a", 'ref:a bibo:doi "10.1000/X" . ref:b bibo:doi "10.1000/x" .'),
    "duplicate_label": Fault("ZBad", 'cc:ZBad a owl:Class ; rdfs:label "Acne"@en .'),
    "duplicate_label_synonym": Fault("Bad", 'cc:Bad a owl:Class ; skos:altLabel "Acne"@en .'),
    "equivalent_class_axiom_no_genus": Fault(
        "Bad",
        "cc:Bad owl:equivalentClass"
        " [ a owl:Restriction ; owl:onProperty cc:hasFinding ; owl:someValuesFrom cc:Finding ] .",
    ),
    "equivalent_pair": Fault("Acne", "cc:Acne owl:equivalentClass cc:Scar ."),
    "foreign_definition": Fault("Acne", 'cc:Acne rdfs:label "other"@en .', VIEW),
    "illegal_use_of_built_in_vocabulary": Fault(
        "http://www.w3.org/2002/07/owl#Class", 'owl:Class rdfs:label "class"@en .'
    ),
    "interval_unit": Fault(
        "interval/bad", 'interval:bad cc:analyte cc:TotalCalcium ; cc:inUnit "furlong" .'
    ),
    "label_formatting": Fault("Bad", 'cc:Bad rdfs:label "tab\\there"@en .'),
    "label_whitespace": Fault("Bad", 'cc:Bad skos:altLabel "two  spaces"@en .'),
    "lowercase_definition": Fault("Bad", 'cc:Bad IAO:0000115 "small."@en .'),
    "missing_definition": Fault("Bad", "cc:Bad a owl:Class ."),
    "missing_label": Fault("Bad", "cc:Bad a owl:NamedIndividual ."),
    "missing_obsolete_label": Fault("Acne", "cc:Acne owl:deprecated true ."),
    "missing_read": Fault("bad", "assoc:bad cito:disputes ref:reiter-2011 ."),
    "missing_superclass": Fault("Bad", "cc:Bad a owl:Class ."),
    "misused_obsolete_label": Fault("Bad", 'cc:Bad rdfs:label "obsolete thing"@en .'),
    "misused_replaced_by": Fault("Acne", "cc:Acne IAO:0100001 cc:Scar ."),
    "multiple_definitions": Fault("Acne", 'cc:Acne IAO:0000115 "Another."@en .'),
    "multiple_equivalent_classes": Fault(
        "WithTissueDamage", "cc:WithTissueDamage owl:equivalentClass cc:A .", "subtypes"
    ),
    "multiple_labels": Fault("Acne", 'cc:Acne rdfs:label "another"@en .'),
    "orphan_annotation": Fault(
        "Acne",
        f"[] a owl:Axiom ; owl:annotatedSource cc:Acne ; {SUBCLASS} ;"
        " owl:annotatedTarget cc:Finding .",
    ),
    "outside_datatype": Fault("Acne", 'cc:Acne dcterms:created "2026-01-01"^^xsd:date .'),
    "read_called_unread": Fault(
        "tristano-2006",
        'cc:Bad cc:taken "Wording not read in Tristano 2006; another is taken."@en .',
        "viewpoints/tristano-2006",
    ),
    "recalled_identifier": Fault(
        "bad", 'ref:bad bibo:doi "10.1000/x" ; rdfs:comment "The DOI was recalled."@en .'
    ),
    "repeated_read": Fault(
        "bad",
        "assoc:bad cito:disputes ref:a ."
        + 2
        * " [] owl:annotatedSource assoc:bad ; owl:annotatedProperty cito:disputes ;"
        " owl:annotatedTarget ref:a .",
    ),
    "parent_without_role": Fault("Bad", "cc:BurnScar rdfs:subClassOf cc:Bad ."),
    "role_definition": Fault(
        "Acne",
        "assoc:bad cc:subject cc:Acne ; cc:licenses cc:MineralDisorderAgainstIdiopathic .",
        "associations",
    ),
    "role_in_taxonomy": Fault("Acne", "cc:Acne rdfs:subClassOf cc:LocalTissueDamagingCondition ."),
    "spelling_missing": Fault("Bad", 'cc:Bad a owl:Class ; skos:altLabel "haematuraemia"@en .'),
    "supported_and_disputed": Fault(
        "bad", "assoc:bad cito:disputes ref:a ; cito:citesAsEvidence ref:a ."
    ),
    "synonym_repeats_label": Fault("Acne", 'cc:Acne skos:altLabel "ACNE"@en .'),
    "taken_without_axiom": Fault(
        "seed-reiter-2011",
        "<https://w3id.org/calcinosis/viewpoint/seed-reiter-2011> cc:takes assoc:bad ."
        " assoc:bad cc:subject cc:Acne ; cc:licensesWhereTaken cc:LocalTissueDamagingCondition .",
        VIEW,
    ),
    "title_not_seen": Fault(
        "bad",
        'ref:bad dcterms:title "X" ; rdfs:comment "The title and the authors were not seen."@en .',
    ),
    "typical_unsaid": Fault(
        "bad",
        'assoc:bad cc:predicate cc:hasTypicalResult ; cc:statement "It was almost low once."@en .',
    ),
    "uncited_reference": Fault("bad", 'ref:bad cc:studyType "review" .'),
    "uncited_seed_reference": Fault("bad", "ref:bad cc:seedNumber 30 ."),
    "undeclared_property": Fault("nothing", "cc:Acne cc:nothing cc:Scar ."),
    "unit_ambiguous": Fault(
        "Bad", 'cc:Bad cc:unit [ cc:ucum "x" ] , [ cc:ucum "y" ; skos:altLabel "X" ] .'
    ),
    "unknown_association": Fault(
        "Acne",
        "[] owl:annotatedSource cc:Acne ; owl:annotatedTarget cc:Scar ; cc:restsOn cc:Scar .",
    ),
    "unknown_reference": Fault("Acne", "cc:Acne IAO:0000119 ref:nobody-1900 ."),
    "unsupported_axiom": Fault("Acne", "cc:Acne rdfs:subClassOf cc:Finding ."),
    "unused_term": Fault("Bad", "cc:Bad a owl:Class ."),
    "working_note": Fault("Acne", 'cc:Acne rdfs:comment "See E012."@en .'),
}

_CLAIM = (
    "a cc:CauseAssociation , owl:NamedIndividual ; cc:subject cc:Acne ; cc:predicate cc:p ;"
    " cc:object cc:Scar ;"
)

SHAPES: dict[str, Fault] = {
    "analyte": Fault("NoUnit", 'cc:NoUnit a cc:Analyte ; rdfs:label "x"@en .'),
    "analyte_findings": Fault("NoLevel", "cc:NoLevel a cc:Analyte ."),
    "analyte_loinc": Fault("BadLoinc", 'cc:BadLoinc cc:loinc "LOINC:1" .'),
    "analyte_plausible": Fault(
        "Upside",
        "cc:Upside a cc:Analyte ; cc:plausibleMinimum 2.0 ; cc:plausibleMaximum 1.0 ;"
        ' cc:editorial "x"@en .',
    ),
    "analyte_units": Fault("NoUnits", "cc:NoUnits a cc:Analyte ."),
    "association_basis": Fault("basis", f"assoc:basis {_CLAIM} cc:givesBasisFor cc:Scar ."),
    "association_contested": Fault("alone", "assoc:alone cc:contested true ."),
    "association_contested_said": Fault("unsaid", "assoc:unsaid cc:contestedBy assoc:alone ."),
    "association_contested_symmetric": Fault("half", "assoc:half cc:contestedBy assoc:whole ."),
    "association_kind": Fault("kindless", "assoc:kindless a cc:Association ; cc:subject cc:Acne ."),
    "association_label": Fault("mute", f'assoc:mute {_CLAIM} cc:statement "It is."@en .'),
    "association_licence": Fault("licence", f"assoc:licence {_CLAIM} cc:licenses cc:Acne ."),
    "association_object": Fault("objectless", "assoc:objectless a cc:CauseAssociation ."),
    "association_predicate": Fault(
        "relationless", f"assoc:relationless {_CLAIM} cc:predicate cc:q ."
    ),
    "association_role_editorial": Fault(
        "groundless", f"assoc:groundless {_CLAIM} cc:licenses cc:LocalTissueDamagingCondition ."
    ),
    "association_role_kind": Fault(
        "site", "assoc:site a cc:SiteAssociation ; cc:givesBasisFor cc:Calciphylaxis ."
    ),
    "association_statement": Fault("stop", f'assoc:stop {_CLAIM} cc:statement "No stop"@en .'),
    "association_subject": Fault("subjectless", "assoc:subjectless a cc:CauseAssociation ."),
    "association_support": Fault("unsupported", f"assoc:unsupported {_CLAIM} cc:contested true ."),
    "association_yields": Fault("acned", f"assoc:acned {_CLAIM} cc:yields cc:Acne ."),
    "association_yields_editorial": Fault(
        "reasonless", f"assoc:reasonless {_CLAIM} cc:yields cc:AbnormalCalcium ."
    ),
    "association_yields_kind": Fault(
        "testless", "assoc:testless a cc:SiteAssociation ; cc:yields cc:AbnormalCalcium ."
    ),
    "case_class": Fault("AcneCase", "cc:AcneCase cc:caseOf cc:Acne ; cc:sortOrder 9 ."),
    "case_class_criteria": Fault("FreeCase", "cc:FreeCase cc:caseOf cc:Calciphylaxis ."),
    "citation_annotated": Fault(
        "AcneScar",
        f'[] owl:annotatedSource cc:AcneScar ; {SUBCLASS} ; cc:read "text" .',
    ),
    "citation_read": Fault(
        "skimmed",
        "[] owl:annotatedSource assoc:skimmed ; owl:annotatedProperty cito:disputes ;"
        ' cc:read "skimmed" .',
    ),
    "correction": Fault("HalfFormula", "cc:HalfFormula a cc:AlbuminCorrectionFormula ."),
    "flag": Fault("BadFlag", 'cc:BadFlag a cc:Flag ; cc:whenVerdict "maybe" .'),
    "interval": Fault("interval/unitless", "interval:unitless a cc:ReferenceInterval ."),
    "interval_age": Fault(
        "interval/aged", 'interval:aged a cc:ReferenceInterval ; cc:ageFrom "18 years" .'
    ),
    "interval_bounds": Fault(
        "interval/upside",
        "interval:upside a cc:ReferenceInterval ; cc:lowerBound 2.0 ; cc:upperBound 1.0 .",
    ),
    "interval_source": Fault("interval/sourceless", "interval:sourceless a cc:ReferenceInterval ."),
    "missing_ontology_description": Fault("ontology/bare1", "module:bare1 a owl:Ontology ."),
    "missing_ontology_license": Fault("ontology/bare2", "module:bare2 a owl:Ontology ."),
    "missing_ontology_title": Fault("ontology/bare3", "module:bare3 a owl:Ontology ."),
    "provenance_activity": Fault("Doing", "cc:Doing prov:wasAssociatedWith cc:Doer ."),
    "provenance_collection": Fault("Set", "cc:Set prov:hadMember cc:Member ."),
    "provenance_derivation": Fault("Unread", "cc:Unread prov:entity ref:bad ."),
    "provenance_fact": Fault("Silent", "cc:Silent prov:atLocation cc:Place ."),
    "provenance_member": Fault("Member", "cc:Set prov:hadMember cc:Member ."),
    "provenance_verdict": Fault(
        "Judged", 'cc:Judged prov:wasGeneratedBy cc:Doing ; prov:value "entailed" .'
    ),
    "reference_address": Fault("local", 'ref:local bibo:uri "file:///x" .'),
    "reference_author": Fault("anon", "ref:anon cc:authorship [ cc:position 1 ] ."),
    "reference_dated": Fault("undated", "ref:undated a fabio:JournalArticle ."),
    "reference_doi": Fault("address", 'ref:address bibo:doi "https://doi.org/10.1000/x" .'),
    "reference_label": Fault("unlabelled", 'ref:unlabelled cc:studyType "review" .'),
    "reference_pmcid": Fault("pmc", 'ref:pmc cc:pmcid "123" .'),
    "reference_pmid": Fault("pm", 'ref:pm bibo:pmid "PMID:123" .'),
    "reference_seed_number": Fault("seed", "ref:seed cc:seedNumber 30 ."),
    "reference_study_type": Fault("odd", 'ref:odd a fabio:JournalArticle ; cc:studyType "blog" .'),
    "reference_title": Fault("untitled", 'ref:untitled cc:studyType "review" .'),
    "reference_title_once": Fault(
        "titled", 'ref:titled cc:studyType "review" ; dcterms:title "A" , "B" .'
    ),
    "reference_type": Fault("typeless", "assoc:citing cito:disputes ref:typeless ."),
    "level_word": Fault("MuteLevel", "cc:MuteLevel a cc:LevelWord .", "laboratory"),
    "reference_web_page": Fault("page", "ref:page a fabio:WebPage ."),
    "reference_year": Fault("year", 'ref:year cc:year "2015" .'),
    "root_metadata": Fault(
        "ontology",
        'cc:ontology owl:versionInfo "soon" .',
        removed="cc:ontology owl:versionInfo ?version .",
    ),
    "report_phrase": Fault("MutePhrase", "cc:MutePhrase a cc:ReportPhrase .", "rules"),
    "rule": Fault("LoneRule", "cc:LoneRule a cc:Rule .", "rules"),
    "rule_assumption": Fault("Guess", 'cc:Guess cc:assumedUnder "luck" .', "rules"),
    "rule_flag": Fault("MuteFlag", "cc:MuteFlag a cc:RuleFlag .", "rules"),
    "term_definition": Fault(
        "Loose", 'cc:Loose a owl:Class ; IAO:0000115 "One."@en ; skos:definition "Two."@en .'
    ),
    "term_iri": Fault("bad_name", "cc:bad_name a owl:Class ."),
    "term_label": Fault("Labelled", 'cc:Labelled a owl:Class ; rdfs:label "chat"@fr .'),
    "unit": Fault("BadUnit", 'cc:BadUnit cc:unit [ cc:ucum "x" ; cc:factor 0.0 ] .'),
    "viewpoint": Fault("BadView", "cc:BadView a cc:Viewpoint ."),
    "viewpoint_cites": Fault("LoneView", "cc:LoneView a cc:Viewpoint ."),
    "viewpoint_presupposes": Fault(
        "FreeView", "cc:FreeView a cc:Viewpoint ; cc:presupposes cc:Acne ."
    ),
    "viewpoint_takes": Fault("TakingView", "cc:TakingView a cc:Viewpoint ; cc:takes assoc:alone ."),
}
