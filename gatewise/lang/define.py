"""From a Python function to a Program: read its signature, run it on symbols, settle the sizes."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, NoReturn

from gatewise.errors import CellError, GatewiseError, nearest
from gatewise.ir import ONE, Init, Input, Node, Param, Program, Size, State, validate
from gatewise.ir.node import INITS
from gatewise.lang.functions import NAMES
from gatewise.lang.symbols import Parameters, Symbol
from gatewise.lang.tracer import Tracer

Option = int | float | str
InitLike = float | str | tuple[Any, ...] | Init
SizeLike = str | int


@dataclass(frozen=True)
class Declarations:
    """What equations cannot say; the keywords of ``@gw.cell``."""

    static: tuple[str, ...] = ()
    scalar: tuple[str, ...] = ()
    initial: Mapping[str, float] = field(default_factory=dict)
    blocks: Mapping[str, int | str] = field(default_factory=dict)
    sizes: Mapping[str, SizeLike] = field(default_factory=dict)
    init: Mapping[str, InitLike] = field(default_factory=dict)


@dataclass(frozen=True)
class Definition:
    """A function with its declarations: what a Program is traced from."""

    function: Callable[..., Any]
    declared: Declarations
    inputs: tuple[str, ...]
    states: tuple[str, ...]
    families: tuple[str, ...]
    options: Mapping[str, Option]

    @property
    def name(self) -> str:
        return self.function.__name__


def define(function: Callable[..., Any], declared: Declarations) -> Definition:
    """Read the signature of a cell. Raises CellError for one that is not a cell's."""
    name, kinds = function.__name__, inspect.Parameter
    before: list[str] = []
    plain: list[str] = []
    families: list[str] = []
    options: dict[str, Option] = {}
    for item in inspect.signature(function).parameters.values():
        if item.kind in (kinds.VAR_POSITIONAL, kinds.VAR_KEYWORD):
            _fail(name, f"*{item.name} is not part of a cell", "name every input, state and family")
        if item.kind is kinds.KEYWORD_ONLY:
            if item.default is kinds.empty:
                families.append(item.name)
            elif isinstance(item.default, int | float | str):
                options[item.name] = item.default
            else:
                _fail(
                    name,
                    f"the option {item.name}={item.default!r} is a {type(item.default).__name__}",
                    "options are numbers, truth values or words",
                )
        elif item.default is not kinds.empty:
            _fail(
                name,
                f"{item.name}={item.default!r} is an input or state with a default",
                f"put options after the *; initial values are declared: "
                f"@gw.cell(initial={{'{item.name}': ...}})",
            )
        else:
            (before if item.kind is kinds.POSITIONAL_ONLY else plain).append(item.name)
    if not before and plain:
        before, plain = plain[:1], plain[1:]
    if not before:
        _fail(name, "the cell has no input", "write def cell(x, /, h, *, W, U, b)")
    if not plain:
        _fail(name, "the cell has no state: it is not recurrent",
              "name the states after the inputs: def cell(x, /, h, c, *, W, U, b)")  # fmt: skip
    definition = Definition(
        function, declared, tuple(before), tuple(plain), tuple(families), options
    )
    _check_declarations(definition)
    return definition


def _fail(name: str, problem: str, fix: str) -> NoReturn:
    raise CellError(f"cell {name}: {problem}\n  Fix: {fix}")


def _check_declarations(d: Definition) -> None:
    for keyword, names, known in (
        ("static", d.declared.static, d.inputs),
        ("scalar", d.declared.scalar, d.inputs),
        ("initial", d.declared.initial, d.states),
    ):
        for item in names:
            if item not in known:
                _fail(
                    d.name,
                    f"{keyword} names {item!r}, which is not one of {', '.join(known)}."
                    + nearest(item, list(known)),
                    "use the names of the function's arguments",
                )
    for keyword, names in (("blocks", d.declared.blocks), ("init", d.declared.init)):
        for item in names:
            if item.split(".")[0] not in d.families:
                _fail(
                    d.name,
                    f"{keyword} names {item!r}: there is no family {item.split('.')[0]!r}."
                    + nearest(item.split(".")[0], list(d.families)),
                    f"the families are {', '.join(d.families) or 'none'}",
                )
    for item, start in d.declared.initial.items():
        if not isinstance(start, int | float) or math.isnan(start):
            _fail(d.name, f"the state {item} starts at {start!r}", "give a number; infinities are allowed")


