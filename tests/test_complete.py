"""What Tab completes: in this process, and in a real bash at a terminal of its own."""

from __future__ import annotations

import os
import pty
import re
import select
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

import calcinosis
from calcinosis.cli.main import cli
from calcinosis.graph.catalogue import Catalogue
from calcinosis.graph.lexicon import KINDS, Lexicon, kinds_of
from tests.shared import few

COMMANDS = Path(__file__).parent.parent / "docs" / "commands.md"
PATIENCE = 60.0  # seconds for all that one line does


def offered(words: str, shell: str = "zsh") -> dict[str, str]:
    """The values offered for the last word of a line, with the help that stands beside each."""
    environment = {
        "_CALCINOSIS_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1)
        if shell != "fish"
        else words.rpartition(" ")[2],
    }
    done = CliRunner().invoke(cli, prog_name="calcinosis", env=environment)
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    if shell == "bash":
        return {line.partition(",")[2]: "" for line in lines if line}
    if (
        shell == "fish" and lines and "," in lines[0]
    ):  # a line a value, as some versions of click have it
        return dict(line.partition(",")[2].partition("\t")[::2] for line in lines)
    return dict(zip(lines[1::3], lines[2::3], strict=True))


# -- what is offered ----------------------------------------------------------------------


@pytest.mark.parametrize("shell", few(["bash", "zsh", "fish"], "zsh"))
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("query several", {"several-subtypes"}),
        ("query causes --subtype met", {"metastatic_calcinosis_cutis"}),
        ("query causes --subtype Metastatic", {"metastatic_calcinosis_cutis"}),
        ("query causes --subtype metastatic_cal", {"metastatic_calcinosis_cutis"}),
        ("query causes --subtype MetastaticC", {"MetastaticCalcinosisCutis"}),
        ("query claims-by-reading --read te", {"text"}),
        ("query supports --reference reit", {"reiter-2011"}),
        ("query claims --term juvenile", {"juvenile_dermatomyositis"}),
        ("query claims --term JDM", {"JDM"}),
        ("query claims --term Raynaud", {"Raynaud_phenomenon"}),
        ("query claims --term Down", {"Down_syndrome"}),
        ("query by-author --author Fair", set()),
        ("query claims --term ", set()),
        ("show reit", {"reiter-2011"}),
        ("show juvenile derm", {"dermatomyositis"}),
        ("show systemic lupus ery", {"erythematosus"}),
        ("show zzz", set()),
        ("search cal", set()),
        ("cite reit", {"reiter-2011"}),
        ("cite reiter-2011 --style v", {"vancouver"}),
        ("cite --query several", {"several-subtypes"}),
        ("cite --subtype iatro", {"iatrogenic_calcinosis_cutis"}),
        ("cite --condition acne_s", {"acne_scar"}),
        ("cite --query by-author --with a", {"author="}),
        ("cite --query nothing --with s", set()),
        ("cite --ontology nowhere reit", set()),
        ("classify --viewpoint w", {"walsh-fairley-1995"}),
        ("classify --ontology nowhere --viewpoint w", set()),
        ("explain --subtype dys", {"dystrophic_calcinosis_cutis"}),
        ("add cl", {"claim"}),
        ("add claim --subject juvenile", {"juvenile_dermatomyositis"}),
        ("add claim --object metastatic_calcification", {"metastatic_calcification_of_the_skin"}),
        ("add claim --reference reit", {"reiter-2011"}),
        ("add claim --role RecognisedIdio", {"RecognisedIdiopathicEntity"}),
        ("add claim --read te", {"text"}),
        ("diff --viewpoint w", {"walsh-fairley-1995"}),
    ],
)
def test_completion(shell: str, words: str, expected: set[str]) -> None:
    assert set(offered(f"calcinosis {words}", shell)) == expected


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_keep_the_name_before_the_equals_sign(shell: str) -> None:
    found = offered("calcinosis cite --query causes --with subtype=iatro", shell)
    assert set(found) == {"subtype=iatrogenic_calcinosis_cutis"}


def test_help_stands_beside_a_value() -> None:
    told = offered("calcinosis show JDM")["JDM"]
    assert told == "juvenile dermatomyositis (condition)"
    told = offered("calcinosis cite reiter")["reiter-2011"]
    assert told.startswith("Reiter 2011. Calcinosis cutis")


def test_without_a_beginning_a_short_list_is_offered_and_the_whole_graph_is_not() -> None:
    subtypes = offered("calcinosis query causes --subtype ")
    assert 5 <= len(subtypes) <= 12
    assert offered("calcinosis cite --query causes --with subt", "bash") == dict.fromkeys(
        (f"subtype={value}" for value in subtypes), ""
    )
    assert len(offered("calcinosis cite ")) > 50
    several = offered("calcinosis cite --query criteria --query claims --with ")
    assert set(several) == {"subtype=", "term="}
    assert not offered("calcinosis show ")


@pytest.mark.parametrize("words", ["--with subtype = meta", "--with = subtype = meta"])
def test_bash_parts_words_at_the_equals_sign(words: str) -> None:
    found = offered(f"calcinosis cite --query causes {words}", "bash")
    assert set(found) == {"metastatic_calcinosis_cutis"}
    found = offered("calcinosis query causes --subtype =", "bash")
    assert "metastatic_calcinosis_cutis" in found


