"""What is written: nothing that is read, whole or not at all, and nothing beside it."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from calcinosis.errors import UsageError
from calcinosis.graph.locate import data
from calcinosis.output import files, streams
from calcinosis.output.files import refuse_overlaps, replace_folder, replacing, writing
from calcinosis.output.streams import ClosedPipeError, Descriptor
from tests.terminal import run
from tests.test_process import FULL
from tests.test_process import run as process

PATIENTS = data("examples") / "patients.csv"


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*")}


# -- an output is no input, and no other output ----------------------------------------------


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with inputs under several names; whoever reads one fails."""

    def fails(*_: object, **__: object) -> None:
        raise AssertionError("something is read")

    monkeypatch.chdir(tmp_path)
    for name in ("cite", "classify", "explain", "compare", "export", "sparql"):
        monkeypatch.setattr(f"calcinosis.cli.{name}.load", fails)
    monkeypatch.setattr("calcinosis.api.check", fails)
    Path("t.csv").write_bytes(PATIENTS.read_bytes())
    Path("q.rq").write_text("ASK { ?x a ?y }", encoding="utf-8")
    Path("folder/below").mkdir(parents=True)
    Path("folder/case.json").write_text("{}", encoding="utf-8")
    os.link("t.csv", "hard.csv")
    Path("soft.csv").symlink_to("t.csv")
    Path("away").symlink_to("folder")
    return tmp_path


@pytest.mark.parametrize(
    "call",
    [
        "classify t.csv --rejected t.csv",
        "classify t.csv -o t.csv",
        "classify t.csv -o hard.csv",
        "classify t.csv -o soft.csv",
        "classify soft.csv -o t.csv",
        "classify t.csv -o ./folder/../t.csv",
        "classify t.csv -o v.csv --rejected v.csv",
        "classify t.csv -o hard.csv --rejected soft.csv",
        "classify folder -f json -o folder/case.json",
        "classify folder -f json -o folder/new.json",
        "classify folder -f json -o away/below/new.json",
        "classify away -f json -o folder/below/new.json",
        "explain t.csv -o t.csv -f text",
        "compare t.csv --min-read text -o t.csv",
        "check t.csv -o t.csv -f text",
        "cite --case t.csv -o t.csv -f text",
        "sparql q.rq -o q.rq -f json",
        "export turtle --ontology folder -o folder/x.ttl",
        "export phenopackets --cases folder/case.json -o folder",
        "export phenopackets --cases folder/case.json -o away",
        "export nanopublications --sign-key key.trig -o key.trig",
        "template --ontology folder folder/case.csv",
    ],
)
def test_an_output_is_no_input_and_no_other_output(
    room: Path, capsys: pytest.CaptureFixture[str], call: str
) -> None:
    if "key" in call:
        Path("key.trig").write_text("key", encoding="utf-8")
    before = {name: Path(name).read_bytes() for name in ("t.csv", "q.rq", "folder/case.json")}
    for force in ([], ["--force"]):
        code, out, err = run([*call.split(), *force], capsys)
        assert (code, out) == (2, "")
        assert len(err.splitlines()) == 1
        assert "this call reads" in err or "goes as well" in err
    assert {name: Path(name).read_bytes() for name in before} == before


