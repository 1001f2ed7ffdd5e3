"""Launches recorded once serve calls of any length. A stand-in for CUDA's graphs does them again."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from gatewise.backends.triton import graphs, phases, watch
from gatewise.errors import BackendError
from gatewise.interp import Sequences
from tests.backends.llvm.helpers import CELLS, assert_same, by_interpreter, draw, resets, sizes_of
from tests.backends.triton.interpreted.solving import by_triton


class Again:
    """Launches that are done when they are replayed, not when they are recorded."""

    replayed = 0

    def __init__(self, launches: Callable[[], None]) -> None:
        self.launches = launches

    def replay(self) -> None:
        Again.replayed += 1
        self.launches()


@pytest.fixture
def recording(monkeypatch: pytest.MonkeyPatch) -> type[Again]:
    monkeypatch.setenv("GATEWISE_TRITON_WAY", "steps")
    monkeypatch.setattr(graphs, "may_record", lambda device: True)
    monkeypatch.setattr(graphs, "record", Again)
    monkeypatch.setattr(phases, "TOGETHER", 4)
    Again.replayed = 0
    return Again


def test_one_graph_serves_every_length(recording: type[Again]) -> None:
    cell = CELLS["gru_v3"].program
    for k, (steps, reverse) in enumerate(
        [(9, False), (6, False), (11, False), (9, True), (5, True)]
    ):
        seq = Sequences(steps, 3, np.array([steps, 2, 0]), resets(steps, 3), reverse)
        before = recording.replayed
        p = draw(cell, sizes_of("gru_v3"), seq, ("h", "r"), given=True)
        assert_same(by_triton(p), by_interpreter(p), "float32", name=str(steps))
        first = k in (0, 3)  # of its direction: it compiles, and records nothing
        assert recording.replayed - before == (0 if first else 2 * (steps // 4))


def test_old_graphs_are_let_go_of(recording: type[Again], monkeypatch: pytest.MonkeyPatch) -> None:
    from gatewise.backends.triton.layer import layer_for

    layer_for.cache_clear()
    monkeypatch.setattr(phases, "_MOST", 2)
    cell = CELLS["rnn"].program
    for batch in (1, 2, 3, 1):
        p = draw(cell, sizes_of("rnn"), Sequences(5, batch), ("h",), given=True)
        assert_same(by_triton(p), by_interpreter(p), "float32")


def test_a_kernel_that_gave_up_is_told_of() -> None:
    watch.remember(torch.zeros(1, dtype=torch.int32), "well")
    watch.look()
    watch.remember(torch.ones(1, dtype=torch.int32), "lstm")
    with pytest.raises(BackendError, match="a kernel of the cell lstm gave up waiting"):
        watch.look()
    watch.look()
