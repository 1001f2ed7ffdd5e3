"""The cell: a Program with the definition it came from, and the decorator that makes one."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, overload

from gatewise.errors import CellError, InputError, nearest
from gatewise.ir import Program, from_json, to_json, validate_cell
from gatewise.ir.equations import equations
from gatewise.lang.define import trace
from gatewise.lang.signature import (
    Declarations,
    Definition,
    InitLike,
    Option,
    SizeLike,
    check_options,
    define,
    make_init,
)

_ROWS, _WIDTH = 60, 200  # equations of a cell that are printed, and characters of each


@dataclass(frozen=True, repr=False)
class Cell:
    """A recurrent cell. Equal if its Program is. Printed, it shows its equations.

    ``program`` is its training form: random masks are inputs. Cells come from ``@gw.cell``, from the
    catalogue ``gw.cells``, from the combinators, or from a file.
    """

    program: Program
    definition: Definition | None = field(default=None, compare=False)
    options: Mapping[str, Option] = field(default_factory=dict, compare=False)

    @property
    def name(self) -> str:
        """The name of the function or combinator that made it."""
        return self.program.name

    @property
    def doc(self) -> str:
        """Description and citation."""
        return self.program.doc

    @property
    def names(self) -> tuple[str, ...]:
        """The quantities of the equations that can be recorded at every step."""
        return tuple(name for name, _ in self.program.names)

    @property
    def equations(self) -> tuple[tuple[str, str], ...]:
        """Its equations as (left side, right side); a state's new value has a prime.

        What is normalised together is one: ``("i, f", "norm(W.i @ x, W.f @ x)")``.
        """
        return tuple(equations(self.program))

    def __repr__(self) -> str:
        p = self.program
        families = dict.fromkeys(param.name.split(".")[0] for param in p.trainable)
        options = [f"{name}={value!r}" for name, value in self.options.items()]
        inputs, states = ", ".join(i.name for i in p.inputs), ", ".join(s.name for s in p.states)
        keywords = "".join(f", {word}" for word in ("*", *families, *options))
        rows = [f"    {left} = {right}" for left, right in self.equations]
        if len(rows) > _ROWS:
            rows[_ROWS:] = [f"    ... {len(rows) - _ROWS} more"]
        rows = [row if len(row) <= _WIDTH else f"{row[:_WIDTH]} ..." for row in rows]
        head = f"{self.name}({inputs}, /, {states}{keywords if families or options else ''})"
        more = [] if len(self.names) <= _ROWS else ["..."]
        return "\n".join([head, *rows, " ".join(["names:", *self.names[:_ROWS], *more])])

    def __call__(self, /, **options: Option) -> Cell:
        """The same cell with other options, such as ``gw.cells.slstm(heads=4)``.

        Raises CellError for an option that the cell does not have.
        """
        if self.definition is None:
            raise CellError(
                f"{self.name} was combined or loaded: its options are settled\n"
                "  Fix: choose options before combining, saving or renaming"
            )
        known = dict(self.definition.options)
        for name in options:
            if name not in known:
                raise CellError(
                    f"{self.name} has no option {name!r}.{nearest(name, list(known))}\n"
                    f"  Fix: {'its options are ' + ', '.join(f'{k}={v!r}' for k, v in known.items()) if known else 'it has none'}"
                )
        chosen = {**known, **self.options, **options}
        check_options(self.definition, options)
        return Cell(trace(self.definition, chosen), self.definition, chosen)

    def with_init(self, init: Mapping[str, InitLike]) -> Cell:
        """The same cell with other initial values, by parameter (``"b.f"``) or family (``"U"``).

        Raises CellError for an unknown parameter or initialisation.
        """
        names = [p.name for p in self.program.trainable]
        families = sorted({n.split(".")[0] for n in names})
        for key in init:
            if key not in names and key not in families:
                raise CellError(
                    f"{self.name} has no parameter {key!r}.{nearest(key, [*names, *families])}\n"
                    f"  Fix: its parameters are {', '.join(names)}"
                )
        params = []
        for p in self.program.params:
            chosen = init.get(p.name, init.get(p.name.split(".")[0]))
            params.append(p if chosen is None else replace(p, init=make_init(chosen, self.name)))
        return Cell(replace(self.program, params=tuple(params)))

    def with_name(self, name: str, doc: str | None = None) -> Cell:
        """The same cell under another name."""
        changed = replace(self.program, name=name, doc=self.doc if doc is None else doc)
        return Cell(changed)

    def parameter_count(self, /, **sizes: int) -> int:
        """Number of trainable values, such as ``gw.cells.lstm.parameter_count(I=4, H=8)``."""
        return self.program.parameter_count(**sizes)

    def to_json(self, indent: int | None = None) -> str:
        """The cell as data: JSON of its Program, which needs none of the Python that made it."""
        return to_json(self.program, indent)

    def __reduce__(self) -> tuple[Callable[[str], Cell], tuple[str]]:
        """Copies for other processes are made from its Program: the function behind it has no name there."""
        return load_cell, (self.to_json(),)

    def save(self, path: str | Path) -> None:
        """Write ``to_json`` to a file."""
        Path(path).write_text(self.to_json(indent=1) + "\n", encoding="utf-8")


def load_cell(source: str | bytes | Path) -> Cell:
    """A cell from the JSON of its Program, or from a file that holds it.

    Raises ProgramError if it is damaged, hostile, of another schema or no cell (a derivative is
    none), InputError if there is no such file. Nothing in it is ever executed.
    """
    if isinstance(source, Path) or (isinstance(source, str) and "{" not in source):
        try:
            source = Path(source).read_bytes()
        except OSError as error:
            raise InputError(f"cannot read the cell {source!s:.200}: {error.strerror}") from None
        except ValueError as error:  # a name that no file can have
            raise InputError(f"cannot read the cell {source!r:.80}: {error}") from None
    return Cell(validate_cell(from_json(source)))


@overload
def cell(function: Callable[..., Any], /) -> Cell: ...
@overload
def cell(
    *,
    static: Sequence[str] | str = (),
    scalar: Sequence[str] | str = (),
    initial: Mapping[str, float] | None = None,
    blocks: Mapping[str, int | str] | None = None,
    sizes: Mapping[str, SizeLike] | None = None,
    init: Mapping[str, InitLike] | None = None,
) -> Callable[[Callable[..., Any]], Cell]: ...
def cell(
    function: Callable[..., Any] | None = None,
    /,
    *,
    static: Sequence[str] | str = (),
    scalar: Sequence[str] | str = (),
    initial: Mapping[str, float] | None = None,
    blocks: Mapping[str, int | str] | None = None,
    sizes: Mapping[str, SizeLike] | None = None,
    init: Mapping[str, InitLike] | None = None,
) -> Cell | Callable[[Callable[..., Any]], Cell]:
    """Make a cell of a function that states its equations. ``docs/language.md`` teaches the language.

    Args:
        static: inputs with one value for a whole sequence, shape [B, S].
        scalar: inputs with one value a step, shape [T, B, 1], that meets every unit (time).
        initial: what states start from if not zero; minus infinity is allowed.
        blocks: families or members whose matrices are block-diagonal (heads): how many blocks, or
            the name of the option that says so.
        sizes: sizes by name of input, state, parameter, family or local quantity: a letter of its own
            (``{"h": "P"}``), an expression (``"2*H"``) or a number.
        init: how parameters start: a number, ``"orthogonal"``, ``"identity"``, ``"glorot"``, ``("uniform", a, b)``,
            ``("normal", std)``, ``("chrono", longest)``, ``("log_uniform", a, b)``,
            ``("power_law", first, last, power, parts)``, ``("frequencies", base)``,
            ``("negative", "b.f")``.

    Raises:
        CellError: for a malformed definition, quoting the equation and naming the fix.
    """
    declared = Declarations(
        (static,) if isinstance(static, str) else static,
        (scalar,) if isinstance(scalar, str) else scalar,
        initial or {},
        blocks or {},
        sizes or {},
        init or {},
    )

    def make(f: Callable[..., Any]) -> Cell:
        if not callable(f) or not hasattr(inspect.unwrap(f), "__code__"):
            raise CellError(
                f"@gw.cell takes a function that states equations, not {f!r:.80}\n"
                "  Fix: write @gw.cell above def cell(x, /, h, *, W, U, b)"
            )
        definition = define(f, declared)
        options = dict(definition.options)
        return Cell(trace(definition, options), definition, options)

    return make if function is None else make(function)
