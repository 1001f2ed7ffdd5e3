"""Which quantity multiplies the old value of a state, read from the equations.

A gated cell carries ``c = f * c + i * z``: what stands before the old ``c`` decides how long it is kept. A GRU says
``z * h + (1 - z) * n``, an MGU ``(1 - f) * h + f * n``, an sLSTM ``exp(log_f + m - m_new) * c``. All of them are
sums of products, so the quantity is found without knowing the cell: the products that hold the old state itself,
less that state.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from gatewise.ir.builder import Builder, rebuild
from gatewise.ir.node import Node, Program
from gatewise.ir.printer import label

Squash = Literal["sigmoid", "exp"]
SPREADS = ("repeat", "row_repeat", "column_repeat")  # one value for several units or entries


@dataclass(frozen=True, slots=True)
class GateBias:
    """A bias inside a gate.

    ``sign`` is +1 if a larger bias makes the gate larger, else -1. ``squash`` is the function that it goes
    through: behind a sigmoid it is a logit, behind an exponential a logarithm.
    """

    param: str
    sign: int
    squash: Squash


@dataclass(frozen=True, slots=True)
class Retention:
    """How a state is kept from one step to the next.

    Attributes:
        state: its name.
        terms: the sum of products that multiplies the old state: node numbers, product by product. An empty
            product is 1. No terms: nothing multiplies it.
        keeps: biases of these gates, those that lead to more being kept first.
        writes: biases of the gates that let new values in and are none of the former.
    """

    state: str
    terms: tuple[tuple[int, ...], ...]
    keeps: tuple[GateBias, ...]
    writes: tuple[GateBias, ...]

    @property
    def whole(self) -> bool:
        """Whether the old state is taken over as it is, as in the LSTM of 1997."""
        return self.terms == ((),)


def retention(program: Program, state: str) -> Retention:
    """How ``state`` is kept. Raises ProgramError for a state that is not there."""
    index = program.states.index(program.state(state))
    root = program.next[index]
    terms = tuple(tuple(term) for term in _with_state(program, root, state))
    keeps: dict[str, GateBias] = {}
    for term in terms:
        for factor in term:
            for bias in _biases(program, factor):
                keeps.setdefault(bias.param, bias)
    ordered = sorted(keeps.values(), key=lambda bias: -bias.sign)
    # of a gate with biases of both signs (one relative to another gate) the raising ones are its own
    own = [b for b in ordered if b.sign == ordered[0].sign] if ordered else []
    writes = {b.param: GateBias(b.param, 1, b.squash) for b in ordered if b not in own}
    for factor in _writing(program, root, state) if own else ():
        for bias in _biases(program, factor):
            if bias.param not in keeps:
                writes.setdefault(bias.param, bias)
    return Retention(state, terms, tuple(own), tuple(writes.values()))


def retentions(program: Program) -> tuple[Retention, ...]:
    """All states that are multiplied by something from step to step, in the order of the cell."""
    each = (retention(program, state.name) for state in program.states)
    return tuple(r for r in each if r.terms)


def why_not(program: Program) -> str:
    """Why a cell has no gate that keeps a state, as a sentence; empty if it has one with a bias."""
    retained = retentions(program)
    if any(r.keeps for r in retained):
        return ""
    if any(r.whole for r in retained):
        names = ", ".join(r.state for r in retained if r.whole)
        return (
            f"{program.name} adds to the old {names} without multiplying it: nothing is forgotten, "
            "and there is no bias that decides how long it remembers"
        )
    if retained:
        shown = label(program)
        gates = {
            shown.get(f, "a quantity without a name") for r in retained for t in r.terms for f in t
        }
        return (
            f"in {program.name} the old {retained[0].state} is multiplied by {', '.join(sorted(gates))}, "
            "which has no bias inside a sigmoid or an exponential"
        )
    factor = _diagonal(program)
    if factor:
        return (
            f"in {program.name} the old state is multiplied by the parameter {factor}, inside another "
            "function: that is a weight, and no gate"
        )
    return (
        f"{program.name} has no quantity that multiplies an old state: "
        f"{', '.join(s.name for s in program.states)} enters matrices only"
    )


def with_retention(program: Program) -> tuple[Program, dict[str, str]]:
    """The Program with a recordable name for what multiplies each state, and {state: that name}."""
    names: dict[str, str] = {}
    retention_of = {r.state: r for r in retentions(program)}
    copied = rebuild(program, roots=[f for r in retention_of.values() for t in r.terms for f in t])
    builder = Builder(copied.params, share=False)
    builder.nodes = list(copied.nodes)
    named = list(copied.names)
    for state in copied.states:
        if state.name not in retention_of:
            continue
        total: int | None = None
        for term in retention(copied, state.name).terms:
            product = builder.const(1.0)
            for factor in term:
                product = builder("mul", product, factor)
            total = product if total is None else builder("add", total, product)
        if total is None:
            continue
        if builder.nodes[total].size != state.size:
            total = builder("repeat", total, attr=state.size)
        names[state.name] = f"kept#{state.name}"
        named.append((names[state.name], total))
    return (
        Program(
            copied.name,
            tuple(builder.nodes),
            copied.inputs,
            copied.states,
            copied.params,
            copied.next,
            copied.outputs,
            tuple(named),
            copied.sizes,
            copied.doc,
        ),
        names,
    )


# --- sums of products ---------------------------------------------------------------------------------


def _with_state(p: Program, index: int, state: str) -> list[list[int]]:
    """The products that hold the old state itself, less the state."""
    node = p.nodes[index]
    if node.op == "state":
        return [[]] if node.attr == state else []
    if node.op in ("add", "sub"):
        return _with_state(p, node.args[0], state) + _with_state(p, node.args[1], state)
    if node.op == "neg":
        return _with_state(p, node.args[0], state)
    if node.op == "mul":
        first, second = node.args
        return [[*t, second] for t in _with_state(p, first, state)] + [
            [first, *t] for t in _with_state(p, second, state)
        ]
    return []


def _factors(p: Program, index: int) -> list[int]:
    """The factors of one product, sums inside of it taken as one factor."""
    node = p.nodes[index]
    if node.op == "mul":
        return [f for arg in node.args for f in _factors(p, arg)]
    return [index]


def _writing(p: Program, index: int, state: str) -> Iterator[int]:
    """The gates before new values: of products without the old state, the sigmoids and exponentials."""
    node = p.nodes[index]
    if node.op in ("add", "sub", "neg"):
        for arg in node.args:
            yield from _writing(p, arg, state)
    elif node.op == "mul":
        holding = [arg for arg in node.args if _with_state(p, arg, state)]
        if holding:
            for arg in holding:
                yield from _writing(p, arg, state)
        else:
            yield from (f for f in _factors(p, index) if _is_gate(p, f))


def _is_gate(p: Program, index: int) -> bool:
    node = p.nodes[index]
    if node.op in SPREADS:
        return _is_gate(p, node.args[0])
    if node.op == "sub" and p.nodes[node.args[0]].attr == 1.0:
        return _is_gate(p, node.args[1])
    if node.op == "div":  # a gate divided by the sum of gates
        return _is_gate(p, node.args[0])
    return node.op in ("sigmoid", "exp")


def _diagonal(p: Program) -> str:
    """A vector parameter that multiplies an old state anywhere; empty if there is none."""
    for node in p.nodes:
        if node.op == "mul":
            pair = [p.nodes[a] for a in node.args]
            ops = {n.op for n in pair}
            if ops == {"param", "state"}:
                return str(next(n.attr for n in pair if n.op == "param"))
    return ""


# --- biases -------------------------------------------------------------------------------------------

# functions that rise with each operand: a bias behind them acts as before them
RISING: tuple[str, ...] = (
    "sigmoid",
    "exp",
    "softplus",
    "log",
    "sqrt",
    "tanh",
    "erf",
    "stop_gradient",
)
RISING += ("add", "max", "min", *SPREADS)


def _biases(p: Program, root: int) -> Iterator[GateBias]:
    """Biases that a quantity rises or falls with, the nearest occurrence of each.

    The nearest counts: what is subtracted to keep an exponential in range holds the same bias further in.
    """
    level: list[tuple[int, int, Squash | None]] = [(root, 1, None)]
    met: set[str] = set()
    while level:
        following: list[tuple[int, int, Squash | None]] = []
        for index, sign, squash in level:
            node = p.nodes[index]
            if node.op == "param" and node.cols is None:
                if squash is not None and str(node.attr) not in met:
                    met.add(str(node.attr))
                    yield GateBias(str(node.attr), sign, squash)
                continue
            following += _inside(p, node, sign, squash)
        level = following


def _inside(
    p: Program, node: Node, sign: int, squash: Squash | None
) -> Iterator[tuple[int, int, Squash | None]]:
    if node.op in ("sigmoid", "softplus"):  # softplus(-a) is minus the logarithm of a sigmoid
        squash = "sigmoid"
    elif node.op == "exp" and squash is None:
        squash = "exp"
    if node.op in RISING:
        yield from ((arg, sign, squash) for arg in node.args)
    elif node.op == "neg":
        yield node.args[0], -sign, squash
    elif node.op in ("sub", "div"):
        yield node.args[0], sign, squash
        yield node.args[1], -sign, squash
