"""river's own checks for a classifier, where river is installed."""

from __future__ import annotations

from typing import Any

import pytest

river_checks = pytest.importorskip("river.checks")


def checks() -> list[Any]:
    from gatewise.tasks.stream.river import RiverClassifier

    return list(river_checks.yield_checks(RiverClassifier(units=4, window=2)))


# each goes through a stream of two hundred steps or more
@pytest.mark.slow
@pytest.mark.parametrize("check", checks(), ids=lambda check: check.__name__)
def test_checks(check: Any) -> None:
    from gatewise.tasks.stream.river import RiverClassifier

    check(RiverClassifier(units=4, window=2))
