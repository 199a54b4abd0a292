"""Graph: loads the ontology offline and looks terms, claims and references up in it."""
