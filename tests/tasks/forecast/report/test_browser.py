"""The page in a real browser: nothing complains, nothing sticks out, no name comes to life."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatewise.tasks.forecast.report.page import render
from tests.tasks.forecast.report.browser import CHROMIUM, TROUBLE, Page, browser
from tests.tasks.forecast.report.test_page import HOSTILE, made

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on the PATH: install it to open the report in a browser"
)


def test_in_a_browser(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(render(made()), encoding="utf-8")
    papers = set()
    with browser(tmp_path / "profile") as new:
        for width in (390, 1280):
            for scheme in ("light", "dark"):
                with new() as page:
                    page.open(path.as_uri(), width, scheme)
                    papers.add(look(page, path, width))
    assert len(papers) == 2  # light and dark


def look(page: Page, path: Path, width: int) -> str:
    """Everything that must hold at any width; the colour of the paper."""
    assert page.value("window.innerWidth") == width
    assert page.value("document.documentElement.scrollWidth") <= width
    sticks_out = (
        "[...document.querySelectorAll('main *')].filter(e => !e.closest('.scroll, svg')"
        " && e.getBoundingClientRect().right > innerWidth + 1).length"
    )
    assert page.value(sticks_out) == 0
    # every column of every table, without scrolling
    page.value("document.querySelector('details').open = true")
    hidden = "[...document.querySelectorAll('.scroll')].filter(e => e.scrollWidth > e.clientWidth).length"
    assert page.value(hidden) == 0
    assert page.value("document.documentElement.scrollWidth") <= width
    assert page.value("document.querySelector('h1').textContent") == HOSTILE
    assert page.value("document.querySelectorAll('script, img').length") == 0
    shown = "[...document.querySelectorAll('svg')].filter(e => e.checkVisibility()).length"
    assert page.value(shown) == 1 + 1 + 1 + 3 + 2 + 1 + 1
    asked = [e for e in page.events if e.get("method") == "Network.requestWillBeSent"]
    addresses = [e["params"]["request"]["url"] for e in asked]
    assert [a for a in addresses if not a.startswith("data:")] == [path.as_uri()]
    assert [e for e in page.events if e.get("method") in TROUBLE] == []
    return str(page.value("getComputedStyle(document.body).backgroundColor"))
