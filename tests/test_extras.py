"""How an extra is installed is said by where the package came from."""

from __future__ import annotations

import importlib.metadata
import json
from pathlib import Path
from typing import Any

import pytest

from calcinosis.errors import to_install


class _Distribution:
    def __init__(self, told: str | None) -> None:
        self._told = told

    def read_text(self, name: str) -> str | None:
        assert name == "direct_url.json"
        return self._told


def _installed(monkeypatch: pytest.MonkeyPatch, told: str | None) -> None:
    monkeypatch.setattr(importlib.metadata, "distribution", lambda _name: _Distribution(told))


@pytest.mark.parametrize(("dir_info", "flag"), [({"editable": True}, "-e "), ({}, "")])
def test_from_a_clone_its_folder_is_named(
    dir_info: dict[str, Any], flag: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "a clone"
    folder.mkdir()
    _installed(monkeypatch, json.dumps({"url": folder.as_uri(), "dir_info": dir_info}))
    assert to_install("owl") == f'python -m pip install {flag}"{folder}[owl]"'


def test_from_a_repository_its_address_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    vcs = {"vcs": "git", "commit_id": "0" * 40}
    _installed(monkeypatch, json.dumps({"url": "https://example.org/a.git", "vcs_info": vcs}))
    wanted = '"calcinosis[owl] @ git+https://example.org/a.git"'
    assert to_install("owl") == f"python -m pip install {wanted}"


@pytest.mark.parametrize(
    "told",
    [
        None,
        "no JSON",
        "[]",
        '{"url": 1, "dir_info": {}}',
        '{"url": "file:///no/such/folder", "dir_info": {"editable": true}}',
        '{"url": "https://example.org", "vcs_info": {}}',
        '{"url": "https://example.org/a.whl", "archive_info": {}}',
    ],
)
def test_where_it_is_not_known_the_package_is_named(
    told: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    _installed(monkeypatch, told)
    assert to_install("owl") == 'python -m pip install "calcinosis[owl]"'


def test_a_package_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(_name: str) -> None:
        raise importlib.metadata.PackageNotFoundError

    monkeypatch.setattr(importlib.metadata, "distribution", none)
    assert to_install("owl") == 'python -m pip install "calcinosis[owl]"'
