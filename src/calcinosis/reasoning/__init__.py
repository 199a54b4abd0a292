"""Reasoning: definitions read from the ontology, compiled, and evaluated for a case."""