def trace(d: Definition, options: Mapping[str, Option]) -> Program:
    """Run the function on symbols and return its Program.

    Raises CellError, quoting the equation, for every malformed definition.
    """
    tracer = Tracer(d.name, d.function.__code__, d.states)
    sizes: dict[str, Size] = {}
    for k, name in enumerate(d.inputs):
        sizes[name] = ONE if name in d.declared.scalar else tracer.sizes.fresh(rank=2 if k == 0 else 1)
        _label(tracer, sizes[name], "I" if k == 0 else f"I_{name}")
    for k, name in enumerate(d.states):
        sizes[name] = tracer.sizes.fresh(rank=3 if k == 0 else 0)
        _label(tracer, sizes[name], "H" if k == 0 else f"the size of {name}")
    for name, declared in d.declared.sizes.items():
        if name in sizes and not tracer.sizes.unify(sizes[name], Size.of(declared)):
            _fail(d.name, f"{name} is declared with size {declared}", "a scalar input has size 1")
    args = [Symbol(tracer, tracer.builder.leaf("input", n, sizes[n])) for n in d.inputs]
    args += [Symbol(tracer, tracer.builder.leaf("state", n, sizes[n])) for n in d.states]
    families = {n: Parameters(tracer, n) for n in d.families}
    results = _run(tracer, d, args, {**families, **options})
    for name, family in families.items():
        if not family.used:
            _fail(d.name, f"the parameter family {name} is never used", f"remove {name} from the arguments")
    return _finish(tracer, d, options, sizes, results)


def _label(tracer: Tracer, size: Size, text: str) -> None:
    for name in size.names:
        tracer.labels[name] = text


def _run(
    tracer: Tracer, d: Definition, args: list[Symbol], keywords: dict[str, Any]
) -> tuple[int, ...]:
    try:
        result = tracer.run(d.function, tuple(args), keywords)
    except GatewiseError:
        raise
    except (NameError, TypeError, AttributeError, ValueError, ArithmeticError) as error:
        _explain(tracer, d, error)
    values = result if isinstance(result, tuple | list) else (result,)
    states = ", ".join(d.states)
    if result is None or len(values) != len(d.states):
        count = "nothing" if result is None else f"{len(values)} value(s)"
        _fail(
            d.name,
            f"the function returns {count}, but has {len(d.states)} state(s): {states}",
            f"return the new states in the same order: return {states}",
        )
    return tuple(
        tracer.lift(v, f"the returned {n}") for n, v in zip(d.states, values, strict=True)
    )


def _explain(tracer: Tracer, d: Definition, error: Exception) -> NoReturn:
    """Turn a Python error inside the equations into one that speaks of equations."""
    trail, place = error.__traceback__, ""
    while trail is not None:
        if trail.tb_frame.f_code is d.function.__code__:
            import linecache
            import os

            path = trail.tb_frame.f_code.co_filename
            text = linecache.getline(path, trail.tb_lineno).strip()
            place = f"{os.path.basename(path)} line {trail.tb_lineno}" + (f":\n    {text}" if text else "")
        trail = trail.tb_next
    fix = "see docs/language.md for what equations may contain"
    if isinstance(error, NameError):
        fix = (
            f"import it from gatewise.lang if it is one of its functions "
            f"({', '.join(NAMES)}); otherwise add it to the arguments."
            f"{nearest(str(getattr(error, 'name', '')), [*NAMES, *d.inputs, *d.states, *d.families])}"
        )
    raise CellError(f"cell {d.name}, {place}\n  {error}\n  Fix: {fix}") from None


def _finish(
    tracer: Tracer,
    d: Definition,
    options: Mapping[str, Option],
    sizes: dict[str, Size],
    results: tuple[int, ...],
) -> Program:
    for name, node in zip(d.states, results, strict=True):
        made = tracer.size(node)
        if made != ONE and not tracer.sizes.unify(sizes[name], made):
            _fail(
                d.name,
                f"sizes cannot be unified: the state {name} has size {tracer.show(sizes[name])}, "
                f"the returned {tracer.describe(node)} has size {tracer.show(made)}",
                "bring it to the size of the state with a matrix, or declare sizes={...}",
            )
    _declared_sizes(tracer, d)
    letters = _letters(tracer, d, sizes)

    def settle(size: Size) -> Size:
        return tracer.sizes.resolve(size).substitute(letters)

    nodes = tuple(_settle_node(n, settle) for n in tracer.builder.nodes)
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
    return validate(program)


def _declared_sizes(tracer: Tracer, d: Definition) -> None:
    """Sizes declared for parameters (``"b.x"``) and for quantities by their local name."""
    local = {name: node for name, node in tracer.bindings if name not in (*d.inputs, *d.states)}
    for name, declared in d.declared.sizes.items():
        if name in (*d.inputs, *d.states):
            continue
        if name in tracer.parameters:
            size = tracer.parameters[name].rows
        elif name in local:
            size = tracer.builder.nodes[local[name]].size
        else:
            known = [*d.inputs, *d.states, *local, *tracer.parameters]
            _fail(
                d.name,
                f"sizes names {name!r}, which is not a quantity of the cell.{nearest(name, known)}",
                f"it has {', '.join(known)}",
            )
        if not tracer.sizes.unify(size, Size.of(declared)):
            _fail(
                d.name,
                f"{name} is declared with size {declared}, but the equations give it "
                f"{tracer.show(size)}",
                "change the declaration or the equations",
            )


