"""Reports at the command line have outlines of pictures, unless a test asks for pictures."""

from __future__ import annotations

import pytest

from tests.outlines import draw_outlines


@pytest.fixture
def pictures() -> None:
    """Asks for reports as people get them."""


@pytest.fixture(autouse=True)
def outlines(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "pictures" not in request.fixturenames:
        draw_outlines(monkeypatch)
