"""What a traced cell becomes: sizes get letters, states their own size, and names their nodes."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction

from gatewise.errors import GatewiseError, nearest
from gatewise.ir import ONE, Axes, Input, Node, Param, Program, Size, State, validate
from gatewise.lang.matrices import Extent
from gatewise.lang.signature import Definition, Option, make_init, with_options
from gatewise.lang.tracer import Tracer


def fit_states(
    tracer: Tracer, d: Definition, sizes: dict[str, Size], results: tuple[int, ...]
) -> tuple[int, ...]:
    """Give each new state the size of the old one; a scalar is spread over its units."""
    leaves = {str(n.attr): k for k, n in enumerate(tracer.builder.nodes) if n.op == "state"}
    for name, node in zip(d.states, results, strict=True):
        size, leaf = tracer.size(node), leaves[name]
        if (leaf in tracer.matrices) != (node in tracer.matrices) and size != ONE:
            kinds = ("matrix", "vector") if leaf in tracer.matrices else ("vector", "matrix")
            tracer.fail(
                f"the state {name} is a {kinds[0]}, the returned {tracer.called(node)} is a {kinds[1]}",
                f"return the new {kinds[0]}",
                f"return {tracer.called(node)}",
            )
        if leaf in tracer.matrices:
            if node in tracer.matrices:
                tracer.matrices.equal(leaf, node)
            continue
        if size != ONE and not tracer.sizes.unify(sizes[name], size):
            tracer.fail(
                f"sizes cannot be unified: the state {name} has size {tracer.show(sizes[name])}, "
                f"the returned {tracer.called(node)} has size {tracer.show(size)}",
                "bring it to the size of the state with a matrix, or declare sizes={...}",
                f"return {tracer.called(node)}",
            )
    fitted = []
    for name, node in zip(d.states, results, strict=True):
        size = tracer.sizes.resolve(sizes[name])
        if tracer.size(node) != size and node not in tracer.matrices:
            spread = tracer.builder.append(Node("repeat", (node,), size, None, size))
            tracer.bindings = [
                (n, spread if (n, k) == (name, node) else k) for n, k in tracer.bindings
            ]
            node = spread
        fitted.append(node)
    return tuple(fitted)


def program_of(
    tracer: Tracer,
    d: Definition,
    options: Mapping[str, Option],
    sizes: dict[str, Size],
    results: tuple[int, ...],
) -> Program:
    """The Program of a run. Raises CellError for a size that does not follow, or a Program that is not legal."""
    letters = _letters(tracer, d, sizes)

    def settle(size: Size) -> Size:
        return tracer.sizes.resolve(size).substitute(letters)

    titles = _titles(tracer, d)
    axes = _settle_axes(tracer, d, settle)
    for name, extent in tracer.matrices.entries.items():
        letters[name] = axes[extent].entries
    nodes = tuple(_settle_node(n, settle, titles) for n in tracer.builder.nodes)
    attrs: dict[int, Axes | Size] = {n: axes[e] for n, e in tracer.matrices.made().items()}
    for n, (extent, by) in tracer.matrices.runs.items():
        attrs[n] = axes[extent].row if by == "rows" else axes[extent].column
    nodes = tuple(replace(n, attr=attrs.get(k, n.attr)) for k, n in enumerate(nodes))
    for index, node in enumerate(nodes):
        if not node.size.names and (node.size.const < 1 or node.size.const.denominator != 1):
            d.fail(
                f"{tracer.describe(index)} comes out with size {node.size}",
                "look at repeat and at the declared sizes",
            )
    params = _params(tracer, d, options, settle, titles)
    free: list[str] = []
    for size in (*(sizes[n] for n in d.inputs), *(sizes[n] for n in d.states)):
        free += [n for n in sorted(settle(size).names) if n not in free]
    for param in params:
        for size in (param.rows, param.cols or ONE):
            free += [n for n in sorted(size.names) if n not in free]
    program = Program(
        name=d.name,
        nodes=nodes,
        inputs=tuple(
            Input(n, settle(sizes[n]), "sequence" if n in d.declared.static else "step")
            for n in d.inputs
        ),
        states=tuple(
            State(
                n,
                settle(sizes[n]),
                float(d.declared.initial.get(n, 0.0)),
                axes.get(tracer.matrices.of_size(sizes[n])),
            )
            for n in d.states
        ),
        params=params,
        next=results,
        names=_names(tracer, d, results),
        sizes=tuple(free),
        doc=inspect.cleandoc(d.function.__doc__ or ""),
    )
    try:
        return validate(program)
    except GatewiseError as error:
        complaint = str(error)
    d.fail(complaint, "see docs/language.md for what equations and declarations may contain")


def _letters(tracer: Tracer, d: Definition, sizes: dict[str, Size]) -> dict[str, Size]:
    """Letters for the sizes that stay free: H, I, I_name; anything else is undetermined."""
    letters: dict[str, Size] = {}
    first = [(d.states[0], "H"), (d.inputs[0], "I"), *((n, f"I_{n}") for n in d.inputs[1:])]
    for name, letter in first:
        size = tracer.sizes.resolve(sizes[name])
        for unknown in tracer.sizes.unknowns(size):
            if tracer.matrices.of_size(size) is None and size == Size(((unknown, Fraction(1)),)):
                letters.setdefault(unknown, Size(((letter, Fraction(1)),)))
    for node in tracer.builder.nodes:  # every size comes from an input, a state or a parameter
        for unknown in (
            tracer.sizes.unknowns(node.size) if node.op in ("input", "state", "param") else ()
        ):
            if unknown not in letters and unknown not in tracer.matrices.entries:
                what = str(node.attr)
                tracer.fail(
                    f"the size of {what} does not follow from the equations",
                    f"declare it: @gw.cell(sizes={{{what!r}: 'H'}}) or with a letter of its own",
                    what,
                    tracer.parameters[what].spot if node.op == "param" else None,
                )
    return letters


def _settle_axes(
    tracer: Tracer, d: Definition, settle: Callable[[Size], Size]
) -> dict[Extent | None, Axes]:
    """The axes of every matrix; blocks that nothing says are one."""
    axes: dict[Extent | None, Axes] = {}
    for extent in tracer.matrices.all():
        blocks = settle(extent.blocks)
        rows, cols = settle(extent.rows), settle(extent.cols)
        for size, what in ((rows, "rows"), (cols, "columns")):
            if tracer.sizes.unknowns(size):
                d.fail(
                    f"the {what} of {tracer.matrices.called(extent)} do not follow from the equations",
                    "declare the size of a vector that it is made of: @gw.cell(sizes={'k': 'K'})",
                )
        if rows == ONE == cols:
            d.fail(
                f"{tracer.matrices.called(extent)} has one row and one column: it is a number",
                "leave out outer and @: numbers are multiplied with *",
            )
        axes[extent] = Axes(rows, cols, 1 if blocks.names else int(blocks.const))
    return axes


def _titles(tracer: Tracer, d: Definition) -> dict[str, str]:
    """Constants by the names of the equations, where nothing else is called so."""
    taken = {*d.inputs, *d.states, *tracer.parameters}
    titles: dict[str, str] = {}
    for name, title in tracer.titles.items():
        if title not in taken:
            taken.add(title)
            titles[name] = title
    return titles


def _settle_node(node: Node, settle: Callable[[Size], Size], titles: Mapping[str, str]) -> Node:
    cols = None if node.cols is None else settle(node.cols)
    attr = settle(node.attr) if isinstance(node.attr, Size) else node.attr
    if node.op == "param":
        attr = titles.get(str(attr), attr)
    return replace(node, size=settle(node.size), cols=cols, attr=attr)


def _params(
    tracer: Tracer,
    d: Definition,
    options: Mapping[str, Option],
    settle: Callable[[Size], Size],
    titles: Mapping[str, str],
) -> tuple[Param, ...]:
    params = []
    for name, seen in tracer.parameters.items():
        if seen.values is not None:
            title = titles.get(name, name)
            params.append(Param(title, settle(seen.rows), seen.cols, values=seen.values))
            continue
        family = name.split(".")[0]
        blocks = blocks_of(d, options, name)
        declared = d.declared.init.get(name, d.declared.init.get(family, "uniform_hidden"))
        init = make_init(with_options(declared, options), d.name)
        cols = None if seen.cols is None else settle(seen.cols)
        params.append(Param(name, settle(seen.rows), cols, blocks if cols else 1, init))
    return tuple(params)


def blocks_of(d: Definition, options: Mapping[str, Option], name: str) -> int:
    """How many diagonal blocks a parameter, or a state that is a matrix, has. Raises CellError."""
    raw = d.declared.blocks.get(name, d.declared.blocks.get(name.split(".")[0], 1))
    blocks = options.get(raw) if isinstance(raw, str) else raw
    if isinstance(blocks, bool) or not isinstance(blocks, int) or blocks < 1:
        near = nearest(raw, list(options)) if isinstance(raw, str) else ""
        d.fail(
            f"the blocks of {name} are {raw!r:.80}.{near}",
            "give a whole number of at least 1, or the name of an option that is one",
        )
    return blocks


def _names(tracer: Tracer, d: Definition, results: tuple[int, ...]) -> tuple[tuple[str, int], ...]:
    """Names that can be recorded, in the order of their nodes.

    A state's name is its new value. Of a name that is bound several times, the last binding has the
    name; those before it are numbered: ``a#1``, ``a#2``, then ``a``.
    """
    states = dict(zip(d.states, results, strict=True))
    arguments = (*d.inputs, *d.states)
    bindings = [
        (name, node)
        for name, node in tracer.bindings
        if not (name in arguments and tracer.builder.nodes[node].attr == name)
    ]
    last = dict(bindings) | states
    count: dict[str, int] = {}
    names: list[tuple[str, int]] = []
    for k, (name, node) in enumerate(bindings):
        count[name] = count.get(name, 0) + 1
        final = node == last[name] and (
            name in states or all(n != name for n, _ in bindings[k + 1 :])
        )
        if not final:
            names.append((f"{name}#{count[name]}", node))
        elif name not in states:
            names.append((name, node))
    return tuple(sorted([*names, *states.items()], key=lambda item: item[1]))
