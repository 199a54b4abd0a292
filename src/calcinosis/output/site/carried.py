"""What the pages for a patient and a cohort offer to carry away, by the end of its address."""

from __future__ import annotations

from typing import Final

OF_PATIENT: Final = {
    "report": "Report (HTML)",
    "json": "Verdicts (JSON)",
    "phenopacket": "Phenopacket",
    "yaml": "Case file (YAML)",
}
OF_COHORT: Final = {
    "xlsx": "Workbook (Excel)",
    "csv": "CSV, a row a patient",
    "long": "CSV, a row a patient and subtype",
    "json": "JSON",
    "html": "This summary as a page",
}
MAPPING: Final = "mapping"
SHEET: Final = ("sheet", "sheet_name")
"""The fields in which the second step for a cohort carries its sheet, in base64, and its name."""
