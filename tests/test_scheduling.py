"""Which tests one process runs."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("xdist")
from tests.scheduling import LONG, TOGETHER, group_of

RAN: list[str] = []


@pytest.fixture(autouse=True)
def noted(request: pytest.FixtureRequest) -> None:
    RAN.append(request.node.name)


def test_a_file_is_one_group() -> None:
    assert group_of("tests/ir/test_size.py::test_a") == group_of(
        "tests/ir/test_size.py::test_b[@x]"
    )
    assert group_of("tests/ir/test_size.py::test_a") != group_of("tests/lang/test_size.py::test_a")


def test_files_that_must_not_run_beside_each_other_are_one_group() -> None:
    assert len({group_of(f"tests/any/{name}::test_a[1]") for name in TOGETHER}) == 1


def test_the_rules_of_the_house_are_one_group() -> None:
    files = sorted((Path(__file__).parent / "architecture").glob("test_*.py"))
    assert len({group_of(f"tests/architecture/{f.name}::test_a") for f in files}) == 1 < len(files)


def test_a_cell_of_the_diagrams_is_one_group() -> None:
    file = "tests/inspect/test_diagram.py"
    groups = [
        group_of(f"{file}::{test}") for test in ("test_a[gru]", "test_b[gru]", "test_b[lstm]")
    ]
    assert groups[0] == groups[1] != groups[2]
    assert group_of(f"{file}::test_a") == group_of(f"{file}::test_b")


def test_long_groups_are_names_of_files() -> None:
    files = {path.name for path in Path(__file__).parent.rglob("test_*.py")}
    assert LONG - {"together"} <= files and files >= TOGETHER


def test_this_process_ran_all_that_comes_before(request: pytest.FixtureRequest) -> None:
    """A hook that xdist or pytest no longer asks would be no error, and the groups would be gone."""
    items = [i for i in request.session.items if i.path == request.path]
    assert RAN == [i.name for i in items]
