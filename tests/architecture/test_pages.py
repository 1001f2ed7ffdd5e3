"""What pages say of files and folders is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.layers import FOLDERS
from tests.architecture.sources import PACKAGE, ROOT

ARCHITECTURE = ROOT / "docs" / "architecture.md"
TREES = ("gatewise", "tests", "benchmarks", "examples")
FILES = [f"/{f.relative_to(ROOT)}" for tree in TREES for f in (ROOT / tree).rglob("*.py")]
ALL_PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs" / "decisions").glob("*.md")),
]


@pytest.mark.parametrize("page", ALL_PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_that_a_page_names_are_there(page: Path) -> None:
    names = set(re.findall(r"`([\w/]+\.py)`", page.read_text(encoding="utf-8")))
    assert [n for n in names if not any(f.endswith(f"/{n}") for f in FILES)] == []


def names_in_the_tree(text: str) -> list[str]:
    """Folders and files below ``gatewise/`` in the tree of docs/architecture.md."""
    (tree,) = re.findall(r"^```\ngatewise/\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    parents: list[str] = []
    names = []
    for line in tree.splitlines():
        depth = (len(line) - len(line.lstrip())) // 2 - 1
        name = line.split()[0]
        parents[depth:] = [name]
        names.append("".join(parents))
    return names


def unnamed(folders: set[str], named: set[str]) -> list[str]:
    """Folders that are missing from a tree: a folder is shown with all of its folders, or with none."""
    parents = {name.rstrip("/").rpartition("/")[0] for name in named}
    return sorted(f for f in folders - named if f.rstrip("/").rpartition("/")[0] in parents)


def test_the_tree_is_that_of_the_package() -> None:
    named = set(names_in_the_tree(ARCHITECTURE.read_text(encoding="utf-8")))
    folders = {f"{p.parent.relative_to(PACKAGE)}/" for p in PACKAGE.rglob("__init__.py")} - {"./"}
    assert not [name for name in named if not (PACKAGE / name).exists()]
    assert not unnamed(folders, named)


def test_a_file_imports_what_stands_above_it_in_the_tree() -> None:
    named = names_in_the_tree(ARCHITECTURE.read_text(encoding="utf-8"))
    place = {
        name.rstrip("/").removesuffix(".py").replace("/", "."): k for k, name in enumerate(named)
    }
    wrong = [
        f"{folder} stands above {parent}.{other}"
        for folder, allowed in FOLDERS.items()
        for parent in [folder.rpartition(".")[0]]
        for other in allowed.split()
        if place.get(folder, len(named)) < place.get(f"{parent}.{other}", -1)
    ]
    assert not wrong


def test_a_missing_folder_is_seen() -> None:
    assert unnamed({"ir/", "nn/", "nn/plan/"}, {"ir/", "nn/"}) == []
    assert unnamed({"ir/", "nn/", "nn/plan/"}, {"ir/", "nn/", "nn/modules/"}) == ["nn/plan/"]
    assert unnamed({"ir/", "nn/"}, {"ir/"}) == ["nn/"]


def test_a_tree_is_read() -> None:
    text = (
        "```\ngatewise/\n  ir/   nodes\n  nn/   modules\n    plan/   what\n      a.py  that\n```\n"
    )
    assert names_in_the_tree(text) == ["ir/", "nn/", "nn/plan/", "nn/plan/a.py"]
