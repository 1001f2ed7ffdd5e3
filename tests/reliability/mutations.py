"""Documents of programs, each damaged in one of many ways. Seeded: the same number, the same damage."""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np

from gatewise.ir import OPS
from gatewise.ir.serial import to_data
from tests.backends.llvm.helpers import CELLS

Path = tuple[Any, ...]

EXTREMES: list[Any] = [
    0,
    1,
    -1,
    2,
    7,
    2**31,
    2**31 - 1,
    -(2**31),
    2**53,
    2**63,
    10**30,
    10**400,
    0.0,
    -0.0,
    0.5,
    1e-320,
    1e-45,
    1e30,
    3.5e38,
    1e308,
    -1e308,
    "inf",
    "-inf",
    "nan",
    "NaN",
    "1e5",
]
SIZES = [
    "1",
    "2",
    "0",
    "-1",
    "H",
    "I",
    "2*H",
    "H/2",
    "H/3",
    "H + I",
    "H - I",
    "H - 6",
    "H - 5",
    "1/2",
    "S",
    "999999999",
    "1048576",
    "1048577",
    "99999*H",
    "200000*H",
    "P",
    "x",
    "1/0",
    "H*H",
    "",
]
TEXTS = [
    "",
    " ",
    "x",
    "h",
    "c",
    "o",
    "H",
    "1",
    "seed.h",
    "d.h",
    "d.x",
    "save.h",
    "save.3",
    "context.W",
    "context.W.i",
    "grab.0",
    "self",
    "h.h",
    "a#1",
    "W",
    "W.i",
    "U",
    "b",
    "\x00",
    "a\nb",
    "\ud800",
    "\u202e",
    "é" * 90,
    "x" * 201,
    "a,b",
    "__class__",
    "../..",
    "%n%s",
    "\x1b[2J",
    "step",
    "sequence",
    "row",
    "batch",
    "negative",
    "uniform",
    "normal",
    "chrono",
    "orthogonal",
    "glorot",
    "constant",
]
TYPES: list[Any] = [None, True, False, [], {}, [[]], [0], {"a": 1}, "0", 0, 1.0, [None], "[]"]


@cache
def documents() -> tuple[tuple[str, dict[str, Any]], ...]:
    """What is damaged: the catalogue, some options and some combined cells."""
    return tuple((name, to_data(cell.program)) for name, cell in CELLS.items())


def mutated(number: int) -> tuple[str, bytes]:
    """The document of that number, and what was done to it."""
    rng = np.random.default_rng([2026, number])
    name, data = documents()[rng.integers(len(documents()))]
    data = copy.deepcopy(data)
    done = []
    for _ in range(int(rng.choice([1, 1, 1, 2, 3]))):
        kind = list(KINDS)[rng.choice(len(KINDS), p=WEIGHTS)]
        done.append(kind)
        with contextlib.suppress(LookupError, TypeError, ValueError, AttributeError):
            KINDS[kind](data, rng)  # what an earlier damage left may be no document at all
    text = json.dumps(data).encode()
    if rng.random() < 0.06:
        spoil = BYTES[rng.integers(len(BYTES))]
        text = spoil(text, rng)
        done.append(spoil.__name__)
    return f"{number}: {name}, {' and '.join(done)}", text


def places(data: Any, path: Path = ()) -> Iterator[Path]:
    """The path of every value inside."""
    if path:
        yield path
    items: Any = data.items() if isinstance(data, dict) else ()
    if isinstance(data, list):
        items = enumerate(data)
    for key, value in items:
        yield from places(value, (*path, key))


def _inside(data: Any, path: Path) -> Any:
    for key in path:
        data = data[key]
    return data


def _pick(rng: np.random.Generator, items: Any) -> Any:
    return items[int(rng.integers(len(items)))]


def _put(data: Any, path: Path, value: Any) -> None:
    _inside(data, path[:-1])[path[-1]] = value


def _leaves(data: Any, kind: type | tuple[type, ...]) -> list[Path]:
    return [p for p in places(data) if type(_inside(data, p)) in np.atleast_1d(kind)]


def _swap(data: Any, rng: np.random.Generator) -> None:
    """Any value by one from elsewhere, half of the time of the same type."""
    every = list(places(data))
    at = _pick(rng, every)
    if rng.random() < 0.5:
        every = _leaves(data, type(_inside(data, at)))
    _put(data, at, copy.deepcopy(_inside(data, _pick(rng, every))))


