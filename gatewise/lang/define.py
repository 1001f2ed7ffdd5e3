"""From a Python function to a Program: run it on symbols, settle the sizes, keep the names."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any, NoReturn

from gatewise.errors import CellError, GatewiseError, nearest
from gatewise.ir import ONE, Input, Node, Param, Program, Size, State, validate
from gatewise.lang.refusals import NAMES
from gatewise.lang.signature import Declarations as Declarations
from gatewise.lang.signature import Definition as Definition
from gatewise.lang.signature import InitLike as InitLike
from gatewise.lang.signature import Option as Option
from gatewise.lang.signature import SizeLike as SizeLike
from gatewise.lang.signature import define as define
from gatewise.lang.signature import make_init as make_init
from gatewise.lang.symbols import Parameters, Symbol
from gatewise.lang.tracer import Tracer


def trace(d: Definition, options: Mapping[str, Option]) -> Program:
    """Run the function on symbols and return its Program.

    Raises CellError, quoting the equation, for every malformed definition.
    """
    tracer = Tracer(d.name, d.code, d.states)
    sizes = _argument_sizes(tracer, d)
    args = [Symbol(tracer, tracer.builder.leaf("input", n, sizes[n])) for n in d.inputs]
    args += [Symbol(tracer, tracer.builder.leaf("state", n, sizes[n])) for n in d.states]
    families = {n: Parameters(tracer, n) for n in d.families}
    results = _run(tracer, d, args, {**families, **options})
    for name in d.families:
        if all(p.split(".")[0] != name for p in tracer.parameters):
            d.fail(
                f"the parameter family {name} is never used", f"remove {name} from the arguments"
            )
    _check_declared(tracer, d)
    results = _fit_states(tracer, d, sizes, results)
    return _program(tracer, d, options, sizes, results)


# --- before the run ---------------------------------------------------------------------------


def _argument_sizes(tracer: Tracer, d: Definition) -> dict[str, Size]:
    """A size for each input and state: declared, 1, or unknown."""
    letters = {d.inputs[0]: "I", **{n: f"I_{n}" for n in d.inputs[1:]}, d.states[0]: "H"}
    sizes: dict[str, Size] = {}
    for k, name in enumerate((*d.inputs, *d.states)):
        rank = 3 if name == d.states[0] else 2 if k == 0 else 1 if name in d.inputs else 0
        sizes[name] = ONE if name in d.declared.scalar else tracer.sizes.fresh(rank)
        for unknown in sizes[name].names:
            tracer.labels[unknown] = letters.get(name, f"the size of {name}")
    # in a declaration, H and I mean what they will stand for, unless that is declared itself
    meant = {letter: sizes[n] for n, letter in letters.items() if n not in d.declared.sizes}
    for name, declared in d.declared.sizes.items():
        size = Size.of(declared).substitute(meant)
        if name not in sizes:
            tracer.declared[name] = size
        elif not tracer.sizes.unify(sizes[name], size):
            d.fail(
                f"{name} is declared with size {declared}, but has {tracer.show(sizes[name])}",
                "change the declaration; a scalar input has size 1",
            )
    return sizes


# --- the run ----------------------------------------------------------------------------------


def _run(
    tracer: Tracer, d: Definition, args: list[Symbol], keywords: dict[str, Any]
) -> tuple[int, ...]:
    try:
        result = tracer.run(d.function, tuple(args), keywords)
    except CellError:
        raise
    except Exception as error:
        _explain(tracer, d, error)
    values = result if isinstance(result, tuple | list) else (result,)
    states = ", ".join(d.states)
    if result is None or len(values) != len(d.states):
        count = "nothing" if result is None else f"{len(values)} value(s)"
        tracer.fail(
            f"the function returns {count}, but has {len(d.states)} state(s): {states}",
            f"return the new states in the same order: return {states}",
            f"return {', '.join(map(_text, values))}"
            if result is not None
            else f"def {d.name}(...)",
        )
    for name, value in zip(d.states, values, strict=True):
        if isinstance(value, Parameters):
            tracer.fail(
                f"the returned {name} is the parameter {_text(value)}: it would never change",
                f"return the new value of {name}",
                f"return {', '.join(map(_text, values))}",
            )
    return tuple(tracer.lift(v, f"the returned {n}") for n, v in zip(d.states, values, strict=True))


def _text(value: Any) -> str:
    return value._text() if isinstance(value, Symbol | Parameters) else f"{value!r:.40}"


def _explain(tracer: Tracer, d: Definition, error: Exception) -> NoReturn:
    """Turn a Python error inside the equations into one that speaks of equations."""
    spot, trail = tracer.spot(), error.__traceback__
    inside = False
    while trail is not None:
        code = trail.tb_frame.f_code
        inside = inside or code is d.code
        if inside and code.co_filename == d.code.co_filename:
            spot = code, trail.tb_lineno
        trail = trail.tb_next
    fix = "see docs/language.md for what equations may contain"
    problem = str(error)
    if isinstance(error, NameError):
        near = nearest(str(getattr(error, "name", "")), [*NAMES, *d.inputs, *d.states, *d.families])
        fix = (
            f"import it from gatewise.lang if it is one of its functions ({', '.join(NAMES)}); "
            f"otherwise add it to the arguments.{near}"
        )
    elif isinstance(error, AttributeError) and isinstance(error.obj, Parameters | Symbol):
        fix = "leave it out: sizes are inferred, and the type is that of the module"
        fix = fix if error.name in ("shape", "dtype") else "give the parameter another name"
    elif not isinstance(error, TypeError | AttributeError):
        problem = f"{type(error).__name__}: {error}"
    try:
        tracer.fail(problem, fix, spot=spot)
    except CellError as complaint:
        raise complaint from error


def _check_declared(tracer: Tracer, d: Definition) -> None:
    """Everything that was declared by name must have been met."""
    local = [name for name, _ in tracer.bindings]
    parameters = list(tracer.parameters)
    members = [k for k in (*d.declared.init, *d.declared.blocks) if "." in k]
    for name in (*tracer.declared, *members):
        known = parameters if name in members else [*d.inputs, *d.states, *local, *parameters]
        if name not in known:
            d.fail(
                f"{name!r} is declared, but it is not in the equations.{nearest(name, known)}",
                f"they have {', '.join(dict.fromkeys(known))}",
            )


# --- after the run ----------------------------------------------------------------------------


def _fit_states(
    tracer: Tracer, d: Definition, sizes: dict[str, Size], results: tuple[int, ...]
) -> tuple[int, ...]:
    """Give each new state the size of the old one; a scalar is spread over its units."""
    for name, node in zip(d.states, results, strict=True):
        size = tracer.size(node)
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
        if tracer.size(node) != size:
            spread = tracer.builder.append(Node("repeat", (node,), size, None, size))
            tracer.bindings = [
                (n, spread if (n, k) == (name, node) else k) for n, k in tracer.bindings
            ]
            node = spread
        fitted.append(node)
    return tuple(fitted)


def _program(
    tracer: Tracer,
    d: Definition,
    options: Mapping[str, Option],
    sizes: dict[str, Size],
    results: tuple[int, ...],
) -> Program:
    letters = _letters(tracer, d, sizes)

    def settle(size: Size) -> Size:
        return tracer.sizes.resolve(size).substitute(letters)

    nodes = tuple(_settle_node(n, settle) for n in tracer.builder.nodes)
    for index, node in enumerate(nodes):
        if not node.size.names and (node.size.const < 1 or node.size.const.denominator != 1):
            d.fail(
                f"{tracer.describe(index)} comes out with size {node.size}",
                "look at repeat and at the declared sizes",
            )
    params = _params(tracer, d, options, settle)
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
            State(n, settle(sizes[n]), float(d.declared.initial.get(n, 0.0))) for n in d.states
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
            if size == Size(((unknown, Fraction(1)),)):
                letters.setdefault(unknown, Size(((letter, Fraction(1)),)))
    for node in tracer.builder.nodes:  # every size comes from an input, a state or a parameter
        for unknown in (
            tracer.sizes.unknowns(node.size) if node.op in ("input", "state", "param") else ()
        ):
            if unknown not in letters:
                what = str(node.attr)
                tracer.fail(
                    f"the size of {what} does not follow from the equations",
                    f"declare it: @gw.cell(sizes={{{what!r}: 'H'}}) or with a letter of its own",
                    what,
                    tracer.parameters[what].spot if node.op == "param" else None,
                )
    return letters


def _settle_node(node: Node, settle: Callable[[Size], Size]) -> Node:
    cols = None if node.cols is None else settle(node.cols)
    attr = settle(node.attr) if isinstance(node.attr, Size) else node.attr
    return replace(node, size=settle(node.size), cols=cols, attr=attr)


def _params(
    tracer: Tracer, d: Definition, options: Mapping[str, Option], settle: Callable[[Size], Size]
) -> tuple[Param, ...]:
    params = []
    for name, seen in tracer.parameters.items():
        family = name.split(".")[0]
        raw = d.declared.blocks.get(name, d.declared.blocks.get(family, 1))
        blocks = options.get(raw) if isinstance(raw, str) else raw
        if isinstance(blocks, bool) or not isinstance(blocks, int) or blocks < 1:
            d.fail(
                f"the blocks of {name} are {raw!r:.80}",
                "give a whole number of at least 1, or the name of an option that is one",
            )
        init = make_init(
            d.declared.init.get(name, d.declared.init.get(family, "uniform_hidden")), d.name
        )
        cols = None if seen.cols is None else settle(seen.cols)
        params.append(Param(name, settle(seen.rows), cols, blocks if cols else 1, init))
    return tuple(params)


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
