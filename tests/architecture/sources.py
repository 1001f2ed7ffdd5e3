"""The files of the package, and what each imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "gatewise"
SOURCES = sorted(PACKAGE.rglob("*.py"))


def module_of(path: Path) -> str:
    """The dotted name of a file inside the package: ``ir.node``; empty for the package itself."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@dataclass(frozen=True)
class Syntax:
    """What the rules ask of a file: parts of its syntax tree, without the rest of it."""

    imports: tuple[ast.Import | ast.ImportFrom, ...]
    import_calls: tuple[ast.Call, ...]  # with an argument
    attributes: tuple[tuple[int, str], ...]  # (line, name) of every ``x.name``
    assigned: tuple[tuple[int, str], ...]  # of every name that is bound, and of every argument


@cache
def syntax(source: str) -> Syntax:
    """Of the text of a file, which is parsed and walked through once for all rules."""
    imports: list[ast.Import | ast.ImportFrom] = []
    import_calls: list[ast.Call] = []
    attributes, assigned = list[tuple[int, str]](), list[tuple[int, str]]()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute):
            attributes.append((node.lineno, node.attr))
        elif isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Store):
                assigned.append((node.lineno, node.id))
        elif isinstance(node, ast.arg):
            assigned.append((node.lineno, node.arg))
        elif isinstance(node, ast.Import | ast.ImportFrom):
            imports.append(node)
        elif isinstance(node, ast.Call) and node.args and is_import_call(node.func):
            import_calls.append(node)
    return Syntax(tuple(imports), tuple(import_calls), tuple(attributes), tuple(assigned))


def imported_names(source: str, package: str) -> Iterator[tuple[int, str]]:
    """Yield (line, absolute dotted name) of every import, wherever it stands in the file.

    Imports inside functions and under ``TYPE_CHECKING`` count: they are dependencies too. So does
    ``importlib.import_module("name")``; a name that is computed cannot be seen.
    """
    for node in syntax(source).imports:
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        else:
            base = _absolute("." * node.level + (node.module or ""), package)
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)
    for call in syntax(source).import_calls:
        literal = call.args[0].value if isinstance(call.args[0], ast.Constant) else None
        if isinstance(literal, str):
            yield call.lineno, _absolute(literal, package)


def _absolute(name: str, package: str) -> str:
    """Resolve leading dots against the package that the importing file lies in."""
    rest = name.lstrip(".")
    level = len(name) - len(rest)
    if not level:
        return name
    parents = package.split(".")
    return ".".join([*parents[: len(parents) - level + 1], *([rest] if rest else [])])


def is_import_call(func: ast.expr) -> bool:
    name = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
    return name in {"import_module", "__import__"}
