"""Gatewise: a recurrent cell is its equations.

``@gw.cell`` makes a cell of a function that states its equations; ``gw.cells`` is the catalogue.
"""

__version__ = "0.1.0"

from gatewise import cells as cells
from gatewise.errors import GatewiseError as GatewiseError
from gatewise.lang.cell import Cell as Cell
from gatewise.lang.cell import cell as cell
from gatewise.lang.cell import load_cell as load_cell
from gatewise.compile import explain as explain
