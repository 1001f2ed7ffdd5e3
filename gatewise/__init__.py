"""Gatewise: a recurrent cell is its equations.

``@gw.cell`` makes a cell of a function that states its equations; ``gw.cells`` is the catalogue.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from gatewise import cells as cells
from gatewise.errors import GatewiseError as GatewiseError
from gatewise.lang.cell import Cell as Cell
from gatewise.lang.cell import cell as cell
from gatewise.lang.cell import load_cell as load_cell
from gatewise.version import __version__ as __version__

if TYPE_CHECKING:
    from gatewise import nn as nn
    from gatewise.compile import explain as explain
    from gatewise.nn.modules.swap import swap as swap


def __getattr__(name: str) -> Any:
    """What is slow to import comes when it is asked for: the compiler, and torch with ``gw.nn``."""
    if name == "explain":
        return import_module("gatewise.compile").explain
    if name == "nn":
        return import_module("gatewise.nn")
    if name == "swap":
        return import_module("gatewise.nn").swap
    raise AttributeError(f"module 'gatewise' has no attribute {name!r}")
