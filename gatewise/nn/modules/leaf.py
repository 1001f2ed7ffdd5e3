"""A module is a leaf to tools of PyTorch that take modules apart: every call begins here."""

from __future__ import annotations

from typing import Any, NoReturn

from torch import nn
from torch.fx import _symbolic_trace

from gatewise.nn.compiled.torch_tools import as_leaf, refuse_onnx, refuse_script

_torch_call: Any = nn.Module._call_impl  # which torch leaves untyped


class LeafModule(nn.Module):
    """A leaf for ``torch.fx``; refused, with what to do instead, by exports to ONNX and TorchScript.

    Arguments are ``Any`` where ``nn.Module`` types them so.
    """

    def _call_impl(self, *args: Any, **kwargs: Any) -> Any:
        # every call comes by here: neither super() nor a function is asked
        if _symbolic_trace._is_fx_tracing_flag:
            leaf = as_leaf(self, args, kwargs)  # it runs its hooks when the graph runs, not now
            if leaf is not None:
                return leaf
        return _torch_call(self, *args, **kwargs)

    def _slow_forward(self, *args: Any, **kwargs: Any) -> Any:
        if len(args) > 2:  # torch.onnx gives a model's keywords by position
            refuse_onnx(f"gatewise.nn.{type(self).__name__}")
        return super()._slow_forward(*args, **kwargs)  # type: ignore[no-untyped-call]

    def __prepare_scriptable__(self) -> NoReturn:
        refuse_script(f"gatewise.nn.{type(self).__name__}")
