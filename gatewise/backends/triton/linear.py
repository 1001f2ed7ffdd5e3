"""Steps in which every state is linear: the new value is a factor times the old one plus a rest, and neither
depends on a state. Such a recurrence need not go step by step: the pairs (factor, rest) of neighbouring
steps join into one, in any grouping.
"""

from __future__ import annotations

from dataclasses import dataclass

from gatewise.ir import Program
from gatewise.ir.builder import Builder, finish

# a node as factor * state + rest; None is zero
_Parts = tuple[int | None, int | None]


@dataclass(frozen=True)
class LinearStep:
    """A Program with the factor and the rest of each state among its nodes, in the order of the states."""

    program: Program
    factors: tuple[int, ...]
    rests: tuple[int, ...]


def linear_step(program: Program) -> LinearStep | None:
    """A step with the parts of its states; None if a state is not linear, or depends on another.

    Precondition: legal, each state of its full size. Postcondition: the same nodes with the same numbers,
    then those of the parts.
    """
    splitter = _Splitter(program)
    pairs = []
    for state, n in zip(program.states, program.next, strict=True):
        parts = splitter.parts.get(n)
        if parts is None or splitter.state.get(n, state.name) != state.name:
            return None
        pairs.append(parts)
    b = splitter.b
    factors = tuple(b.const(0.0) if f is None else f for f, _ in pairs)
    rests = tuple(b.const(0.0) if r is None else r for _, r in pairs)
    same = {n: n for n in range(len(program.nodes))}
    return LinearStep(finish(program, b, same), factors, rests)


class _Splitter:
    """The parts of all nodes that have some; ``state``: the one that a node depends on."""

    def __init__(self, program: Program) -> None:
        self.b = Builder(program.params, share=False)
        for node in program.nodes:
            self.b.append(node)
        self.parts: dict[int, _Parts] = {}
        self.state: dict[int, str] = {}
        for n, node in enumerate(program.nodes):
            if node.op == "state":
                self.state[n], self.parts[n] = str(node.attr), (self.b.const(1.0), None)
                continue
            if any(a not in self.parts for a in node.args):
                continue
            states = {self.state[a] for a in node.args if a in self.state}
            if not states:
                self.parts[n] = (None, n)
            elif len(states) == 1:
                parts = self._split(n)
                if parts is not None:
                    self.parts[n] = parts
                    (self.state[n],) = states

    def _split(self, n: int) -> _Parts | None:
        """The parts of a node that depends on one state; None if it is not linear in it."""
        op, args = self.b.nodes[n].op, self.b.nodes[n].args
        parts = [self.parts[a] for a in args]
        moves = [a in self.state for a in args]
        if op in ("neg", "stop_gradient"):
            return self._each(op, parts[0])
        if op in ("add", "sub"):
            return self._sum(op, *parts)
        if op == "mul" and moves[0] != moves[1]:
            moving, other = (0, args[1]) if moves[0] else (1, args[0])
            return self._each("mul", parts[moving], other)
        if op == "div" and not moves[1]:
            return self._each("div", parts[0], args[1])
        if op == "where" and not moves[0]:
            zero = self.b.const(0.0)
            first, second = parts[1:]
            chosen = [
                None
                if f is s is None
                else self.b("where", args[0], *(zero if p is None else p for p in (f, s)))
                for f, s in zip(first, second, strict=True)
            ]
            return chosen[0], chosen[1]
        return None

    def _each(self, op: str, parts: _Parts, *others: int) -> _Parts:
        factor, rest = (None if p is None else self.b(op, p, *others) for p in parts)
        return factor, rest

    def _sum(self, op: str, first: _Parts, second: _Parts) -> _Parts:
        def one(f: int | None, s: int | None) -> int | None:
            if s is None:
                return f
            if f is None:
                return s if op == "add" else self.b("neg", s)
            return self.b(op, f, s)

        return one(first[0], second[0]), one(first[1], second[1])
