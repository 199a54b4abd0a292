"""Patient records in the formats of others, to raw cases: phenopackets and FHIR.

A reader here takes one document apart and says of each part what it states; what the words and
codes mean is told by ``settled``, by the vocabulary. Nothing is dropped: what gives no fact is
listed with the reason.
"""
