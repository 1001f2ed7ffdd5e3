"""The driver: explain, backends by name, what is compiled for which question."""

import pytest

import gatewise as gw
from gatewise import compile as gc
from gatewise.errors import BackendError
from gatewise.passes.pipeline import (
    DERIVED,
    INFERENCE,
    TRAINING,
    derive,
    prepare,
    run_inference,
    run_pipeline,
)


def test_explain_shows_every_pass_and_both_schedules():
    text = gw.explain(gw.cells.gru_v3)
    for stage in INFERENCE:
        assert f"=== inference, {stage.name}: {stage.why}" in text
    for stage in TRAINING:
        assert f"=== forward, {stage.name}: {stage.why}" in text
    for stage in DERIVED:
        assert f"=== backward, {stage.name}: {stage.why}" in text
    for title in (
        "backward, differentiate",
        "forward, partition",
        "backward, partition",
        "schedule, forward",
    ):
        assert f"=== {title}" in text
    assert "2 phase(s) a step" in text
    assert "joins the first of the next step" in text


def test_explain_shows_the_kernels():
    text = gw.explain(gw.cells.lstm, backend="llvm", I=8, H=16)
    for part in ("register tiles", "inference kernel", "backward kernel", "define", "assembly"):
        assert part in text
    loop = text[text.index("--- assembly") :]
    assert "fm" in loop or "mul" in loop, "the inner loop multiplies and adds"


def test_explain_refuses_what_has_nothing_to_show():
    with pytest.raises(BackendError, match="nothing to show"):
        gw.explain(gw.cells.lstm, backend="eager")
    with pytest.raises(BackendError, match="Did you mean 'llvm'"):
        gw.explain(gw.cells.lstm, backend="llvn")


def test_stages_are_legal_and_end_fused():
    from gatewise.ir import validate

    program = gw.cells.peephole_lstm.program
    snapshots = list(run_pipeline(program))
    for snapshot in snapshots:
        assert snapshot.why
        validate(snapshot.program)
    assert snapshots[0].name == "check"
    assert (snapshots[-1].step, snapshots[-1].name) == ("backward", "fuse")
    assert derive(program).backward == snapshots[-1].program
    *_, last = run_inference(program)
    assert (last.step, last.name) == ("inference", "fuse")
    assert prepare(program) == last.program


def test_masks_are_averaged_out_in_evaluation_only():
    cell = gw.cells.zoneout(gw.cells.lstm, h=0.1, c=0.5)
    assert any(i.rate is not None for i in gc.program_for(cell.program, training=True).inputs)
    assert all(i.rate is None for i in gc.program_for(cell.program).inputs)


def test_programs_are_prepared_once():
    program = gw.cells.lstm.program
    assert gc.training_for(program) is gc.training_for(program)
    assert gc.layer_for(program, (("I", 2), ("H", 3))) is gc.layer_for(
        program, (("I", 2), ("H", 3))
    )
