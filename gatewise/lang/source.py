"""The user's own text: what to quote when an equation is refused."""

from __future__ import annotations

import ast
import linecache
import os
import sys
import textwrap
from functools import lru_cache
from types import CodeType
from typing import NoReturn

from gatewise.errors import CellError

Spot = tuple[CodeType, int]  # a line of the user's code
_LONGEST = 6  # lines of a statement to quote; of a longer one, the line that ran
_DECORATORS = 50  # lines that may stand above a def


def place(code: CodeType, line: int) -> str:
    """Where that is: ``cells.py line 12``."""
    return f"{os.path.basename(code.co_filename)} line {line}"


def quote(code: CodeType, line: int) -> str:
    """The statement around a line of ``code``, dedented; empty where there is no source.

    Of a statement with a body (``def``, ``if``) its head is quoted.
    """
    lines = _lines(code)
    if not 1 <= line <= len(lines):
        return ""
    first, last = _statement(lines, line)
    if last - first >= _LONGEST:
        first = last = line
    return textwrap.dedent("".join(lines[first - 1 : last])).rstrip()


def header(code: CodeType) -> int:
    """The line on which ``def`` stands, below the decorators."""
    lines = _lines(code)
    end = min(len(lines), code.co_firstlineno + _DECORATORS)
    for number in range(code.co_firstlineno, end + 1):
        if lines[number - 1].lstrip().startswith(("def ", "async def ")):
            return number
    return code.co_firstlineno


def _lines(code: CodeType) -> list[str]:
    lines = linecache.getlines(code.co_filename)
    if not lines and code.co_filename == "<string>" and sys.argv[:1] == ["-c"]:
        # python -c: the command precedes the arguments that sys.argv repeats
        lines = sys.orig_argv[-len(sys.argv)].splitlines(keepends=True)
        head = lines[code.co_firstlineno - 1 :][:_DECORATORS]
        if not any(_begins(code.co_name, text.strip()) for text in head):
            return []  # some other string that was compiled
    return lines


def _begins(name: str, text: str) -> bool:
    if name.startswith("<"):
        return ("lambda" if name == "<lambda>" else " for ") in text
    return text.startswith((f"def {name}(", f"async def {name}("))


def _statement(lines: list[str], line: int) -> tuple[int, int]:
    """First and last line of the innermost statement that covers ``line``."""
    best = (line, line)
    for node in _statements("".join(lines)):  # from the outside in
        if node.lineno <= line <= (node.end_lineno or line):
            best = (node.lineno, node.end_lineno or line)
            body = getattr(node, "body", None)
            if body and body[0].lineno > line:
                best = (node.lineno, max(node.lineno, body[0].lineno - 1))
            elif body and body[0].lineno > node.lineno:
                best = (line, line)
    return best


@lru_cache(maxsize=2)
def _statements(text: str) -> list[ast.stmt]:
    try:
        return [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.stmt)]
    except (SyntaxError, ValueError, RecursionError):
        return []


def refuse(
    cell: str, code: CodeType, line: int, problem: str, fix: str, equation: str = ""
) -> NoReturn:
    """Raise CellError: the cell, the line, the equation as it was written, the problem, the fix.

    ``equation`` stands in where there is no source to quote.
    """
    text = quote(code, line) or equation
    shown = place(code, line) + (":\n" + textwrap.indent(text, "    ") if text else "")
    raise CellError(f"cell {cell}, {shown}\n  {problem}\n  Fix: {fix}")
