"""From a Python function to a Program: run it on symbols, settle the sizes, keep the names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NoReturn

from gatewise.errors import CellError, nearest
from gatewise.ir import ONE, Program, Size
from gatewise.lang.families import Parameters
from gatewise.lang.refusals import NAMES
from gatewise.lang.settle import blocks_of, fit_states, program_of
from gatewise.lang.signature import Declarations as Declarations
from gatewise.lang.signature import Definition as Definition
from gatewise.lang.signature import InitLike as InitLike
from gatewise.lang.signature import Option as Option
from gatewise.lang.signature import SizeLike as SizeLike
from gatewise.lang.signature import axes_of
from gatewise.lang.signature import define as define
from gatewise.lang.signature import make_init as make_init
from gatewise.lang.symbols import Symbol
from gatewise.lang.tracer import Tracer

_PYTHONS = re.compile(r"argument for (sum|max|min)\(\)")
_QUOTED = re.compile(r"'(\w+)'")
_AXES = ("axis", "dim", "keepdim", "keepdims")  # what functions of arrays take


def trace(d: Definition, options: Mapping[str, Option]) -> Program:
    """Run the function on symbols and return its Program.

    Raises CellError, quoting the equation, for every malformed definition.
    """
    tracer, sizes, results = _traced(d, options, None)
    if tracer.matrices.met:
        tracer, sizes, results = _with_matrices(d, options, tracer, results)
    for name in d.families:
        if all(p.split(".")[0] != name for p in tracer.parameters):
            d.fail(
                f"the parameter family {name} is never used", f"remove {name} from the arguments"
            )
    if options == d.options:  # others may leave out what has a declaration
        _check_declared(tracer, d)
    _check_matrices(d, _returned_matrices(tracer, d, results))
    results = fit_states(tracer, d, sizes, results)
    return program_of(tracer, d, options, sizes, results)


Traced = tuple[Tracer, dict[str, Size], tuple[int, ...]]  # what ran, sizes of arguments, new states


def _traced(
    d: Definition, options: Mapping[str, Option], matrices: frozenset[str] | None
) -> Traced:
    """Run the function once; ``matrices``: the states that are some, None if that is not known yet."""
    tracer = Tracer(d.name, d.code, d.states, probing=matrices is None)
    sizes = _argument_sizes(tracer, d, options, matrices or frozenset())
    results = _run(tracer, d, _arguments(tracer, d, sizes, matrices or frozenset()), options)
    return tracer, sizes, results


def _with_matrices(
    d: Definition, options: Mapping[str, Option], tracer: Tracer, results: tuple[int, ...]
) -> Traced:
    """Run it again, now that it is known which states are matrices: those for which one is returned, and
    those that stand before ``@``. Another state may take the value of one, so there can be a third run."""
    applied = tracer.matrices.applied
    returned = _returned_matrices(tracer, d, results)
    matrices: frozenset[str] | None = None
    while matrices is None or not returned <= matrices:
        matrices = frozenset({*returned, *applied, *(matrices or ())})
        try:
            tracer, sizes, results = _traced(d, options, matrices)
        except CellError:
            for name in applied:
                if name not in returned:
                    raise applied[name] from None
            raise
        returned = _returned_matrices(tracer, d, results)
    for name in applied:
        if name not in returned:
            raise applied[name]
    return tracer, sizes, results


# --- before the run ---------------------------------------------------------------------------


def _arguments(
    tracer: Tracer, d: Definition, sizes: Mapping[str, Size], matrices: frozenset[str]
) -> list[Symbol]:
    """A symbol for each input and state."""
    args = [Symbol(tracer, tracer.builder.leaf("input", n, sizes[n])) for n in d.inputs]
    for name in d.states:
        node = tracer.builder.leaf("state", name, sizes[name])
        if name in matrices:
            tracer.matrices.hold(node, sizes[name])
        args.append(Symbol(tracer, node))
    return args


def _returned_matrices(tracer: Tracer, d: Definition, results: tuple[int, ...]) -> frozenset[str]:
    """States for which a matrix is returned."""
    return frozenset(n for n, k in zip(d.states, results, strict=True) if k in tracer.matrices)


def _check_matrices(d: Definition, matrices: frozenset[str]) -> None:
    """The output is a vector, and only matrices are block-diagonal."""
    if d.states[0] in matrices:
        d.fail(
            f"the first state, {d.states[0]}, is the output, and a matrix",
            f"return a vector first, such as {d.states[0]} @ q, and name a state for it before "
            f"{d.states[0]}",
        )
    for name in d.states:
        if name not in matrices and name in d.declared.blocks:
            d.fail(f"blocks: the state {name} is no matrix", f"leave {name} out of blocks")
        if name not in matrices and isinstance(d.declared.sizes.get(name), tuple):
            d.fail(
                f"{name} is declared with rows and columns, but no matrix is returned for it",
                f"return a matrix, or declare one size: sizes={{{name!r}: 'K'}}",
            )


def _argument_sizes(
    tracer: Tracer, d: Definition, options: Mapping[str, Option], matrices: frozenset[str]
) -> dict[str, Size]:
    """A size for each input and state: declared, 1, or unknown."""
    letters = {d.inputs[0]: "I", **{n: f"I_{n}" for n in d.inputs[1:]}, d.states[0]: "H"}
    sizes: dict[str, Size] = {}
    for k, name in enumerate((*d.inputs, *d.states)):
        if name in matrices:
            sizes[name] = tracer.matrices.state(name, _blocks(d, options, name))
            continue
        rank = 3 if name == d.states[0] else 2 if k == 0 else 1 if name in d.inputs else 0
        sizes[name] = ONE if name in d.declared.scalar else tracer.sizes.fresh(rank)
        for unknown in sizes[name].names:
            tracer.labels[unknown] = letters.get(name, f"the size of {name}")
    # in a declaration, H and I mean what they will stand for, unless that is declared itself
    meant = {letter: sizes[n] for n, letter in letters.items() if n not in d.declared.sizes}
    counts = {n: k for n, k in options.items() if type(k) is int and k > 0}
    meant |= {n: Size.of(k) for n, k in counts.items()}
    tracer.letters = dict(meant)
    for name, declared in d.declared.sizes.items():
        axes = [Size.of(one).substitute(meant) for one in axes_of(declared)]
        for size in axes:
            tracer.letters |= {n: Size.of(n) for n in size.names if not n.startswith("?")}
        if len(axes) == 2 and name in d.states:
            tracer.matrices.declare(name, sizes[name], axes[0], axes[1])
            continue
        if len(axes) == 2:
            tracer.parameters.shapes[name] = (axes[0], axes[1])
            continue
        (size,) = axes
        if name in matrices:
            d.fail(
                f"{name} is a matrix: it has no single size",
                f"declare its rows and columns: sizes={{{name!r}: ('H', 'K')}}",
            )
        if name not in sizes:
            tracer.declared[name] = size
        elif not tracer.sizes.unify(sizes[name], size):
            d.fail(
                f"{name} is declared with size {declared}, but has {tracer.show(sizes[name])}",
                "change the declaration; a scalar input has size 1",
            )
    tracer.letters = {letter: sizes[n] for n, letter in letters.items()} | tracer.letters
    return sizes


def _blocks(d: Definition, options: Mapping[str, Option], state: str) -> Size:
    """The diagonal blocks of a matrix state."""
    return Size.of(blocks_of(d, options, state))


# --- the run ----------------------------------------------------------------------------------


def _run(
    tracer: Tracer, d: Definition, args: list[Symbol], options: Mapping[str, Option]
) -> tuple[int, ...]:
    families = {n: Parameters(tracer, n) for n in d.families}
    try:
        result = tracer.run(d.function, tuple(args), {**families, **options})
    except CellError:
        raise
    except Exception as error:
        _explain(tracer, d, error)
    values = result if isinstance(result, tuple | list) else (result,)
    states = ", ".join(d.states)
    if result is None or len(values) != len(d.states):
        count = "nothing" if result is None else f"{len(values)} value(s)"
        count = "a dict" if isinstance(result, dict) else count
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
        fix = _unknown_name(d, error)
    elif isinstance(error, AttributeError) and isinstance(error.obj, Parameters | Symbol):
        fix = "leave it out: sizes are inferred, and the type is that of the module"
        fix = fix if error.name in ("shape", "dtype") else "give the parameter another name"
    elif isinstance(error, TypeError) and (own := _PYTHONS.search(problem)):
        fix = f"this is Python's: from gatewise.lang import {own[1]}"
    elif isinstance(error, TypeError) and any(f"argument '{w}'" in problem for w in _AXES):
        fix = 'leave it out: vectors have one axis; of a matrix of the step write by="rows" or by="columns"'
    elif not isinstance(error, TypeError | AttributeError):
        problem = f"{type(error).__name__}: {error}"
    try:
        tracer.fail(problem, fix, spot=spot)
    except CellError as complaint:
        raise complaint from error


def _unknown_name(d: Definition, error: NameError) -> str:
    """What to write for a name that Python does not know."""
    words = _QUOTED.search(str(error))
    name = words[1] if words else ""
    if isinstance(error, UnboundLocalError):
        return (
            f"{name} has no value above this line; if it is a state, name it after the / and return it: "
            f"def {d.name}({', '.join(d.inputs)}, /, {', '.join((*d.states, name))}, ...)"
        )
    if name in NAMES:
        return f"from gatewise.lang import {name}"
    near = nearest(name, [*d.inputs, *d.states, *d.families, *NAMES])
    if near:
        return f"look at the spelling, or add {name} to the arguments.{near}"
    return (
        f"add {name} to the arguments, or import it; the functions of gatewise.lang are "
        f"{', '.join(NAMES)}"
    )


def _check_declared(tracer: Tracer, d: Definition) -> None:
    """Everything that was declared by name must have been met."""
    local = [name for name, _ in tracer.bindings]
    parameters = list(tracer.parameters)
    members = [k for k in (*d.declared.init, *d.declared.blocks) if "." in k]
    for name in (*tracer.declared, *tracer.parameters.shapes, *members):
        known = [*d.inputs, *d.states, *local, *parameters]
        known = parameters if name in members else [*known, *d.families]
        if name not in known:
            d.fail(
                f"{name!r} is declared, but it is not in the equations.{nearest(name, known)}",
                f"they have {', '.join(n for n in dict.fromkeys(known) if n not in d.families or n in parameters)}",
            )
