"""One tree of errors; each says what was wrong, where, and the cure.

::

    CalcinosisError
    ├── UsageError            exit 2   the call does not fit (unknown viewpoint …)
    ├── InputError            exit 3   a case file, or one of its cases, is refused
    │   ├── CaseError                  one case, with all its problems
    │   │   └── RowError               one row of a table, with its cells
    │   └── OurFaultError     exit 70  an input on which this program stumbled
    ├── OntologyError         exit 3   a module is broken or outside the fragment
    └── MissingProgramError   exit 4   a needed program or service is not there
"""

from __future__ import annotations

import re
import reprlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in an input: what is wrong, where it stands, and the cure.

    ``suggestions`` are what an unknown word may have meant, best first, or all that it may mean;
    ``about`` the terms (IRIs) with which it has a word in common, where one of them could decide.
    """

    what: str
    where: str
    cure: str
    suggestions: tuple[str, ...] = ()
    about: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.where}: {self.what}. {self.cure}"


_LONGEST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class CellProblem(Problem):
    """One fault in a table: the file, the row as a spreadsheet counts, the column, the value.

    ``column`` is empty where the fault is the row's.
    """

    file: str
    row: int
    column: str
    value: str


class _Short(reprlib.Repr):
    """Representations that stay one short line, whatever the value."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel, self.maxlist, self.maxdict = 2, 3, 3
        self.maxstring, self.maxlong, self.maxother = 80, 40, 80

    def repr_int(self, x: int, level: int) -> str:
        try:
            return super().repr_int(x, level)
        except ValueError:  # Python spells out no more than 4,300 digits
            return "a number with thousands of digits"


