"""Programs as JSON. Loading runs nothing: it reads records and checks every rule of the language."""

from __future__ import annotations

import json
import math
import reprlib
from dataclasses import replace
from typing import Any

from gatewise.errors import GatewiseError, ProgramError
from gatewise.ir.axes import Axes
from gatewise.ir.constants import constant, numbers
from gatewise.ir.node import Attr, Init, Input, Node, Output, Param, Program, State
from gatewise.ir.ops import OPS, REDUCTIONS
from gatewise.ir.size import Size
from gatewise.ir.spec import validate

SCHEMA = 2  # 2 added matrices among the states, their ops, and constants
_READ = (1, 2)
_SIZED = ("size", "slice", "repeat", *REDUCTIONS)  # ops whose attribute is a size
_WITH_AXES = tuple(op.name for op in OPS.values() if op.kind == "axes")
_MOST = 100_000  # nodes: far beyond any cell, so that a hostile file cannot fill the memory


def to_json(program: Program, indent: int | None = None) -> str:
    """The Program as JSON text, schema version included."""
    return json.dumps(to_data(program), indent=indent, allow_nan=False)


def to_data(program: Program) -> dict[str, Any]:
    """The Program as plain lists and dicts, ready for ``json``."""
    return {
        "schema": SCHEMA,
        "name": program.name,
        "doc": program.doc,
        "sizes": list(program.sizes),
        "inputs": [
            {"name": i.name, "size": str(i.size), "per": i.per, "rate": i.rate}
            for i in program.inputs
        ],
        "states": [
            {"name": s.name, "size": str(s.size), "initial": _number_out(s.initial)}
            | ({} if s.axes is None else {"axes": _axes_out(s.axes)})
            for s in program.states
        ],
        "params": [
            {
                "name": p.name,
                "rows": str(p.rows),
                "cols": None if p.cols is None else str(p.cols),
                "blocks": p.blocks,
                "init": [p.init.kind, *p.init.args],
                "values": None if p.values is None else numbers(p).tolist(),
            }
            for p in program.params
        ],
        "nodes": [_node_out(n) for n in program.nodes],
        "next": list(program.next),
        "outputs": [[o.name, o.node, o.over] for o in program.outputs],
        "names": [[name, node] for name, node in program.names],
    }


def from_json(text: str | bytes) -> Program:
    """Read a Program back.

    Raises ProgramError for anything that is not a legal Program of this schema: truncated or hostile
    text, unknown ops, nodes that read later ones, sizes that do not follow.
    """
    try:
        data = json.loads(text, parse_constant=_no_constant)
    except (ValueError, TypeError, RecursionError) as error:
        raise ProgramError(f"this is not the JSON of a program: {error}") from None
    return from_data(data)


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON: infinity is the text 'inf', NaN has no place")


def from_data(data: Any) -> Program:
    """Read a Program from what ``to_data`` gave. Raises ProgramError as ``from_json`` does."""
    if not isinstance(data, dict) or "schema" not in data:
        raise ProgramError("this is not the JSON of a program: it has no schema version")
    if type(data["schema"]) is not int or data["schema"] not in _READ:
        raise ProgramError(
            f"the program has schema {data['schema']!r:.80}, this version of Gatewise reads "
            f"{' and '.join(map(str, _READ))}: install the version that wrote it"
        )
    try:
        return validate(_program(data))
    except GatewiseError as error:
        raise ProgramError(f"the JSON is not a legal program: {error!s:.500}") from None
    except KeyError as error:
        raise ProgramError(
            f"the JSON is not a program: the field {error!s:.80} is missing"
        ) from None
    except (
        LookupError,
        TypeError,
        ValueError,
        ArithmeticError,
        AttributeError,
        RecursionError,
    ) as e:
        raise ProgramError(f"the JSON is not a program: {type(e).__name__}: {e!s:.500}") from None


def _program(data: dict[str, Any]) -> Program:
    if len(_list(data["nodes"])) > _MOST:
        raise ProgramError(f"{len(data['nodes'])} nodes are more than {_MOST}")
    return Program(
        name=_text(data["name"]),
        doc=_text(data["doc"]),
        sizes=tuple(_text(s) for s in _list(data["sizes"])),
        inputs=tuple(
            Input(_text(i["name"]), _size(i["size"]), i["per"], _maybe_number(i["rate"]))
            for i in _list(data["inputs"])
        ),
        states=tuple(
            State(
                _text(s["name"]),
                _size(s["size"]),
                _number(s["initial"]),
                _axes(s["axes"]) if "axes" in s else None,
            )
            for s in _list(data["states"])
        ),
        params=tuple(_param(p) for p in _list(data["params"])),
        nodes=tuple(_node_in(n) for n in _list(data["nodes"])),
        next=tuple(_whole(n) for n in _list(data["next"])),
        outputs=tuple(Output(_text(o[0]), _whole(o[1]), o[2]) for o in _list(data["outputs"])),
        names=tuple((_text(n[0]), _whole(n[1])) for n in _list(data["names"])),
    )


def _param(data: dict[str, Any]) -> Param:
    name, rows = _text(data["name"]), _size(data["rows"])
    cols = None if data["cols"] is None else _size(data["cols"])
    init = Init(_text(data["init"][0]), tuple(_argument(a) for a in _list(data["init"])[1:]))
    param = Param(name, rows, cols, _whole(data["blocks"]), init)
    if data.get("values") is None:  # schema 1 has no constants
        return param
    values = constant(name, 1, None, map(_number, _list(data["values"]))).values
    return replace(param, values=values)


def _node_out(node: Node) -> list[Any]:
    attr: Any = node.attr
    if isinstance(attr, Size):
        attr = str(attr)
    elif isinstance(attr, float):
        attr = _number_out(attr)
    elif isinstance(attr, Axes):
        attr = _axes_out(attr)
    cols = None if node.cols is None else str(node.cols)
    return [node.op, list(node.args), str(node.size), cols, attr]


def _node_in(data: Any) -> Node:
    op, args, size, cols, raw = _list(data)
    attr: Attr = None
    if op in _SIZED:
        attr = _size(raw)
    elif op == "const":
        attr = _number(raw)
    elif op == "outer":
        attr = None if raw is None else _whole(raw)
    elif op in _WITH_AXES:
        attr = _axes(raw)
    elif raw is not None:
        attr = _text(raw)
    where = tuple(_whole(a) for a in _list(args))
    return Node(_text(op), where, _size(size), None if cols is None else _size(cols), attr)


def _axes_out(axes: Axes) -> list[Any]:
    return [str(axes.rows), str(axes.cols), axes.blocks]


def _axes(data: Any) -> Axes:
    rows, cols, blocks = _list(data)
    if _whole(blocks) < 1:
        raise ProgramError(f"a matrix of {blocks} blocks")
    return Axes(_size(rows), _size(cols), blocks)


def _number_out(value: float) -> float | str:
    return value if math.isfinite(value) else str(value)  # JSON has no infinity


def _number(value: Any) -> float:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number and value not in ("inf", "-inf"):
        raise ProgramError(f"{reprlib.repr(value)} is not a number")
    return float(value)


def _maybe_number(value: Any) -> float | None:
    return None if value is None else _number(value)


def _argument(value: Any) -> float | str:
    if isinstance(value, str):
        return value
    return _number(value)


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ProgramError(f"{reprlib.repr(value)} is not a whole number")
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ProgramError(f"{reprlib.repr(value)} is not a list")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ProgramError(f"{reprlib.repr(value)} is not a text")
    return value


def _size(value: Any) -> Size:
    return Size.of(_text(value))
