"""One fault for each rule that is kept as a file: what is added to the graph, or taken away."""

from __future__ import annotations

from dataclasses import dataclass

PREFIXES = """
PREFIX calc: <https://w3id.org/calcinosis/>
PREFIX assoc: <https://w3id.org/calcinosis/association/>
PREFIX ref: <https://w3id.org/calcinosis/reference/>
PREFIX evid: <https://w3id.org/calcinosis/evidence/>
PREFIX interp: <https://w3id.org/calcinosis/interpretation/>
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
PREFIX oboInOwl: <http://www.geneontology.org/formats/oboInOwl#>
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
    "annotation_whitespace": Fault("Bad", 'calc:Bad rdfs:comment "spaced "@en .'),
    "author_order": Fault(
        "bad",
        "ref:bad calc:authorship [ calc:position 1 ] , [ calc:position 3 ] .",
    ),
    "axiom_without_taken": Fault(
        "Acne", "calc:Acne rdfs:subClassOf calc:DepositingIntervention .", VIEW
    ),
    "canonical_unit_factor": Fault(
        "Bad", 'calc:Bad calc:canonicalUnit "x" ; calc:unit [ calc:ucum "x" ; calc:factor 2.0 ] .'
    ),
    "case_report_label": Fault(
        "bad",
        'assoc:bad calc:predicate calc:p ; rdfs:label "acne predisposes to scars"@en ;'
        ' cito:citesAsEvidence ref:a . ref:a calc:studyType "case report" .',
    ),
    "causal_criterion": Fault(
        "BadCase", "calc:BadCase calc:causalCriterion calc:WithTissueDamage .", VIEW
    ),
    "class_of_cases_label": Fault(
        "WithBad", 'calc:WithBad rdfs:subClassOf calc:Criterion ; rdfs:label "tissue damage"@en .'
    ),
    "contested_licence_untaken": Fault(
        "bad",
        "assoc:bad calc:subject calc:Acne ;"
        " calc:licensesWhereTaken calc:LocalTissueDamagingCondition .",
    ),
    "criterion_asks": Fault(
        "WithBad",
        "calc:WithBad rdfs:subClassOf calc:Criterion ; owl:equivalentClass [ a owl:Class ] ."
        " calc:BadCase rdfs:subClassOf calc:WithBad ; calc:caseOf calc:Calciphylaxis .",
    ),
    "criterion_undefined": Fault("WithBad", "calc:WithBad rdfs:subClassOf calc:Criterion ."),
    "dangling_reference": Fault("Acne", "calc:Acne rdfs:subClassOf calc:Nowhere ."),
    "dc_properties": Fault("Acne", 'calc:Acne dc:title "old" .'),
    "definition_genus": Fault(
        "Bad",
        "calc:Bad a owl:Class ; rdfs:subClassOf calc:Condition ;"
        ' IAO:0000115 "Too little iron, which is a disease of the blood."@en .',
    ),
    "definition_mixed_source": Fault(
        "Acne", "calc:Acne IAO:0000119 calc:OwnWords , ref:fernandez-2015 ."
    ),
    "definition_source": Fault("Bad", 'calc:Bad a owl:Class ; IAO:0000115 "A bad thing."@en .'),
    "deprecated_boolean_datatype": Fault("Acne", 'calc:Acne owl:deprecated "true" .'),
    "deprecated_class_reference": Fault("AcneScar", "calc:Scar owl:deprecated true ."),
    "deprecated_property_reference": Fault(
        "Acne", 'calc:old owl:deprecated true . calc:Acne calc:old "a" .'
    ),
    "duplicate_scoped_synonym": Fault(
        "Acne", 'calc:Acne skos:altLabel "spots" ; oboInOwl:hasNarrowSynonym "Spots" .'
    ),
    "invalid_entity_uri": Fault(
        "http://purl.obolibrary.org/obo/IAO:1",
        "<http://purl.obolibrary.org/obo/IAO:1> a owl:Class .",
    ),
    "invalid_xref": Fault("Acne", 'calc:Acne oboInOwl:hasDbXref "acne vulgaris" .'),
    "missing_ontology_description": Fault(
        "ontology/bad", 'module:bad a owl:Ontology ; dcterms:title "B" .', module="bad"
    ),
    "missing_ontology_license": Fault(
        "ontology/bad", 'module:bad a owl:Ontology ; dcterms:title "B" .', module="bad"
    ),
    "missing_ontology_title": Fault("ontology/bad", "module:bad a owl:Ontology .", module="bad"),
    "missing_subset_declaration": Fault("slim", "calc:Acne oboInOwl:inSubset calc:slim ."),
    "missing_synonymtype_declaration": Fault(
        "plain", "[] a owl:Axiom ; oboInOwl:hasSynonymType calc:plain ."
    ),
    "multiple_equivalent_class_definitions": Fault(
        "Bad",
        "calc:Bad owl:equivalentClass [ owl:intersectionOf ( calc:Acne ) ] ,"
        " [ owl:intersectionOf ( calc:Scar ) ] .",
    ),
    "duplicate_association": Fault(
        "a",
        "assoc:a calc:subject calc:Acne ; calc:predicate calc:p ; calc:object calc:Scar ."
        " assoc:b calc:subject calc:Acne ; calc:predicate calc:p ; calc:object calc:Scar .",
    ),
    "duplicate_definition": Fault(
        "Bad1",
        'calc:Bad1 a owl:Class ; IAO:0000115 "Same."@en .'
        ' calc:Bad2 a owl:Class ; IAO:0000115 "Same."@en .',
    ),
    "duplicate_exact_synonym": Fault(
        "ZBad", 'calc:ZBad a owl:Class ; skos:altLabel "Acne Vulgaris"@en .'
    ),
    "duplicate_identifier": Fault("a", 'ref:a bibo:doi "10.1000/X" . ref:b bibo:doi "10.1000/x" .'),
    "duplicate_label": Fault("ZBad", 'calc:ZBad a owl:Class ; rdfs:label "Acne"@en .'),
    "duplicate_label_synonym": Fault("Bad", 'calc:Bad a owl:Class ; skos:altLabel "Acne"@en .'),
    "equivalent_class_axiom_no_genus": Fault(
        "Bad",
        "calc:Bad owl:equivalentClass"
        " [ a owl:Restriction ; owl:onProperty calc:hasFinding ; owl:someValuesFrom"
        " calc:Finding ] .",
    ),
    "equivalent_pair": Fault("Acne", "calc:Acne owl:equivalentClass calc:Scar ."),
    "evidence_label": Fault(
        "bad.a",
        'evid:bad.a calc:evidenceFor assoc:a ; dcterms:source ref:a ; rdfs:label "A 2001: a"@en .'
        ' assoc:a rdfs:label "a"@en . ref:a rdfs:label "A 2001" .',
    ),
    "foreign_definition": Fault("Acne", 'calc:Acne rdfs:label "other"@en .', VIEW),
    "illegal_use_of_built_in_vocabulary": Fault(
        "http://www.w3.org/2002/07/owl#Class", 'owl:Class rdfs:label "class"@en .'
    ),
    "interpretation_label": Fault(
        "interpretation/bad",
        'interp:bad calc:interprets assoc:a ; rdfs:label "b"@en . assoc:a rdfs:label "a"@en .',
    ),
    "interpretation_of_one": Fault(
        "interpretation/bad",
        "interp:bad calc:inViewpoint <https://w3id.org/calcinosis/viewpoint/minars> .",
        "interpretations",
    ),
    "interval_unit": Fault(
        "interval/bad", 'interval:bad calc:analyte calc:TotalCalcium ; calc:inUnit "furlong" .'
    ),
    "label_formatting": Fault("Bad", 'calc:Bad rdfs:label "tab\\there"@en .'),
    "label_whitespace": Fault("Bad", 'calc:Bad skos:altLabel "two  spaces"@en .'),
    "lowercase_definition": Fault("Bad", 'calc:Bad IAO:0000115 "small."@en .'),
    "mechanism_unread": Fault(
        "bad",
        'assoc:bad calc:mechanism "It does."@en .'
        ' evid:bad.a calc:evidenceFor assoc:bad ; calc:read "list" .',
    ),
    "missing_definition": Fault("Bad", "calc:Bad a owl:Class ."),
    "missing_label": Fault("Bad", "calc:Bad a owl:NamedIndividual ."),
    "missing_obsolete_label": Fault("Acne", "calc:Acne owl:deprecated true ."),
    "missing_read": Fault("bad", "assoc:bad cito:disputes ref:reiter-2011 ."),
    "missing_superclass": Fault("Bad", "calc:Bad a owl:Class ."),
    "misused_obsolete_label": Fault("Bad", 'calc:Bad rdfs:label "obsolete thing"@en .'),
    "misused_replaced_by": Fault("Acne", "calc:Acne IAO:0100001 calc:Scar ."),
    "multiple_definitions": Fault("Acne", 'calc:Acne IAO:0000115 "Another."@en .'),
    "multiple_equivalent_classes": Fault(
        "WithTissueDamage", "calc:WithTissueDamage owl:equivalentClass calc:A .", "subtypes"
    ),
    "multiple_labels": Fault("Acne", 'calc:Acne rdfs:label "another"@en .'),
    "obsolete_without_successor": Fault("Acne", "calc:Acne owl:deprecated true ."),
    "orphan_annotation": Fault(
        "Acne",
        f"[] a owl:Axiom ; owl:annotatedSource calc:Acne ; {SUBCLASS} ;"
        " owl:annotatedTarget calc:Finding .",
    ),
    "outside_datatype": Fault("Acne", 'calc:Acne dcterms:created "2026-01-01"^^xsd:date .'),
    "read_called_unread": Fault(
        "tristano-2006",
        'calc:Bad calc:taken "Wording not read in Tristano 2006; another is taken."@en .',
        "viewpoints/tristano-2006",
    ),
    "reading_on_claim": Fault("bad", 'assoc:bad calc:editorial "x"@en .', "associations"),
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
    "parent_without_role": Fault("Bad", "calc:BurnScar rdfs:subClassOf calc:Bad ."),
    "role_definition": Fault(
        "Acne",
        "assoc:bad calc:subject calc:Acne ; calc:licenses calc:MineralDisorderAgainstIdiopathic .",
        "associations",
    ),
    "role_in_taxonomy": Fault(
        "Acne", "calc:Acne rdfs:subClassOf calc:LocalTissueDamagingCondition ."
    ),
    "spelling_missing": Fault("Bad", 'calc:Bad a owl:Class ; skos:altLabel "haematuraemia"@en .'),
    "supported_and_disputed": Fault(
        "bad", "assoc:bad cito:disputes ref:a ; cito:citesAsEvidence ref:a ."
    ),
    "synonym_repeats_label": Fault("Acne", 'calc:Acne skos:altLabel "ACNE"@en .'),
    "taken_without_axiom": Fault(
        "seed-reiter-2011",
        "<https://w3id.org/calcinosis/viewpoint/seed-reiter-2011> calc:takes assoc:bad ."
        " assoc:bad calc:subject calc:Acne ; calc:licensesWhereTaken"
        " calc:LocalTissueDamagingCondition .",
        VIEW,
    ),
    "title_not_seen": Fault(
        "bad",
        'ref:bad dcterms:title "X" ; rdfs:comment "The title and the authors were not seen."@en .',
    ),
    "typical_unsaid": Fault(
        "bad",
        'assoc:bad calc:predicate calc:hasTypicalResult ; calc:statement "It was almost low'
        ' once."@en .',
    ),
    "uncited_reference": Fault("bad", 'ref:bad calc:studyType "review" .'),
    "uncited_seed_reference": Fault("bad", "ref:bad calc:seedNumber 30 ."),
    "undeclared_property": Fault("nothing", "calc:Acne calc:nothing calc:Scar ."),
    "unit_ambiguous": Fault(
        "Bad", 'calc:Bad calc:unit [ calc:ucum "x" ] , [ calc:ucum "y" ; skos:altLabel "X" ] .'
    ),
    "unknown_association": Fault(
        "Acne",
        "[] owl:annotatedSource calc:Acne ; owl:annotatedTarget calc:Scar ; calc:restsOn"
        " calc:Scar .",
    ),
    "unknown_reference": Fault("Acne", "calc:Acne IAO:0000119 ref:nobody-1900 ."),
    "unsupported_axiom": Fault("Acne", "calc:Acne rdfs:subClassOf calc:Finding ."),
    "unused_term": Fault("Bad", "calc:Bad a owl:Class ."),
    "working_note": Fault("Acne", 'calc:Acne rdfs:comment "See E012."@en .'),
}

_CLAIM = (
    "a calc:CauseAssociation , owl:NamedIndividual ; calc:subject calc:Acne ;"
    " calc:predicate calc:p ;"
    " calc:object calc:Scar ;"
)

SHAPES: dict[str, Fault] = {
    "analyte": Fault("NoUnit", 'calc:NoUnit a calc:Analyte ; rdfs:label "x"@en .'),
    "analyte_findings": Fault("NoLevel", "calc:NoLevel a calc:Analyte ."),
    "analyte_loinc": Fault("BadLoinc", 'calc:BadLoinc calc:loinc "LOINC:1" .'),
    "analyte_plausible": Fault(
        "Upside",
        "calc:Upside a calc:Analyte ; calc:plausibleMinimum 2.0 ; calc:plausibleMaximum 1.0 ;"
        ' calc:editorial "x"@en .',
    ),
    "analyte_units": Fault("NoUnits", "calc:NoUnits a calc:Analyte ."),
    "association_basis": Fault("basis", f"assoc:basis {_CLAIM} calc:givesBasisFor calc:Scar ."),
    "association_contested": Fault("alone", "assoc:alone calc:contested true ."),
    "association_contested_said": Fault("unsaid", "assoc:unsaid calc:contestedBy assoc:alone ."),
    "association_contested_symmetric": Fault("half", "assoc:half calc:contestedBy assoc:whole ."),
    "association_kind": Fault(
        "kindless", "assoc:kindless a calc:Association ; calc:subject calc:Acne ."
    ),
    "association_label": Fault("mute", f'assoc:mute {_CLAIM} calc:statement "It is."@en .'),
    "association_licence": Fault("licence", f"assoc:licence {_CLAIM} calc:licenses calc:Acne ."),
    "association_object": Fault("objectless", "assoc:objectless a calc:CauseAssociation ."),
    "association_predicate": Fault(
        "relationless", f"assoc:relationless {_CLAIM} calc:predicate calc:q ."
    ),
    "association_role_editorial": Fault(
        "groundless", f"assoc:groundless {_CLAIM} calc:licenses calc:LocalTissueDamagingCondition ."
    ),
    "association_role_kind": Fault(
        "site", "assoc:site a calc:SiteAssociation ; calc:givesBasisFor calc:Calciphylaxis ."
    ),
    "association_statement": Fault("stop", f'assoc:stop {_CLAIM} calc:statement "No stop"@en .'),
    "association_subject": Fault("subjectless", "assoc:subjectless a calc:CauseAssociation ."),
    "association_support": Fault(
        "unsupported", f"assoc:unsupported {_CLAIM} calc:contested true ."
    ),
    "association_yields": Fault("acned", f"assoc:acned {_CLAIM} calc:yields calc:Acne ."),
    "association_yields_editorial": Fault(
        "reasonless", f"assoc:reasonless {_CLAIM} calc:yields calc:AbnormalCalcium ."
    ),
    "association_yields_kind": Fault(
        "testless", "assoc:testless a calc:SiteAssociation ; calc:yields calc:AbnormalCalcium ."
    ),
    "case_class": Fault("AcneCase", "calc:AcneCase calc:caseOf calc:Acne ; calc:sortOrder 9 ."),
    "case_class_criteria": Fault("FreeCase", "calc:FreeCase calc:caseOf calc:Calciphylaxis ."),
    "citation_annotated": Fault(
        "AcneScar",
        f'[] owl:annotatedSource calc:AcneScar ; {SUBCLASS} ; calc:read "text" .',
    ),
    "citation_read": Fault(
        "skimmed",
        "[] owl:annotatedSource assoc:skimmed ; owl:annotatedProperty cito:disputes ;"
        ' calc:read "skimmed" .',
    ),
    "correction": Fault("HalfFormula", "calc:HalfFormula a calc:AlbuminCorrectionFormula ."),
    "evidence_claim": Fault("both.a", "evid:both.a a calc:EvidenceItem ."),
    "evidence_claim_known": Fault(
        "unclaimed.a", "evid:unclaimed.a a calc:EvidenceItem ; calc:evidenceFor assoc:nowhere ."
    ),
    "evidence_curation": Fault("undated.a", "evid:undated.a a calc:EvidenceItem ."),
    "evidence_design": Fault("designed.a", "evid:designed.a calc:studyDesign calc:Acne ."),
    "evidence_independent": Fault("free.a", 'evid:free.a calc:independent "yes" .'),
    "evidence_locator": Fault("long.a", 'evid:long.a calc:locator "a b c d e f g h i j k l m" .'),
    "evidence_read": Fault("unread.a", "evid:unread.a a calc:EvidenceItem ."),
    "evidence_source": Fault("sourceless.a", "evid:sourceless.a a calc:EvidenceItem ."),
    "figure_interval": Fault(
        "figure/wide",
        "evid:wide.a calc:figure <https://w3id.org/calcinosis/figure/wide> ."
        " <https://w3id.org/calcinosis/figure/wide> calc:confidenceLow 2.0 ;"
        " calc:confidenceHigh 1.0 .",
    ),
    "figure_measure": Fault(
        "figure/of-nothing",
        "evid:wide.a calc:figure <https://w3id.org/calcinosis/figure/of-nothing> .",
    ),
    "figure_numbers": Fault(
        "figure/worded",
        "evid:wide.a calc:figure <https://w3id.org/calcinosis/figure/worded> ."
        ' <https://w3id.org/calcinosis/figure/worded> calc:estimate "4,2" .',
    ),
    "figure_says": Fault(
        "figure/empty",
        "evid:wide.a calc:figure <https://w3id.org/calcinosis/figure/empty> ."
        ' <https://w3id.org/calcinosis/figure/empty> calc:measure "odds ratio" .',
    ),
    "flag": Fault("BadFlag", 'calc:BadFlag a calc:Flag ; calc:whenVerdict "maybe" .'),
    "interpretation_claim": Fault(
        "interpretation/of-none", "interp:of-none calc:interprets assoc:nowhere ."
    ),
    "interpretation_licence": Fault(
        "interpretation/twice",
        "interp:twice a calc:Interpretation ; calc:licenses calc:LocalTissueDamagingCondition ,"
        " calc:SystemicTissueDamagingCondition .",
    ),
    "interpretation_reason": Fault(
        "interpretation/unreasoned", "interp:unreasoned a calc:Interpretation ."
    ),
    "interpretation_viewpoint": Fault(
        "interpretation/nobody", "interp:nobody calc:inViewpoint calc:Acne ."
    ),
    "interval": Fault("interval/unitless", "interval:unitless a calc:ReferenceInterval ."),
    "interval_age": Fault(
        "interval/aged", 'interval:aged a calc:ReferenceInterval ; calc:ageFrom "18 years" .'
    ),
    "interval_bounds": Fault(
        "interval/upside",
        "interval:upside a calc:ReferenceInterval ; calc:lowerBound 2.0 ; calc:upperBound 1.0 .",
    ),
    "interval_source": Fault(
        "interval/sourceless", "interval:sourceless a calc:ReferenceInterval ."
    ),
    "missing_ontology_description": Fault("ontology/bare1", "module:bare1 a owl:Ontology ."),
    "missing_ontology_license": Fault("ontology/bare2", "module:bare2 a owl:Ontology ."),
    "missing_ontology_title": Fault("ontology/bare3", "module:bare3 a owl:Ontology ."),
    "provenance_activity": Fault("Doing", "calc:Doing prov:wasAssociatedWith calc:Doer ."),
    "provenance_collection": Fault("Set", "calc:Set prov:hadMember calc:Member ."),
    "provenance_derivation": Fault("Unread", "calc:Unread prov:entity ref:bad ."),
    "provenance_fact": Fault("Silent", "calc:Silent prov:atLocation calc:Place ."),
    "provenance_member": Fault("Member", "calc:Set prov:hadMember calc:Member ."),
    "provenance_verdict": Fault(
        "Judged", 'calc:Judged prov:wasGeneratedBy calc:Doing ; prov:value "entailed" .'
    ),
    "reference_address": Fault("local", 'ref:local bibo:uri "file:///x" .'),
    "reference_author": Fault("anon", "ref:anon calc:authorship [ calc:position 1 ] ."),
    "reference_dated": Fault("undated", "ref:undated a fabio:JournalArticle ."),
    "reference_doi": Fault("address", 'ref:address bibo:doi "https://doi.org/10.1000/x" .'),
    "reference_label": Fault("unlabelled", 'ref:unlabelled calc:studyType "review" .'),
    "reference_pmcid": Fault("pmc", 'ref:pmc calc:pmcid "123" .'),
    "reference_pmid": Fault("pm", 'ref:pm bibo:pmid "PMID:123" .'),
    "reference_seed_number": Fault("seed", "ref:seed calc:seedNumber 30 ."),
    "reference_study_type": Fault(
        "odd", 'ref:odd a fabio:JournalArticle ; calc:studyType "blog" .'
    ),
    "reference_title": Fault("untitled", 'ref:untitled calc:studyType "review" .'),
    "reference_title_once": Fault(
        "titled", 'ref:titled calc:studyType "review" ; dcterms:title "A" , "B" .'
    ),
    "reference_type": Fault("typeless", "assoc:citing cito:disputes ref:typeless ."),
    "level_word": Fault("MuteLevel", "calc:MuteLevel a calc:LevelWord .", "laboratory"),
    "reference_web_page": Fault("page", "ref:page a fabio:WebPage ."),
    "reference_year": Fault("year", 'ref:year calc:year "2015" .'),
    "root_metadata": Fault(
        "ontology",
        'calc:ontology owl:versionInfo "soon" .',
        removed="calc:ontology owl:versionInfo ?version .",
    ),
    "report_phrase": Fault("MutePhrase", "calc:MutePhrase a calc:ReportPhrase .", "rules"),
    "rule": Fault("LoneRule", "calc:LoneRule a calc:Rule .", "rules"),
    "rule_assumption": Fault("Guess", 'calc:Guess calc:assumedUnder "luck" .', "rules"),
    "rule_flag": Fault("MuteFlag", "calc:MuteFlag a calc:RuleFlag .", "rules"),
    "term_definition": Fault(
        "Loose", 'calc:Loose a owl:Class ; IAO:0000115 "One."@en ; skos:definition "Two."@en .'
    ),
    "term_iri": Fault("bad_name", "calc:bad_name a owl:Class ."),
    "term_label": Fault("Labelled", 'calc:Labelled a owl:Class ; rdfs:label "chat"@fr .'),
    "unit": Fault("BadUnit", 'calc:BadUnit calc:unit [ calc:ucum "x" ; calc:factor 0.0 ] .'),
    "viewpoint": Fault("BadView", "calc:BadView a calc:Viewpoint ."),
    "viewpoint_cites": Fault("LoneView", "calc:LoneView a calc:Viewpoint ."),
    "viewpoint_presupposes": Fault(
        "FreeView", "calc:FreeView a calc:Viewpoint ; calc:presupposes calc:Acne ."
    ),
    "viewpoint_takes": Fault(
        "TakingView", "calc:TakingView a calc:Viewpoint ; calc:takes assoc:alone ."
    ),
}
