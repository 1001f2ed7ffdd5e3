"""Compiled kernels live as long as a module that has them."""

from __future__ import annotations

import weakref
from typing import Any

from gatewise.compile import llvm_runtime


class Lease:
    """Keeps the kernels of a key and sizes, their memory too, for as long as somebody has it: the plans
    of the modules that have such layers, all the same one.

    Attributes:
        kernels: by float type and recorded names; ``nn/compiled/kernels.py`` puts them here.
    """

    def __init__(self) -> None:
        self.kernels: dict[Any, Any] = {}
        weakref.finalize(self, _release, self.kernels).atexit = False


def _release(kernels: dict[Any, Any]) -> None:
    """The last module is gone: memory goes, and code unless it is among the last that were made."""
    for compiled in kernels.values():
        compiled.layer.release()
    if kernels:
        llvm_runtime().forget(sum(compiled.bytes for compiled in kernels.values()))


_leases: weakref.WeakValueDictionary[tuple[str, tuple[int, ...]], Lease]
_leases = weakref.WeakValueDictionary()


def lease(key: str, sizes: tuple[int, ...]) -> Lease:
    """The lease of a key and sizes. Hold it to use the layer often."""
    return _leases.get((key, sizes)) or _leases.setdefault((key, sizes), Lease())


def leased(key: str, sizes: tuple[int, ...]) -> Lease | None:
    """The lease that some module holds; None if none does."""
    return _leases.get((key, sizes))


_held: weakref.WeakKeyDictionary[object, dict[tuple[str, tuple[int, ...]], Lease]]
_held = weakref.WeakKeyDictionary()


def hold(owner: object, key: str, sizes: tuple[int, ...]) -> None:
    """Keep the kernels of a key and sizes, once they are made, for as long as ``owner`` lives."""
    leases = _held.setdefault(owner, {})
    if (key, sizes) not in leases:
        leases[key, sizes] = lease(key, sizes)