@pytest.mark.slow
def test_everything_that_is_offered_is_taken_and_begins_as_typed(
    kg: calcinosis.KnowledgeGraph,
) -> None:
    """For each type of parameter, and each letter that a name can begin with."""
    lexicon = Lexicon(kg.ontology)
    catalogue = Catalogue()
    asked = {
        parameter.type: f"calcinosis query {name} {parameter.option}"
        for name in catalogue.names()
        for parameter in catalogue.look_up(name).parameters
        if set(kinds_of(parameter.type)) <= set(KINDS)
    }
    assert len(asked) > 5
    for kind, line in asked.items():
        for typed in ("a", "c", "m", "sys", "de"):
            for value in offered(f"{line} {typed}"):
                assert value.casefold().startswith(typed)
                assert shlex.quote(value) == value or not value.isascii()
                assert "," not in value  # at which click's script for fish parts a line
                assert lexicon.resolve(value, kinds_of(kind))


@pytest.mark.parametrize("words", ["query causes --subtype met", "cite rei", "show cal"])
def test_nothing_slow_is_imported(words: str) -> None:
    code = (
        "import atexit, sys\natexit.register(lambda: print(*sys.modules, file=sys.stderr))\n"
        "from calcinosis.cli import main\nmain()"
    )
    place = str(len(words.split()))
    asked = {"COMP_WORDS": f"calcinosis {words}", "COMP_CWORD": place}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **asked, "_CALCINOSIS_COMPLETE": "bash_complete"},
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    assert done.stdout.startswith("plain,")
    modules = set(done.stderr.split())
    assert "calcinosis.graph.lexicon" in modules
    assert not modules & {
        "rdflib",
        "openpyxl",
        "calcinosis.reasoning.classify",
        "calcinosis.graph.query",
    }


# -- a real bash ----------------------------------------------------------------------------


@dataclass
class Bash:
    """An interactive bash at a terminal of its own, in which calcinosis is completed."""

    terminal: int
    folder: Path

    def line(self, keys: str) -> tuple[list[str], int]:
        """Type keys and Enter; the arguments that calcinosis was run with, and its exit code."""
        ended, given = self.folder / "ended", self.folder / "given"
        for file in (ended, given):
            file.unlink(missing_ok=True)
        os.write(self.terminal, f"{keys} >out 2>&1; echo $? >part; mv part ended\n".encode())
        self._until(ended.exists)
        return given.read_text().splitlines(), int(ended.read_text())

    def _until(self, reached: Callable[[], bool]) -> None:
        deadline, seen = time.monotonic() + PATIENCE, b""
        while not reached():
            assert time.monotonic() < deadline, f"bash did not come to an end: {seen!r}"
            if select.select([self.terminal], [], [], 0.05)[0]:
                seen += os.read(self.terminal, 65536)


@pytest.fixture(scope="module")
def bash(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bash]:
    folder = tmp_path_factory.mktemp("bash")
    command = folder / "calcinosis"
    command.write_text(
        '#!/bin/sh\n[ -n "$_CALCINOSIS_COMPLETE" ] || printf "%s\\n" "$@" >given\n'
        f'exec {shlex.quote(sys.executable)} -m calcinosis "$@"\n'
    )
    command.chmod(0o755)
    terminal, inner = pty.openpty()
    environment = {
        **os.environ,
        **{"PATH": f"{folder}:{os.environ['PATH']}", "TERM": "dumb", "INPUTRC": os.devnull},
        **{"LC_ALL": "C.UTF-8", "HISTFILE": os.devnull},
    }
    shell = subprocess.Popen(
        ["bash", "--norc", "--noprofile", "-i"],
        stdin=inner,
        stdout=inner,
        stderr=inner,
        cwd=folder,
        env=environment,
        start_new_session=True,
    )
    os.close(inner)
    try:
        here = Bash(terminal, folder)
        documented = re.search("`(eval .*?)`", COMMANDS.read_text(encoding="utf-8"))
        assert documented
        assert here.line(f"{documented[1]}; calcinosis --version") == (["--version"], 0)
        yield here
    finally:
        shell.kill()
        shell.wait(PATIENCE)
        os.close(terminal)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("keys", "given"),
    [
        ("query causes --subtype met\t", "query causes --subtype metastatic_calcinosis_cutis"),
        ("query causes --subtype=met\t", "query causes --subtype=metastatic_calcinosis_cutis"),
        ("query causes --subtype 'met\t", "query causes --subtype metastatic_calcinosis_cutis"),
        (r"query causes --subtype metastatic\ cal" "\t",
         "query causes --subtype metastatic_calcinosis_cutis"),
        ("query claims --term MetastaticCal\t", "query claims --term MetastaticCalcinosisCutis"),
        ("show juvenile derm\t", "show juvenile dermatomyositis"),
        ("show juvenile_derm\t", "show juvenile_dermatomyositis"),
        ("show Rayn\t", "show Raynaud_phenomenon"),
        ("cite reit\t--style vanc\t", "cite reiter-2011 --style vancouver"),
        ("cite --query cau\t --with subt\tiatro\t",
         "cite --query causes --with subtype=iatrogenic_calcinosis_cutis"),
        ("query cau\t --sub\tcalc\t\t\tnosis_\t", "query causes --subtype calcinosis_cutis"),
    ],
)  # fmt: skip
def test_a_completed_line_runs(bash: Bash, keys: str, given: str) -> None:
    arguments, code = bash.line(f"calcinosis {keys}")
    assert (arguments, code) == (given.split(), 0), (bash.folder / "out").read_text()


def test_what_is_typed_is_kept_where_several_names_go_on(bash: Bash) -> None:
    arguments, code = bash.line("calcinosis query causes --subtype calci\t\tzz")
    assert arguments == ["query", "causes", "--subtype", "calcizz"]
    assert code == 2


@pytest.mark.slow
def test_files_are_completed_where_files_are_read(bash: Bash) -> None:
    (bash.folder / "my cases.json").write_text('{"id": "one"}')
    assert bash.line("calcinosis classify my\t") == (["classify", "my cases.json"], 0)
