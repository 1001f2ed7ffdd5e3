"""Dropout inside the recurrence, in its two forms of the literature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from gatewise.cells.combine.editor import Draft, rate_of
from gatewise.cells.combine.joint_norm import is_pointwise
from gatewise.errors import nearest
from gatewise.ir import PRODUCTS
from gatewise.lang.cell import Cell

Form = Literal["semeniuta", "gal"]
Per = Literal["step", "sequence"]


def recurrent_dropout(
    cell: Cell,
    rate: float,
    form: Form = "semeniuta",
    *,
    on: str | Sequence[str] | None = None,
    per: Per | None = None,
) -> Cell:
    """Drop values inside the recurrence; what is kept is scaled by 1 / (1 - rate).

    The masks are inputs of the new cell (``dropout.z``), ones where a unit is kept; in evaluation
    nothing is dropped. Dropping twice multiplies the probabilities of being kept.

    Args:
        cell: any cell.
        rate: the probability of being dropped, 0 <= rate < 1.
        form: "semeniuta", c = f * c + i * d(z): only what is about to be written is dropped, so
            that memory is never lost. Semeniuta, Severyn & Barth (2016), Recurrent dropout without
            memory loss, COLING, arXiv:1603.05118.
            "gal": every input and state is dropped where it enters a matrix, by a mask that all its
            matrices share and that stays for the whole sequence; U @ (r * h) counts as an entry of
            h. Gal & Ghahramani (2016), A theoretically grounded application of dropout in recurrent
            neural networks, NIPS, arXiv:1512.05287.
        on: what to drop. For "semeniuta" quantities by name, by default the candidate: n, or z.
            For "gal" inputs and states by name, by default all of them.
        per: a new mask at every "step" (the default of "semeniuta") or one a "sequence".

    Raises:
        CellError: for an unknown name or form, a rate out of range, a cell without a candidate, or
            something that enters no matrix.
    """
    draft = Draft(cell, "recurrent_dropout")
    chosen = rate_of(rate, draft, "the rate")
    names = None if on is None else (on,) if isinstance(on, str) else tuple(on)
    if form not in ("semeniuta", "gal"):
        draft.fail(f"there is no form {form!r}", 'take "semeniuta" or "gal"')
    if per not in (None, "step", "sequence"):
        draft.fail(f"per is {per!r}", 'draw masks per "step" or per "sequence"')
    if form == "semeniuta":
        return _semeniuta(draft, chosen, names or (_candidate(draft),), per or "step")
    if per == "step":
        draft.fail(
            'the form "gal" has one mask for a sequence: that is what makes it Bayesian',
            'leave per out, or take the form "semeniuta"',
        )
    return _gal(draft, chosen, names)


def _semeniuta(draft: Draft, rate: float, names: tuple[str, ...], per: Per) -> Cell:
    for name in names:
        if draft.state(name) is not None:
            draft.fail(
                f"{name} is a state: dropping it would lose memory",
                "name what is written to it (the candidate), or take zoneout or the form 'gal'",
            )
    targets = {draft.quantity(name): name for name in names}
    values: dict[int, int] = {}  # old node -> what it was before it was dropped

    def rule(index: int) -> int | None:
        if index not in targets or not rate:
            return None
        values[index] = draft.again(index)
        size = draft.old.nodes[index].size
        keep = draft.mask(f"dropout.{targets[index]}", size, per, 1.0 - rate)
        return _dropped(draft, values[index], keep, rate)

    draft.copy(rule)
    # a name keeps to its equation; what is dropped is what others read of it
    draft.names |= {name: values[n] for name, n in draft.old.names if n in values}
    every = "" if per == "step" else ", one mask a sequence"
    note = f"Dropout of {', '.join(names)} ({rate:g}{every}): Semeniuta et al. (2016)."
    return draft.done(f"recurrent_dropout({draft.old.name})", note)


def _dropped(draft: Draft, value: int, keep: int, rate: float) -> int:
    """Select, so that what is dropped is gone even if infinite, and scale what is kept."""
    scaled = draft.b("mul", value, draft.b.const(1.0 / (1.0 - rate)))
    return draft.b("where", keep, scaled, draft.b.const(0.0))


def _candidate(draft: Draft) -> str:
    """The quantity that equations write to the state: n of a GRU, z of an LSTM."""
    known = {n: i for n, i in draft.old.names if draft.state(n) is None}
    name = next((n for n in ("n", "z") if n in known), None)
    if name is None:
        draft.fail(
            "the cell has no quantity named n or z, the usual names of a candidate",
            f"say what to drop: on=..., one of {', '.join(known) or 'none'}",
        )
    if draft.old.nodes[known[name]].op == "sigmoid":
        draft.fail(
            f"{draft.equation(known[name])} looks like a gate, not like a candidate",
            f"say what to drop: on={name!r} if it is meant, or one of {', '.join(known)}",
        )
    return name


def _gal(draft: Draft, rate: float, names: tuple[str, ...] | None) -> Cell:
    sources = [i.name for i in draft.old.inputs if i.rate is None]
    sources += [s.name for s in draft.old.states]
    for name in names or ():
        if name not in sources:
            draft.fail(
                f"no input or state is called {name!r}.{nearest(name, sources)}",
                f"name some of {', '.join(sources)}",
            )
    wanted = sources if names is None else list(names)
    keeps: dict[str, int] = {}
    entered: set[str] = set()

    def drop(index: int) -> int:
        """What a matrix reads of an old vector."""
        node, value = draft.old.nodes[index], draft.to[index]
        if node.op == "concat":
            return draft.b("concat", *(drop(a) for a in node.args))
        name = _source(draft, index)
        if name not in wanted:
            return value
        entered.add(name)
        if not rate:
            return value
        if name not in keeps:
            keeps[name] = draft.mask(f"dropout.{name}", node.size, "sequence", 1.0 - rate)
        return _dropped(draft, value, keeps[name], rate)

    def rule(index: int) -> int | None:
        node = draft.old.nodes[index]
        if node.op not in PRODUCTS:
            return None
        return draft.again(index, (draft.to[node.args[0]], drop(node.args[1])))

    draft.copy(rule)
    for name in wanted:
        if name not in entered and (names is not None or not entered):
            draft.fail(f"{name} enters no matrix", "drop something else, or take another form")
    on = [name for name in wanted if name in entered]
    note = f"Dropout of {', '.join(on)} ({rate:g}, one mask a sequence): Gal & Ghahramani (2016)."
    return draft.done(f"recurrent_dropout({draft.old.name})", note)


def _source(draft: Draft, index: int) -> str | None:
    """The input or state that a vector carries to a matrix: h of h, of r * h and of tanh(h).

    Sums carry nothing: what a step has computed is no longer an input or a state. Of two factors of
    the same product the state counts.
    """
    node = draft.old.nodes[index]
    if node.op in ("input", "state"):
        return None if draft.is_mask(index) else str(node.attr)
    if not is_pointwise(node.op) or node.op in (
        "add",
        "sub",
        "div",
        "max",
        "min",
        "lt",
        "le",
        "eq",
    ):
        return None
    sources = [_source(draft, a) for a in node.args if draft.old.nodes[a].size == node.size]
    named = [n for n in sources if n is not None]
    states = [n for n in named if draft.state(n) is not None]
    return next(iter(states or named), None)