def _entries(data: Any, rng: np.random.Generator) -> None:
    """An entry of a list deleted, doubled or moved."""
    entries = _inside(data, _pick(rng, _leaves(data, list) or [()]))
    if not isinstance(entries, list) or not entries:
        return
    one, other = int(rng.integers(len(entries))), int(rng.integers(len(entries)))
    how = rng.integers(3)
    if how == 0:
        del entries[one]
    elif how == 1:
        entries.insert(other, copy.deepcopy(entries[one]))
    else:
        entries[one], entries[other] = entries[other], entries[one]


def _keys(data: Any, rng: np.random.Generator) -> None:
    """A field removed or renamed."""
    inside = _inside(data, _pick(rng, [p for p in _leaves(data, dict) or [()]]))
    inside = inside if rng.random() < 0.7 else data
    if inside:
        key = _pick(rng, list(inside))
        value = inside.pop(key)
        if rng.random() < 0.5:
            inside[_pick(rng, TEXTS)] = value


def _types(data: Any, rng: np.random.Generator) -> None:
    _put(data, _pick(rng, list(places(data))), copy.deepcopy(_pick(rng, TYPES)))


def _numbers(data: Any, rng: np.random.Generator) -> None:
    _put(data, _pick(rng, _leaves(data, (int, float)) or list(places(data))), _pick(rng, EXTREMES))


def _operands(data: Any, rng: np.random.Generator) -> None:
    """An operand by another earlier node, so that the program is often still legal."""
    k = int(rng.integers(len(data["nodes"])))
    args = data["nodes"][k][1]
    if isinstance(args, list) and args:
        args[int(rng.integers(len(args)))] = int(rng.integers(max(k, 1)))


def _results(data: Any, rng: np.random.Generator) -> None:
    """What a state becomes, or what a name means."""
    count = len(data["nodes"])
    entries = data["next"] if rng.random() < 0.6 else data["names"]
    if not entries:
        return
    k, node = int(rng.integers(len(entries))), int(rng.integers(count))
    if entries is data["next"]:
        old, entries[k] = entries[k], node
        if rng.random() < 0.6:  # the name goes along
            for name in data["names"]:
                if name[1] == old:
                    name[1] = node
    else:
        entries[k][1] = node


def _outputs(data: Any, rng: np.random.Generator) -> None:
    node = int(rng.integers(len(data["nodes"])))
    data["outputs"].append(["o", node, _pick(rng, ["step", "row", "batch"])])


def _exchanged(data: Any, rng: np.random.Generator) -> None:
    """Two names exchanged everywhere, or everywhere one for the other."""
    names = [x["name"] for part in ("inputs", "states", "params") for x in data[part]]
    one, other = _pick(rng, names), _pick(rng, [*names, *TEXTS])
    both = rng.random() < 0.5
    for path in _leaves(data, str):
        value = _inside(data, path)
        if value == one and rng.random() < 0.9:
            _put(data, path, other)
        elif value == other and both:
            _put(data, path, one)


def _ops(data: Any, rng: np.random.Generator) -> None:
    """An op by another one of as many operands, now and then by any."""
    node = _pick(rng, data["nodes"])
    op = OPS.get(node[0]) if isinstance(node[0], str) else None
    alike = [n for n, o in OPS.items() if op and o.arity == op.arity]
    node[0] = _pick(rng, alike if alike and rng.random() < 0.8 else list(OPS))


def _sizes(data: Any, rng: np.random.Generator) -> None:
    """One size by another, at one place or everywhere."""
    every = {str(_inside(data, p)) for p in places(data) if p[-1] in ("size", "rows", "cols")}
    every |= {str(n[2]) for n in data["nodes"] if len(n) > 2}
    one, other = _pick(rng, sorted(every)), _pick(rng, [*sorted(every), *SIZES])
    paths = [p for p in _leaves(data, str) if _inside(data, p) == one and p[-1] != "name"]
    for path in paths if rng.random() < 0.6 else [_pick(rng, paths)] if paths else []:
        _put(data, path, other)


def _texts(data: Any, rng: np.random.Generator) -> None:
    _put(data, _pick(rng, _leaves(data, str)), _pick(rng, TEXTS))


