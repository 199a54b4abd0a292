"""What the words around a name in a sentence say of it: that it is stated, denied, or neither.

Only a few words state; whatever else stands beside a name may change it. The words are data, in
``words/sentence.words.tsv`` (kind, word), and those of a degree or a place in the module of words.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from calcinosis.facts.spans import Span
from calcinosis.graph.denials import words_by_kind
from calcinosis.graph.phrasing import without_quantities
from calcinosis.graph.words import Words

Standing = Literal["stated", "denied", "changed"]
_WORD: Final = re.compile(r"[^\W_]+(?:[-'\u2019][^\W_]+)*")
_LONGEST: Final = 5  # words of a phrase
_TO: Final = (" to", " by", " of", " with")
_UNTIL: Final = re.compile(r"\b(?:until|till|bis)\b", re.IGNORECASE)
_LETTERS: Final = r"[^\W\d_](?:\. ?[^\W\d_]){1,2}"  # V. a., y.o.
_OF_A_NAME: Final = ("states", "person", "lacks", "denies", "turns")
"""The kinds of the words that may stand beside a name; those of tests and intervals state none."""


@dataclass(frozen=True, slots=True)
class Beside:
    """How a name stands by the words around it, and those of them that may change it."""

    standing: Standing
    words: tuple[str, ...] = ()


def _phrases() -> dict[str, frozenset[str]]:
    """The words and phrases of each kind."""
    return words_by_kind("sentence")


def sentences(text: str) -> Iterator[Span]:
    """The sentences of a text; a full stop within a number or behind an abbreviation ends none.

    >>> [one.text for one in sentences("Susp. one. It is 2.4 mmol/l; P. a. view. None.")]
    ['Susp. one', 'It is 2.4 mmol/l', 'P. a. view', 'None']
    """
    return (Span.of(text, one.start(), one.end()) for one in _sentence().finditer(text))


@cache
def _sentence() -> re.Pattern[str]:
    short = "|".join(map(re.escape, sorted(_phrases()["shortens"], key=len, reverse=True)))
    shortened = rf"(?<![^\s(\[])(?:{_LETTERS}|{short})\."
    return re.compile(rf"(?:{shortened}|[^.;\n]|\.(?=[^\s;]))+", re.IGNORECASE)


def is_stating(word: str) -> bool:
    """Whether a single word leaves what stands beside it a fact of the patient.

    >>> is_stating("had"), is_stating("lacks")
    (True, False)
    """
    known = _phrases()
    return word.casefold() in known["states"] | known["person"]


def is_joining(pair: Sequence[str]) -> bool:
    """Whether two words stand between two things that are both stated; neither is of their names.

    >>> is_joining(["secondary", "to"]), is_joining(["secondary", "pain"]), is_joining(["to"])
    (True, False, False)
    """
    return " ".join(pair).casefold() in {one for one in _phrases()["states"] if one.endswith(_TO)}


def is_reporting(word: str, *, denied: bool = False) -> bool:
    """Whether a single word beside a test leaves its value one of now, as "after" does not.

    If ``denied``, the words by which a thing is denied do so too.

    >>> is_reporting("showed"), is_reporting("after"), is_reporting("taking")
    (True, False, False)
    """
    known = _phrases()
    if denied and word.casefold() in {w for one in ("denies", "lacks") for w in _words(one)}:
        return True
    return word.casefold() in known["reports"] | known["person"] | known["tests"]


@cache
def _words(kind: str) -> frozenset[str]:
    return frozenset(word for phrase in _phrases()[kind] for word in phrase.split())


def without_start(text: str) -> str:
    """A text without the words at its start that only state, of one person at most.

    >>> without_start("There was no pain"), without_start("Her child had no pain")
    ('no pain', 'Her child had no pain')
    """
    known, people, start = _phrases(), 0, 0
    words = list(_WORD.finditer(text))
    kinds = ("states", "person", "tests")
    for piece, kind in _pieces(
        [w.group() for w in words], *(known[one] for one in kinds), kinds=kinds
    ):
        if not kind:
            break
        people += kind == "person"
        start += piece.count(" ") + 1
    return text if people > 1 or start >= len(words) else text[words[start].start() :]


def is_of_then(text: str) -> bool:
    """Whether a word of a test's name tells of another time than now.

    >>> is_of_then("initial calcium"), is_of_then("total calcium")
    (True, False)
    """
    return any(word.casefold() in _phrases()["then"] for word in _split(text))


def is_of_interval(text: str) -> bool:
    """Whether words before two bounds say that they are those of a normal interval.

    A mere "range" may be that of the patient's values.

    >>> is_of_interval("normal range: "), is_of_interval("range"), is_of_interval("")
    (True, False, False)
    """
    words = " ".join(_split(text.replace(".", " "))).casefold()
    return words in _phrases()["interval"]


def is_heading(line: str) -> bool:
    """Whether a line above others leaves what they say a fact of the patient, and of now.

    >>> is_heading("Laboratory tests:"), is_heading("Urine:")
    (True, False)
    """
    known = _phrases()["heads"] | _phrases()["tests"] | _phrases()["person"]
    return all(word.casefold() in known for word in _split(line))


def ends_in_denial(text: str) -> bool:
    """Whether a text begins with what denies the thing before it, as "ruled out" does."""
    first = next(_pieces(_split(text), _phrases()["denies"]), ("", ""))
    return bool(first[1])


def turns(text: str, words: Words) -> bool:
    """Whether any word denies, doubts, sets a condition, or speaks of another person."""
    return bool(_turning(_split(text), words))


def only_turns(text: str, words: Words) -> bool:
    """Whether a text denies or doubts and says nothing else, and so speaks of what stands before.

    >>> import calcinosis
    >>> words = calcinosis.load().ontology.words
    >>> only_turns("Unlikely", words), only_turns("Never smoked", words)
    (True, False)
    """
    turning = {run.casefold() for run in _turning(_split(text), words) if " " not in run}
    known = {run for kind in _OF_A_NAME for run in _phrases()[kind]}
    rest = [word.casefold() for word in _split(text)]
    return bool(turning) and all(word in turning or word in known for word in rest)


def beside(
    around: Sequence[str], words: Words, *, tests: bool = False, names: Iterable[object] = ()
) -> Beside:
    """How names stand by the texts around them, each between two names or at an end.

    Words such as "labs" count as those that state only where the names are those of ``tests``.
    A route changes one of ``names`` that has another.

    >>> import calcinosis
    >>> words = calcinosis.load().ontology.words
    >>> beside(["She had severe", ""], words)
    Beside(standing='stated', words=())
    >>> beside(["", "was ruled out"], words).standing, beside(["Screened for"], words).words
    ('denied', ('Screened', 'for'))
    """
    left = _otherwise(around, [*names], words)
    denials = people = 0
    kinds = (*_OF_A_NAME, "tests") if tests else _OF_A_NAME
    known = [_phrases()[kind] for kind in kinds]
    for text in around:
        rest = _split(without_quantities(text).text)
        left += _UNTIL.findall(text)
        for word, kind in _pieces(rest, *known, kinds=kinds):
            denials += kind in ("denies", "lacks")
            people += kind == "person"
            if (not kind and not _leaves(word, words)) or kind == "turns":
                left.append(word)
    if people > 1 or denials > 1:  # it is not said whose it is, or what is denied
        left = [word for text in around for word in _split(text)]
    if left:
        return Beside("changed", tuple(left))
    return Beside("denied" if denials else "stated")


def _otherwise(around: Sequence[str], names: Sequence[object], words: Words) -> list[str]:
    """The words beside names that make other things of them, or at the end of a name before."""
    found: list[str] = []
    for place, name in enumerate(names):
        is_next = place > 0 and not around[place].strip()
        texts = (*around, str(names[place - 1])) if is_next else around
        if isinstance(name, str):
            found += [phrase for text in texts for phrase in words.otherwise(name, text)]
    return found


def _split(text: str) -> list[str]:
    return _WORD.findall(text)


def _pieces(
    rest: Sequence[str], *phrases: Collection[str], kinds: Sequence[str] = ("found",)
) -> Iterator[tuple[str, str]]:
    """The words in turn, the longest phrase first, each with its kind; empty where it has none."""
    place = 0
    while place < len(rest):
        for size in range(min(_LONGEST, len(rest) - place), 0, -1):
            text = " ".join(rest[place : place + size])
            kind = _kind(text.casefold(), phrases, kinds)
            if kind or size == 1:
                yield text, kind
                place += size
                break


def _kind(text: str, phrases: Sequence[Collection[str]], kinds: Sequence[str]) -> str:
    return next((kind for kind, known in zip(kinds, phrases, strict=True) if text in known), "")


def _leaves(word: str, words: Words) -> bool:
    """Whether a word is a degree, a course or a place, or affirms."""
    said = words.says(word)
    return said.is_plain and not said.earlier and (said.narrower or said.affirmed)


def _turning(rest: Sequence[str], words: Words) -> list[str]:
    runs = (
        " ".join(rest[place : place + size])
        for place in range(len(rest))
        for size in range(1, min(_LONGEST, len(rest) - place) + 1)
    )
    known = _phrases()["turns"]
    return [run for run in runs if run.casefold() in known or not words.says(run).is_plain]
