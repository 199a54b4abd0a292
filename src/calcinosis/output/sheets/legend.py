"""What each column of a form holds, in words."""

from __future__ import annotations

from typing import Final

from calcinosis.errors import listed
from calcinosis.facts.columns import Column, Columns
from calcinosis.graph.settings import KNOWN_ASSUMPTIONS

HEADS: Final = ("column", "what it holds")

INTRODUCTION: Final = (
    "One row is one patient at one assessment with one calcinosis, or none.",
    "An empty cell means not stated: neither present nor absent. What is known to be absent "
    "belongs under excluded.",
    "Several items stand in one cell with ; between them. A drop-down offers one; type the rest, "
    "or any synonym or code (MONDO, HP, ICD-10-CM, SNOMED CT \u2026).",
    "Columns may be left out, and stand in any order. All cells are formatted as text, so that "
    "Excel turns none of them into a date.",
    "Fill in the sheet patients; the sheet example is not read.",
    "Research software, not medical advice.",
)

_SEVERAL = "Several with ; between them."
_FIXED: Final = {
    "id": "Required. A word or number that no other row has.",
    "source": "Where the case was published, such as doi:10.1000/xyz.",
    "sex": "male, female, other or unknown.",
    "age": "A number with its unit, such as 46 years or 15 months, or P15M; or a number alone, "
    "with its unit in age_unit, or in years where one of the column is above 24. Reference "
    "intervals go by it.",
    "age_unit": "years, months, weeks or days, where age is a number alone.",
    "calcinosis": "present, absent or unknown. Empty is unknown.",
    "visit": "Which visit of the patient it is, a date or a number, where several rows are of one: "
    "--visit says which counts.",
    "icd_10": f"Conditions by their codes of ICD-10-CM, such as M34.1. {_SEVERAL}",
    "sites": f"Where the deposits are. {_SEVERAL}",
    "findings": f"What was observed. {_SEVERAL}",
    "workup_complete": "Criteria that were looked into, and are excluded unless a fact asserts "
    f"them. {_SEVERAL}",
    "assume": "What may be assumed of this case where nothing is said: "
    f"{KNOWN_ASSUMPTIONS}. Empty is what the command says. {_SEVERAL}",
    "notes": "Recorded; gives no fact. Further columns of notes have names that begin with note_.",
}
_LISTS: Final = {
    "conditions": "What the patient has",
    "interventions": "What was done",
    "excluded": "What is stated absent: conditions, interventions, findings, categories, criteria",
}
_LINKS: Final = {
    "at_deposit": ", at the site of the deposit",
    "cause": ", stated to be the cause",
}
_PARTS: Final = {
    "value": "{test}: a number with a decimal point or comma, a bound such as {bound} "
    "{unit}, or low, normal or high.",
    "unit": "The unit of {test}: {units}.",
    "low": "The lower bound of the laboratory's own interval for {test}, in the same unit.",
    "high": "The upper bound of the laboratory's own interval for {test}, in the same unit.",
    "level": "low, normal or high, where the laboratory's verdict on {test} stands beside a value.",
    "when": "before, at or after the assessment of the deposit: when {test} was measured. Empty "
    "is at.",
}


def legend(column: Column, columns: Columns) -> str:
    """What a column holds, in a sentence or two."""
    if column.kind == "lab":
        codes = columns.units(column)
        return _PARTS[column.part].format(
            test=column.key, bound=columns.bound(column), unit=codes[0], units=listed(codes, "or")
        )
    if column.key in _LISTS:
        links = "".join(_LINKS[link] for link in column.link)
        return f"{_LISTS[column.key]}{links}. {_SEVERAL}"
    return _FIXED[column.name]
