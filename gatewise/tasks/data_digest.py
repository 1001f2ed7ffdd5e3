"""A digest of data as estimators take it: whether two fits were given the same, over processes and days."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import narwhals as nw
import numpy as np

from gatewise.arrays import Array


def digest_of(data: Any) -> bytes:
    """SHA-256 of arrays, frames, texts, numbers, and lists and mappings of them.

    Of a path that exists counts which files lie there, their sizes and when they were changed.
    """
    digest = hashlib.sha256()
    _add(digest, data)
    return digest.digest()


def _add(digest: Any, data: Any) -> None:
    frame = nw.from_native(data, pass_through=True, eager_only=True)
    if isinstance(data, str | Path) and _exists(data):
        path = Path(data)
        inside = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        _text(digest, repr([(str(p), p.stat().st_size, p.stat().st_mtime_ns) for p in inside]))
    elif isinstance(frame, nw.DataFrame):
        for name in frame.columns:
            _text(digest, name)
            _array(digest, frame[name].to_numpy())
    elif isinstance(data, Mapping):
        _parts(digest, [part for item in data.items() for part in item])
    elif isinstance(data, list | tuple):
        _parts(digest, data)
    elif is_dataclass(data) and not isinstance(data, type):
        _parts(digest, [getattr(data, field.name) for field in fields(data)])
    elif hasattr(data, "__array__"):
        _array(digest, np.asarray(data))
    else:
        _text(digest, f"{type(data).__name__} {data!r}")


def _exists(name: str | Path) -> bool:
    try:
        return Path(name).exists()
    except (OSError, ValueError):  # a text that is too long for a name, or has a NUL
        return False


def _parts(digest: Any, parts: Any) -> None:
    _text(digest, f"{len(parts)} parts")
    for part in parts:
        _add(digest, part)


def _array(digest: Any, array: Array) -> None:
    _text(digest, f"{array.dtype.str} {array.shape}")
    if array.dtype.hasobject:
        _parts(digest, array.tolist())
    else:
        digest.update(np.ascontiguousarray(array).tobytes())


def _text(digest: Any, text: str) -> None:
    """Its length goes before it, so that two texts are not one."""
    content = text.encode(errors="surrogateescape")
    digest.update(f"{len(content)}:".encode() + content)
