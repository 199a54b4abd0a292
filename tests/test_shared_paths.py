"""What is written to be shared names files without their folders: they are nobody else's."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from calcinosis.cli.main import cli
from tests.test_overlay import HEAD

FOLDER = "home-of-ann"
CASES = {
    "cases.yaml": "id: a\ncalcinosis: present\nconditions: [dermatomyositis, unheard of]\n"
    "excluded: [dermatomyositis]\nlabs: [{test: calcium, value: 3, unit: furlong}]\n",
    "cases.csv": "id,calcinosis,conditions,calcium,calcium_unit\n"
    "a,present,dermatomyositis; unheard of,3,furlong\nb,absent,,,\n",
}
FORMS = [
    *(("explain", form) for form in ("text", "json", "html", "ttl")),
    *(("classify", form) for form in ("json", "csv", "xlsx", "phenopacket")),
    ("compare", "json"),
]


def _parts(data: bytes) -> list[bytes]:
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return [data]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [archive.read(name) for name in archive.namelist()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("disk") / FOLDER
    found.mkdir()
    own = 'calc:Calciphylaxis skos:altLabel "grey leg of the clinic"@en .'
    (found / "site.ttl").write_text(HEAD + own, encoding="utf-8")
    for name, text in CASES.items():
        (found / name).write_text(text, encoding="utf-8")
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(("command", "form"), FORMS)
def test_no_folder_of_an_input_reaches_what_is_written(
    folder: Path, tmp_path: Path, name: str, command: str, form: str
) -> None:
    target = tmp_path / "answer"
    words = [command, str(folder / name), "-f", form, "--with", str(folder / "site.ttl")]
    words += ["--without", "reiter-2011"] if command == "compare" else []
    result = CliRunner().invoke(cli, [*words, "-o", str(target.with_suffix(SUFFIX.get(form, "")))])
    assert result.exit_code == 0, result.output
    (written,) = tmp_path.iterdir()
    parts = _parts(written.read_bytes())
    assert any(parts)
    for part in parts:
        assert FOLDER.encode() not in part


SUFFIX = {"xlsx": ".xlsx"}


def test_a_fault_still_says_which_file_it_is(folder: Path) -> None:
    wrong = folder / "wrong.yaml"
    wrong.write_text("id: a\nconditions: 7\n", encoding="utf-8")
    result = CliRunner().invoke(cli, ["explain", str(wrong)])
    assert str(wrong) in " ".join(result.stderr.split())
