"""No name is imported by a computed string, where a reader and the other tests cannot follow."""

from __future__ import annotations

import ast

from tests.architecture.sources import ROOT, SOURCES, syntax


def computed_imports(source: str, package: str) -> list[int]:
    """Lines that import a name which is computed and may lie outside of the file's own package."""
    lines = []
    for call in syntax(source).import_calls:
        name = call.args[0]
        start = name.values[0] if isinstance(name, ast.JoinedStr) else name
        if isinstance(start, ast.FormattedValue) and ast.unparse(start.value) == "__name__":
            continue
        if isinstance(start, ast.Constant) and not isinstance(name, ast.JoinedStr):
            continue
        inside = isinstance(start, ast.Constant) and str(start.value).startswith(f"{package}.")
        if not inside:
            lines.append(call.lineno)
    return lines


def test_no_name_is_imported_by_a_computed_string() -> None:
    """But for a member of one's own package: a backend, a cell, a verb of the command line."""
    lines = {
        str(path.relative_to(ROOT)): computed_imports(
            path.read_text(encoding="utf-8"), ".".join(path.relative_to(ROOT).parent.parts)
        )
        for path in SOURCES
    }
    assert not {path: of for path, of in lines.items() if of}


def test_a_computed_import_is_seen() -> None:
    assert computed_imports("import_module(f'{type(x).__module__}.run')", "gatewise.nn") == [1]
    assert computed_imports("import_module(f'gatewise.backends.{n}')", "gatewise.nn") == [1]
    assert computed_imports("import_module(name)", "gatewise.nn") == [1]
    assert not computed_imports("import_module(f'gatewise.nn.{name}')", "gatewise.nn")
    assert not computed_imports("import_module('gatewise.compile').explain", "gatewise")