def test_the_ontology_of_the_package_is_an_input(
    room: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = data("ontology") / "new.ttl"
    code, _, err = run(["export", "turtle", "-o", str(target)], capsys)
    assert code == 2
    assert "which this call reads" in err
    assert not target.exists()


@pytest.mark.parametrize("call", ["classify t.csv -f csv", "classify t.csv -f csv -o /dev/stdout"])
def test_standard_output_is_no_input(tmp_path: Path, call: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(PATIENTS.read_bytes())
    with path.open("ab") as stream:
        code, _, err = process(*call.split(), stdout=stream, cwd=tmp_path)
    assert code == 2
    assert err.endswith(b"this call reads it too, as t.csv. Name another file\n")
    assert path.read_bytes() == PATIENTS.read_bytes()


def test_what_shares_no_file_may_be_written(tmp_path: Path) -> None:
    refuse_overlaps(["/dev/null", "-"], ["/dev/null", "/dev/null"])
    refuse_overlaps([str(tmp_path / ("a" * 300)), "a\0b", "\ud800"], ["b\0", "\ud800", "a" * 300])
    (tmp_path / "in").mkdir()
    refuse_overlaps([str(tmp_path / "in")], [str(tmp_path / "in.csv"), str(tmp_path / "out.csv")])


# -- one file --------------------------------------------------------------------------------


def write(name: Path | str, text: str = "new", *, force: bool = False) -> None:
    with writing(str(name), force=force) as stream:
        stream.write(text)


def test_a_file_that_appears_meanwhile_is_kept(tmp_path: Path) -> None:
    target = tmp_path / "out.txt"

    def beside() -> None:
        with writing(str(target), force=False) as stream:
            stream.write("ours")
            target.write_text("theirs", encoding="utf-8")

    with pytest.raises(UsageError, match="meanwhile"):
        beside()
    assert target.read_text(encoding="utf-8") == "theirs"
    with writing(str(target), force=True) as stream:
        stream.write("ours")
    assert target.read_text(encoding="utf-8") == "ours"
    assert names(tmp_path) == {"out.txt"}


def test_the_same_on_a_disk_without_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr("os.link", refused)
    test_a_file_that_appears_meanwhile_is_kept(tmp_path)
    write(tmp_path / "new.txt")
    assert (tmp_path / "new.txt").read_text(encoding="utf-8") == "new"
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "other").write_text("other", encoding="utf-8")
    replace_folder({"a": [b"a"]}, str(tmp_path / "folder"), force=True)
    assert names(tmp_path / "folder") == {"a", "other"}


def test_nobody_else_may_read_what_is_not_done(tmp_path: Path) -> None:
    target = tmp_path / "out.txt"
    target.write_text("old", encoding="utf-8")
    target.chmod(0o644)
    with writing(str(target), force=True) as stream:
        stream.write("new")
        (half,) = names(tmp_path) - {"out.txt"}
        assert (tmp_path / half).stat().st_mode & 0o777 == 0o600
        assert target.read_text(encoding="utf-8") == "old"
    assert target.stat().st_mode & 0o777 == 0o644


def test_what_fails_leaves_the_old(tmp_path: Path) -> None:
    target = tmp_path / "out.txt"
    write(target, "old")

    def fails() -> None:
        with writing(str(target), force=True) as stream:
            stream.write("x" * 1_000_000)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert target.read_text(encoding="utf-8") == "old"
    assert names(tmp_path) == {"out.txt"}


def test_links_are_followed(tmp_path: Path) -> None:
    write(tmp_path / "real.txt", "old")
    (tmp_path / "link").symlink_to("real.txt")
    (tmp_path / "dangling").symlink_to("new.txt")
    write(tmp_path / "link", force=True)
    write(tmp_path / "dangling")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "dangling").is_symlink()
    assert (tmp_path / "real.txt").read_text(encoding="utf-8") == "new"
    assert (tmp_path / "new.txt").read_text(encoding="utf-8") == "new"


@pytest.mark.slow
def test_names_that_cannot_be_written_are_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "dangling").symlink_to("missing/new")
    (tmp_path / "folder").mkdir()
    for name, said in {
        "loop": "Too many levels of symbolic links",
        "dangling": "No such file or directory",
        "x" * 300: "File name too long",
        "loop/x": "Too many levels of symbolic links",
        "missing/": "Is a directory",
        "folder": "is a directory",
        "a\0b": "is no name that a file can have",
        "\ud800": "is no name that a file can have",
    }.items():
        for force in ([], ["--force"]):
            asked = ["search", "scar", "-o", str(tmp_path / name) + name[-1:] * name.endswith("/")]
            code, out, err = run([*asked, *force], capsys)
            assert (code, out, len(err.splitlines())) == (2, "", 1)
            assert said in err
    assert run(["search", "scar", "-o", ""], capsys)[0] == 2
    assert names(tmp_path) == {"loop", "dangling", "folder"}


