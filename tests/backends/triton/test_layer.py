"""What is asked of torch about a GPU: its processors and memory, how products of float32 are rounded; and
numbers that kernels count with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
import torch

import gatewise as gw
from gatewise.backends.triton import layer, sequence
from gatewise.backends.triton.choice import GPUS, Gpu
from gatewise.backends.triton.phases import PhasedStep
from gatewise.backends.triton.sequence import LoopStep
from gatewise.compile import PASSES


@pytest.mark.parametrize(
    ("capability", "shared", "want"),
    [
        ((8, 0), 166_912, GPUS[80].shared),
        ((8, 6), 101_376, 101_376),  # of GPUs for desktops it is less
        ((12, 0), 101_376, 101_376),
        ((9, 0), None, GPUS[90].shared),  # a torch that does not tell
    ],
)
def test_shared_memory(
    capability: tuple[int, int], shared: int | None, want: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = SimpleNamespace(major=capability[0], minor=capability[1], multi_processor_count=30)
    if shared is not None:
        of.shared_memory_per_block_optin = shared
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda index: of)
    layer._gpu.cache_clear()
    try:
        assert layer._gpu(0) == Gpu(30, want)
    finally:
        layer._gpu.cache_clear()


@pytest.fixture
def tf32() -> Iterator[None]:
    """What is set of TF32 is set back."""
    rnn, conv = torch.backends.cudnn.rnn, torch.backends.cudnn.conv
    before = rnn.fp32_precision, conv.fp32_precision
    yield
    rnn.fp32_precision, conv.fp32_precision = before


@pytest.mark.usefixtures("tf32")
def test_products_of_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    """As torch lets cuDNN round them, whether that was said in its old way or in its new one."""
    monkeypatch.setattr(sequence, "interpreted", lambda: False)
    like = torch.zeros(1)
    cudnn = torch.backends.cudnn
    for allowed, want in ((True, "tf32"), (False, "tf32x3"), (True, "tf32")):
        cudnn.allow_tf32 = allowed
        assert sequence.precision(like) == want
    for precision, want in (("ieee", "tf32x3"), ("tf32", "tf32")):
        cudnn.rnn.fp32_precision = precision
        cudnn.conv.fp32_precision = "tf32"
        assert sequence.precision(like) == want
    assert sequence.precision(like.bfloat16()) == "ieee"


@pytest.mark.parametrize(
    ("cell", "way", "batch"),
    [
        ("lstm", "rows", 4),
        ("lstm", "grid", 4),
        ("lstm", "steps", 4),
        ("minlstm", "apart", 4),
        ("minlstm", "apart", 1000),
    ],
)
def test_offsets_have_64_bits(cell: str, way: str, batch: int) -> None:
    """B * T * H, and B * H, may pass 2^31: rows and steps are counted in 64 bits."""
    program = gw.cells.get(cell).program
    planned = layer.GpuLayer(PASSES, program, {"I": 4, "H": 32}, ("h",), True).forward
    step = planned.written(planned.way(batch, "float32", GPUS[80], way, True))
    if isinstance(step, PhasedStep):  # T and the number of the step come from tensors of 64 bits
        texts = [source.text for _, source in step.sources.phases]
        time = "T = tl.load(table)"
    else:
        assert isinstance(step, LoopStep)
        texts = [step.source.text]
        time = "t = tl.where(REVERSE, T - 1 - step, step).to(tl.int64)"
    for text in texts:
        first = re.search(r"\b(?:rm|own) = .*", text)
        assert first is not None and ".to(tl.int64)" in first[0] and time in text
