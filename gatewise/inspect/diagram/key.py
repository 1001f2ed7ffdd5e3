"""The key under a diagram: what its signs mean, as far as it has them."""

from __future__ import annotations

from gatewise.inspect.diagram.elements import Diagram
from gatewise.inspect.diagram.theme import INK, QUIET, box, words

_LINE = 22  # pixels from one row of the key to the next
_LETTER = 6.1


def key(d: Diagram, top: float, width: float) -> tuple[list[str], float]:
    """The key as SVG, wrapped to a width, and how high it is."""
    x, y, parts = 16.0, top, []
    for sign, meaning in _entries(d):
        wide = 34 + _LETTER * len(meaning) + 16
        if x + wide > width - 4 and x > 16:
            x, y = 16.0, y + _LINE
        parts.append(
            f'<g transform="translate({x:g} {y:g})">{sign}{words(32, 4, meaning, 11, QUIET)}</g>'
        )
        x += wide
    return parts, y - top + 24


def _entries(d: Diagram) -> list[tuple[str, str]]:
    kinds = {e.kind for e in d.elements}
    boxes = {i for i, e in enumerate(d.elements) if e.is_box}
    bar = f'<rect x="12" y="-9" width="5" height="18" rx="2.5" fill="{INK}"/>'
    dashes = f'<path d="M2 0H26" stroke="{INK}" stroke-width="1.8" stroke-dasharray="5 3.5"/>'
    plus = words(14, 5, "+", 14, anchor="middle", more='font-weight="600"')
    added = any(w.how == "plain" and w.mark and w.target in boxes for w in d.wires)
    choice = words(14, 4, "1 0", 11, anchor="middle", more='font-weight="600"')
    selects = any(e.label == "select" for e in d.elements)
    pointwise = bool(kinds & {"function", "operator"})
    table = (
        ("gate" in kinds, box(14, 0, 12, 8, 4, "gate"), "weighted sum, squashed"),
        ("linear" in kinds, box(14, 0, 12, 8, 4, "linear"), "weighted sum"),
        (pointwise, box(14, 0, 8, 8, 8, "operator"), "unit by unit"),
        ("bus" in kinds, bar, "vectors joined"),
        (any(w.how == "diagonal" for w in d.wires), dashes, "one weight a unit"),
        (added, plus, "added unweighted"),
        (selects, choice, "what select gives if ? holds, and if not"),
    )
    return [(sign, meaning) for shown, sign, meaning in table if shown]
