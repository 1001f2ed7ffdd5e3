"""Damaging saved models in every way that a file can be damaged, or made to do harm."""

from __future__ import annotations

import copy
import hashlib
import json
import os
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load, save

Path_ = tuple[str | int, ...]
WEIGHTS, CONFIG = "model.safetensors", "config.json"
OTHERS = ("metrics.jsonl", "report.html", "README.md")
DEEP = "[" * 5000
VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    1,
    -1,
    2,
    3,
    7,
    64,
    1000,
    10**6,
    10**9,
    2**31,
    -(2**31),
    2**53,
    2**63 - 1,
    2**63,
    -(2**63),
    10**40,
    0.0,
    -0.0,
    0.5,
    -1.5,
    1e-320,
    1e300,
    -1e300,
    "",
    " ",
    "a",
    "1",
    "nan",
    "os",
    "os.path",
    "this",
    "antigravity.geohash",
    "../../etc/passwd",
    "/dev/zero",
    "pandas",
    "polars",
    "pyarrow",
    "modin",
    "a" * 5000,
    "\0",
    "\n# title\n",
    "`" * 9,
    "<script>",
    "{0}",
    "%s",
    "é\u202e",
    "Europe/Berlin",
    "UTC",
    "Europe/../../../etc/passwd",
    "posixrules",
    "lstm",
    "gru",
    "day",
    "month",
    "integer",
    "fixed",
    "long",
    "wide",
    "rows",
    "single",
    "cuda",
    "auto",
    "bf16-mixed",
    [],
    {},
    [0],
    [[]],
    [1, 2],
    ["a"],
    ["a", "a"],
    {"a": 1},
    [None],
    [0.5, 1e300],
    [80],
    [1, 99],
    list(range(200)),
)


def places(value: Any, at: Path_ = ()) -> Iterator[Path_]:
    """Where everything in a document stands."""
    if at:
        yield at
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, part in items:
        yield from places(part, (*at, key))


def _chosen(document: Any, rng: random.Random) -> Path_:
    """A place; those of the many nodes of the cell are rarer than the others."""
    every = list(places(document))
    fields = [p for p in every if p[0] != "cell"]
    return rng.choice(fields if rng.random() < 0.9 else every)


def _parent(document: Any, place: Path_) -> Any:
    for key in place[:-1]:
        document = document[key]
    return document


def config_value(folder: Path, rng: random.Random) -> str:
    """A value replaced by a hostile one, removed, doubled, moved from elsewhere, or a field added."""
    path = folder / CONFIG
    document = json.loads(path.read_text())
    place = _chosen(document, rng)
    parent, key = _parent(document, place), place[-1]
    what = rng.choice(("value", "value", "value", "remove", "double", "move", "add", "nudge"))
    if what == "value":
        parent[key] = rng.choice(VALUES)
    elif what == "remove":
        del parent[key]
    elif what == "double" and isinstance(parent, list):
        parent.insert(int(key), copy.deepcopy(parent[int(key)]))
    elif what == "add" and isinstance(parent, dict):
        parent[str(rng.choice(VALUES))[:50]] = rng.choice(VALUES)
    elif what == "nudge" and isinstance(parent[key], int | float):
        parent[key] = rng.choice((parent[key] + 1, parent[key] - 1, -parent[key], parent[key] * 10))
    else:
        other = _chosen(document, rng)
        parent[key] = copy.deepcopy(_parent(document, other)[other[-1]])
        what = f"move from {other}"
    path.write_text(json.dumps(document))
    return f"config {place}: {what}: {document and _shown(document, place)}"


def _shown(document: Any, place: Path_) -> str:
    try:
        return repr(_parent(document, place)[place[-1]])[:80]
    except (KeyError, IndexError, TypeError):
        return "gone"


def config_bytes(folder: Path, rng: random.Random) -> str:
    """The text cut, flipped, or something else altogether."""
    path = folder / CONFIG
    data = bytearray(path.read_bytes())
    what = rng.choice(("cut", "flip", "insert", "deep", "other", "inside"))
    if what == "cut":
        del data[rng.randrange(len(data)) :]
    elif what == "flip":
        for _ in range(rng.randint(1, 3)):
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    elif what == "insert":
        at = rng.randrange(len(data))
        data[at:at] = rng.choice(
            (
                b"\0",
                b"\xff",
                b"NaN",
                b"1e999",
                b"9" * 5000,
                b'"\\ud800"',
                DEEP.encode(),
                b"{}",
                b",",
            )
        )
    elif what == "deep":
        data[:] = (DEEP + "]" * 5000).encode() if rng.random() < 0.5 else b'{"a":' * 5000
    elif what == "inside":
        document = json.loads(data)
        place = _chosen(document, rng)
        _parent(document, place)[place[-1]] = "@"
        nested = "[" * 400 + "]" * 400
        data[:] = (
            json.dumps(document)
            .replace('"@"', rng.choice((DEEP, nested, "NaN", "-Infinity")))
            .encode()
        )
    else:
        data[:] = rng.choice(
            (b"", b"null", b"[]", b"{}", b"1", b"\xef\xbb\xbf{}", b"\xff\xfe{\0}\0")
        )
    path.write_bytes(bytes(data))
    return f"config bytes: {what}"


