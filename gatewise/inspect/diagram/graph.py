"""What there is to draw of a cell, and what runs between it, before anything has a place.

The reading is the one of the LSTM literature. Whatever is weighted, summed and squashed is one box, a
gate; what happens unit by unit outside of gates is a circle or an oval. It is read off the Program,
so any cell has a diagram.
"""

from __future__ import annotations

from collections.abc import Iterable

from gatewise.errors import GatewiseError
from gatewise.inspect.diagram import labels
from gatewise.inspect.diagram.elements import Diagram, Element, How, Kind, Wire
from gatewise.inspect.diagram.weighted_sum import Read, Sum, sum_of
from gatewise.ir import PRODUCTS, Program
from gatewise.ir.equations import right
from gatewise.ir.reading import Reading

_MOST = 150  # elements of a diagram


def graph(program: Program) -> Diagram:
    """The diagram of a cell: everything that its new states need.

    Raises GatewiseError for a Program that no page could hold.
    """
    maker = _Maker(Reading(program))
    shared = maker.reading.program
    try:
        for index in shared.next:
            maker.visit(index)
    except RecursionError:
        maker.elements = []
    if not 0 < len(maker.elements) <= _MOST:
        raise GatewiseError(f"{program.name} is too large to be drawn: more than {_MOST} elements")
    maker.sort()
    results = tuple(
        (state.name, maker.element_of[index])
        for state, index in zip(shared.states, shared.next, strict=True)
    )
    maker.join()
    return Diagram(program.name, program.doc, tuple(maker.elements), tuple(maker.wires), results)


