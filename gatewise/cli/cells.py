"""``gatewise cells``: the catalogue of cells, one cell in full, a check of a cell of your own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gatewise.cli.exits import FAILED, say
from gatewise.cli.sources import find_cell, parse_sizes
from gatewise.cli.tables import print_json
from gatewise.errors import InputError

if TYPE_CHECKING:
    from gatewise.inspect.check import Report
    from gatewise.lang import Cell
    from gatewise.passes.schedule import Schedule

# the sizes that are shown by default
_USUAL = {"I": 32, "H": 128}
_OTHER = 64

Name = Annotated[
    str,
    typer.Argument(
        help="A name of the catalogue, file.py:name, or a saved cell.json.", metavar="CELL"
    ),
]
Sizes = Annotated[
    list[str], typer.Option("--sizes", "-s", help="Sizes, such as I=4,H=8.", metavar="NAME=N,...")
]
Options = Annotated[
    list[str],
    typer.Option(
        "--option", "-o", help="An option of the cell, such as heads=4.", metavar="KEY=VALUE"
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

verb = typer.Typer(help="The catalogue of cells, and cells of your own.")


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.add_typer(verb, name="cells")


@verb.callback(invoke_without_command=True)
def catalogue(context: typer.Context, as_json: AsJson = False) -> None:
    """List the catalogue, or see a cell with show and check one with check."""
    if context.invoked_subcommand is not None:
        return
    from gatewise import cells

    known = [(name, *_described(cells.get(name))) for name in cells.names()]
    if as_json:
        print_json([{"name": n, "description": d, "citation": c} for n, d, c in known])
        return
    width = max(len(name) for name, _, _ in known)
    for name, description, _ in known:
        print(f"{name:<{width}}  {description}")


@verb.command()
def show(
    name: Name,
    sizes: Sizes = [],  # noqa: B006  (typer reads the default)
    option: Options = [],  # noqa: B006
    latex: Annotated[bool, typer.Option("--latex", help="Print the equations as LaTeX.")] = False,
    svg: Annotated[
        Path | None,
        typer.Option("--svg", help="Draw a diagram to a file; - is stdout.", metavar="FILE"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show a cell: equations, sizes, parameters, phases, citation."""
    if latex and as_json:
        raise typer.BadParameter("choose one of --latex and --json")
    cell = find_cell(name, option)
    bound = parse_sizes(sizes)
    if bound:
        cell.program.bind(**bound)
    if svg is not None:
        _draw(cell, svg)
    if as_json:
        print(cell.to_json(indent=1))
    elif latex:
        from gatewise.inspect.latex import latex as typeset

        print(typeset(cell.program))
    elif svg is None:
        print("\n".join(_shown(cell, bound)))