def quoted(value: object) -> str:
    """A value as an error shows it: one line, the middle left out where it is long.

    >>> quoted("calcium")
    "'calcium'"
    >>> quoted("x" * 1_000_000) == "'" + "x" * 37 + "..." + "x" * 38 + "'"
    True
    """
    text = _Short().repr(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]}...{text[-_LONGEST // 2 :]}"


# Controls, what turns the direction of writing, line separators, what is not seen at all, and
# halves of characters: the Unicode property Default_Ignorable_Code_Point and its neighbours.
_UNSEEN: Final = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


def visible(text: str, *, lines: bool = True) -> str:
    r"""A text for people, in which whatever would command a terminal or hide is an escape.

    Newlines stay, unless ``lines`` is False: then they are escapes too, and it is one line.

    >>> visible("x\x1b[2J\u202ey\n"), visible("a\nb", lines=False)
    ('x\\x1b[2J\\u202ey\n', 'a\\nb')
    """
    found = _UNSEEN.sub(_escape, text)
    return found if lines else found.replace("\n", "\\n")


def _escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")


class CalcinosisError(Exception):
    """Base of all errors that a user can cure; ``exit_code`` is the command line's.

    ``line`` says what was wrong, where, and the cure; ``excerpt`` is the text at fault with a mark
    at the place, in lines of its own below, or empty.
    """

    exit_code = 2

    def __init__(self, what: str, where: str = "", cure: str = "", excerpt: str = "") -> None:
        self.what = what
        self.where = where
        self.cure = cure
        self.excerpt = excerpt
        head = f"{where}: {what}" if where else what
        self.line = f"{head}. {cure}" if cure else f"{head}."
        super().__init__(f"{self.line}\n{excerpt}" if excerpt else self.line)


class UsageError(CalcinosisError):
    """The call does not fit the program: an unknown viewpoint, a missing file name."""


class UnknownNameError(UsageError):
    """A name in the call names nothing that there is, or several things."""


class InputError(CalcinosisError):
    """An input could not be read: a file, a line of it, or one of its cases."""

    exit_code = 3


class CaseError(InputError):
    """One case was refused; ``problems`` holds every fault that was found in it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        first = self.problems[0]
        super().__init__(first.what, first.where, first.cure)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class RowError(CaseError):
    """One row of a table was refused; its problems are CellProblems.

    ``headings`` and ``cells`` are the texts that stood there, ``delimiter`` what parted them
    (empty in a workbook), ``meanings`` what each column means (empty where it is not known).
    Cells that are private are empty. ``plain`` is the same row for another kind of table: numbers
    as numbers, and a question mark after what may be one number or another.
    """

    problems: tuple[CellProblem, ...]

    def __init__(
        self,
        problems: Sequence[CellProblem],
        headings: Sequence[str],
        cells: Sequence[str],
        plain: Sequence[str | float],
        delimiter: str,
        meanings: Sequence[tuple[str, ...]] = (),
    ) -> None:
        super().__init__(problems)
        self.headings = tuple(headings)
        self.cells = tuple(cells)
        self.plain = tuple(plain)
        self.delimiter = delimiter
        self.meanings = tuple(meanings)


class OurFaultError(InputError):
    """An input on which our own code stumbled; the error that it raised is the cause."""

    exit_code = 70

    def __init__(self, error: Exception, where: str) -> None:
        said = quoted(str(error))
        what = f"this program stumbled over it ({type(error).__name__}: {said})"
        super().__init__(what, where, "It is no fault of the input: please report it")


class RefusedWarning(UserWarning):
    """Some inputs were refused, or left out; the value that was asked for says which."""


class OntologyError(CalcinosisError):
    """An ontology module cannot be read, or holds what the classifier does not accept."""

    exit_code = 3


class MissingProgramError(CalcinosisError):
    """A program or service that this call needs is not on this machine."""

    exit_code = 4


# -- what to offer instead of what is not known --------------------------------------------


def close_to(word: str, known: Iterable[str], most: int = 3, cutoff: float = 0.6) -> list[str]:
    """The known words that are most like a word, best first; none for what is no word."""
    import difflib

    if len(word) > _LONGEST:
        return []
    return difflib.get_close_matches(word, list(known), n=most, cutoff=cutoff)


def did_you_mean(near: Iterable[str], *, then: str = "", otherwise: str = "") -> str:
    """A question after what is near, or ``otherwise`` where nothing is; ``then`` comes after it.

    >>> did_you_mean(["owl", "obo"], then="Others are listed"), did_you_mean([], otherwise="None.")
    ('Did you mean owl or obo? Others are listed', 'None.')
    """
    words = " or ".join(near)
    return " ".join(filter(None, (f"Did you mean {words}?" if words else otherwise, then)))


def nearest(
    word: str, known: Iterable[str], most: int = 3, cutoff: float = 0.6, **ends: str
) -> str:
    """The question after the known words most like a word, with ``ends`` as ``did_you_mean``."""
    return did_you_mean(close_to(word, known, most, cutoff), **ends)


def listed(items: Sequence[str], last: str = "and") -> str:
    """Items as people write them.

    >>> listed("abc"), listed(["a", "b"], "or"), listed(["a"]), listed([])
    ('a, b and c', 'a or b', 'a', '')
    """
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def counted(number: int, noun: str) -> str:
    """A number of things.

    >>> counted(1, "row"), counted(1200, "row")
    ('1 row', '1,200 rows')
    """
    return f"{number:,} {noun}{'s' * (number != 1)}"


def to_install(extra: str) -> str:
    """The command that installs an extra, from where this package was installed.

    Where that is not known, the extra is named with the package alone.
    """
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        told = distribution("calcinosis").read_text("direct_url.json")
    except PackageNotFoundError:
        told = None
    return f"python -m pip install {_from(told or '{}', extra)}"


def _from(told: str, extra: str) -> str:
    """What pip is given, by what it wrote down (PEP 610) of where the package came from."""
    import json
    from pathlib import Path
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    named = f"calcinosis[{extra}]"
    try:
        origin = json.loads(told)
        url = origin.get("url", "")
        folder = Path(url2pathname(urlsplit(url).path))
        if "dir_info" in origin and folder.is_dir():
            return f'{"-e " * (origin["dir_info"].get("editable") is True)}"{folder}[{extra}]"'
        if "vcs_info" in origin:
            return f'"{named} @ {origin["vcs_info"]["vcs"]}+{url}"'
    except (ValueError, KeyError, AttributeError, TypeError):  # whatever another tool wrote there
        pass
    return f'"{named}"'
