"""Cells named on the command line: of the catalogue, of the user's own file, or saved.

``lstm``, ``my_cells.py:my_cell`` and ``cell.json`` all name a cell.
"""

from __future__ import annotations

import importlib.util
import inspect
import sys
import traceback
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

import typer

from gatewise.errors import CellError, GatewiseError, InputError, nearest
from gatewise.lang import Cell, load_cell
from gatewise.lang.signature import Option

# digits of a size, at most
DIGITS = 18


def find_cell(name: str, options: Iterable[str] = ()) -> Cell:
    """The cell of that name, with options given as ``key=value``.

    Raises GatewiseError: for an unknown name (with the nearest), a file that cannot be read or does
    not run (with its line), an option that the cell does not have.
    """
    path, _, member = name.rpartition(":")
    if path.endswith(".py") or name.endswith(".py"):
        cell = _user_cell(Path(path or name), member if path else "")
    elif name.endswith(".json"):
        cell = load_cell(Path(name))
    else:
        from gatewise import cells

        cell = cells.get(name)
    chosen = dict(_option(text) for text in options)
    return cell(**chosen) if chosen else cell


def parse_sizes(texts: Iterable[str]) -> dict[str, int]:
    """Sizes such as ``I=4,H=8``. Raises BadParameter (wrong usage) for anything else."""
    sizes: dict[str, int] = {}
    for part in (part.strip() for text in texts for part in text.split(",")):
        name, equals, number = part.partition("=")
        if not equals or not number.strip().isdecimal() or len(number) > DIGITS:
            raise typer.BadParameter(f"{part!r} is not a size: write I=4,H=8")
        sizes[name.strip()] = int(number)
    return sizes


def _option(text: str) -> tuple[str, Option]:
    """``heads=4``, ``alpha=0.5``, ``log_space=false``, ``forget=exp``. Raises BadParameter."""
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier():
        raise typer.BadParameter(f"{text!r} is not an option: write key=value, such as heads=4")
    if value.lower() in ("true", "false"):
        return name, value.lower() == "true"
    for kind in (int, float):
        try:
            return name, kind(value)
        except ValueError:
            continue
    return name, value


def _user_cell(path: Path, member: str) -> Cell:
    """A cell of a Python file, which is run."""
    module = _run(path)
    cells = {n: v for n, v in vars(module).items() if isinstance(v, Cell) and not n.startswith("_")}
    if not member:
        if len(cells) == 1:
            return next(iter(cells.values()))
        choices = ", ".join(f"{path}:{n}" for n in cells)
        raise CellError(
            f"which cell of {path}? It has: {choices or 'none; decorate one with @gw.cell'}"
        )
    if member in cells:
        return cells[member]
    other = getattr(module, member, None)
    if inspect.isfunction(other):
        raise CellError(
            f"{path}:{member} is a plain function. Fix: write @gw.cell above def {member}(...)"
        )
    if other is not None:
        raise CellError(f"{path}:{member} is not a cell: it is of type {type(other).__name__}")
    raise CellError(
        f"{path} has no cell {member!r}.{nearest(member, list(cells))} "
        f"It has: {', '.join(cells) or 'none; decorate one with @gw.cell'}"
    )


def _run(path: Path) -> ModuleType:
    """Import a file, its own folder on the path as when it is run."""
    try:
        is_file = path.is_file()
    except OSError as error:  # a name that is too long, a folder that is closed
        raise InputError(f"cannot read {path!s:.200}: {error.strerror}") from None
    if not is_file:
        raise InputError(f"there is no file {path}")
    spec = importlib.util.spec_from_file_location(f"_gatewise_user_{path.stem}", path.resolve())
    if spec is None or spec.loader is None:
        raise InputError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    sys.path.insert(0, str(path.resolve().parent))
    try:
        spec.loader.exec_module(module)
    except GatewiseError:
        raise  # quotes file, line and equation itself
    except SyntaxError as error:
        line = f": {error.text.strip()}" if error.text else ""
        raise CellError(f"{path}, line {error.lineno}: {error.msg}{line}") from None
    except (Exception, SystemExit) as error:
        raise CellError(_described(path, error)) from None
    finally:
        sys.path.remove(str(path.resolve().parent))
    return module


def _described(path: Path, error: BaseException) -> str:
    """An error of the user's file in one line, with the last of its lines that ran."""
    frames = traceback.extract_tb(error.__traceback__)
    user_frames = [f for f in frames if Path(f.filename) == path.resolve()]
    place = f", line {user_frames[-1].lineno}" if user_frames else ""
    text = f"\n    {user_frames[-1].line}" if user_frames and user_frames[-1].line else ""
    return f"{path}{place}: {type(error).__name__}: {error}{text}"
