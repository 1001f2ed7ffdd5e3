"""Damaged and hostile JSON: one clear error, quickly, and nothing is ever run."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gatewise as gw
from gatewise.errors import GatewiseError, ProgramError
from gatewise.interp import Sequences, run
from gatewise.ir import Program, from_json, to_json
from gatewise.ir.equations import equations
from gatewise.ir.printer import text
from gatewise.ir.serial import SCHEMA, from_data, to_data
from gatewise.passes.differentiate import differentiate
from gatewise.passes.simplify import simplify
from tests.generated import many, sample

EXAMPLES = [
    to_data(gw.cells.slstm.program),
    to_data(gw.cells.lstm_1997(cells=2).program),
    to_data(gw.cells.zoneout(gw.cells.ealstm, h=0.1).program),
    to_data(differentiate(gw.cells.layernorm_lstm.program)),
    to_data(gw.cells.lmu(order=2).program),
    to_data(gw.cells.on_lstm(chunk=2).program),
]
# of this process: far more than any of these should take, far less than a hang
SECONDS = 5.0


def refused(data: str | bytes) -> str:
    """The error that loading gives, in little time."""
    start = time.process_time()
    with pytest.raises(ProgramError) as caught:
        from_json(data)
    assert time.process_time() - start < SECONDS
    message = str(caught.value)
    assert len(message) < 2000 and message
    return message


def test_every_truncation() -> None:
    whole = to_json(gw.cells.gru.program).encode()
    for length in range(len(whole)):
        refused(whole[:length])
    for length in range(1, len(whole)):
        with pytest.raises(ProgramError):
            from_json(whole[length:])


def test_every_byte_damaged() -> None:
    whole = to_json(gw.cells.mingru.program).encode()
    for at in range(len(whole)):
        damaged = whole[:at] + bytes([whole[at] ^ 0x15]) + whole[at + 1 :]
        try:
            program = from_json(damaged)
        except ProgramError:
            continue
        harmless(program)


@pytest.mark.parametrize(
    "data",
    [
        "",
        "null",
        "1",
        "[]",
        "{}",
        '"lstm"',
        "{'schema': 1}",
        "\x00",
        "NaN",
        "[" * 100_000,
        '{"schema": ' * 5000,
        '{"schema": 1}',
        '{"schema": 1, "nodes": 3}',
        b"\xff\xfe\x00",
        b"",
        "1" * 10_000,
        '{"schema": ' + "1" * 10_000 + "}",
        None,
        3,
        ["{"],
    ],
)
def test_what_is_no_program_at_all(data: Any) -> None:
    message = refused(data)
    assert "not the JSON of a program" in message or "the JSON is not a" in message


@pytest.mark.parametrize("name", ["lstm", "slstm", "layernorm_lstm"])
def test_a_program_of_the_first_schema_is_read(name: str) -> None:
    """It has no constants and no matrices among its states."""
    data = to_data(gw.cells.get(name).program)
    data["schema"] = 1
    for param in data["params"]:
        del param["values"]
    for state in data["states"]:
        state.pop("axes", None)
    assert from_data(json.loads(json.dumps(data))) == gw.cells.get(name).program


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"values": [1.0, 2.0, 3.0]}, "3 numbers, its size is"),
        ({"values": [1.0, "inf"] * 18}, "must be finite"),
        ({"values": ["x"]}, "is not a number"),
        ({"values": {}}, "is not a list"),
        ({"values": [1.0] * 36, "blocks": 2}, "in one block"),
        ({"values": [1.0] * 36, "rows": "H"}, "a plain number"),
        ({"values": [10**400] * 36}, "not"),
    ],
)
def test_a_damaged_constant_is_refused(change: dict[str, Any], says: str) -> None:
    data = to_data(gw.cells.get("lmu").program)
    (matrix,) = (p for p in data["params"] if p["name"] == "A_bar")
    matrix.update(change)
    assert says in refused(json.dumps(data))


@pytest.mark.parametrize("schema", [SCHEMA + 1, 0, -1, "1", None, True, 1e9, [1], {"a": 1}])
def test_a_schema_of_another_time(schema: Any) -> None:
    message = refused(json.dumps(EXAMPLES[0] | {"schema": schema}))
    assert "install the version that wrote it" in message


def test_not_a_number_has_no_place() -> None:
    for literal in ("NaN", "Infinity", "-Infinity"):
        damaged = to_json(gw.cells.slstm.program).replace('"-inf"', literal)
        assert literal in damaged
        assert "is not JSON" in refused(damaged)
    for word in ("nan", "infinity", "1e5", " inf"):
        refused(to_json(gw.cells.slstm.program).replace("-inf", word))


# --- one value changed ----------------------------------------------------------------------------

HOSTILE: list[Any] = [
    None,
    True,
    False,
    0,
    -1,
    1,
    7,
    10**6,
    10**30,
    1.5,
    -0.0,
    1e308,
    "",
    "x",
    "h",
    "H",
    "inf",
    "nan",
    "H" * 5000,
    "9" * 5000,
    "999999999*H",
    "1/0",
    "0/0*H",
    "H/999999999",
    "H/3",
    "1/3",
    "-H",
    "H - H",
    "?1",
    "H + Z",
    "__import__('os').system('true')",
    "../../etc/passwd",
    "a\nb",
    "\u0000",
    "\ud800",
    "matvec",
    "param",
    "const",
    "slice",
    "concat",
    "outer",
    [],
    {},
    [[]],
    [0],
    [1, 2, 3],
    {"a": 1},
    ["H"],
    [[0, 1], [2]],
    "batch",
    "row",
    "step",
    "sequence",
]


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value inside."""
    yield path
    items = (
        data.items()
        if isinstance(data, dict)
        else enumerate(data)
        if isinstance(data, list)
        else ()
    )
    for key, value in items:
        yield from places(value, (*path, key))


