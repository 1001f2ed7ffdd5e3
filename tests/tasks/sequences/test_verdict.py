"""The verdict names the better of the network and its best baseline."""

from __future__ import annotations

from dataclasses import dataclass

from gatewise.tasks.sequences.verdict import verdict_on


@dataclass(frozen=True)
class Row:
    name: str
    error: float


def test_the_better_one_is_named_with_both_figures() -> None:
    network, nearest, mean = Row("LSTM", 0.2), Row("nearest neighbour", 0.3), Row("mean", 0.9)

    def said(*rows: Row) -> str:
        return verdict_on(rows, "LSTM", "unseen steps", lambda row: f"an error of {row.error}")

    assert said(network, nearest, mean) == (
        "On unseen steps the network has an error of 0.2; its best baseline, nearest neighbour, has an error of 0.3."
    )
    assert said(nearest, network, mean) == (
        "Nearest neighbour does better than the network on unseen steps: it has an error of 0.3, the network an error "
        "of 0.2. Prefer it."
    )
