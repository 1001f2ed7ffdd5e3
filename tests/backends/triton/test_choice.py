"""Which way is chosen for which sizes, and why a way that is asked for is refused."""

from __future__ import annotations

import pytest

import gatewise as gw
from gatewise.backends.triton.choice import GPUS, LIMITS, Gpu, Way, matrix_bytes
from gatewise.backends.triton.layer import GpuLayer, PlannedStep
from gatewise.compile import PASSES
from gatewise.errors import BackendError


def step(cell: str, units: int, direction: str = "forward") -> PlannedStep:
    program = gw.cells.get(cell).program
    sizes = {name: units for name in program.sizes}
    planned = getattr(GpuLayer(PASSES, program, sizes, (program.states[0].name,), True), direction)
    assert isinstance(planned, PlannedStep)
    return planned


def way(
    cell: str,
    units: int,
    dtype: str = "bfloat16",
    *,
    batch: int = 16,
    asked: str = "",
    gpu: Gpu = GPUS[90],
    together: bool = True,
    direction: str = "forward",
) -> Way:
    return step(cell, units, direction).way(batch, dtype, gpu, asked, together)


@pytest.mark.parametrize("direction", ["forward", "backward"])
@pytest.mark.parametrize(
    ("cell", "units", "dtype", "name"),
    [
        ("lstm", 64, "bfloat16", "rows"),
        ("lstm", 128, "bfloat16", "rows"),
        ("lstm", 128, "float16", "rows"),
        ("lstm", 256, "bfloat16", "grid"),
        ("lstm", 768, "bfloat16", "grid"),
        ("lstm", 64, "float32", "rows"),
        ("lstm", 128, "float32", "grid"),
        ("lstm", 256, "float32", "grid"),
        ("lstm", 512, "float32", "steps"),
        ("gru_v3", 128, "float32", "grid"),
        ("gru_v3", 512, "bfloat16", "grid"),
        ("slstm", 128, "bfloat16", "rows"),
        ("layernorm_lstm", 64, "bfloat16", "steps"),
        ("minlstm", 512, "float32", "apart"),
        ("indrnn", 512, "bfloat16", "apart"),
    ],
)
def test_the_way_of_each_size(cell: str, units: int, dtype: str, name: str, direction: str) -> None:
    chosen = way(cell, units, dtype, direction=direction)
    assert chosen.name == name, chosen.reason


def test_more_programs_than_processors() -> None:
    """1024 units are 64 programs for each group of rows, so that two groups run on 132 processors."""
    assert way("lstm", 1024, batch=32).tile.rows == 16
    wide = way("lstm", 1024, batch=64)
    assert (wide.name, wide.tile.rows, wide.tile.programs) == ("grid", 32, 64)
    many = way("lstm", 1024, batch=512)
    assert many.name == "steps" and "programs, the GPU runs 132 at a time" in many.reason
    small = way("lstm", 256, gpu=Gpu(8, 232_448))
    assert small.name == "steps" and "16 programs, the GPU runs 8 at a time" in small.reason


def test_programs_that_run_one_after_the_other_cannot_wait() -> None:
    chosen = way("lstm", 256, together=False)
    assert chosen.name == "steps" and "they run one after the other" in chosen.reason


def test_matrices_that_do_not_fit_on_a_processor() -> None:
    """Four matrices of 128 times 128 values of two bytes; of float32 both parts count."""
    planned = step("lstm", 128)
    tile = way("lstm", 128).tile
    assert matrix_bytes(planned.plan(False), planned.sizes, tile, "bfloat16") == 4 * 128 * 128 * 2
    assert matrix_bytes(planned.plan(False), planned.sizes, tile, "float32") == 4 * 128 * 128 * 8
    small = Gpu(132, 100_000)
    assert way("lstm", 128, gpu=small).name == "grid"
    assert way("lstm", 96, gpu=Gpu(132, 4 * 96 * 128 * 2 + LIMITS.reserve)).name == "rows"
    assert way("lstm", 96, gpu=Gpu(132, 4 * 96 * 128 * 2 + LIMITS.reserve - 1)).name == "grid"


@pytest.mark.parametrize(
    ("cell", "units", "dtype", "asked", "reason"),
    [
        ("lstm", 512, "bfloat16", "rows", "a row has 512 units, a program holds 256"),
        ("lstm", 256, "bfloat16", "rows", "matrices of 532,480 bytes, a processor holds 232,448"),
        ("lstm", 512, "float32", "grid", "matrices of 270,336 bytes, a processor holds 232,448"),
        ("lstm", 8, "bfloat16", "grid", "a row has too few units to share"),
        ("lstm", 4096, "bfloat16", "grid", "256 programs, the GPU runs 132 at a time"),
        ("on_lstm", 64, "bfloat16", "grid", "a sum so far needs all units in one program"),
        ("layernorm_lstm", 64, "bfloat16", "rows", "sums over all units"),
        ("lstm", 64, "bfloat16", "apart", "units meet"),
        ("minlstm", 64, "bfloat16", "rows", "there is no matrix product in the loop"),
    ],
)
def test_a_way_that_cannot_serve_is_refused(
    cell: str, units: int, dtype: str, asked: str, reason: str
) -> None:
    with pytest.raises(BackendError, match=f"the way {asked} cannot serve this call: .*{reason}"):
        way(cell, units, dtype, asked=asked)


@pytest.mark.parametrize("name", gw.cells.names())
def test_steps_serves_everything(name: str) -> None:
    for units in (8, 4096):
        assert way(name, units, batch=1000, asked="steps").name == "steps"


@pytest.mark.parametrize(
    ("cell", "batch", "reason"),
    [
        ("minlstm", 4, "steps are joined by a scan"),
        ("minlstm", 1000, "step by step, as the rows fill the GPU"),
        ("sru", 4, "step by step, as the state c is not linear"),
    ],
)
def test_where_steps_are_joined_by_a_scan(cell: str, batch: int, reason: str) -> None:
    chosen = way(cell, 256, batch=batch)
    assert chosen.name == "apart" and reason in chosen.reason
    assert chosen.scan == ("scan" in reason)


def test_a_choice_says_why_not_the_others() -> None:
    chosen = way("lstm", 256)
    assert chosen.reason.startswith("the units are spread over processors (not rows: ")
