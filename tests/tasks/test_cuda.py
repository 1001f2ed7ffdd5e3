"""A forecaster trained on a GPU: the same model, saved and forecasting on the CPU. Skipped elsewhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from gatewise.tasks import Forecaster

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="PyTorch finds no GPU here"),
]


@pytest.mark.parametrize("cell", ["lstm", "peephole_lstm"])
def test_training_on_a_gpu_gives_the_same_model(
    hourly: pd.DataFrame, tmp_path: Path, cell: str
) -> None:
    def fitted(device: str) -> Forecaster:
        options = {"units": 8, "steps": 12, "members": 1, "patience": 99, "random_state": 0}
        return Forecaster(6, cell=cell, device=device, **options).fit(hourly)

    here, on_gpu = fitted("cpu"), fitted("cuda")
    assert {p.device.type for p in on_gpu.network_.parameters()} == {"cpu"}
    for a, b in zip(here.history_, on_gpu.history_, strict=True):
        assert b.check == pytest.approx(a.check, rel=1e-2)  # TF32 in cuDNN
    column = next(c for c in here.predict().columns if c not in ("unique_id", "ds"))
    np.testing.assert_allclose(on_gpu.predict()[column], here.predict()[column], rtol=2e-2)
    on_gpu.save(tmp_path / "model")
    again = Forecaster.load(tmp_path / "model")
    pd.testing.assert_frame_equal(again.predict(), on_gpu.predict())


@pytest.mark.parametrize("precision", ["32-true", "bf16-mixed"])
def test_a_run_on_a_gpu_goes_on(hourly: pd.DataFrame, tmp_path: Path, precision: str) -> None:
    """``auto`` takes the GPU; a second fit into the same run folder finds it finished."""
    model = Forecaster(
        6, units=8, steps=12, members=1, device="auto", precision=precision, random_state=0
    )
    first = model.fit(hourly, run=tmp_path / "run").predict()
    again = model.fit(hourly, run=tmp_path / "run").predict()
    pd.testing.assert_frame_equal(first, again)