@verb.command()
def check(
    name: Name,
    sizes: Sizes = [],  # noqa: B006
    option: Options = [],  # noqa: B006
    seed: Annotated[int, typer.Option(help="The seed of the random data.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Check a cell: its gradient against finite differences, its values on random data."""
    from gatewise.inspect.check import check as run_check
    from gatewise.inspect.check import small_sizes

    cell = find_cell(name, option)
    bound = parse_sizes(sizes) or small_sizes(cell.program)
    report = run_check(cell.program, bound, seed)
    if as_json:
        print_json(_data(cell, report))
    else:
        print("\n".join(_told(cell, report)))
    if not report.ok:
        raise typer.Exit(FAILED)


# --- what is printed ----------------------------------------------------------------------------------


def phases(cell: Cell) -> Schedule:
    """The schedule of a cell's step: its phases, and the classes of its states."""
    from gatewise.compile import schedule_for

    return schedule_for(cell.program)


def _described(cell: Cell) -> tuple[str, str]:
    """The first paragraph of a cell's text, and the rest: description and citation."""
    description, _, citation = cell.doc.partition("\n\n")
    return " ".join(description.split()), citation.strip()


def _shown(cell: Cell, bound: dict[str, int]) -> list[str]:
    from gatewise.inspect.check import fitting_sizes

    p = cell.program
    sizes = bound or fitting_sizes(p, _USUAL, _OTHER)
    description, citation = _described(cell)
    lines = [cell.name + (f": {description}" if description else "")]
    lines += ["", *(f"  {line}".rstrip() for line in citation.splitlines())] if citation else []
    lines += ["", "equations", *_equations(cell)]
    if cell.options:
        lines += ["", "options", *(f"  {k} = {v!r}" for k, v in cell.options.items())]
    plan = phases(cell)
    classes = dict(plan.states)
    lines += ["", "inputs"]
    lines += _table([(i.name, f"[{i.size}]", _kind_of_input(i)) for i in p.inputs])
    lines += ["", "states"]
    lines += _table(
        [(s.name, f"[{s.size}]", f"from {s.initial:g}, {classes[s.name]}") for s in p.states]
    )
    numbers = ", ".join(f"{n}={v}" for n, v in sizes.items())
    hint = "" if bound else "  (for other sizes: --sizes)"
    lines += ["", f"parameters for {numbers}{hint}", *_parameters(cell, sizes)]
    lines += ["", f"phases of a step: {plan.count}"]
    return lines


def _equations(cell: Cell) -> list[str]:
    from gatewise.ir.equations import equations

    rows = equations(cell.program)
    width = max(len(left) for left, _ in rows)
    return [f"  {left:<{width}} = {right}" for left, right in rows]


def _kind_of_input(item: Any) -> str:
    if item.rate is not None:
        return f"a random mask, ones with probability {item.rate:g}"
    return "at every step" if item.per == "step" else "one value a sequence"


def _parameters(cell: Cell, sizes: dict[str, int]) -> list[str]:
    rows = []
    for p in cell.program.params:
        shape = p.shape(sizes)
        count = 1
        for n in shape:
            count *= n
        symbols = f"[{p.rows}]" if p.cols is None else f"[{p.rows}, {p.cols}]"
        if p.blocks > 1:
            symbols += f" in {p.blocks} blocks"
        start = " ".join(
            [p.init.kind, *(f"{a:g}" if isinstance(a, float) else a for a in p.init.args)]
        )
        if p.values is not None:
            count, start = 0, "a constant"
        rows.append((p.name, symbols, " x ".join(map(str, shape)), f"{count:,}", start))
    head = ("name", "size", "shape", "count", "starts from")
    total = ("total", "", "", f"{cell.parameter_count(**sizes):,}", "")
    return _table([head, *rows, total], right=(3,))


def _table(rows: list[tuple[str, ...]], right: tuple[int, ...] = ()) -> list[str]:
    """Rows with aligned columns."""
    if not rows:
        return ["  none"]
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    return [
        "  "
        + "  ".join(
            f"{cell:>{w}}" if k in right else f"{cell:<{w}}"
            for k, (cell, w) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _draw(cell: Cell, target: Path) -> None:
    from gatewise.inspect.diagram import svg

    text = svg(cell.program)
    if str(target) == "-":
        print(text, end="")
        return
    try:
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot write {target}: {error.strerror}") from None
    say(f"wrote {target}")


# --- the check --------------------------------------------------------------------------------------


def _told(cell: Cell, report: Report) -> list[str]:
    plan = phases(cell)
    p = cell.program
    sizes = ", ".join(f"{n}={v}" for n, v in report.sizes.items())
    lines = [cell.name, "", "equations", *_equations(cell), ""]
    lines += [f"names that can be recorded: {', '.join(cell.names) or 'none'}"]
    lines += [f"sizes of this check: {sizes}"]
    lines += [f"parameters: {p.parameter_count(**report.sizes):,}"]
    lines += [f"phases of a step: {plan.count}"]
    lines += ["states: " + ", ".join(f"{name} ({kind})" for name, kind in plan.states)]
    lines += ["", "gradient against finite differences in float64, largest relative error"]
    rows: list[tuple[str, ...]] = []
    for c in report.compared:
        note = f"{c.skipped} of {c.entries} at a kink, left out" if c.skipped else ""
        rows.append((c.kind, c.name, f"{c.error:.1e}", "" if c.ok else "WRONG", note))
    lines += _table(rows) if rows else ["  not compared: values are not finite"]
    lines += [""] if report.unread or report.kinks or report.bad_values else []
    lines += [f"note: the state {name} is carried but never read" for name in report.unread]
    lines += [f"note: {times} differences met the kink of {place}" for place, times in report.kinks]
    lines += [f"problem: {text}" for text in report.bad_values]
    wrong = [c.name for c in report.compared if not c.ok]
    verdict = (
        "right"
        if report.ok
        else "not right: "
        + "; ".join(
            [
                *([f"the gradient of {', '.join(wrong)}"] if wrong else []),
                *(["values that are not finite"] if report.bad_values else []),
            ]
        )
    )
    return [*lines, "", f"{cell.name} is {verdict}"]


def _data(cell: Cell, report: Report) -> dict[str, Any]:
    from gatewise.ir.equations import equations

    plan = phases(cell)
    return {
        "name": cell.name,
        "ok": report.ok,
        "equations": [f"{left} = {right}" for left, right in equations(cell.program)],
        "names": list(cell.names),
        "sizes": report.sizes,
        "parameters": cell.parameter_count(**report.sizes),
        "phases": plan.count,
        "states": dict(plan.states),
        "gradients": [
            {
                "kind": c.kind,
                "name": c.name,
                "error": c.error if c.error < 1e300 else None,
                "ok": c.ok,
                "entries": c.entries,
                "skipped": c.skipped,
            }
            for c in report.compared
        ],
        "unread": list(report.unread),
        "kinks": dict(report.kinks),
        "bad_values": list(report.bad_values),
    }
