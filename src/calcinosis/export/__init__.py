"""Exports: references written for other programs, every field as it was seen."""
