"""The boundary around one input: whatever goes wrong inside stays with it, the next one is read.

The one place that catches everything. What a foreign parser raises is the input's fault; what our
own code raises unforeseen is ours, and is said to be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from calcinosis.errors import CalcinosisError, InputError, OurFaultError, quoted

T = TypeVar("T")


@contextmanager
def foreign(what: str, where: str, cure: str) -> Iterator[None]:
    """Around another's parser at work on one input: what it raises becomes an InputError.

    ``what`` names the input, as in "the workbook"; OSErrors pass, since they tell of the file.
    """
    try:
        yield
    except (CalcinosisError, OSError):
        raise
    except MemoryError as error:
        raise InputError(f"there is not memory enough to read {what}", where, cure) from error
    except Exception as error:
        said = quoted(str(error) or type(error).__name__)
        raise InputError(f"{what} cannot be read ({said})", where, cure) from error


@contextmanager
def ours(where: str) -> Iterator[None]:
    """Around our own work on one input: what is raised unforeseen becomes an OurFaultError."""
    try:
        yield
    except CalcinosisError:
        raise
    except MemoryError as error:
        raise InputError("there is not memory enough for it", where, _SMALLER) from error
    except Exception as error:
        raise OurFaultError(error, where) from error


def attempt(where: str, work: Callable[[], T]) -> T | InputError:
    """What our own ``work`` on one input gives, or what refuses the input."""
    try:
        with ours(where):
            return work()
    except InputError as error:
        return error.with_traceback(None)  # which would keep all that was in work


_SMALLER = "Give fewer facts, or run it on a machine with more memory"
