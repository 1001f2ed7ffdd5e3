"""What tools of PyTorch that take modules apart meet: a leaf for ``torch.fx``, else a clear refusal."""

from __future__ import annotations

from typing import Any, NoReturn

import torch
from torch.fx import Proxy
from torch.utils import _pytree as pytree

from gatewise.errors import BackendError

_INSTEAD = (
    "put PyTorch's module of the same weights in its place, m.to_torch(); there is one for LSTM, GRU, "
    "RNN and their cells for one step, without extras"
)


def as_leaf(
    module: torch.nn.Module, args: tuple[object, ...], kwargs: dict[str, object]
) -> Proxy | None:
    """The call of a module as one node of the graph that is traced, as those of ``torch.nn`` are; None
    if nothing that is traced goes in."""
    proxy = next((v for v in pytree.tree_leaves((args, kwargs)) if isinstance(v, Proxy)), None)
    if proxy is None:
        return None
    # torch types the tracer's base class alone, which has no paths of modules
    tracer: Any = proxy.tracer
    node: Proxy = tracer.create_proxy("call_module", tracer.path_of_module(module), args, kwargs)
    return node


def refuse_onnx(who: str) -> None:
    """Raises BackendError while ``torch.onnx`` exports."""
    if torch.onnx.is_in_onnx_export():
        raise BackendError(
            f"torch.onnx.export cannot take {who}: its compiled kernels have no form in ONNX\n"
            f"  Fix: {_INSTEAD}"
        )


def refuse_script(who: str) -> NoReturn:
    """Raises BackendError."""
    raise BackendError(
        f"torch.jit.script cannot take {who}: TorchScript cannot read how it runs\n"
        f"  Fix: {_INSTEAD}; torch.jit.trace, torch.export and torch.compile take it as it is"
    )
