"""The pages run: every Python block in order, and what it prints is what stands below it."""

from __future__ import annotations

import contextlib
import io
import linecache
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import gatewise as gw
from gatewise import lang
from gatewise.inspect import check as checked
from gatewise.ir import OPS
from gatewise.ir.node import INITS
from gatewise.lang.functions import NAMES
from tests.passes.test_differentiate import check

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A Python block: where it stands, its text, and what it should print if the page says so."""

    line: int
    text: str
    prints: str | None


def blocks(page: Path) -> Iterator[Block]:
    """The Python blocks of a page. A ``text`` block right below one is what it prints."""
    source = page.read_text(encoding="utf-8")
    fences = list(FENCE.finditer(source))
    for k, fence in enumerate(fences):
        if fence[1] != "python":
            continue
        following = fences[k + 1] if k + 1 < len(fences) else None
        near = following is not None and not source[fence.end() : following.start()].strip()
        prints = following[2] if following is not None and near and following[1] == "text" else None
        yield Block(source.count("\n", 0, fence.start()) + 1, fence[2], prints)


@cache
def namespace(page: Path) -> dict[str, Any]:
    """Run a page and return what it defines."""
    names: dict[str, Any] = {"__name__": "my_cells"}
    for block in blocks(page):
        # errors that a page shows quote the reader's own file
        linecache.cache["my_cells.py"] = (
            len(block.text),
            None,
            block.text.splitlines(keepends=True),
            "my_cells.py",
        )
        out = io.StringIO()
        try:
            with contextlib.redirect_stdout(out):
                exec(compile(block.text, "my_cells.py", "exec"), names)
        except Exception as error:
            error.add_note(f"in the block at {page.name}, line {block.line}")
            raise
        finally:
            del linecache.cache["my_cells.py"]
        if block.prints is not None:
            assert out.getvalue() == block.prints, f"{page.name}, the block at line {block.line}"
    return names


def rel(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def test_there_are_pages() -> None:
    assert {"README.md", "docs/language.md", "docs/program.md"} <= {rel(page) for page in PAGES}
    assert all(list(blocks(page)) for page in PAGES[:1])


@pytest.mark.parametrize("page", PAGES, ids=rel)
def test_every_block_runs(page: Path) -> None:
    namespace(page)


LANGUAGE = ROOT / "docs" / "language.md"
PROGRAM = ROOT / "docs" / "program.md"
CELLS = [n for n in re.findall(r"^def (\w+)\(x", LANGUAGE.read_text(), re.MULTILINE)]


@pytest.mark.parametrize("name", CELLS)
def test_the_cells_of_the_page_are_right(name: str) -> None:
    """Their gradients agree with finite differences; they survive being saved."""
    cell = namespace(LANGUAGE)[name]
    assert isinstance(cell, gw.Cell)
    assert gw.load_cell(cell.to_json()) == cell
    sizes = {n: 3 for n in cell.program.sizes} | {"H": 4}
    if any(node.op == "stop_gradient" for node in cell.program.nodes):
        report = checked.check(cell.program, sizes)  # which holds what no gradient passes
        assert report.ok, report
        return
    check(cell.program, (cell.program.states[0].name, cell.names[0]), sizes=sizes)


# --- tables that must not go stale ----------------------------------------------------------------


def rows(page: Path, head: str) -> list[list[str]]:
    """The cells of the table whose first column is headed so."""
    text = page.read_text(encoding="utf-8")
    match = re.search(rf"^\| {re.escape(head)} \|[^\n]*\n\|[-| ]+\|\n((?:\|[^\n]*\n)+)", text, re.M)
    assert match, f"{page.name} has no table of {head}"
    split = re.compile(r"(?<!\\)\|")
    return [[c.strip() for c in split.split(line)[1:-1]] for line in match[1].splitlines()]


def test_all_functions_are_taught() -> None:
    taught = {name for row in rows(LANGUAGE, "function") for name in re.findall(r"(\w+)\(", row[0])}
    assert taught == set(NAMES)
    assert all(callable(getattr(lang, name)) for name in NAMES)


def test_all_initialisations_are_taught() -> None:
    taught = {row[0].strip('`"'): row[1] for row in rows(LANGUAGE, "kind")}
    assert set(taught) == set(INITS)
    for kind, arguments in taught.items():
        assert len([a for a in arguments.split(",") if a.strip()]) == INITS[kind][0], kind


def test_all_ops_are_listed() -> None:
    listed = {row[0].strip("`"): row for row in rows(PROGRAM, "op")}
    assert set(listed) == set(OPS)
    for name, row in listed.items():
        op = OPS[name]
        assert row[1] == op.kind, name
        assert row[2] == ("1 or more" if op.arity is None else str(op.arity)), name
