"""What is hidden of sounds in training."""

from __future__ import annotations

import torch

from gatewise.tasks.audio.masking import BANDS, MASKS, TIME, Masking


def test_masks_hide_times_and_the_same_bands_of_every_step() -> None:
    torch.manual_seed(0)
    steps, lengths = torch.ones(50, 40, 2 * 16), torch.full((40,), 50)
    hidden = Masking(16).apply(steps, lengths) == 0
    for k in range(40):
        times = hidden[:, k].all(1)
        assert times.sum() <= MASKS * (TIME * 50 + 1)
        bands = hidden[~times, k].all(0)
        assert (hidden[~times, k] == bands).all()
        assert (bands[:16] == bands[16:]).all() and bands[:16].sum() <= MASKS * (BANDS * 16 + 1)
    assert 0.05 < hidden.float().mean() < 0.5
    # each sequence has its own
    assert len({tuple(hidden[:, k].all(1).tolist()) for k in range(40)}) > 20


def test_without_bands_only_times_within_the_length_are_hidden() -> None:
    torch.manual_seed(0)
    steps, lengths = torch.ones(30, 64, 5), torch.full((64,), 10)
    hidden = Masking(0).apply(steps, lengths) == 0
    assert hidden[:10].any() and not hidden[10:].any()
    assert (hidden.all(2) == hidden.any(2)).all()
