"""The float types of tensors that the compiled kernels serve."""

from __future__ import annotations

import torch

DTYPES = {torch.float32: "float32", torch.float64: "float64"}
LOW = (torch.bfloat16, torch.float16)  # of modules that are computed in float32 (``low_types.py``)
CPU = torch.device("cpu")  # said wherever a tensor is made: torch's default device can be another
