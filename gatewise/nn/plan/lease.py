"""Who still has a layer: its compiled kernels live as long as a module that has it."""

from __future__ import annotations

import weakref


class Lease:
    """Is there for as long as somebody holds a layer, known by its key and sizes: the plans of the modules that
    have such layers, all the same lease. ``nn/compiled/kernels.py`` keeps the kernels while it lives."""


_leases: weakref.WeakValueDictionary[tuple[str, tuple[int, ...]], Lease]
_leases = weakref.WeakValueDictionary()


def leased(key: str, sizes: tuple[int, ...]) -> Lease | None:
    """The lease that some module holds; None if none does."""
    return _leases.get((key, sizes))


_held: weakref.WeakKeyDictionary[object, dict[tuple[str, tuple[int, ...]], Lease]]
_held = weakref.WeakKeyDictionary()


def hold(owner: object, key: str, sizes: tuple[int, ...]) -> None:
    """Keep the kernels of a key and sizes, once they are made, for as long as ``owner`` lives."""
    leases = _held.setdefault(owner, {})
    if (key, sizes) not in leases:
        leases[key, sizes] = leased(key, sizes) or _leases.setdefault((key, sizes), Lease())
