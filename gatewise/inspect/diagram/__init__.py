"""Diagrams of cells in the style of the LSTM literature, drawn from their Programs.

The work has five stages: ``graph`` reads off a Program what there is to draw; ``search`` finds places
in the ``frame`` that the literature uses, by an ``estimate`` of the wires; ``wiring`` gives measures and
``routes`` lays the wires on a ``lattice`` (``layout`` is all of that); ``compact`` takes idle space out;
``svg`` draws.
"""

from gatewise.inspect.diagram.svg import svg as svg
