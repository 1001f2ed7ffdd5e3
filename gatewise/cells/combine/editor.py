"""What the combinators share: the draft of a new Program beside the one it is made from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Literal, NoReturn

from gatewise.cells.combine.joint_norm import find_norms, in_use, restrict
from gatewise.errors import CellError, nearest
from gatewise.ir import ONE, Builder, Init, Input, Output, Param, Program, Size, validate
from gatewise.ir.builder import rebuild
from gatewise.ir.printer import expression, label
from gatewise.lang.cell import Cell

_LONGEST = 120  # characters of an equation in a message
Rule = Callable[[int], int | None]  # old node -> its replacement, or None to copy it


class Draft:
    """A Program in the making. Old nodes are numbers in ``old``, new ones numbers in ``b``.

    ``to`` says what the readers of an old node read from now on. After ``copy`` the lists ``next``,
    ``states``, ``inputs`` and the table ``names`` hold the new Program's and may be changed.
    """

    def __init__(self, cell: Cell, by: str) -> None:
        if not isinstance(cell, Cell):
            raise CellError(
                f"{by} takes a cell, not {cell!r}.\n"
                "  Fix: give it one from gw.cells, from @gw.cell or from another combinator"
            )
        self.by, self.old = by, rebuild(cell.program)  # no equal nodes, none that nothing needs
        self.b = Builder(self.old.params)
        self.to: dict[int, int] = {}
        self.inputs, self.states = list(self.old.inputs), list(self.old.states)
        self.next: list[int] = []
        self.names: dict[str, int] = {}

    def fail(self, problem: str, fix: str) -> NoReturn:
        """Raise CellError: the combinator, the cell, the problem and the fix."""
        raise CellError(f"{self.by}({self.old.name}): {problem}\n  Fix: {fix}")

    # --- questions about the old Program --------------------------------------------------------

    def is_mask(self, index: int) -> bool:
        """Whether an old node is a random mask."""
        node = self.old.nodes[index]
        return node.op == "input" and self.old.input(str(node.attr)).rate is not None

    def holds(self, k: int) -> list[int]:
        """The selects by which state k may keep its value (zoneout), the outermost first."""
        selects: list[int] = []
        index = self.old.next[k]
        while True:
            node = self.old.nodes[index]
            if node.op != "where" or not self.is_mask(node.args[0]):
                return selects
            old_state = self.old.nodes[node.args[1]]
            if (old_state.op, old_state.attr) != ("state", self.old.states[k].name):
                return selects
            selects.append(index)
            index = node.args[2]

    def proposed(self, k: int) -> int:
        """The node that state k becomes unless it is zoned out."""
        holds = self.holds(k)
        return self.old.nodes[holds[-1]].args[2] if holds else self.old.next[k]

    def state(self, name: str) -> int | None:
        """The position of the state of that name, if there is one."""
        return next((k for k, s in enumerate(self.old.states) if s.name == name), None)

    def quantity(self, name: str, others: Sequence[str] = ()) -> int:
        """The old node of a named quantity; of a state, what it becomes unless it is zoned out.

        Raises CellError with the nearest name, ``others`` among them.
        """
        k = self.state(name)
        named = dict(self.old.names)
        if k is None and name not in named:
            known = [*named, *others]
            self.fail(
                f"the cell has no quantity {name!r}.{nearest(name, known)}",
                f"it has {', '.join(known)}",
            )
        index = named[name] if k is None else self.proposed(k)
        if not self.old.nodes[index].args:
            leaf = self.old.nodes[index]
            self.fail(f"{name} is the {leaf.op} {leaf.attr} itself", "name what is computed of it")
        return index

    def ancestors(self, index: int) -> set[int]:
        """The old nodes that a node is computed from, itself included."""
        return in_use(self.old, {}, [index])

    def equation(self, index: int) -> str:
        """An old node as a person would write it, cut if it is long."""
        text = expression(self.old, index, label(self.old))
        return text if len(text) <= _LONGEST else text[: _LONGEST - 4] + " ..."

    def called(self, index: int) -> str:
        """The name of an old node, or its equation if it has none."""
        return label(self.old).get(index) or self.equation(index)

    # --- making the new one ---------------------------------------------------------------------

    def again(self, index: int, args: Iterable[int] | None = None) -> int:
        """Copy an old node, by default with what its operands have become."""
        node = self.old.nodes[index]
        return self.b.again(node, tuple((self.to[a] for a in node.args) if args is None else args))

    def copy(self, rule: Rule | None = None, order: Iterable[int] | None = None) -> None:
        """Copy the old nodes one by one, as ``rule`` says; ``order`` may be another legal one."""
        for index in range(len(self.old.nodes)) if order is None else order:
            new = rule(index) if rule else None
            self.to[index] = self.again(index) if new is None else new
        self.next = [self.to[n] for n in self.old.next]
        self.names = {name: self.to[n] for name, n in self.old.names}

    def param(
        self, name: str, rows: Size, cols: Size | None = None, init: Init | None = None
    ) -> int:
        """A new parameter; its name gets a number if it is taken."""
        free = unused(name, self.b.params)
        return self.b.param(Param(free, rows, cols, init=init or Init()))

    def mask(self, name: str, size: Size, per: Literal["step", "sequence"], rate: float) -> int:
        """A new random mask, ones with probability ``rate``; its name gets a number if taken."""
        taken = [i.name for i in self.inputs] + [s.name for s in self.states]
        free = unused(name, taken)
        self.inputs.append(Input(free, size, per, rate))
        return self.b.leaf("input", free, size)

    def shadow(self, name: str, value: int) -> None:
        """Keep ``value`` recordable as ``name#1``, now that ``name`` is bound anew after it."""
        number = 1
        while f"{name}#{number}" in self.names:
            number += 1
        self.names[f"{name}#{number}"] = value

    def done(self, what: str, note: str, forget: bool = False) -> Cell:
        """The new cell, named ``what``, ``note`` added to its description.

        With ``forget``, names that fell out of use go, and so does what only they or a joint norm
        still read. Unused parameters and masks always go.
        """
        self.names |= {s.name: n for s, n in zip(self.states, self.next, strict=True)}
        draft = replace(
            self.old,
            name=what,
            doc=f"{self.old.doc}\n\n{note}".strip(),
            nodes=tuple(self.b.nodes),
            inputs=tuple(self.inputs),
            states=tuple(self.states),
            params=tuple(self.b.params.values()),
            next=tuple(self.next),
            outputs=tuple(Output(o.name, self.to[o.node], o.over) for o in self.old.outputs),
            names=tuple(self.names.items()),
        )
        program = rebuild(self._forget(draft) if forget else draft)
        read = {str(n.attr) for n in program.nodes if n.op == "input"}
        gone = {i.name for i in program.inputs if i.rate is not None}
        gone |= {i.name for i in program.inputs[1:]} if forget else set()
        program = replace(
            program,
            inputs=tuple(i for i in program.inputs if i.name in read or i.name not in gone),
            params=_settle_inits(program.params),
            names=tuple(sorted(program.names, key=lambda item: item[1])),
        )
        return Cell(validate(replace(program, sizes=_free_sizes(program))))

    def _forget(self, new: Program) -> Program:
        """Drop names that fell out of use, and take what fell out of use out of joint norms."""
        before, after = find_norms(self.old), find_norms(new)
        was = in_use(self.old, before, _results(self.old))
        now = in_use(new, after, _results(new))
        here = dict(new.names)
        lost = {name for name, n in self.old.names if n in was and here[name] not in now}
        new = replace(new, names=tuple(item for item in new.names if item[0] not in lost))
        was = in_use(self.old, before, [*_results(self.old), *(n for _, n in self.old.names)])
        now = in_use(new, after, [*_results(new), *(n for _, n in new.names)])
        drop: dict[int, set[int]] = {}
        for deviation, norm in before.items():
            at = self.to[deviation]
            if at not in after or at in now or len(after[at].vectors) != len(norm.vectors):
                continue
            pairs = enumerate(zip(norm.vectors, after[at].vectors, strict=True))
            out = {
                k
                for k, (old_vector, new_vector) in pairs
                if old_vector in was and new_vector not in now
            }
            if out:
                drop[at] = out
        return restrict(new, after, drop)


