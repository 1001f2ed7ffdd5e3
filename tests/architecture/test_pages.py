"""What pages say of files and folders is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.sources import PACKAGE, ROOT

TREES = ("gatewise", "tests", "benchmarks", "examples")
ALL_PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs" / "decisions").glob("*.md")),
]


@pytest.mark.parametrize("page", ALL_PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_that_a_page_names_are_there(page: Path) -> None:
    names = set(re.findall(r"`([\w/]+\.py)`", page.read_text(encoding="utf-8")))
    files = [f"/{f.relative_to(ROOT)}" for tree in TREES for f in (ROOT / tree).rglob("*.py")]
    assert [n for n in names if not any(f.endswith(f"/{n}") for f in files)] == []


def folders_of_the_tree(text: str) -> set[str]:
    """Folders and files below ``gatewise/`` in the tree of docs/architecture.md."""
    (tree,) = re.findall(r"^```\ngatewise/\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    parents: list[str] = []
    names = set()
    for line in tree.splitlines():
        depth = (len(line) - len(line.lstrip())) // 2 - 1
        name = line.split()[0]
        parents[depth:] = [name]
        names.add("".join(parents))
    return names


def unnamed(folders: set[str], named: set[str]) -> list[str]:
    """Folders that are missing from a tree: a folder is shown with all of its folders, or with none."""
    parents = {name.rstrip("/").rpartition("/")[0] for name in named}
    return sorted(f for f in folders - named if f.rstrip("/").rpartition("/")[0] in parents)


def test_the_tree_is_that_of_the_package() -> None:
    named = folders_of_the_tree((ROOT / "docs" / "architecture.md").read_text(encoding="utf-8"))
    folders = {f"{p.parent.relative_to(PACKAGE)}/" for p in PACKAGE.rglob("__init__.py")} - {"./"}
    assert not [name for name in named if not (PACKAGE / name).exists()]
    assert not unnamed(folders, named)


def test_a_missing_folder_is_seen() -> None:
    assert unnamed({"ir/", "nn/", "nn/plan/"}, {"ir/", "nn/"}) == []
    assert unnamed({"ir/", "nn/", "nn/plan/"}, {"ir/", "nn/", "nn/modules/"}) == ["nn/plan/"]
    assert unnamed({"ir/", "nn/"}, {"ir/"}) == ["nn/"]


def test_a_tree_is_read() -> None:
    text = (
        "```\ngatewise/\n  ir/   nodes\n  nn/   modules\n    plan/   what\n      a.py  that\n```\n"
    )
    assert folders_of_the_tree(text) == {"ir/", "nn/", "nn/plan/", "nn/plan/a.py"}
