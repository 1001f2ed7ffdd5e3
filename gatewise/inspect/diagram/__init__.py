"""Diagrams of cells in the style of the LSTM literature, drawn from their Programs.

The work has five stages, a file or two each: ``graph`` reads what there is to draw off a Program,
``search`` finds places, ``wiring`` gives them measures and ``routes`` lays the wires, ``compact``
takes idle space out, ``svg`` draws.
"""

from gatewise.inspect.diagram.svg import svg as svg