def test_rights_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)  # root may write all, and runs tests
    write(tmp_path / "out.txt", "old")
    with pytest.raises(UsageError, match="Permission denied"):
        write(tmp_path / "out.txt", force=True)
    (tmp_path / "folder").mkdir()
    with pytest.raises(UsageError, match="Permission denied"):
        replace_folder({"a": [b""]}, str(tmp_path / "folder"), force=True)


# -- a folder --------------------------------------------------------------------------------


def folder(place: Path) -> dict[str, str]:
    found = (path for path in place.rglob("*") if path.is_file())
    return {str(path.relative_to(place)): path.read_text(encoding="utf-8") for path in found}


def test_a_folder_is_replaced_whole_and_keeps_what_else_is_in_it(tmp_path: Path) -> None:
    target = tmp_path / "folder"
    replace_folder({"a": [b"1"], "b/c": [b"1"]}, str(target), force=False)
    (target / "b" / "mine").write_text("mine", encoding="utf-8")
    (target / "link").symlink_to("b")
    target.chmod(0o750)
    replace_folder({"a": [b"2"], "b/c": [b"2"]}, str(target), force=True)
    assert folder(target) == {"a": "2", "b/c": "2", "b/mine": "mine"}
    assert (target / "link").is_symlink()
    assert target.stat().st_mode & 0o777 == 0o750
    assert names(tmp_path) == {"folder", "a", "b", "c", "mine", "link"}


def test_a_folder_that_fails_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "folder"
    replace_folder({"a": [b"1"], "b": [b"1"]}, str(target), force=False)

    def broken() -> Iterator[bytes]:
        yield b"2"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        replace_folder({"a": [b"2"], "b": broken()}, str(target), force=True)
    real = Path.rename

    def rename(self: Path, to: Path) -> Path:
        if to.name == "folder" and not (self / "old").exists() and renamed:
            raise OSError(errno.EIO, "broken disk")
        renamed.append(to)
        return real(self, to)

    renamed: list[Path] = []
    (target / "old").write_text("old", encoding="utf-8")
    monkeypatch.setattr(Path, "rename", rename)
    monkeypatch.setattr(files, "_carry", lambda *_: None)
    with pytest.raises(UsageError, match="broken disk"):
        replace_folder({"a": [b"2"], "b": [b"2"]}, str(target), force=True)
    assert folder(target) == {"a": "1", "b": "1", "old": "old"}
    assert names(tmp_path) == {"folder", "a", "b", "old"}


def test_a_folder_that_appears_meanwhile_is_kept(tmp_path: Path) -> None:
    target = tmp_path / "folder"

    def parts() -> Iterator[bytes]:
        target.mkdir()
        (target / "theirs").write_text("theirs", encoding="utf-8")
        yield b"ours"

    with pytest.raises(UsageError, match="meanwhile"):
        replace_folder({"a": parts()}, str(target), force=False)
    assert folder(target) == {"theirs": "theirs"}
    assert names(tmp_path) == {"folder", "theirs"}


def test_the_folder_that_one_is_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="you are in that folder"):
        replace_folder({"a": [b""]}, ".", force=True)


# -- streams ---------------------------------------------------------------------------------


def test_a_slow_reader_gets_all() -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    got: list[bytes] = []

    def read() -> None:
        with os.fdopen(reader, "rb", buffering=0) as stream:
            while part := stream.read(999):
                got.append(part)

    thread = threading.Thread(target=read)
    with streams.written(Descriptor(writer, "the pipe", shared=True)) as stream:
        thread.start()
        for number in range(100_000):
            stream.write(f"{number}\n")
    thread.join(60)
    assert b"".join(got) == "".join(f"{number}\n" for number in range(100_000)).encode()


def test_a_short_write_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Descriptor._taken
    monkeypatch.setattr(Descriptor, "_taken", lambda self, content: real(self, content[:7]))
    write(tmp_path / "out.txt", "0123456789" * 10)
    assert (tmp_path / "out.txt").read_text(encoding="utf-8") == "0123456789" * 10


