"""The verdict on a model in a sentence: whether the network did better than its best baseline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar


class Named(Protocol):
    """A row of figures."""

    @property
    def name(self) -> str: ...


R = TypeVar("R", bound=Named)


def verdict_on(rows: Sequence[R], name: str, data: str, figure: Callable[[R], str]) -> str:
    """Whether to use the network or its best baseline.

    Args:
        rows: the figures, best first.
        name: of the network's row.
        data: what the figures are measured on, such as "unseen steps".
        figure: that of a row, as the end of a clause with "has".
    """
    network = next(row for row in rows if row.name == name)
    baseline = next(row for row in rows if row.name != name)
    if rows[0].name == name:
        return (
            f"On {data} the network has {figure(network)}; its best baseline, {baseline.name}, has "
            f"{figure(baseline)}."
        )
    return (
        f"{baseline.name[:1].upper()}{baseline.name[1:]} does better than the network on {data}: it has "
        f"{figure(baseline)}, the network {figure(network)}. Prefer it."
    )