def unused(name: str, taken: Iterable[str]) -> str:
    """``name``, or ``name_2``, ``name_3`` if it is taken."""
    known, free, number = set(taken), name, 1
    while free in known:
        number += 1
        free = f"{name}_{number}"
    return free


def vector(b: Builder, value: float, size: Size) -> int:
    """A constant in each of ``size`` units."""
    return b.const(value) if size == ONE else b("repeat", b.const(value), attr=size)


def rate_of(value: object, draft: Draft, what: str) -> float:
    """A probability of at least 0 and below 1. Raises CellError."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not 0 <= value < 1:  # type: ignore[operator]
        draft.fail(
            f"{what} is {value!r}", "give a probability of at least 0 and below 1, such as 0.1"
        )
    return float(value)  # type: ignore[arg-type]


def _results(program: Program) -> list[int]:
    return [*program.next, *(o.node for o in program.outputs)]


def _settle_inits(params: tuple[Param, ...]) -> tuple[Param, ...]:
    """A parameter that started as the negative of one that is gone starts as by default."""
    known = {p.name for p in params}

    def lost(p: Param) -> bool:
        return p.init.kind == "negative" and p.init.args[0] not in known

    return tuple(replace(p, init=Init()) if lost(p) else p for p in params)


def _free_sizes(program: Program) -> tuple[str, ...]:
    """The named sizes in the order of inputs, states, parameters, as for a cell from equations."""
    sizes = [i.size for i in program.inputs if i.rate is None]
    sizes += [s.size for s in program.states]
    for p in program.params:
        sizes += [p.rows] if p.cols is None else [p.rows, p.cols]
    sizes += [i.size for i in program.inputs]
    for node in program.nodes:
        sizes += [node.size, *([node.attr] if isinstance(node.attr, Size) else [])]
    names: dict[str, None] = {}
    for size in sizes:
        names |= dict.fromkeys(sorted(size.names))
    return tuple(names)