def _inits(data: Any, rng: np.random.Generator) -> None:
    """How a parameter or a state starts, or how often a mask is one."""
    kinds = ["uniform", "normal", "chrono", "constant", "orthogonal", "glorot", "negative", "x"]
    numbers = [0.0, 1, -1.0, 2.0, 0.5, 1e300, 1e30, 1e31, -1e30, "inf", "W.i", "b", 100.0]
    where = rng.integers(4)
    if where == 0 and data["states"]:
        _pick(rng, data["states"])["initial"] = _pick(rng, [*EXTREMES, 1.0])
    elif where == 1 and data["inputs"]:
        _pick(rng, data["inputs"])["rate"] = _pick(rng, [None, 0.0, 1.0, 0.3, -1, 2, "inf", 1e-300])
    elif data["params"]:
        args = [_pick(rng, numbers) for _ in range(int(rng.integers(4)))]
        _pick(rng, data["params"])["init"] = [_pick(rng, kinds), *args]


def _blocks(data: Any, rng: np.random.Generator) -> None:
    if data["params"]:
        _pick(rng, data["params"])["blocks"] = _pick(rng, [1, 2, 3, 6, 0, -1, 7, 10**9, 2.0, True])


def _constants(data: Any, rng: np.random.Generator) -> None:
    """A new constant in front of all, read by some operand."""
    data["nodes"].insert(0, ["const", [], "1", None, _pick(rng, EXTREMES)])
    for node in data["nodes"][1:]:
        node[1] = [a + 1 if type(a) is int else a for a in node[1]]
    data["next"] = [n + 1 if type(n) is int else n for n in data["next"]]
    for name in data["names"]:
        name[1] += 1
    _pick(rng, [n for n in data["nodes"][1:] if n[1]])[1][0] = 0


def _pieces(data: Any, rng: np.random.Generator) -> None:
    """A node that equations cannot write, in the place of another that has its size."""
    k = int(rng.integers(len(data["nodes"])))
    node = data["nodes"][k]
    earlier = [j for j in range(k) if data["nodes"][j][3] is None]
    if not earlier or node[0] == "param":
        return
    a = _pick(rng, earlier)
    size = data["nodes"][a][2]
    corruptions = [
        ["slice", [a], node[2], None, _pick(rng, ["0", "1", "H", "I", "2", "H/2"])],
        ["slice", [a], node[2], None, "0"],
        ["repeat", [a], node[2], None, node[2]],
        ["sum", [a], node[2], None, _pick(rng, [size, "1", "2", "3"])],
        ["size", [], "1", None, _pick(rng, SIZES)],
        ["concat", [a], size, None, None],
        ["outer", [a, a], size, size, _pick(rng, [None, 1, 2, 3, 0])],
        ["matvec_t", [_pick(rng, earlier), a], node[2], None, None],
    ]
    data["nodes"][k] = _pick(rng, corruptions)


KINDS: dict[str, Callable[[Any, np.random.Generator], None]] = {
    f.__name__.strip("_"): f
    for f in (
        _swap,
        _entries,
        _keys,
        _types,
        _numbers,
        _operands,
        _results,
        _outputs,
        _exchanged,
        _ops,
        _sizes,
        _texts,
        _inits,
        _blocks,
        _constants,
        _pieces,
    )
}
# more of what is often still legal: those are run
_MORE = {"operands": 5, "results": 4, "ops": 4, "sizes": 2, "constants": 2, "pieces": 2}
WEIGHTS = np.array([_MORE.get(kind, 1) for kind in KINDS], float)
WEIGHTS /= WEIGHTS.sum()


def truncated(text: bytes, rng: np.random.Generator) -> bytes:
    return text[: int(rng.integers(len(text)))]


def random_bytes(text: bytes, rng: np.random.Generator) -> bytes:
    damaged = bytearray(text)
    for at in rng.integers(len(damaged), size=int(rng.integers(1, 6))):
        damaged[at] = int(rng.integers(256))
    return bytes(damaged)


def doubled_keys(text: bytes, rng: np.random.Generator) -> bytes:
    """A field twice, the second time with what another one has."""
    data = json.loads(text)
    if not data:
        return text
    one, other = _pick(rng, list(data)), _pick(rng, list(data))
    return text.rstrip()[:-1] + f", {json.dumps(one)}: {json.dumps(data[other])}}}".encode()


def long_numbers(text: bytes, rng: np.random.Generator) -> bytes:
    return text.replace(b"0", b"1" * int(rng.choice([20, 400, 5000, 10**6])), 1)


BYTES = [truncated, random_bytes, doubled_keys, long_numbers]
