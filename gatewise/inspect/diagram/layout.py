"""A diagram with places: the best of a few placements, with real wires, polished."""

from __future__ import annotations

from dataclasses import dataclass

from gatewise.errors import GatewiseError
from gatewise.inspect.diagram.elements import Diagram
from gatewise.inspect.diagram.frame import Placement
from gatewise.inspect.diagram.lattice import Lattice, Net, Shape
from gatewise.inspect.diagram.routes import lay_all
from gatewise.inspect.diagram.search import placements, polish
from gatewise.inspect.diagram.wiring import Wiring

_PITCHES = (5, 6, 8, 11)  # lattice steps from slot to slot: a wider one if wires find no way
_SIZE_COST = 0.5


@dataclass(frozen=True)
class Layout:
    """A diagram with places, in lattice steps.

    ``shapes`` by element; ``nets`` are the laid wires, the owner of each of their ends being a
    ``Wire``, an ``Exit`` or ``OUTPUT``.
    """

    diagram: Diagram
    width: int
    height: int
    shapes: dict[int, Shape]
    nets: tuple[Net, ...]


def layout(d: Diagram) -> Layout:
    """Place the elements of a diagram and lay its wires: the best of a few placements, polished.

    Raises GatewiseError if the wires cannot be laid without ambiguity even with ample space.
    """
    candidates = placements(d)
    for pitch in _PITCHES:

        def cost(p: Placement, limit: float = float("inf"), pitch: int = pitch) -> float:
            return _laid(p, pitch, rounds=0, limit=limit)[0]

        promising = sorted(candidates, key=cost)[:2]
        polished = [_laid(polish(p, cost), pitch, rounds=3) for p in promising]
        _, best = min(polished, key=lambda pair: pair[0])
        if best is not None:
            return best
    raise GatewiseError(f"no room for the wires of {d.name}: its diagram is too tangled")


def _laid(
    p: Placement, pitch: int, rounds: int, limit: float = float("inf")
) -> tuple[float, Layout | None]:
    """The wires of a placement and what they cost; infinity and None if they cannot be laid."""
    wiring = Wiring(p, pitch)
    nets = wiring.nets()
    lattice = Lattice(wiring.width, wiring.height, wiring.shapes.values())
    cost = lay_all(lattice, nets, rounds, limit)
    if cost is None:
        return float("inf"), None
    laid = Layout(p.frame.diagram, wiring.width, wiring.height, wiring.shapes, tuple(nets))
    return cost + _SIZE_COST * (laid.width + laid.height), laid
