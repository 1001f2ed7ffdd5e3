"""What a diagram is made of: elements, wires between them, and the whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["input", "state", "gate", "linear", "function", "operator", "bus"]
How = Literal["plain", "matrix", "diagonal"]


@dataclass(frozen=True, slots=True)
class Element:
    """One thing that is drawn.

    ``gate`` is a squashed sum of weighted vectors, ``linear`` the sum alone, ``function`` an oval and
    ``operator`` a circle; ``bus`` joins vectors that the same gates read. ``name`` is the quantity's
    in the equations, ``matrix`` the only matrix of a sum, ``note`` what else happens inside (for an
    input: "static"), ``equation`` says it in full.
    """

    kind: Kind
    label: str
    name: str = ""
    matrix: str = ""
    note: str = ""
    equation: str = ""

    @property
    def is_box(self) -> bool:
        """Whether it stands in the row of gates."""
        return self.kind in ("gate", "linear")


@dataclass(frozen=True, slots=True)
class Wire:
    """A vector on its way: through a matrix, through one weight a unit, or as it is.

    ``mark`` tells the operands of a target apart where it matters: ``-`` is subtracted, and so on.
    """

    source: int
    target: int
    how: How = "plain"
    mark: str = ""


@dataclass(frozen=True)
class Diagram:
    """Elements, wires between them, and which element each state becomes, in the states' order."""

    name: str
    doc: str
    elements: tuple[Element, ...]
    wires: tuple[Wire, ...]
    results: tuple[tuple[str, int], ...]