def _letters(tracer: Tracer, d: Definition, sizes: dict[str, Size]) -> dict[str, Size]:
    """Letters for the sizes that stay free: H, I, I_name; anything else is undetermined."""
    letters: dict[str, Size] = {}
    for name in (d.states[0], *d.inputs):
        for unknown in tracer.sizes.unknowns(sizes[name]):
            letter = "H" if name == d.states[0] else "I" if name == d.inputs[0] else f"I_{name}"
            letters.setdefault(unknown, Size(((letter, Fraction(1)),)))
    for node_index, node in enumerate(tracer.builder.nodes):
        for size in (node.size, node.cols or ONE):
            for unknown in tracer.sizes.unknowns(size):
                if unknown not in letters:
                    what = str(node.attr) if node.op in ("param", "state") else tracer.describe(node_index)
                    _fail(
                        d.name,
                        f"the size of {what} does not follow from the equations "
                        f"({tracer.labels.get(unknown, 'it is free')})",
                        f"declare it: @gw.cell(sizes={{{what!r}: 'H'}}) or with a letter of its own",
                    )
    return letters


def _settle_node(node: Node, settle: Callable[[Size], Size]) -> Node:
    cols = None if node.cols is None else settle(node.cols)
    attr = settle(node.attr) if isinstance(node.attr, Size) else node.attr
    return replace(node, size=settle(node.size), cols=cols, attr=attr)


def _params(
    tracer: Tracer, d: Definition, options: Mapping[str, Option], settle: Callable[[Size], Size]
) -> tuple[Param, ...]:
    unknown = [k for k in d.declared.init if "." in k and k not in tracer.parameters]
    unknown += [k for k in d.declared.blocks if "." in k and k not in tracer.parameters]
    if unknown:
        known = list(tracer.parameters)
        _fail(d.name, f"{unknown[0]!r} is declared but never used.{nearest(unknown[0], known)}",
              f"the parameters are {', '.join(known)}")  # fmt: skip
    params = []
    for name, seen in tracer.parameters.items():
        family = name.split(".")[0]
        raw = d.declared.blocks.get(name, d.declared.blocks.get(family, 1))
        blocks = options.get(raw) if isinstance(raw, str) else raw
        if seen.cols is None:
            blocks = 1
        if isinstance(blocks, bool) or not isinstance(blocks, int) or blocks < 1:
            _fail(d.name, f"the blocks of {name} are {raw!r}",
                  "give a whole number of at least 1, or the name of an option that is one")  # fmt: skip
        init = make_init(d.declared.init.get(name, d.declared.init.get(family, "uniform_hidden")), d.name)
        cols = None if seen.cols is None else settle(seen.cols)
        params.append(Param(name, settle(seen.rows), cols, blocks, init))
    return tuple(params)


def make_init(value: InitLike, cell: str = "") -> Init:
    """An initialisation from a number, a word ("orthogonal") or a tuple ("uniform", -1, 1).

    Raises CellError for an unknown word or a wrong number of arguments.
    """
    if isinstance(value, Init):
        made = value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        made = Init("constant", (float(value),))
    elif isinstance(value, str):
        made = Init("orthogonal", (1.0,)) if value == "orthogonal" else Init(value)
    else:
        kind, *args = value
        made = Init(kind, tuple(a if isinstance(a, str) else float(a) for a in args))
    if made.kind not in INITS or len(made.args) != INITS[made.kind][0]:
        table = "; ".join(f"{k} ({n} argument(s)): {what}" for k, (n, what) in INITS.items())
        _fail(cell, f"{value!r} is not an initialisation.{nearest(str(made.kind), list(INITS))}", table)
    return made


def _names(tracer: Tracer, d: Definition, results: tuple[int, ...]) -> tuple[tuple[str, int], ...]:
    """Names that can be recorded. A state's name is its new value; an earlier binding of a name that
    is bound again gets a number: ``a#1``, then ``a``."""
    states = dict(zip(d.states, results, strict=True))
    bindings: list[tuple[str, int]] = []
    for name, node in tracer.bindings:
        argument = tracer.builder.nodes[node].op in ("input", "state")
        if not (argument and name in (*d.inputs, *d.states)):
            bindings.append((name, node))
    names: list[tuple[str, int]] = []
    for k, (name, node) in enumerate(bindings):
        last = all(later != name for later, _ in bindings[k + 1 :])
        if name in states and (node == states[name] or not last):
            last = False
        if name in states and node == states[name]:
            continue
        earlier = sum(1 for other, _ in bindings[:k] if other == name)
        names.append((name if last and name not in states else f"{name}#{earlier + 1}", node))
    return tuple(sorted([*names, *states.items()], key=lambda item: item[1]))
