"""Steps in which every state is linear: the new value is a factor times the old one plus a rest, and neither
depends on the state. Such a recurrence need not go step by step: the pairs (factor, rest) of neighbouring
steps join into one, in any grouping.

The parts of one state may depend on another, if that one is done first: of a gated linear cell the output is
made of the memory (its own factor is zero), and the gradient of the memory of that of the output.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from gatewise.ir import Program
from gatewise.ir.builder import Builder, finish

# a node as factor * state + rest; None is zero
_Parts = tuple[int | None, int | None]


@dataclass(frozen=True)
class LinearStep:
    """A Program with the factor and the rest of each state among its nodes, in the order of the states.

    ``order``: numbers of the states, so that the parts of each depend on earlier ones only.
    """

    program: Program
    factors: tuple[int, ...]
    rests: tuple[int, ...]
    order: tuple[int, ...]


def linear_step(program: Program) -> LinearStep | str:
    """A step with the parts of its states; or, in words, why a state has none.

    Precondition: legal, each state of its full size. Postcondition: the same nodes with the same numbers,
    then those of the parts.
    """
    b = Builder(program.params, share=False)
    for node in program.nodes:
        b.append(node)
    count = len(program.nodes)
    parts: dict[str, tuple[int, int]] = {}
    following = dict(zip((s.name for s in program.states), program.next, strict=True))
    while len(parts) < len(following):
        before = len(parts)
        for state in [s for s in following if s not in parts]:
            split = _Splitter(b, count, state, parts.keys()).parts.get(following[state])
            if split is not None:
                factor, rest = (b.const(0.0) if p is None else p for p in split)
                parts[state] = factor, rest
        if len(parts) == before:
            return _why_not(b, count, following, [s for s in following if s not in parts])
    names = list(following)
    same = {n: n for n in range(count)}
    return LinearStep(
        finish(program, b, same),
        tuple(parts[s][0] for s in names),
        tuple(parts[s][1] for s in names),
        tuple(names.index(s) for s in parts),
    )


def _why_not(b: Builder, count: int, following: Mapping[str, int], states: Sequence[str]) -> str:
    def is_linear(state: str, *, without: str = "") -> bool:
        done = following.keys() - {state, without}
        return following[state] in _Splitter(b, count, state, done).parts

    for state in states:
        if not is_linear(state):
            return f"the state {state} is not linear"
    read = [s for s in states if not all(is_linear(t, without=s) for t in states if t != s)]
    return f"the states {', '.join(read)} depend on each other"


class _Splitter:
    """The parts of all nodes that have some, with regard to one state. Those that depend on a state which
    is not ``done`` have none."""

    def __init__(self, b: Builder, count: int, state: str, done: AbstractSet[str]) -> None:
        self.b = b
        self.parts: dict[int, _Parts] = {}
        self.moves: set[int] = set()  # nodes that depend on the state
        for n, node in enumerate(b.nodes[:count]):
            if node.op == "state":
                if node.attr == state:
                    self.moves.add(n)
                    self.parts[n] = (b.const(1.0), None)
                elif node.attr in done:
                    self.parts[n] = (None, n)
            elif all(a in self.parts for a in node.args):
                if not self.moves.intersection(node.args):
                    self.parts[n] = (None, n)
                elif (parts := self._split(n)) is not None:
                    self.parts[n] = parts
                    self.moves.add(n)

    def _split(self, n: int) -> _Parts | None:
        """The parts of a node that depends on the state; None if it is not linear in it."""
        op, args = self.b.nodes[n].op, self.b.nodes[n].args
        parts = [self.parts[a] for a in args]
        moves = [a in self.moves for a in args]
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
