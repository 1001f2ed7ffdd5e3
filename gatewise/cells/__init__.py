"""The catalogue of cells and the combinators that change them, loaded when they are asked for.

``gw.cells.lstm`` is a cell, ``gw.cells.names()`` lists all, ``gw.cells.get("lstm")`` takes a name.
A cell is traced when it is first asked for. Its file has a private name, so that the file never
hides the cell.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gatewise.lang import Cell

# file -> the cells it states; the order is that of ``names()``
_FILES = {
    "_rnn": "rnn",
    "_lstm_1997": "lstm_1997",
    "_lstm": "lstm",
    "_peephole": "peephole_lstm",
    "_greff": "cifg nig nfg nog niaf noaf np fgr",
    "_gru": "gru gru_v3",
    "_mgu": "mgu",
    "_janet": "janet",
    "_jozefowicz": "mut1 mut2 mut3",
    "_lstmp": "lstmp",
    "_layernorm": "layernorm_lstm",
    "_slstm": "slstm",
    "_mlstm": "mlstm",
    "_minimal": "minlstm mingru",
    "_indrnn": "indrnn",
    "_sru": "sru",
    "_multiplicative": "multiplicative_lstm",
    "_sublstm": "sublstm",
    "_phased": "phased_lstm",
    "_entity_aware": "ealstm",
    "_antisymmetric": "antisymmetric_rnn",
    "_lmu": "lmu",
    "_on_lstm": "on_lstm",
    "_lem": "lem",
    "_lru": "lru",
    "_hgrn": "hgrn",
    "_rg_lru": "rg_lru",
}
_CELLS = {name: file for file, cells in _FILES.items() for name in cells.split()}
_COMBINATORS = ("layer_norm", "zoneout", "recurrent_dropout", "project", "couple", "without")


def names() -> tuple[str, ...]:
    """The names of all cells of the catalogue."""
    return tuple(_CELLS)


def get(name: str) -> Cell:
    """The cell of that name. Raises CellError, with the nearest name, if there is none."""
    if name not in _CELLS:
        from gatewise.errors import CellError

        raise CellError(_unknown(name, names()))
    cell: Cell = getattr(import_module(f"{__name__}.{_CELLS[name]}"), name)
    return cell


def _unknown(name: object, known: tuple[str, ...]) -> str:
    from gatewise.errors import nearest

    return (
        f"the catalogue has no cell {name!r}.{nearest(str(name), list(known))} "
        f"It has: {', '.join(names())}"
    )


def __getattr__(name: str) -> Any:
    if name in _CELLS:
        value: Any = get(name)
    elif name in _COMBINATORS:
        value = getattr(import_module(f"{__name__}.combine"), name)
    else:
        # AttributeError is what hasattr, copy and the import machinery expect
        raise AttributeError(_unknown(name, (*names(), *_COMBINATORS)))
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*names(), *_COMBINATORS, "get", "names"])
