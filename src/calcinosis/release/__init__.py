"""Release: puts the ontology into its canonical form, derives what is derived, checks it all."""