def changed(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    copy_of = copy.deepcopy(data)
    inside = copy_of
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = value
    return copy_of


def harmless(program: Program) -> None:
    """Whatever was accepted can be printed, rewritten, differentiated and run, or refuses clearly."""
    text(program), equations(program)
    assert from_json(to_json(program)) == program
    hash(program)
    try:
        simplify(differentiate(program, ()))
        at = sample(program, 0, steps=2, batch=1, sizes=dict.fromkeys(program.sizes, 4))
        at.run(record=[n for n, _ in program.names])
    except GatewiseError:
        pass


VALUES = st.one_of(
    st.sampled_from(HOSTILE),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
        max_leaves=6,
    ),
)


@many(150)
@given(data=st.data(), example=st.sampled_from(EXAMPLES))
def test_any_value_replaced_by_another(data: st.DataObject, example: Any) -> None:
    replace_values(data, example)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@many(2000)
@given(data=st.data(), example=st.sampled_from(EXAMPLES))
def test_many_values_replaced_by_others(data: st.DataObject, example: Any) -> None:
    replace_values(data, example)


def replace_values(data: st.DataObject, example: Any) -> None:
    """Damage an example: it is refused, or harmless, and soon."""
    spoilt = example
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from([p for p in places(spoilt) if p]))
        spoilt = changed(spoilt, path, data.draw(VALUES))
    start = time.process_time()
    try:
        program = from_data(spoilt)
    except ProgramError as error:
        assert len(str(error)) < 2000
    else:
        harmless(program)
    assert time.process_time() - start < SECONDS


@many(80)
@given(data=st.data(), example=st.sampled_from(EXAMPLES))
def test_values_dropped_doubled_and_swapped(data: st.DataObject, example: Any) -> None:
    rearrange(data, example)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@many(1000)
@given(data=st.data(), example=st.sampled_from(EXAMPLES))
def test_many_values_dropped_doubled_and_swapped(data: st.DataObject, example: Any) -> None:
    rearrange(data, example)


def rearrange(data: st.DataObject, example: Any) -> None:
    rearranged = copy.deepcopy(example)
    lists = [
        p
        for p in places(rearranged)
        if p and isinstance(_at(rearranged, p), list) and _at(rearranged, p)
    ]
    inside = _at(rearranged, data.draw(st.sampled_from(lists)))
    one, other = (data.draw(st.integers(0, len(inside) - 1)) for _ in "ab")
    kind = data.draw(st.sampled_from(["drop", "double", "swap"]))
    if kind == "drop":
        del inside[one]
    elif kind == "double":
        inside.insert(other, copy.deepcopy(inside[one]))
    else:
        inside[one], inside[other] = inside[other], inside[one]
    try:
        program = from_data(rearranged)
    except ProgramError:
        return
    harmless(program)


