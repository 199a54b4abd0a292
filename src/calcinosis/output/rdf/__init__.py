"""RDF: the ontology, nanopublications and provenance."""