def arrays(folder: Path, rng: random.Random) -> str:
    """Arrays of another type, shape or content, under a hash that is right."""
    parts = load((folder / WEIGHTS).read_bytes())
    name = rng.choice(sorted(parts))
    array = parts[name]
    what = rng.choice(("type", "shape", "values", "gone", "renamed", "added", "swapped", "empty"))
    if what == "type":
        types = (
            np.float16,
            np.float32,
            np.float64,
            np.int8,
            np.int64,
            np.uint8,
            np.bool_,
            np.uint64,
        )
        with np.errstate(all="ignore"):
            parts[name] = array.astype(rng.choice(types))
    elif what == "shape":
        shapes = (
            array[None],
            array.reshape(-1),
            array[..., :-1],
            array.T,
            array[:0],
            array[:, None],
        )
        parts[name] = np.ascontiguousarray(
            rng.choice([s for s in shapes if s.shape != array.shape] or [array[None]])
        )
    elif what == "values":
        value = rng.choice((np.nan, np.inf, -np.inf, 1e30, -1, 0, 2**62, -(2**63)))
        changed = array.copy()
        with np.errstate(all="ignore"):
            cell = np.array(value).astype(array.dtype)
        changed.reshape(-1)[
            rng.randrange(max(1, array.size)) if rng.random() < 0.5 else slice(None)
        ] = cell
        parts[name] = changed
    elif what == "gone":
        del parts[name]
    elif what == "renamed":
        parts[
            rng.choice(("end.other", "network.7.x", "network.0.", name + ".0", "network.-1.a"))
        ] = parts.pop(name)
    elif what == "added":
        parts[rng.choice(("end.other", "network.7.x", "network.1.mix.bias", "end.state.0.9"))] = (
            array
        )
    elif what == "swapped":
        other = rng.choice(sorted(parts))
        parts[name], parts[other] = parts[other], array
    else:
        parts = {}
    _rehash(folder, save(parts))
    return f"arrays: {name}: {what}"


def weights_bytes(folder: Path, rng: random.Random) -> str:
    """The file of weights cut or flipped, with a hash that is right or not."""
    data = bytearray((folder / WEIGHTS).read_bytes())
    what = rng.choice(("cut", "flip", "header", "empty", "text", "long header"))
    if what == "cut":
        del data[rng.randrange(len(data)) :]
    elif what == "flip":
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    elif what == "header":
        size = int.from_bytes(data[:8], "little")
        for _ in range(rng.randint(1, 4)):
            data[8 + rng.randrange(size)] = rng.choice(b'0123456789[]{}",:FIU')
    elif what == "long header":
        data[:8] = rng.choice((b"\xff" * 8, b"\0" * 8, (2**40).to_bytes(8, "little")))
    else:
        data[:] = b"" if what == "empty" else b"not safetensors" * 9
    if rng.random() < 0.8:
        _rehash(folder, bytes(data))
    else:
        (folder / WEIGHTS).write_bytes(bytes(data))
    return f"weights bytes: {what}"


def _rehash(folder: Path, data: bytes) -> None:
    (folder / WEIGHTS).write_bytes(data)
    config = json.loads((folder / CONFIG).read_text())
    config["weights_sha256"] = hashlib.sha256(data).hexdigest()
    (folder / CONFIG).write_text(json.dumps(config))


def kinds_of_file(folder: Path, rng: random.Random) -> str:
    """A file that is none, leads elsewhere, is far too large, or whose content is nonsense."""
    name = rng.choice((WEIGHTS, CONFIG, *OTHERS))
    path = folder / name
    what = rng.choice(("gone", "folder", "pipe", "device", "outside", "circle", "hole", "nonsense"))
    path.unlink(missing_ok=True)
    if what == "folder":
        path.mkdir()
    elif what == "pipe":
        os.mkfifo(path)
    elif what in ("device", "outside", "circle"):
        path.symlink_to({"device": "/dev/zero", "outside": "/etc/passwd", "circle": name}[what])
    elif what == "hole":
        with path.open("wb") as file:
            file.truncate(1 << 40)
    elif what == "nonsense":
        path.write_bytes(
            rng.choice((b"\xff\xfe\0", DEEP.encode(), b"{}\n", b'{"step": "a"}\n', b"\0" * 99))
        )
    return f"{name}: {what}"


DAMAGES: tuple[tuple[Callable[[Path, random.Random], str], int], ...] = (
    (config_value, 11),
    (config_bytes, 2),
    (arrays, 4),
    (weights_bytes, 2),
    (kinds_of_file, 1),
)


def damaged(model: Path, folder: Path, seed: int) -> str:
    """A copy of a model in ``folder``, with one to three damages that the seed decides; says which."""
    rng = random.Random(seed)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(model, folder)
    said = []
    for _ in range(rng.choice((1, 1, 1, 1, 2, 3))):
        damage = rng.choices([d for d, _ in DAMAGES], [w for _, w in DAMAGES])[0]
        try:
            said.append(damage(folder, rng))
        except Exception:  # damaged too much already to be damaged in this way
            continue
        if damage is kinds_of_file:
            break  # what is no file any more, or has no end, cannot be damaged further
    return "; ".join(said)
