"""Schedule: phases, products, classes of states."""

import pytest

import gatewise as gw
from gatewise.compile import schedule_for, training_for
from gatewise.ir import OPS, axes_of
from gatewise.ir.builder import needed
from gatewise.ir.matrices import MAKES, SUMS
from gatewise.lang import sigmoid, tanh
from gatewise.passes.schedule import classify, schedule


def plans(name):
    program = gw.cells.get(name).program
    split = training_for(program)
    return schedule_for(program), schedule(split.forward), schedule(split.backward)


@pytest.mark.parametrize("name", gw.cells.names())
def test_every_node_has_one_phase_after_what_it_reads(name):
    for plan in plans(name):
        program = plan.program
        place = {}
        inside = set()
        for k, phase in enumerate(plan.phases):
            for product in phase.products:
                for column in product.columns:
                    assert column.node not in place
                    place[column.node] = k
                    inside |= _vanishing(program, column.node)
            for n in (*phase.moves, *phase.pointwise, *phase.sums):
                assert n not in place, f"%{n} stands in two phases"
                place[n] = k
        for n in needed(program):
            node = program.nodes[n]
            if OPS[node.op].kind == "leaf" or node.op == "outer" or n in inside:
                continue
            if node.op in MAKES and n not in place:  # matrices read the vector that it is made of
                readers = [m for m in needed(program) if n in program.nodes[m].args]
                assert all(axes_of(program)[m] or program.nodes[m].op in SUMS for m in readers)
                continue
            assert n in place, f"%{n} ({node.op}) stands in no phase"
            for arg in node.args:
                if arg not in place or n in _columns(plan):
                    continue
                late = program.nodes[arg].op in ("sum", *SUMS)
                assert place[arg] + late <= place[n], f"%{n} reads %{arg} too early"
        for k, phase in enumerate(plan.phases):
            for product in phase.products:
                for operand in product.operands:
                    moved = operand in phase.moves
                    assert operand not in place or place[operand] < k + moved


def _columns(plan):
    return {c.node for p in plan.phases for q in p.products for c in q.columns}


def _vanishing(program, root):
    """Nodes inside a column: partial sums and the products themselves."""
    stack, zeros = [root], set()
    while stack:
        n = stack.pop()
        if n != root:
            zeros.add(n)
        if program.nodes[n].op == "add":
            stack.extend(program.nodes[n].args)
    return zeros


@pytest.mark.parametrize(
    ("name", "forward", "backward"),
    [
        ("lstm", 1, 1),
        ("peephole_lstm", 1, 1),
        ("gru", 1, 1),
        ("gru_v3", 2, 2),
        ("lstmp", 2, 2),
        ("mgu", 2, 2),
        ("rnn", 1, 1),
        ("slstm", 1, 1),
        ("minlstm", 1, 1),
    ],
)
def test_phases(name, forward, backward):
    ahead, _, back = plans(name)
    assert ahead.count == forward
    assert back.count == backward, "the transposed product joins the next step's pointwise work"


@pytest.mark.parametrize(
    ("name", "classes"),
    [
        ("lstm", {"h": "matrix", "c": "linear"}),
        ("peephole_lstm", {"h": "matrix", "c": "diagonal"}),
        ("gru", {"h": "matrix"}),
        ("indrnn", {"h": "diagonal"}),
        ("minlstm", {"h": "linear"}),
        ("mingru", {"h": "linear"}),
    ],
)
def test_state_classes(name, classes):
    assert dict(schedule_for(gw.cells.get(name).program).states) == classes


def test_cells_without_a_matrix_state():
    for name in ("sru", "minlstm", "mingru", "indrnn"):
        classes = dict(schedule_for(gw.cells.get(name).program).states)
        assert "matrix" not in classes.values(), name


def test_a_concatenation_of_leaves_costs_no_phase():
    @gw.cell
    def joined(x, /, h, c, *, W, b):
        """Written as one matrix over [h, x]."""
        f = sigmoid(W.f @ [h, x] + b.f)
        z = tanh(W.z @ [h, x] + b.z)
        c = f * c + (1 - f) * z
        return tanh(c), c

    plan = schedule_for(joined.program)
    assert plan.count == 1
    assert [len(p.products) for p in plan.phases] == [1]
    assert len(plan.phases[0].products[0].columns) == 2


def test_inputs_alone_are_ahead():
    plan = schedule_for(gw.cells.minlstm.program)
    columns = [c for p in plan.phases for q in p.products for c in q.columns]
    assert columns
    assert all(c.ahead for c in columns)
    plan = schedule_for(gw.cells.lstm.program)
    assert not any(c.ahead for p in plan.phases for q in p.products for c in q.columns)


@pytest.mark.parametrize("name", ["sru", "mingru", "indrnn", "minlstm"])
def test_gradients_of_a_cell_without_a_matrix_state_have_none_either(name):
    """The gradient of the input is a product over the state's gradient, but leads to no next one."""
    backward = training_for(gw.cells.get(name).program).backward
    assert any(n.op == "matvec_t" for n in backward.nodes)
    assert "matrix" not in dict(classify(backward)).values()


def test_gradients_of_an_lstm_meet_in_matrices():
    assert dict(classify(training_for(gw.cells.lstm.program).backward))["d.h"] == "matrix"
