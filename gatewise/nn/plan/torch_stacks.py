"""How PyTorch stacks the parameters of its LSTM, GRU and RNN."""

from __future__ import annotations

from collections.abc import Sequence

from gatewise.nn.plan.param_layout import Member, Stack


def _stacks(gates: str, separate: Sequence[str] = ()) -> tuple[Stack, ...]:
    """PyTorch's stacks for gates in its order. Both biases add up, but those in ``separate``, which the
    equations know as b.hn."""
    names = [f".{g}" for g in gates] or [""]
    second = [f"b.h{g}" if g in separate else f"b.{g}" for g in gates] or ["b"]
    views = [f"b.h{g}" for g in gates] or ["b.h"]
    return (
        Stack("weight_ih", tuple(Member(f"W{n}", f"W{n}") for n in names)),
        Stack("weight_hh", tuple(Member(f"U{n}", f"U{n}") for n in names)),
        Stack("bias_ih", tuple(Member(f"b{n}", f"b{n}") for n in names)),
        Stack("bias_hh", tuple(Member(p, v) for p, v in zip(second, views, strict=True))),
    )


_LSTM = _stacks("ifzo")
STACKS = {
    "LSTM": _LSTM,
    "LSTMP": (*_LSTM, Stack("weight_hr", (Member("W.h", "W.h"),))),
    "GRU": _stacks("rzn", separate="n"),
    "RNN": _stacks(""),
}
