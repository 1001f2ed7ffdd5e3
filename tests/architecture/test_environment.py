"""``gatewise.settings`` is the only reader of the environment."""

from __future__ import annotations

import ast

from tests.architecture.sources import ROOT, SOURCES, module_of, syntax


def environment_reads(source: str) -> list[int]:
    """Lines that read or set environment variables, by whatever name of ``os`` and ``environ``."""
    names = {"environ", "environb", "getenv", "getenvb", "putenv", "unsetenv"}
    imported = {
        alias.lineno
        for node in syntax(source).imports
        if isinstance(node, ast.ImportFrom) and node.module in ("os", "posix", "nt")
        for alias in node.names
        if alias.name in names
    }
    attributes = {line for line, name in syntax(source).attributes if name in names}
    return sorted(imported | attributes)


def test_only_settings_reads_the_environment() -> None:
    lines = {
        str(path.relative_to(ROOT)): environment_reads(path.read_text(encoding="utf-8"))
        for path in SOURCES
        if module_of(path) != "settings"
    }
    assert not {path: numbers for path, numbers in lines.items() if numbers}


def test_a_read_of_the_environment_is_seen() -> None:
    assert environment_reads("import os\nrank = int(os.environ.get('RANK', 0))") == [2]
    assert environment_reads("import os as system\nsystem.getenv('RANK')") == [2]
    assert environment_reads("def late():\n    from os import environ as e") == [2]
    assert not environment_reads("from gatewise.settings import RANK\nRANK.get()")