def test_a_reader_who_is_gone() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with pytest.raises(ClosedPipeError), streams.written(Descriptor(writer, "x")) as stream:
        stream.write("x" * 100_000)


@pytest.mark.slow
@FULL
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    "call", [["--help"], ["--version"], ["query", "subtypes"], ["query", "--help"]], ids=" ".join
)
def test_a_full_device_is_noticed(call: list[str], unbuffered: str) -> None:
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    with Path("/dev/full").open("wb") as full:
        code, _, err = process(*call, stdout=full, env=environment)
    assert code == 2
    assert err.startswith(b"Error: standard output: it cannot be written (No space left")
    assert len(err.splitlines()) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("call", "code"),
    [
        ("--help >&-", 2),
        ("--help 2>&-", 0),
        ("show nothing 2>&-", 2),
        ("show nothing 2>/dev/full", 2),
    ],
)
def test_closed_and_full_streams(call: str, code: int) -> None:
    command = f'exec "{sys.executable}" -m calcinosis {call}'
    done = subprocess.run(["sh", "-c", command], capture_output=True, check=False, timeout=60)
    assert done.returncode == code
    assert len(done.stderr.splitlines()) == int(">&-" in call and "2>" not in call)


@pytest.mark.slow
def test_ways_to_standard_output_and_pipes(tmp_path: Path) -> None:
    expected = process("search", "scar")[1]
    assert process("search", "scar", "-o", "/dev/stdout")[1] == expected
    with (tmp_path / "log").open("ab") as log:
        log.write(b"before\n")
        log.flush()
        assert process("search", "scar", "-o", "/dev/stdout", stdout=log)[0] == 0
    assert (tmp_path / "log").read_bytes() == b"before\n" + expected
    reader, writer = os.pipe()
    code, _, err = process("search", "scar", "-o", f"/dev/fd/{writer}", pass_fds=[writer])
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        assert (code, err, stream.read()) == (0, b"", expected)
    code, _, err = process("search", "scar", "-o", "/dev/fd/99")
    assert (code, err) == (2, b"Error: /dev/fd/99: it is closed. Write to a file with -o\n")


# -- workbooks -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["v.xlsx", "-"])
def test_no_rows_of_patients_lie_anywhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes],
    name: str,
) -> None:  # fmt: skip
    from calcinosis.cli.main import main
    from calcinosis.output.sheets import workbook

    made: list[object] = []
    real = tempfile.TemporaryFile

    def recorded(**given: object) -> IO[bytes]:
        made.append(given["dir"])
        return real(dir=str(given["dir"]))

    monkeypatch.setattr(workbook, "TemporaryFile", recorded)
    monkeypatch.setattr("tempfile.NamedTemporaryFile", None)
    monkeypatch.setattr("openpyxl.worksheet._writer.NamedTemporaryFile", None)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as end:
        main(["classify", str(PATIENTS), "-f", "xlsx", "-o", name])
    assert end.value.code == 0
    assert set(made) == ({tmp_path} if name != "-" else set())
    assert names(tmp_path) == ({"v.xlsx"} if name != "-" else set())
    written = (tmp_path / name).read_bytes() if name != "-" else capsysbinary.readouterr().out
    assert written.startswith(b"PK")


@pytest.mark.slow
def test_a_workbook_on_a_full_disk_is_one_line(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="file sizes are limited on Unix only")
    code, _, err = process(
        *("classify", PATIENTS, "-f", "xlsx", "-o", tmp_path / "v.xlsx"),
        env={k: v for k, v in os.environ.items() if not k.startswith("COVERAGE_")},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, 2_000)),
    )
    assert code == 2
    assert b"v.xlsx: it cannot be written (File too large)" in err
    assert len(err.splitlines()) == 1
    assert names(tmp_path) == set()


def test_replacing_takes_the_mode_and_says_where(tmp_path: Path) -> None:
    with replacing(tmp_path / "a") as stream:
        stream.write("a")
    with pytest.raises(UsageError, match="missing"), replacing(tmp_path / "missing" / "a"):
        pass
