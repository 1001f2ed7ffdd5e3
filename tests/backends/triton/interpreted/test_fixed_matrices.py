"""Fixed matrices that meet matrices entry by entry: masks of a memory and of weights."""

from __future__ import annotations

import pytest

from tests.backends.llvm.helpers import assert_same, by_interpreter, draw
from tests.backends.llvm.test_contract import SITUATIONS
from tests.backends.triton.interpreted.solving import by_triton
from tests.lang.test_fixed_matrices import linked


@pytest.mark.parametrize("way", ["", "steps"], indirect=True, ids=["chosen", "steps"])
@pytest.mark.parametrize("situation", ["plain", "ragged"])
def test_masks(situation: str, way: str) -> None:
    seq, with_states = SITUATIONS[situation]
    sizes = {"I": 2}
    p = draw(linked.program, sizes, seq, (), with_states=with_states)
    assert_same(by_triton(p), by_interpreter(p), "float32")
