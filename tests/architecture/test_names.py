"""Names and forms that the code does not use, since a reader learns nothing from them."""

from __future__ import annotations

import re

import pytest

from tests.architecture.sources import ROOT, syntax

# they say that a value was computed, not what it is
EMPTY = frozenset({"found", "made", "there", "given", "kept"})
UNFORMATTED = re.compile(r"#\s*fmt:\s*(?:skip|off)")
CODE = sorted(
    p
    for tree in ("gatewise", "tests", "benchmarks", "examples")
    for p in (ROOT / tree).rglob("*.py")
)


def empty_names(source: str) -> list[tuple[int, str]]:
    """Line and name of every local and argument that is named by having been computed."""
    return [(line, name) for line, name in syntax(source).assigned if name in EMPTY]


def test_a_local_is_named_by_what_it_holds() -> None:
    lines = [
        f"{path.relative_to(ROOT)}, line {line}: {name}"
        for path in CODE
        for line, name in empty_names(path.read_text(encoding="utf-8"))
    ]
    assert not lines, "name it by what it holds:\n" + "\n".join(lines)


@pytest.mark.parametrize(
    "source",
    [
        "found = 1",
        "def f():\n    made, x = g()",
        "def f(given): ...",
        "[kept for kept in x]",
        "if (there := f()): ...",
    ],
)
def test_an_empty_name_is_seen(source: str) -> None:
    assert len(empty_names(source)) == 1


def test_names_that_say_something_pass() -> None:
    assert not empty_names("kept_rows = x.kept\ndef f(x): return given")


def test_the_formatter_has_the_last_word() -> None:
    lines = [
        f"{path.relative_to(ROOT)}, line {number}"
        for path in CODE
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if UNFORMATTED.search(line)
    ]
    assert not lines, "write it so that it reads well as ruff formats it:\n" + "\n".join(lines)


def test_an_exception_from_the_formatter_is_seen() -> None:
    marker = "# fmt" + ": skip"
    assert UNFORMATTED.search(f"x = [1,  2]  {marker}")
