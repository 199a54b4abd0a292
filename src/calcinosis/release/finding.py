"""Findings: what a check found, as values that are collected and then judged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Final

from calcinosis.errors import CalcinosisError, CaseError

ERROR: Final = "ERROR"
WARN: Final = "WARN"
INFO: Final = "INFO"
SEVERITIES: Final = (ERROR, WARN, INFO)


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: how grave it is, by which rule, in what, what is wrong, and the cure."""

    severity: str
    rule: str
    subject: str
    message: str
    cure: str

    def to_dict(self) -> dict[str, str]:
        """The finding as plain values."""
        return asdict(self)

    def __str__(self) -> str:
        return f"{self.severity} {self.rule}: {self.subject}: {self.message}. {self.cure}"


def ordered(findings: Iterable[Finding]) -> list[Finding]:
    """Each finding once, the gravest first."""
    unique = set(findings)
    return sorted(
        unique, key=lambda f: (SEVERITIES.index(f.severity), f.rule, f.subject, f.message)
    )


def of_error(error: CalcinosisError, rule: str) -> list[Finding]:
    """An error as findings, one a problem."""
    if isinstance(error, CaseError):
        return [Finding(ERROR, rule, p.where, p.what, p.cure) for p in error.problems]
    return [Finding(ERROR, rule, error.where, error.what, error.cure)]