def _at(data: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        data = data[key]
    return data


# --- built to hurt --------------------------------------------------------------------------------


def blank(nodes: list[Any], **change: Any) -> dict[str, Any]:
    """A program of nodes after %0, the state h of H units."""
    return {
        "schema": SCHEMA,
        "name": "hostile",
        "doc": "",
        "sizes": ["H"],
        "inputs": [],
        "params": [],
        "states": [{"name": "h", "size": "H", "initial": 0.0}],
        "nodes": [["state", [], "H", None, "h"], *nodes],
        "next": [0],
        "outputs": [],
        "names": [],
    } | change


def test_the_blank_program_is_legal() -> None:
    assert from_data(blank([])).states[0].name == "h"


def test_a_size_that_no_memory_holds_is_refused_when_it_is_run() -> None:
    program = from_data(blank([["repeat", [0], "999999999*H", None, "999999999"]]))
    with pytest.raises(GatewiseError, match="must lie in"):
        run(program, {}, {}, {"H": 4}, Sequences(1, 1))


def test_sizes_that_double_at_every_node_are_refused() -> None:
    nodes = [["concat", [k, k], f"{2 ** (k + 1)}*H", None, None] for k in range(200)]
    assert "is not a size" in refused(json.dumps(blank(nodes)))


def test_a_slice_beyond_its_vector_is_refused_when_it_is_run() -> None:
    for offset, size in (("H", "H"), ("1", "H"), ("0", "2*H"), ("H - 9", "1")):
        program = from_data(blank([["slice", [0], size, None, offset]]))
        with pytest.raises(GatewiseError, match=r"it has fewer|must lie in"):
            run(program, {}, {}, {"H": 4}, Sequences(1, 1))


def test_blocks_that_do_not_divide_are_refused_when_it_is_run() -> None:
    program = from_data(blank([["outer", [0, 0], "H", "H", 3]], outputs=[["o", 1, "batch"]]))
    with pytest.raises(GatewiseError, match="divide evenly"):
        run(program, {}, {}, {"H": 4}, Sequences(1, 1))
    assert run(program, {}, {}, {"H": 6}, Sequences(1, 1)).results["o"].shape == (3, 2, 2)


def test_too_many_nodes() -> None:
    assert "more than 100000" in refused(
        json.dumps(blank([["const", [], "1", None, 0.0]] * 100_001))
    )


def test_many_nodes_and_names_are_read_quickly() -> None:
    count = 20_000
    nodes = [["add", [k, k], "H", None, None] for k in range(count)]
    names = [[f"n{k}", k] for k in range(count)]
    start = time.process_time()
    program = from_data(blank(nodes, names=names))
    assert time.process_time() - start < SECONDS
    assert len(text(program)) > count
    assert len(equations(program)) == count  # but for the state itself; what it becomes is one more


def test_a_deep_and_branching_expression_is_printed_in_part() -> None:
    program = from_data(blank([["add", [k, k], "H", None, None] for k in range(5000)], next=[5000]))
    ((left, right),) = equations(program)
    assert left == "h'" and "%" in right and len(right) < 100_000


def test_a_long_concatenation_is_read_quickly() -> None:
    start = time.process_time()
    nodes = [["concat", [0] * 5000, "5000*H", None, None] for _ in range(50)]
    from_data(blank(nodes))
    assert time.process_time() - start < SECONDS


def test_names_that_would_be_code_are_no_names() -> None:
    for name in ("h;import os", "h(1)", "h.__class__()", "%h", "h\n", "h ", "1h", "../h", "h'", ""):
        state = {"name": name, "size": "H", "initial": 0.0}
        data = blank([], states=[state]) | {"nodes": [["state", [], "H", None, name]]}
        assert "is not a name" in refused(json.dumps(data))


def test_repeated_keys_take_the_last_value_and_are_checked() -> None:
    data = json.dumps(blank([]))
    assert refused(data.replace('"next": [0]', '"next": [0], "next": [7]'))
    assert np.array_equal(
        run(from_json(data), {}, {}, {"H": 2}, Sequences(1, 1)).output, np.zeros((1, 1, 2))
    )
