"""What arrays and tensors have is no member of a parameter family; what people call gates is one."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import gatewise as gw
from gatewise.errors import CellError
from gatewise.lang import tanh
from gatewise.lang.array_names import KEPT, taken


def public(of: type) -> set[str]:
    return {name for name in dir(of) if not name.startswith("_")}


def test_every_attribute_of_arrays_and_tensors_is_known() -> None:
    """Properties without exception: unlike a method, one that was read as a member shows no error."""
    names = public(np.ndarray) | public(torch.Tensor)
    silent = {
        n for n in names if not callable(getattr(np.ndarray, n, getattr(torch.Tensor, n, None)))
    }
    assert not {n for n in names if not taken(n) and n.removesuffix("_") not in KEPT}
    assert not silent & KEPT and not KEPT - names and len(silent) > 30


@pytest.mark.parametrize(
    "name", ["T", "mT", "H", "t", "transpose", "real", "sum", "to", "copy_", "grad"]
)
@pytest.mark.parametrize("member", [False, True])
def test_refused_on_families_and_members(name: str, member: bool) -> None:
    with pytest.raises(CellError) as caught:

        @gw.cell
        def k(x, /, h, *, W):
            of = W.h if member else W
            return tanh(W.h @ x + getattr(of, name) @ h)

    message = str(caught.value)
    assert f"{'W.h' if member else 'W'}.{name} reads as" in message
    assert "getattr(of, name) @ h" in message and "\n  Fix: " in message
    assert (f'W["{name}"]' in message) != member


LETTERS = "a b c d e f g h i j k l m n o p q r s u v w x y z A B C D E F G I J K L M N O P Q R S U V W X Y Z"
WORDS = "input forget output cell update reset new hh ih z_x in_ if_ hn wi back decay slow fast skip key value"


def test_what_people_call_gates_is_a_member() -> None:
    names = [*LETTERS.split(), *WORDS.split(), *sorted(KEPT)]

    @gw.cell
    def k(x, /, h, *, W, U):
        for name in names:
            h = h + tanh(getattr(W, name) @ x)
        return h + U.i * x

    assert {f"W.{name}" for name in names} < {p.name for p in k.program.params}


def test_a_member_that_is_really_named_so_is_said_by_index() -> None:
    @gw.cell
    def k(x, /, h, *, W):
        return tanh(W.h @ x + W["T"] @ h)

    assert [p.name for p in k.program.params] == ["W.h", "W.T"]
