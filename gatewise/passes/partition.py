"""Partition: save or recompute, what the forward step keeps for the backward step.

The derivative of a step contains the forward nodes it reads. Each of them is either kept by the
forward step or computed again from others that are kept, down to inputs and parameters: whatever
takes least in all. Matrix products and sums are never computed again; the largest entry of what a
replay computes always is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from gatewise.ir import ONE, OPS, Builder, Input, Node, Output, Program, axes_of
from gatewise.ir.builder import finish, needed, rebuild

# In the units of Op.cost: what writing a vector to memory and reading it back takes. A sequence
# that does not fit in the cache takes more, a short one less.
KEEP = 20.0
SCALAR = 1 / 16  # of what a vector takes
INFINITE = float("inf")
ENTRIES = 64.0  # vectors that a matrix counts for
RARELY = 8.0  # times as dear to keep: it would not stay in any cache
REPLAY = "replay."


@dataclass(frozen=True)
class Training:
    """A forward step that keeps, and a backward step that reads what was kept.

    ``forward`` has an output ``save.<name>`` for each kept quantity, at every step; ``backward`` has
    input of the same name. The states that entered the step are kept where ``backward`` has an
    input of the state's name.

    ``replay`` computes the states that are matrices once more from what was kept, so that they need not
    be kept at every step; None where there are none.
    """

    forward: Program
    backward: Program
    replay: Program | None = None

    @property
    def saved(self) -> tuple[str, ...]:
        """The names of what the forward step keeps besides the entering states."""
        return tuple(o.name for o in self.forward.outputs if o.name.startswith("save."))


def partition(program: Program, backward: Program) -> Training:
    """Split a step and its derivative.

    Precondition: both legal and simplified, ``backward`` derived from ``program``. Postcondition:
    both legal; ``backward`` computes no matrix product, sum or exponential of the forward step.
    """
    whole = _with_matrices(program, backward)
    image = _images(program, whole)
    saved = _choose(whole, set(image.values()), program)
    names = _names(program, image, saved)
    where = {new: old for old, new in image.items()}
    outputs = tuple(Output(names[n], where[n], "step") for n in sorted(saved))
    forward = replace(program, outputs=(*program.outputs, *outputs))
    return Training(forward, *_apart(program, _read_kept(whole, names)))


def _with_matrices(program: Program, backward: Program) -> Program:
    """The derivative, with the new values of the matrix states among its outputs if it reads the old ones."""
    matrices = {s.name for s in program.states if s.axes is not None}
    if not any(n.op == "input" and n.attr in matrices for n in backward.nodes):
        return backward
    b = Builder((*backward.params, *program.params))
    to: dict[int, int] = {}
    for index, node in enumerate(backward.nodes):
        to[index] = b.again(node, tuple(to[a] for a in node.args))
    results = {s.name: n for s, n in zip(program.states, program.next, strict=True)}
    image: dict[int, int] = {}
    for index in needed(replace(program, next=(), names=()), [results[m] for m in matrices]):
        node = program.nodes[index]
        leaf = node.op == "state"
        image[index] = (
            b.leaf("input", str(node.attr), node.size)
            if leaf
            else b.again(node, tuple(image[a] for a in node.args))
        )
    more = tuple(Output(f"{REPLAY}{m}", image[results[m]], "step") for m in sorted(matrices))
    done = finish(backward, b, to)
    return replace(done, outputs=(*done.outputs, *more))


def _apart(program: Program, both: Program) -> tuple[Program, Program | None]:
    """The derivative, and the step that computes the matrix states once more.

    A replay with a matrix product of its own (which
    is never computed again, unless a Program is made so) is none: matrices are kept at every step then.
    """
    results = {
        o.name.removeprefix(REPLAY): o.node for o in both.outputs if o.name.startswith(REPLAY)
    }
    if not results:
        return both, None
    backward = replace(
        both, outputs=tuple(o for o in both.outputs if not o.name.startswith(REPLAY))
    )
    slim = rebuild(backward)
    states = tuple(s for s in program.states if s.name in results)
    nodes = tuple(
        replace(n, op="state") if n.op == "input" and n.attr in results else n for n in both.nodes
    )
    replay = rebuild(
        Program(
            name=f"replay.{program.name}",
            nodes=nodes,
            inputs=both.inputs,
            states=states,
            params=both.params,
            next=tuple(results[s.name] for s in states),
            sizes=program.sizes,
            doc=f"The matrix states of {program.name}, computed once more.",
        )
    )
    read = {str(n.attr) for n in replay.nodes if n.op == "input"}
    replay = replace(replay, inputs=tuple(i for i in replay.inputs if i.name in read))
    read = {str(n.attr) for n in slim.nodes if n.op == "input"}
    slim = replace(slim, inputs=tuple(i for i in slim.inputs if i.name in read))
    plain = all(OPS[n.op].kind != "matrix" for n in replay.nodes)
    return slim, replay if plain else None


def reads_too(backward: Program, replay: Program | None) -> Program:
    """The derivative with the inputs and parameters of the replay among its own: one kernel has both."""
    if replay is None:
        return backward
    inputs = {i.name: i for i in (*backward.inputs, *replay.inputs)}
    params = {p.name: p for p in (*backward.params, *replay.params)}
    return replace(backward, inputs=tuple(inputs.values()), params=tuple(params.values()))


def _images(program: Program, backward: Program) -> dict[int, int]:
    """Where the nodes of the forward step stand in its derivative."""
    place_of = {node: index for index, node in enumerate(backward.nodes)}
    image: dict[int, int] = {}
    for index, node in enumerate(program.nodes):
        if all(a in image for a in node.args):
            op = "input" if node.op == "state" else node.op
            twin = Node(op, tuple(image[a] for a in node.args), node.size, node.cols, node.attr)
            if twin in place_of:
                image[index] = place_of[twin]
    return image


def _choose(backward: Program, forward: set[int], program: Program) -> set[int]:
    """Which forward nodes to keep, so that keeping and computing again cost least together.

    A node that the rest reads is kept, or computed again from what it reads itself, and so on down to
    what is there anyway. That is a minimum cut: each node stands in the graph twice, as *wanted* and
    as *computed*; ``wanted -> computed`` costs keeping it, ``computed -> sink`` computing it, and
    what is computed wants its operands whatever that costs.
    """
    read = set(backward.next) | {o.node for o in backward.outputs}
    for index, node in enumerate(backward.nodes):
        if index not in forward:
            read.update(node.args)
    source, sink = -1, -2
    edges: dict[int, dict[int, float]] = {source: {}, sink: {}}
    size: dict[int, float] = {}  # in vectors
    axes, replayed = axes_of(backward), _replayed(backward, program)
    entering = {s.name for s in program.states}
    for index in sorted(forward):
        node, op = backward.nodes[index], OPS[backward.nodes[index].op]
        wanted, computed = 2 * index, 2 * index + 1
        size[index] = SCALAR if node.size == ONE and node.cols is None else 1.0
        if node.op == "concat":
            size[index] = sum(size[a] for a in node.args)
        if axes[index] is not None:
            size[index] = ENTRIES
        # a mask is kept as bits
        keep = KEEP * (SCALAR if node.op in ("lt", "le", "eq") else size[index])
        keep *= RARELY if axes[index] is not None else 1.0
        if node.op == "amax" and index in replayed:
            # whoever reads it looks for the entry that equals it, and a replay may round otherwise than the
            # forward step did
            keep = INFINITE
        if op.kind == "leaf":  # the states that enter a step are kept where anybody reads them
            edges[wanted] = {sink: keep} if node.attr in entering and node.op == "input" else {}
            edges[computed] = {}
        else:
            again = op.cost * size[index]
            edges[wanted] = {computed: keep}
            edges[computed] = {sink: again} | {2 * a: INFINITE for a in node.args}
        if index in read:
            edges[source][wanted] = INFINITE
    reached = minimum_cut(edges, source, sink)
    return {
        index
        for index in forward
        if 2 * index in reached
        and 2 * index + 1 not in reached
        and OPS[backward.nodes[index].op].kind != "leaf"
    }


def _replayed(backward: Program, program: Program) -> set[int]:
    """The nodes that depend on matrices which entered the step: those are computed once more."""
    matrices = {s.name for s in program.states if s.axes is not None}
    replayed: set[int] = set()
    for index, node in enumerate(backward.nodes):
        entered = node.op == "input" and node.attr in matrices
        if entered or any(a in replayed for a in node.args):
            replayed.add(index)
    return replayed


def minimum_cut(edges: Mapping[int, Mapping[int, float]], source: int, sink: int) -> frozenset[int]:
    """The source's side of a minimum cut: what the source still reaches when the flow is greatest.

    Ford and Fulkerson's augmenting paths, shortest first; ``edges[a][b]`` is a capacity.
    """
    left: dict[int, dict[int, float]] = {n: {} for n in edges}
    for a, out in edges.items():
        for b, capacity in out.items():
            left[a][b] = left[a].get(b, 0.0) + capacity
            left.setdefault(b, {}).setdefault(a, 0.0)
    while True:
        before: dict[int, int] = {source: source}
        queue = [source]
        for a in queue:
            for b, capacity in left[a].items():
                if capacity > 0 and b not in before:
                    before[b] = a
                    queue.append(b)
        if sink not in before:
            return frozenset(before)
        path, b = [], sink
        while b != source:
            path.append((before[b], b))
            b = before[b]
        flow = min(left[a][b] for a, b in path)
        for a, b in path:
            left[a][b] -= flow
            left[b][a] += flow


def _names(program: Program, image: dict[int, int], saved: set[int]) -> dict[int, str]:
    """The equations' own names where there are any."""
    names: dict[int, str] = {}
    for name, node in program.names:
        if image.get(node) in saved:
            names.setdefault(image[node], f"save.{name}")
    for node in sorted(saved):
        names.setdefault(node, f"save.{node}")
    return names


def _read_kept(backward: Program, names: dict[int, str]) -> Program:
    b = Builder(backward.params)
    to: dict[int, int] = {}
    stop = replace(
        backward,
        nodes=tuple(
            Node("input", (), n.size, None, names[k]) if k in names else n
            for k, n in enumerate(backward.nodes)
        ),
    )
    for index in needed(stop):
        node = stop.nodes[index]
        to[index] = b.again(node, tuple(to[a] for a in node.args))
    done = finish(backward, b, to)
    used = {str(n.attr) for n in done.nodes if n.op == "input"}
    extra = tuple(Input(names[k], backward.nodes[k].size) for k in sorted(names))
    inputs = tuple(i for i in (*backward.inputs, *extra) if i.name in used)
    return replace(done, inputs=inputs)
