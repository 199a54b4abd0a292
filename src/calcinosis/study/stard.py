"""What STARD 2015 asks of a study, and where an evaluation answers it or why it cannot.

Bossuyt PM, Reitsma JB, Bruns DE, et al. STARD 2015: an updated list of essential items for
reporting diagnostic accuracy studies. BMJ 2015;351:h5527. doi:10.1136/bmj.h5527. Its thirty items,
in 34 rows, are put in our own words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

HERE, YOURS, CANNOT = "here", "yours", "cannot be"
"""Answered by the page; known to the author alone; not to be had, with the reason."""


@dataclass(frozen=True, slots=True)
class Item:
    """One row of the list: its number, what it asks, who answers it, where on the page, and how.

    ``where`` are anchors of sections.
    """

    number: str
    asks: str
    answered: str
    where: tuple[str, ...]
    how: str

    def __repr__(self) -> str:
        return f"<Item {self.number}: {self.answered}>"

    def to_dict(self) -> dict[str, Any]:
        """The row for JSON."""
        told = {key: getattr(self, key) for key in self.__dataclass_fields__}
        return {**told, "where": list(self.where)}


_PAPER: Final = "Only the author can write it."
_ROWS: Final[tuple[tuple[str, str, str, str, str], ...]] = (
    ("1", "Say in title or abstract that accuracy is studied, naming a measure", YOURS, "", _PAPER),
    ("2", "An abstract in parts: design, methods, results, conclusions", YOURS, "methods",
     "The methods and the first paragraph of the page can go into it."),
    ("3", "Background, and what the test is meant for", YOURS, "methods",
     "The intended use is in the methods: research, not care."),
    ("4", "Aims and hypotheses", YOURS, "", _PAPER),
    ("5", "Whether data were planned before both tests were done, or taken afterwards", YOURS, "",
     "The program sees records; how they came about is not in them."),
    ("6", "Who could take part", YOURS, "flow", "The page counts who was read, refused, scored."),
    ("7", "By what such patients were found", YOURS, "", "It is not in the cases."),
    ("8", "Where and when they were found", YOURS, "", "It is not in the cases."),
    ("9", "Whether all in a row, a random part, or those at hand were taken", YOURS, "",
     "It is not in the cases."),
    ("10a", "The test so exactly that it can be done again", HERE, "versions methods",
     "Versions, settings and the hashes of all files; the command gives the same page again."),
    ("10b", "The reference standard so exactly that it can be done again", YOURS, "versions kinds",
     "The file of labels is named with its hash, and its kinds are counted; how they were given "
     "is the author's to say."),
    ("11", "Why this reference standard was taken", YOURS, "kinds",
     "Where cases have several kinds of label, their agreement stands on the page."),
    ("12a", "Result categories of the test, with reasons, fixed before or found", HERE,
     "methods pooled",
     "Follows, presumed, open, ruled out, contradictory: fixed by the definitions. Strict, "
     "presumed and leaning are fixed readings of them."),
    ("12b", "Result categories of the reference standard, fixed before or found", HERE,
     "confusion", "The subtypes of the viewpoint, none, or several at once."),
    ("13a", "Whether who reads the test knew the reference standard", HERE, "methods",
     "The program judges before labels are read, and no label is a fact; who encoded the cases "
     "may have known them, which the author has to say."),
    ("13b", "Whether who gave the reference standard knew the test", YOURS, "",
     "It is not in the labels."),
    ("14", "How accuracy was estimated or compared", HERE, "methods",
     "Formulas by name, with their sources."),
    ("15", "What was done with results that are undecided", HERE, "accuracy curve",
     "Open is told twice: as not claimed, and left out; the curve tells the price of deciding."),
    ("16", "What was done with missing data", HERE, "missing",
     "What is not stated is unknown and fills nothing; criteria that stay unknown are counted."),
    ("17", "Variation of accuracy, fixed before or found", HERE, "groups kinds other-ways",
     "By kind of label, by mode and by other ways of judging; all but the last fixed by the "
     "program."),
    ("18", "How many were intended, and why", YOURS, "pooled",
     "Only the author knows what was intended; the width of each interval shows what the number "
     "allows."),
    ("19", "The way of the participants, as a diagram", HERE, "flow",
     "From what was read to what was scored; drawn in the HTML page."),
    ("20", "Who the participants are", HERE, "flow", "Sex, age and deposit, as the cases state."),
    ("21a", "How severe the disease was in those who have it", CANNOT, "",
     "Cases hold no degree of severity."),
    ("21b", "What those without the target condition had instead", HERE, "confusion look-alikes",
     "For each subtype the others are its alternatives; controls stand apart."),
    ("22", "Time and treatment between the two tests", CANNOT, "",
     "A case is one assessment without a date, and the verdict is worked out from it; labels have "
     "no date either."),
    ("23", "Results of the test against those of the reference standard", HERE,
     "confusion accuracy table", "As a table of counts, and case by case."),
    ("24", "Accuracy with its precision", HERE, "accuracy pooled", ""),
    ("25", "Harm done by either test", CANNOT, "",
     "The test is worked out from records: nobody is touched. Harm of the reference standard is "
     "not in the labels."),
    ("26", "Limits: bias, chance, to whom it applies", HERE, "methods own-source look-alikes",
     "The program's own limits are told; those of the sample are the author's."),
    ("27", "What it means for practice", YOURS, "", "Research software, not medical advice."),
    ("28", "Number and name of the registration", YOURS, "", _PAPER),
    ("29", "Where the protocol is", YOURS, "", _PAPER),
    ("30", "Who paid, and what they had a say in", YOURS, "", _PAPER),
)  # fmt: skip
_CHOSEN: Final = (
    "Counts only: the rules were chosen on these cases, so that neither shares nor intervals can "
    "be told from them."
)
_RATES: Final = "Shares with 95 % intervals, each with the name of its method."


_OF_LABELS: Final = ("12b", "15", "17", "21b", "23", "24")
_UNLABELLED: Final = (
    "No case has a label that its verdicts could be held against: give them by --labels."
)


def checklist(*, is_own: bool, is_labelled: bool = True) -> tuple[Item, ...]:
    """The rows of the list, as an evaluation of one's own cases answers them, or of the shipped.

    Unless ``is_labelled``, there is no reference standard, and nothing is answered that needs one.
    """
    return tuple(_item(row, is_own=is_own, is_labelled=is_labelled) for row in _ROWS)


def _item(row: tuple[str, str, str, str, str], *, is_own: bool, is_labelled: bool) -> Item:
    number, asks, answered, where, how = row
    if number in _OF_LABELS and not is_labelled:
        return Item(number, asks, CANNOT, (), _UNLABELLED)
    if number == "24":
        answered, how = (HERE, _RATES) if is_own else (CANNOT, _CHOSEN)
    return Item(number, asks, answered, tuple(where.split()), how)
