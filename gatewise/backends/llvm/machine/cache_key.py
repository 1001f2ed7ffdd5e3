"""The name of a compiled object: a hash of everything that decides its bytes."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

from gatewise.backends.llvm.machine.target import Target
from gatewise.version import __version__


def key(text: str, target: Target) -> str:
    """The name of an object: a hash of everything that decides its bytes.

    ``text`` is the LLVM IR. The target, the versions of Gatewise, llvmlite and LLVM, and the source of
    what compiles it are added here.
    """
    parts = (text, target.key, _versions())
    return hashlib.sha256("".join(f"{len(p)}:{p}" for p in parts).encode()).hexdigest()


@functools.cache
def _versions() -> str:
    """What else decides the bytes."""
    import llvmlite
    import llvmlite.binding as llvm

    return repr((__version__, llvmlite.__version__, llvm.llvm_version_info, _source()))


@functools.cache
def _source() -> str:
    """A hash of the source that turns IR into code: an edit of it needs no new version. What writes the
    IR need not be here: its edits show in the text."""
    source = hashlib.sha256()
    for name in ("jit.py", "target.py"):
        source.update(Path(__file__).with_name(name).read_bytes())
    return source.hexdigest()
