"""Adding a claim to a file of one's own: what is written, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import calcinosis
from calcinosis.cli.main import cli
from calcinosis.errors import OntologyError, UsageError
from calcinosis.release.canonical import canonical

GIVEN = {
    "id": "acne-scar-causes-calciphylaxis-in-passing",
    "subject": "acne scar",
    "object": "calciphylaxis",
    "label": "acne scar is said in passing to cause calciphylaxis",
    "statement": "One line of a table names it.",
    "reference": "fernandez-2015",
    "curator": "A. Curator",
    "locator": "Table 1",
    "reason": "Said in passing, so no role is given.",
}


def called(to: str, **changed: str) -> list[str]:
    """The words of a call that adds a claim."""
    words = [word for name, text in {**GIVEN, **changed}.items() for word in (f"--{name}", text)]
    return ["add", "claim", "--to", to, *words]


def add(to: Path, **changed: str) -> Result:
    return CliRunner().invoke(cli, called(str(to), **changed))


@pytest.mark.slow
def test_a_claim_is_written_in_form_and_is_there_with_the_file(tmp_path: Path) -> None:
    to = tmp_path / "ours.ttl"
    result = add(to)
    assert result.exception is None, result.output
    text = to.read_text(encoding="utf-8")
    assert canonical(text) == text
    assert GIVEN["statement"] in result.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["ours.ttl"]
    kg = calcinosis.load(overlays=to)
    claim = kg.ontology.claims.association(calcinosis.names.ASSOC + GIVEN["id"])
    assert claim.references == ("fernandez-2015",)
    assert claim.citations[0].read == "abstract"
    with pytest.raises(UsageError, match="there is a claim"):
        raise add(to).exception or AssertionError("it was added twice")
    assert to.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"reference": "fernandes-2015"}, "Did you mean fernandez-2015"),
        ({"subject": "acne scra"}, "acne scar"),
        ({"object": "calcyphilaxis"}, "calciphylaxis"),
        ({"kind": "Caus"}, "Did you mean Cause"),
        ({"id": "Acne Scar"}, "small letters with hyphens"),
        ({"label": "acne \udce9"}, "no UTF-8"),
        ({"predicate": 'RO> ; calc:editorial "x"@en ; calc:predicate <x'}, "there is no relation"),
        ({"predicate": "https://example.org/x"}, "there is no relation"),
        ({"design": "Review> ; calc:locator <x"}, "there is no design"),
    ],
)
def test_what_is_not_known_is_answered_with_the_nearest(
    changed: dict[str, str], said: str, tmp_path: Path
) -> None:
    result = add(tmp_path / "ours.ttl", **changed)
    assert isinstance(result.exception, UsageError)
    assert said in str(result.exception)
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_what_would_break_a_rule_is_not_written(tmp_path: Path) -> None:
    result = add(tmp_path / "other.ttl", label=" two  spaces ")
    assert isinstance(result.exception, OntologyError)
    assert "other.ttl" in result.exception.where
    assert "trial" not in str(result.exception)
    assert not (tmp_path / "other.ttl").exists()


@pytest.mark.parametrize("name", ["x" * 400 + ".ttl", "folder/ours.ttl"])
def test_a_file_that_cannot_be_is_refused(name: str, tmp_path: Path) -> None:
    result = add(tmp_path / name)
    assert isinstance(result.exception, UsageError)
    assert "cannot be written" in result.exception.what
    assert not list(tmp_path.iterdir())


def test_what_is_missing_is_named_where_nobody_can_be_asked(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["add", "claim", "--to", str(tmp_path / "ours.ttl")])
    assert isinstance(result.exception, UsageError)
    assert result.exception.where == "--id"