class _Maker:
    """Walks a Reading from the new states down and makes elements and wires."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.elements: list[Element] = []
        self.wires: list[Wire] = []
        self.element_of: dict[int, int] = {}

    def visit(self, index: int) -> int:
        """The element of a node, made when it is first asked for."""
        if index not in self.element_of:
            self.element_of[index] = self._make(index)
        return self.element_of[index]

    def _make(self, index: int) -> int:
        r, term = self.reading, self.reading.terms[index]
        if term.name in ("input", "state"):
            name = str(term.attr)
            static = term.name == "input" and (
                name == "t" or r.program.input(name).per == "sequence"
            )
            kind: Kind = "input" if term.name == "input" else "state"
            return self._add(Element(kind, "", name, note="static" if static else ""))
        if r.fixed(index):
            return self._element(index, "function", labels.fixed(r, index), [])
        element = self._gate(index)
        if element is None:
            element = self._one_source(index)
        return self._pointwise(index) if element is None else element

    def _add(self, element: Element) -> int:
        self.elements.append(element)
        return len(self.elements) - 1

    def _element(
        self,
        index: int,
        kind: Kind,
        text: str,
        reads: list[Read],
        matrix: str = "",
        note: str = "",
    ) -> int:
        """An element that reads other nodes; each vector is drawn once into it, however often read."""
        sources: dict[tuple[int, How], str] = {}
        for node, how, mark in reads:
            sources.setdefault((self.visit(node), how), mark)
        name = self.reading.labels.get(index, "").removesuffix("'")
        equation = right(self.reading, index, top=True)
        element = self._add(Element(kind, text, name, matrix, note, equation))
        for (source, how), mark in sources.items():
            self.wires.append(Wire(source, element, how, mark))
        return element

    # --- gates --------------------------------------------------------------------------------

    def _gate(self, index: int) -> int | None:
        """A squashed sum of weighted vectors, or the sum alone; None if it is neither."""
        r = self.reading
        text, inner = labels.squashing(r, index)
        if text:
            (argument,) = r.terms[inner].args[:1]
            if r.uses[argument] == 1:
                terms = sum_of(r, argument)
                if terms.is_box or terms.weights:
                    return self._box(index, "gate", text, terms)
        terms = sum_of(r, index)
        return self._box(index, "linear", "", terms) if terms.is_box else None

    def _box(self, index: int, kind: Kind, text: str, terms: Sum) -> int:
        matrix = next(iter(terms.matrices)) if len(terms.matrices) == 1 else ""
        return self._element(index, kind, text, terms.reads, matrix, "norm" if terms.norm else "")

    # --- unit by unit -------------------------------------------------------------------------

    def _one_source(self, index: int) -> int | None:
        """A named quantity that several operations make of one single other: an oval ``k(phi)``."""
        r = self.reading
        name = r.labels.get(index, "'")
        inner, sources, stack = {index}, set[int](), list(r.terms[index].args)
        while stack and not name.endswith("'"):
            node = stack.pop()
            if r.fixed(node) or node in inner:
                continue
            if node in r.labels or r.terms[node].name in ("input", "state", *PRODUCTS, "norm"):
                sources.add(node)
            else:
                inner.add(node)
                stack.extend(r.terms[node].args)
        readers = [
            i for i, t in r.terms.items() if i not in inner and set(t.args) & (inner - {index})
        ]
        if len(sources) != 1 or len(inner) < 3 or readers:
            return None
        (source,) = sources
        if r.terms[source].name in (*PRODUCTS, "norm"):
            return None
        text = f"{labels.name(r, index)}({labels.name(r, source)})"
        return self._element(index, "function", text, [(source, "plain", "")])

    def _pointwise(self, index: int) -> int:
        r, term = self.reading, self.reading.terms[index]
        text, inner = labels.squashing(r, index)
        if text:
            return self._element(index, "function", text, _plain(r.terms[inner].args[:1]))
        moving = [a for a in term.args if not r.fixed(a)]
        if term.name == "where":
            marks = zip(term.args, ("?", "1", "0"), strict=True)
            reads: list[Read] = [
                (a, "plain", mark) for a, mark in marks if not r.fixed(a) or mark == "?"
            ]
            return self._element(index, "function", "select", reads)
        if len(moving) == 1 and (term.name in labels.OPERATORS or term.name == "neg"):
            text = labels.with_fixed(r, index)
            kind: Kind = "operator" if len(text) <= 2 else "function"
            return self._element(index, kind, text, _plain(moving))
        if len(set(moving)) == 1 and term.name in labels.OPERATORS:
            text = f"v {labels.OPERATORS[term.name]} v"
            return self._element(index, "function", text, _plain(moving))
        vectors = [a for a in moving if r.node(a).op != "param"]
        reads = _plain(vectors)
        if term.name in labels.OPERATORS and len(vectors) == 2:
            second = labels.SECOND.get(term.name, "")
            reads[1] = (vectors[1], "plain", second)
            return self._element(index, "operator", labels.OPERATORS[term.name], reads)
        return self._element(index, "function", labels.function(r, index), reads)

    def sort(self) -> None:
        """Put the elements in the order of the equations: inputs and states as the cell has them."""
        p = self.reading.program
        leaves = [i.name for i in p.inputs] + [s.name for s in p.states]
        node_of = {element_at: node for node, element_at in self.element_of.items()}

        def rank(at: int) -> tuple[int, int]:
            element = self.elements[at]
            if element.kind in ("input", "state"):
                return 0, leaves.index(element.name)
            return 1, node_of[at]

        order = sorted(range(len(self.elements)), key=rank)
        to = {old: new for new, old in enumerate(order)}
        self.elements = [self.elements[old] for old in order]
        self.wires = [Wire(to[w.source], to[w.target], w.how, w.mark) for w in self.wires]
        self.element_of = {node: to[element_at] for node, element_at in self.element_of.items()}

    # --- vectors that the same gates read -----------------------------------------------------

    def join(self) -> None:
        """Where several inputs and states enter the very same gates, draw them as one bundle."""
        readers: dict[int, tuple[int, ...]] = {}
        for source, element in enumerate(self.elements):
            if element.kind in ("input", "state"):
                reading = (w.target for w in self.wires if w.source == source and w.how == "matrix")
                readers[source] = tuple(sorted(reading))
        for targets in sorted(set(readers.values())):
            members = [s for s in sorted(readers) if readers[s] == targets]
            if len(targets) < 2 or len(members) < 2:
                continue
            names = ", ".join(self.elements[m].name for m in members)
            bus = self._add(Element("bus", "", equation=names))
            apart = [w for w in self.wires if w.source not in members or w.how != "matrix"]
            joined = [Wire(m, bus) for m in members] + [Wire(bus, t, "matrix") for t in targets]
            self.wires = apart + joined


def _plain(nodes: Iterable[int]) -> list[Read]:
    return [(node, "plain", "") for node in nodes]
