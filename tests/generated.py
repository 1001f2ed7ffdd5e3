"""Random legal Programs, and arrays to run them with. Shared by all tests that want many programs.

``programs()`` is a hypothesis strategy. Every op of the language appears, on every kind of size
(H, I, H + I, H/2, 1), with several states, static and scalar inputs, random masks, block-diagonal
matrices, norms, comparisons and second phases. Values stay moderate: what enters exp, log, sqrt and
division is squashed first, as in real cells, so that finite differences can be trusted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from gatewise.interp import Run, Sequences, run
from gatewise.ir import (
    ONE,
    REVERSE,
    Axes,
    Builder,
    Input,
    Node,
    Output,
    Param,
    Program,
    Size,
    State,
    validate,
)
from gatewise.ir.constants import constant

Array = np.ndarray[Any, Any]
T = TypeVar("T")

H, I = Size.of("H"), Size.of("I")
HALF, BOTH = Size.of("H/2"), Size.of("H + I")
NUMBERS = {"H": 4, "I": 3, "S": 2}

UNARY = ("sigmoid", "tanh", "neg", "abs", "softplus", "exp", "log", "sqrt", "floor")
UNARY += ("sin", "cos", "erf", "stop_gradient")
BINARY = ("add", "mul", "sub", "max", "min", "div")
COMPARED = ("lt", "le", "eq")
# of the matrices of a Program: those of one size have the same axes
AXES = (Axes(H, I), Axes(H, H, 2), Axes(HALF, I), Axes(H, HALF, 2))


def many(count: int) -> Callable[[Any], Any]:
    """Settings: so many examples, more by as much as the profile asks for more than 100.

    The programs are large and some are drawn in vain, which hypothesis would warn about.
    """
    examples = count * settings.default.max_examples // 100
    return settings(max_examples=examples, suppress_health_check=list(HealthCheck))


@st.composite
def programs(
    draw: Callable[[Any], Any], derived: bool = True, masks: bool = True, stops: bool = True
) -> Program:
    """A random legal Program.

    Args:
        derived: also what equations cannot say but derivatives can: transposed matrices, slices,
            sums over runs of units, outputs summed over time and batch.
        masks: also random masks among the inputs.
        stops: also places that no gradient passes, where differences of the values say nothing.
    """
    return _Maker(
        lambda low, high: int(draw(st.integers(low, high))),
        lambda: bool(draw(st.booleans())),
        derived,
        masks,
        stops,
    ).program()


def seeded(
    seed: int,
    derived: bool = True,
    masks: bool = True,
    stops: bool = True,
    matrices: bool | None = None,
) -> Program:
    """The random legal Program of a seed, for tests that count: without hypothesis.

    ``matrices``: whether some of its states are matrices; None leaves it to the seed.
    """
    rng = np.random.default_rng(seed)
    return _Maker(
        lambda low, high: int(rng.integers(low, high + 1)),
        lambda: bool(rng.integers(2)),
        derived,
        masks,
        stops,
        matrices,
    ).program()


class _Maker:
    """Grows a pool of vectors by size; the first of every choice is the simplest."""

    def __init__(
        self,
        whole: Callable[[int, int], int],
        chance: Callable[[], bool],
        derived: bool,
        masks: bool,
        stops: bool,
        matrices: bool | None = None,
    ) -> None:
        """``whole`` draws a whole number between two, ``chance`` a truth value."""
        self.whole, self.chance, self.derived, self.masks = whole, chance, derived, masks
        self.unary = tuple(op for op in UNARY if stops or op != "stop_gradient")
        self.b = Builder(share=self.chance())
        self.pool: dict[Size, list[int]] = {}
        self.count = 0
        chosen = self.chance() if matrices is None else matrices
        self.axes = self.pick(AXES) if chosen else None

    def pick(self, choices: Sequence[T]) -> T:
        return choices[self.whole(0, len(choices) - 1)]

    def keep(self, node: int) -> int:
        self.pool.setdefault(self.b.nodes[node].size, []).append(node)
        return node

    def program(self) -> Program:
        inputs, states = self._arguments()
        named = [self._grow() for _ in range(self.whole(2, 12))]
        following = tuple(self._next(s) for s in states)
        outputs = self._outputs() if self.derived and self.chance() else ()
        names = [(f"v{k}", node) for k, node in enumerate(named)]
        names += [(s.name, node) for s, node in zip(states, following, strict=True)]
        params = tuple(self.b.params.values())
        free = {n for item in (*inputs, *states, *params) for n in _size_names(item)}
        free |= {n for node in self.b.nodes for n in node.size.names}
        return validate(
            Program(
                name="generated",
                nodes=tuple(self.b.nodes),
                inputs=inputs,
                states=states,
                params=params,
                next=following,
                outputs=outputs,
                names=tuple(names),
                sizes=tuple(n for n in NUMBERS if n in free),
            )
        )

    def _arguments(self) -> tuple[tuple[Input, ...], tuple[State, ...]]:
        inputs = [Input("x", I)]
        inputs += [Input("s", Size.of("S"), "sequence")] if self.chance() else []
        inputs += [Input("t", ONE)] if self.chance() else []
        inputs += [Input("y", H, self.pick(("step", "sequence")))] if self.chance() else []
        states = [State("h", H), *([State("c", H, 0.5)] if self.chance() else [])]
        states += [State("k", HALF)] if self.chance() else []
        states += [State("n", ONE, 1.0)] if self.chance() else []
        if self.axes is not None:
            states.append(State("C", self.axes.entries, 0.0, self.axes))
            states += [State("D", self.axes.entries, 0.25, self.axes)] if self.chance() else []
        for item in (*inputs, *states):
            kind = "input" if isinstance(item, Input) else "state"
            self.keep(self.b.leaf(kind, item.name, item.size))
        if self.masks and self.chance():
            per = self.pick(("step", "sequence"))
            inputs.append(Input("m", self.pick((H, HALF, ONE)), per, self.pick((0.5, 0.0, 1.0))))
        self.mask = inputs[-1] if inputs[-1].rate is not None else None
        return tuple(inputs), tuple(states)

    # --- vectors of a wanted size -----------------------------------------------------------------

    def vector(self, size: Size, fresh: bool = False) -> int:
        """A vector of that size: one that is there, else a new one."""
        known = self.pool.get(size, [])
        if known and not fresh:
            return known[-1 - self.whole(0, min(len(known) - 1, 5))]
        makers: list[Callable[[Size], int | None]] = [self._matrix, self._param]
        makers += [self._repeat, self._sum, self._concat, self._slice, self._constant]
        makers += [self._cumsum, self._largest, self._by_part, self._fixed]
        makers += [self._spread, self._summed] if self.axes is not None else []
        value = self.pick(makers)(size)
        return self.keep(self._matrix(size) if value is None else value)

    def _name(self, family: str) -> str:
        self.count += 1
        return f"{family}.k{self.count}"

    def _matrix(self, size: Size) -> int:
        """A matrix times a vector; now and then a matrix that is there already, or transposed."""
        vector = self.vector(self.pick([s for s in self.pool if s != ONE]))
        cols = self.b.nodes[vector].size
        fitting = [p for p in self.b.params.values() if (p.rows, p.cols) == (size, cols)]
        turned = [p for p in self.b.params.values() if (p.rows, p.cols) == (cols, size)]
        if turned and self.derived and self.chance():
            return self._product("matvec_t", self.pick(turned), vector)
        if fitting and self.chance():
            return self._product("matvec", self.pick(fitting), vector)
        blocks = 2 if {size, cols} <= {H, HALF} and self.chance() else 1
        if self.derived and self.chance():
            return self._product("matvec_t", Param(self._name("W"), cols, size, blocks), vector)
        return self._product("matvec", Param(self._name("W"), size, cols, blocks), vector)

    def _product(self, op: str, param: Param, vector: int) -> int:
        return self.b(op, self.b.param(param), vector)

    def _param(self, size: Size) -> int:
        return self.b.param(Param(self._name("b"), size))

    def _repeat(self, size: Size) -> int | None:
        if size == H:
            return self.b("repeat", self.vector(HALF), attr=Size.of(2))
        return None if size == ONE else self.b("repeat", self.vector(ONE), attr=size)

    def _sum(self, size: Size) -> int | None:
        if size == ONE:
            whole = self.vector(self.pick((H, I, HALF)))
            total = self.b("sum", whole, attr=self.b.nodes[whole].size)
            count = self.b.append(Node("size", attr=self.b.nodes[whole].size))
            return self.b("div", total, count)
        if size == HALF and self.derived:
            return self.b("sum", self.vector(H), attr=Size.of(2))
        return None

    def _cumsum(self, size: Size) -> int | None:
        if size == ONE:
            return None
        return self.b("cumsum", self.vector(size), attr=self.pick((None, REVERSE)))

    def _largest(self, size: Size) -> int | None:
        axes = self.axes
        if (
            axes is not None and size in (ONE, axes.rows) and self.chance()
        ):  # of all entries, of each row
            run = axes.entries if size == ONE else axes.row
            return self.b("amax", self.vector(axes.entries), attr=run)
        if size == ONE:
            whole = self.vector(self.pick((H, I, HALF)))
            return self.b("amax", whole, attr=self.b.nodes[whole].size)
        return self.b("amax", self.vector(H), attr=Size.of(2)) if size == HALF else None

    def _by_part(self, size: Size) -> int | None:
        """One value of each half of a vector, for all units of that half."""
        if size != H:
            return None
        one = self.b(self.pick(("sum", "amax")), self.vector(H), attr=HALF)
        return self.b("repeat", one, attr=HALF)

    def _fixed(self, size: Size) -> int | None:
        """Constants: a matrix for the sums of both halves, and a vector."""
        if size != H:
            return None
        sums = self.b("sum", self.vector(H), attr=HALF)
        entries = [self.pick((0.5, -1.0, 0.25, 0.0)) for _ in range(4)]
        matrix = self.b.param(constant(self._name("A"), 2, 2, entries))
        turned = self.b(self.pick(("matvec", "matvec_t")), matrix, sums)
        vector = self.b.param(constant(self._name("B"), 2, None, entries[:2]))
        return self.b("repeat", self.b("mul", turned, vector), attr=HALF)

    def _spread(self, size: Size) -> int | None:
        """A matrix of a vector along its rows or columns, or the product of both: an outer product."""
        axes = self.axes
        if axes is None or size != axes.entries:
            return None
        down = self.b("row_repeat", self.vector(axes.rows), attr=axes)
        across = self.b("column_repeat", self.vector(axes.cols), attr=axes)
        return self.pick((self.b("mul", down, across), down, across))

    def _summed(self, size: Size) -> int | None:
        """The sums over the rows or the columns of a matrix, times a vector perhaps."""
        axes, b = self.axes, self.b
        if axes is None or size not in (axes.rows, axes.cols):
            return None
        matrix, rows = self.vector(axes.entries), size == axes.rows
        if self.chance():
            other = axes.cols if rows else axes.rows
            spread = b("column_repeat" if rows else "row_repeat", self.vector(other), attr=axes)
            matrix = b("mul", matrix, spread)
        return b("row_sum" if rows else "column_sum", matrix, attr=axes)

    def _concat(self, size: Size) -> int | None:
        parts = {BOTH: (H, I), H: (HALF, HALF)}.get(size)
        if parts is None or (size == H and not self.derived):
            return None
        joined = self.b("concat", *(self.vector(p) for p in parts))
        if self.derived:
            return joined
        return self._product("matvec", Param(self._name("W"), size, size), joined)

    def _slice(self, size: Size) -> int | None:
        whole = {H: BOTH, I: BOTH, HALF: H}.get(size)
        if whole is None or not self.derived:
            return None
        offset = {H: I, I: H, HALF: self.pick((Size(), HALF))}[size]
        return self.b.slice(self.vector(whole), offset, size)

    def _constant(self, size: Size) -> int:
        value = self.b.const(self.pick((0.5, -1.0, 2.0, 0.0, 1.0)))
        return value if size == ONE else self.b("repeat", value, attr=size)

    # --- one more quantity ------------------------------------------------------------------------

    def _grow(self) -> int:
        kinds = (self._binary, self._unary, self._fresh, self._select, self._norm, self._masked)
        sizes = (H, H, HALF, I, ONE, BOTH)
        sizes += (self.axes.entries,) * 3 if self.axes is not None else ()
        return self.keep(self.pick(kinds)(self.pick(sizes)))

    def _fresh(self, size: Size) -> int:
        return self.vector(size, fresh=True)

    def _unary(self, size: Size) -> int:
        op, v = self.pick(self.unary), self.vector(size)
        if op in ("log", "sqrt"):
            v = self._positive(v)
        elif op == "exp":
            v = self.b("tanh", v)
        elif op == "floor":
            v = self.b("mul", v, self.b.const(3.0))
        return self.b(op, v)

    def _positive(self, v: int) -> int:
        return self.b("add", self.b("softplus", v), self.b.const(0.5))

    def _binary(self, size: Size) -> int:
        op, left = self.pick(BINARY), self.vector(size)
        right = self.vector(ONE if self.chance() and self.chance() else size)
        if op == "div":
            right = self._positive(right)
        if op == "mul" and self.chance():
            right = self.b("sigmoid", right)
        pair = (right, left) if self.chance() else (left, right)
        return self.b(op, *(pair if op != "div" else (left, right)))

    def _select(self, size: Size) -> int:
        test = self.b(self.pick(COMPARED), self.vector(size), self.vector(self.pick((size, ONE))))
        return self.b("where", test, self.vector(self.pick((size, ONE))), self.vector(size))

    def _norm(self, size: Size) -> int:
        """Layer normalisation over one vector, or over two jointly."""
        b, size = self.b, H if size == ONE else size
        vectors = [self.vector(size), *([self.vector(I)] if self.chance() else [])]
        total = Size()
        for v in vectors:
            total += b.nodes[v].size
        count = b.append(Node("size", attr=total))
        mean = b("div", self._sums(vectors), count)
        centred = [b("sub", v, mean) for v in vectors]
        variance = b("div", self._sums([b("mul", v, v) for v in centred]), count)
        return b("div", centred[0], b("sqrt", b("add", variance, b.const(0.1))))

    def _sums(self, vectors: list[int]) -> int:
        sums = [self.b("sum", v, attr=self.b.nodes[v].size) for v in vectors]
        return sums[0] if len(sums) == 1 else self.b("add", *sums)

    def _masked(self, size: Size) -> int:
        if self.mask is None or self.mask.size not in (size, ONE):
            return self._select(size)
        mask = self.b.leaf("input", self.mask.name, self.mask.size)
        return self.b("where", mask, self.vector(size), self.vector(self.pick((size, ONE))))

    # --- results ----------------------------------------------------------------------------------

    def _next(self, state: State) -> int:
        """A gated update, a squashed vector, any vector, a single number, or the state as it is."""
        b, old = self.b, self.b.leaf("state", state.name, state.size)
        kind = self.pick(("gated", "squashed", "any", "number", "kept"))
        if kind == "kept":
            return old
        if kind == "number":
            return self.vector(ONE)
        new = self.vector(state.size)
        if kind == "any":
            return new
        new = b("tanh", new)
        if kind == "squashed":
            return new
        gate = b("sigmoid", self.vector(state.size))
        return b("add", b("mul", gate, old), b("mul", b("sub", b.const(1.0), gate), new))

    def _outputs(self) -> tuple[Output, ...]:
        """What the Program itself gives, at every step or summed, as derivatives do."""
        outer = self.b("outer", self.vector(H), self.vector(I))
        blocks = self.b("outer", self.vector(H), self.vector(HALF), attr=2)
        every = (
            Output("at_step", self.vector(HALF), "step"),
            Output("by_row", self.vector(H), "row"),
            Output("total", self.vector(I), "batch"),
            Output("product", outer, "batch"),
            Output("blocks", blocks, "batch"),
        )
        return tuple(o for o in every if self.chance())


def _size_names(item: Input | State | Param) -> frozenset[str]:
    if isinstance(item, Param):
        return item.rows.names | (item.cols.names if item.cols else frozenset())
    return item.size.names


# --- arrays ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sample:
    """Arrays for all that a Program reads, and the sequences that it is run over."""

    program: Program
    sizes: dict[str, int]
    seq: Sequences
    inputs: dict[str, Array]
    params: dict[str, Array]
    states: dict[str, Array]
    restart: dict[str, Array]

    def run(self, program: Program | None = None, **more: Any) -> Run:
        """Run the Program, or another one with the same arguments."""
        return run(
            program or self.program,
            self.inputs,
            self.params,
            self.sizes,
            self.seq,
            states=list(self.states.values()),
            restart=list(self.restart.values()),
            **more,
        )


def sample(
    program: Program,
    seed: int = 0,
    *,
    steps: int = 3,
    batch: int = 2,
    sizes: Mapping[str, int] | None = None,
    ragged: bool | None = None,
) -> Sample:
    """Random arrays for a Program. ``ragged`` asks for lengths, resets and reverse direction, or for
    none of them; None leaves it to the seed.
    """
    rng = np.random.default_rng(seed)
    numbers = {n: (sizes or NUMBERS).get(n, 2) for n in program.sizes}
    free = rng.random(3) < 0.5 if ragged is None else np.full(3, ragged)
    lengths = rng.integers(0, steps + 1, batch) if free[0] else None
    reset = rng.random((steps, batch)) < 0.3 if free[1] else None
    seq = Sequences(steps, batch, lengths, reset, bool(free[2]))

    def normal(*shape: int) -> Array:
        return rng.standard_normal(shape)

    inputs = {}
    for item in program.inputs:
        lead = (steps, batch) if item.per == "step" else (batch,)
        shape = (*lead, item.size.evaluate(numbers))
        inputs[item.name] = (
            normal(*shape) if item.rate is None else (rng.random(shape) < item.rate).astype(float)
        )
    params = {p.name: 0.6 * normal(*p.shape(numbers)) for p in program.trainable}
    states, restart = (
        {s.name: normal(batch, s.size.evaluate(numbers)) for s in program.states} for _ in "ab"
    )
    return Sample(program, numbers, seq, inputs, params, states, restart)
