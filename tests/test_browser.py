"""Journeys through the pages, in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.slow, pytest.mark.external("chromium")]


def test_home(page: Page) -> None:
    page.goto("/")
    assert page.title() == "calcinosis"
