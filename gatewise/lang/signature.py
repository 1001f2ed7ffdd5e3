"""What the signature and the decorator of a cell say, read and checked before it is traced."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import CodeType
from typing import Any, NoReturn

from gatewise.errors import CellError, SizeError, nearest
from gatewise.ir import Init, Size
from gatewise.ir.node import INITS
from gatewise.ir.spec import LARGEST, init_problem
from gatewise.lang.source import header, refuse

INFINITE = (math.inf, -math.inf)
Option = int | float | str
InitLike = float | str | tuple[Any, ...] | Init
SizeLike = str | int | tuple[str | int, str | int]  # a pair: rows and columns


@dataclass(frozen=True)
class Declarations:
    """What equations cannot say; the keywords of ``@gw.cell``."""

    static: Sequence[str] = ()
    scalar: Sequence[str] = ()
    initial: Mapping[str, float] = field(default_factory=dict)
    blocks: Mapping[str, int | str] = field(default_factory=dict)
    sizes: Mapping[str, SizeLike] = field(default_factory=dict)
    init: Mapping[str, InitLike] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises CellError for keywords of a wrong type."""
        for keyword in ("static", "scalar"):
            declared = getattr(self, keyword)
            if not isinstance(declared, Sequence) or not all(isinstance(n, str) for n in declared):
                raise CellError(f"@gw.cell: {keyword} must be names\n  Fix: {keyword}=('t',)")
        for keyword, like in _KEYWORDS.items():
            declared = getattr(self, keyword)
            if not isinstance(declared, Mapping) or not all(
                isinstance(key, str) for key in declared
            ):
                raise CellError(
                    f"@gw.cell: {keyword} must be a dict by name\n  Fix: {keyword}={like}"
                )


_KEYWORDS = {
    "initial": "{'m': float('-inf')}",
    "blocks": "{'U': 4}",
    "sizes": "{'h': 'P'}",
    "init": "{'b.f': 1.0}",
}


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

    @property
    def code(self) -> CodeType:
        """The code of the equations, below any wrappers."""
        return code_of(self.function)

    def fail(self, problem: str, fix: str) -> NoReturn:
        """Raise CellError about the definition as a whole, quoting its first line."""
        fail(self.function, problem, fix)


def code_of(function: Callable[..., Any]) -> CodeType:
    """The code of a function, below any wrappers."""
    code: CodeType = inspect.unwrap(function).__code__
    return code


def fail(function: Callable[..., Any], problem: str, fix: str) -> NoReturn:
    """Raise CellError about a function, quoting its ``def``."""
    name, code = function.__name__, code_of(function)
    refuse(name, code, header(code), problem, fix, f"def {name}{inspect.signature(function)}")


def define(function: Callable[..., Any], declared: Declarations) -> Definition:
    """Read the signature of a cell. Raises CellError for one that is not a cell's."""
    if inspect.isgeneratorfunction(function) or inspect.iscoroutinefunction(function):
        fail(function, "a generator or coroutine states no equations", "use def and return")
    kinds = inspect.Parameter
    before: list[str] = []
    plain: list[str] = []
    families: list[str] = []
    options: dict[str, Option] = {}
    for item in inspect.signature(function).parameters.values():
        if item.kind in (kinds.VAR_POSITIONAL, kinds.VAR_KEYWORD):
            fail(function, f"{item} is not part of a cell", "name every input, state and family")
        if item.kind is kinds.KEYWORD_ONLY:
            if item.default is kinds.empty:
                families.append(item.name)
            else:
                options[item.name] = item.default
        elif item.default is not kinds.empty:
            fail(
                function,
                f"{item.name}={item.default!r} is an input or state with a default",
                f"put options after the *; initial values are declared: "
                f"@gw.cell(initial={{'{item.name}': ...}})",
            )
        else:
            (before if item.kind is kinds.POSITIONAL_ONLY else plain).append(item.name)
    if not before and plain:
        before, plain = plain[:1], plain[1:]
    if not before:
        fail(function, "the cell has no input", "write def cell(x, /, h, *, W, U, b)")
    if not plain:
        fail(
            function,
            "the cell has no state: it is not recurrent",
            "name the states after the inputs: def cell(x, /, h, c, *, W, U, b)",
        )
    definition = Definition(
        function, declared, tuple(before), tuple(plain), tuple(families), options
    )
    check_options(definition, options)
    _check_declarations(definition)
    return definition


def check_options(d: Definition, options: Mapping[str, Any]) -> None:
    """Raises CellError for an option that is no number, truth value or word."""
    for name, value in options.items():
        if not isinstance(value, int | float | str):
            d.fail(
                f"the option {name}={value!r:.80} is a {type(value).__name__}",
                "options are numbers, truth values or words",
            )


def _check_declarations(d: Definition) -> None:
    declared = d.declared
    for keyword, names, known in (
        ("static", declared.static, d.inputs),
        ("scalar", declared.scalar, d.inputs),
        ("initial", declared.initial, d.states),
    ):
        _check_names(d, keyword, names, known, f"it has {', '.join(known)}")
    for keyword, by_name in (("blocks", declared.blocks), ("init", declared.init)):
        fix = f"the families are {', '.join(d.families) or 'none'}"
        matrices = d.states if keyword == "blocks" else ()
        named = [n.split(".")[0] for n in by_name]
        _check_names(d, keyword, named, (*d.families, *matrices), fix)
    for item, start in declared.initial.items():
        if not isinstance(start, int | float) or not (abs(start) <= LARGEST or start in INFINITE):
            d.fail(
                f"the state {item} starts at {start!r:.80}",
                f"give a number of at most {LARGEST:g}; infinities are allowed",
            )
    for item, size in declared.sizes.items():
        may_be_matrix = item.split(".")[0] in d.families or item in d.states[1:]
        if isinstance(size, tuple) and (len(size) != 2 or not may_be_matrix):
            two_axes = [*d.families, *d.states[1:]]
            near = "" if may_be_matrix else nearest(item, two_axes)
            d.fail(
                f"sizes: {item} is declared as {size!r:.80}.{near}",
                "a pair of rows and columns is for a parameter or a state that is a matrix "
                f"({', '.join(two_axes) or 'there is none'}): sizes={{'A': ('H', 'K')}}",
            )
        try:
            for one in axes_of(size):
                Size.of(one)
        except SizeError as error:
            d.fail(f"sizes: {item}: {error}", "sizes={'h': 'P', 'c': '2*H', 'k': 1}")
    for item, init in declared.init.items():
        problem = _read_init(with_options(init, d.options))[1]
        if problem:
            d.fail(f"init: {item}: {problem}", INIT_TABLE)


def axes_of(size: SizeLike) -> tuple[str | int, ...]:
    """The sizes of a declaration: one, or rows and columns."""
    return size if isinstance(size, tuple) else (size,)


def _check_names(
    d: Definition, keyword: str, names: Iterable[str], known: tuple[str, ...], fix: str
) -> None:
    for name in names:
        if name not in known:
            near = nearest(name, list(known))
            d.fail(f"{keyword} names {name!r}, which is not an argument of that kind.{near}", fix)


INIT_TABLE = "one of " + "; ".join(
    f"{kind} ({count} argument(s)): {what}" for kind, (count, what) in INITS.items()
)


def with_options(value: InitLike, options: Mapping[str, Option]) -> InitLike:
    """An initialisation with numbers in place of options: the parts of ``("power_law", 5, -7, 0.3, "heads")``."""
    if not isinstance(value, tuple) or not value or value[0] != "power_law":
        return value
    filled = value if len(value) > 4 else (*value, 1)
    return tuple(options.get(v, v) if isinstance(v, str) else v for v in filled)


def make_init(value: InitLike, cell: str = "") -> Init:
    """An initialisation from a number, a word ("orthogonal") or a tuple ("uniform", -1, 1).

    Raises CellError for an unknown word or wrong arguments.
    """
    init, problem = _read_init(with_options(value, {}))
    if problem:
        raise CellError(f"cell {cell}: {problem}\n  Fix: {INIT_TABLE}")
    return init


def _read_init(value: Any) -> tuple[Init, str]:
    """An initialisation, or what is wrong with it."""
    if isinstance(value, Init):
        init = value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        init = Init("constant", (float(value),))
    elif isinstance(value, str):
        init = Init(value, (1.0,) if value in ("orthogonal", "identity") else ())
    elif isinstance(value, tuple) and value and isinstance(value[0], str):
        try:
            args = [a if isinstance(a, str) else float(a) for a in value[1:] if _is_argument(a)]
        except OverflowError:
            return Init(), f"{value!r:.80} has a number that no float holds"
        init = Init(value[0], tuple(args))
    else:
        return Init(), f"{value!r:.80} is not an initialisation"
    if init.kind not in INITS:
        near = nearest(init.kind, list(INITS))
        return init, f"{value!r:.80} is not an initialisation.{near}"
    problem = init_problem(init)
    return init, f"{value!r:.80} has wrong arguments: {problem}" if problem else ""


def _is_argument(value: Any) -> bool:
    return isinstance(value, int | float | str) and not isinstance(value, bool)
