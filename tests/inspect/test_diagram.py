"""Diagrams: everything is there, nothing overlaps, no wire runs through what it does not belong to."""

from __future__ import annotations

import itertools
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given

import gatewise as gw
from gatewise import lang
from gatewise.errors import GatewiseError
from gatewise.inspect.diagram import svg
from gatewise.inspect.diagram.compact import compact
from gatewise.inspect.diagram.elements import Wire
from gatewise.inspect.diagram.graph import graph
from gatewise.inspect.diagram.lattice import Net
from gatewise.inspect.diagram.layout import Layout, layout
from gatewise.inspect.diagram.shapes import STEP, half_height, half_width
from gatewise.inspect.diagram.svg import draw
from gatewise.inspect.diagram.wiring import OUTPUT, Exit
from gatewise.ir import Builder, Input, Program, Size, State
from gatewise.ir.builder import needed
from tests.generated import many, programs

SVG = "{http://www.w3.org/2000/svg}"
CLEAR = 3.0  # pixels between a wire and a shape that it does not belong to

Box = tuple[float, float, float, float]  # left, top, right, bottom


@gw.cell
def own(x, /, h, c, *, W, U, b):
    """A cell of one's own, with what the catalogue has not."""
    a = W.a @ [x, h] + b.a
    gate = lang.clip(a, 0.0, 1.0)
    k = lang.where(a < 0.0, lang.exp(a), 1.0 + a)
    c = lang.minimum(gate * c, k) / (1.0 + abs(c)) - lang.relu(U.c @ (gate * h))
    h = lang.where(c > 0.5, c * c, h - c)
    return h, c


def composed() -> gw.Cell:
    normed = gw.cells.layer_norm(gw.cells.get("peephole_lstm"))
    return gw.cells.zoneout(gw.cells.recurrent_dropout(normed, 0.2), 0.1)


CELLS = {
    **{name: gw.cells.get for name in gw.cells.names()},
    "own": lambda _: own,
    "composed": lambda _: composed(),
    "projected": lambda _: gw.cells.project(gw.cells.get("lstm")),
    "coupled": lambda _: gw.cells.couple(gw.cells.get("peephole_lstm")),
    "without": lambda _: gw.cells.without(gw.cells.get("lstm"), "f"),
    "normed": lambda _: gw.cells.layer_norm(gw.cells.get("gru")),
}


def program_of(name: str) -> Program:
    return CELLS[name](name).program


@cache
def laid(name: str) -> Layout:
    """The layout of a cell, made once for all tests."""
    return compact(layout(graph(program_of(name))))


@pytest.fixture(params=CELLS)
def place(request: pytest.FixtureRequest) -> Layout:
    return laid(request.param)


# --- geometry, worked out from lattice coordinates alone -----------------------------------------------


def boxes(place: Layout) -> dict[int, Box]:
    corners = {}
    for at, shape in place.shapes.items():
        element = place.diagram.elements[at]
        if element.kind == "bus":
            half_x, half_y = 3.0, shape.reach_y * STEP + 7.0
        else:
            half_x, half_y = float(half_width(element)), float(half_height(element))
        x, y = shape.x * STEP, shape.y * STEP
        corners[at] = (x - half_x, y - half_y, x + half_x, y + half_y)
    return corners


def segments(net: Net) -> list[Box]:
    """Pieces of a wire as degenerate boxes, the stubs into its elements included half a step."""
    pieces = []
    for (ax, ay), (bx, by) in net.lines:
        pieces.append((min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)))
    return [tuple(v * STEP for v in piece) for piece in pieces]  # type: ignore[misc]


def apart(a: Box, b: Box, clear: float) -> bool:
    return (
        a[2] + clear <= b[0] or b[2] + clear <= a[0] or a[3] + clear <= b[1] or b[3] + clear <= a[1]
    )


def ends(net: Net) -> list[object]:
    return [s.owner for s in (*net.sinks, *net.rail_sinks)]


# --- every cell -----------------------------------------------------------------------------------------


def test_no_two_shapes_overlap(place: Layout) -> None:
    for (i, a), (j, b) in itertools.combinations(boxes(place).items(), 2):
        names = (place.diagram.elements[i], place.diagram.elements[j])
        assert apart(a, b, 6.0), f"{names[0]} and {names[1]} stand too close"


def test_no_wire_runs_through_or_along_a_shape(place: Layout) -> None:
    for net in place.nets:
        for piece in segments(net):
            for at, box in boxes(place).items():
                assert apart(piece, box, CLEAR), f"a wire of {net.name} touches {at}"


def test_no_two_wires_share_a_line_or_a_corner(place: Layout) -> None:
    for a, b in itertools.combinations(place.nets, 2):
        assert not a.lines & b.lines
        for point in points(a) & points(b):
            for net in (a, b):  # where wires meet, both go straight on
                ways = ways_at(net, point)
                assert len(ways) == 2
                assert ways[0] == (-ways[1][0], -ways[1][1])


def points(net: Net) -> set[tuple[int, int]]:
    return {p for line in net.lines for p in line}


def ways_at(net: Net, point: tuple[int, int]) -> list[tuple[int, int]]:
    """The directions that a wire has at a point, its stubs included."""
    offsets = []
    for a, b in net.lines:
        for here, away in ((a, b), (b, a)):
            if here == point:
                offsets.append((away[0] - here[0], away[1] - here[1]))
    if net.start is not None and net.start.point == point:
        offsets.append((-net.start.direction[0], -net.start.direction[1]))
    for sink in (*net.sinks, *net.rail_sinks):
        if sink.taken is not None and sink.taken.point == point:
            offsets.append(sink.taken.direction)
    return offsets


def test_every_wire_arrives(place: Layout) -> None:
    drawn: list[object] = []
    for net in place.nets:
        assert net.start is not None
        reached, open_ = {net.start.point}, [net.start.point]
        while open_:
            at = open_.pop()
            for line in net.lines:
                if at in line:
                    other = line[0] if line[1] == at else line[1]
                    if other not in reached:
                        reached.add(other)
                        open_.append(other)
        assert points(net) <= reached
        for sink in (*net.sinks, *net.rail_sinks):
            assert sink.taken is not None
            assert sink.taken.point in reached
            drawn.append(sink.owner)
            if isinstance(sink.owner, Wire):
                assert sink.owner.source == net.name
                beside(place, sink.owner.target, sink.taken.point, sink.taken.direction)
    wires = [d for d in drawn if isinstance(d, Wire)]
    assert len(wires) == len(place.diagram.wires)
    assert set(wires) == set(place.diagram.wires)
    exits = [d.state for d in drawn if isinstance(d, Exit)]
    assert sorted(exits) == sorted(name for name, _ in place.diagram.results)
    assert drawn.count(OUTPUT) == 1


def beside(place: Layout, target: int, point: tuple[int, int], way: tuple[int, int]) -> None:
    """A wire that ends at a point and goes on a step enters the shape of its target, and no other."""
    inside = (point[0] + way[0], point[1] + way[1])
    assert [at for at, shape in place.shapes.items() if shape.holds(inside)] == [target]


def test_no_wire_ends_in_nothing(place: Layout) -> None:
    for net in place.nets:
        ports = [s.taken for s in (*net.sinks, *net.rail_sinks)] + [net.start]
        joined = [p for line in net.lines for p in line] + [p.point for p in ports if p is not None]
        loose = [p for line in net.lines for p in line if joined.count(p) == 1]
        assert not loose, f"{place.diagram.elements[net.name]} has a loose end at {loose}"


def test_states_enter_left_and_leave_right_at_the_same_height(place: Layout) -> None:
    entry, leave = {}, {}
    for net in place.nets:
        element = place.diagram.elements[net.name]
        if element.kind == "state" and net.start is not None:
            assert net.start.point[0] == 1
            entry[element.name] = net.start.point[1]
        if element.kind == "input" and net.start is not None:
            assert net.start.point[1] == place.height - 2
        for sink in net.sinks:
            if isinstance(sink.owner, Exit) and sink.taken is not None:
                assert sink.taken.point[0] == place.width - 2
                leave[sink.owner.state] = sink.taken.point[1]
            if sink.owner == OUTPUT and sink.taken is not None:
                assert sink.taken.point[1] == 1
    assert {name: leave[name] for name in entry} == entry
    assert len(set(leave.values())) == len(leave)


def test_everything_lies_inside_the_cell(place: Layout) -> None:
    body = (0.0, 0.0, (place.width - 1) * STEP, (place.height - 1) * STEP)
    for box in (*boxes(place).values(), *(s for net in place.nets for s in segments(net))):
        assert box[0] > body[0]
        assert box[1] > body[1]
        assert box[2] < body[2]
        assert box[3] < body[3]


@pytest.mark.parametrize("name", CELLS)
def test_the_file_is_svg_that_needs_nothing_else(name: str) -> None:
    text = draw(laid(name))
    root = ET.fromstring(text)
    assert root.tag == f"{SVG}svg"
    left, top, width, height = map(float, root.attrib["viewBox"].split())
    assert (left, top) == (0, 0)
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert tags <= {"svg", "title", "desc", "rect", "path", "circle", "g", "text", "tspan"}
    assert "url(" not in text
    assert not re.search(r"\bon\w+=|href|@import|javascript:", text)
    for element in root.iter(f"{SVG}rect"):
        if "%" not in element.attrib["width"] and not inside_group(root, element):
            assert 0 <= float(element.attrib["x"])
            assert float(element.attrib["x"]) + float(element.attrib["width"]) <= width
            assert float(element.attrib["y"]) + float(element.attrib["height"]) <= height


def inside_group(root: ET.Element, element: ET.Element) -> bool:
    """Whether an element is moved by a group around it, as the signs of the key are."""
    return any(element in list(group) and "transform" in group.attrib for group in root.iter())


@pytest.mark.parametrize("name", CELLS)
def test_every_gate_is_drawn_with_its_name_and_function(name: str) -> None:
    drawn = {e.name: e for e in laid(name).diagram.elements if e.kind == "gate"}
    root = ET.fromstring(draw(laid(name)))
    titles = {t.text for t in root.iter(f"{SVG}title")}
    wanted = gates(program_of(name))
    assert wanted or name in (
        "minlstm",
        "indrnn",
        "lem",
        "lru",
        "own",
    )  # whose gates are other functions
    for gate, function in wanted.items():
        assert function in drawn[gate].label
        assert any(t and t.startswith(f"{gate} = ") for t in titles)


def gates(program: Program) -> dict[str, str]:
    """Named squashed sums that hold a matrix product, found without the code under test."""
    signs = {"sigmoid": "σ", "tanh": "tanh"}
    named = {node: name for name, node in program.names if "#" not in name}
    live = set(needed(replace(program, names=())))
    squashes = {}
    for node, name in named.items():
        op = program.nodes[node]
        if op.op not in signs or node not in live:
            continue
        readers = [i for i in live if op.args[0] in program.nodes[i].args]
        stack, seen = [op.args[0]], []
        while stack:
            at = program.nodes[stack.pop()]
            seen.append(at.op)
            if at.op in ("add", "sub", "mul", "div"):  # sums, gains, norms
                stack.extend(at.args)
        if "matvec" in seen and len(readers) == 1:
            squashes[name] = signs[op.op]
    return squashes


# --- what is drawn how ----------------------------------------------------------------------------------


def test_the_lstm_has_the_elements_of_the_literature() -> None:
    d = graph(gw.cells.get("lstm").program)
    kinds = sorted((e.kind, e.label, e.name) for e in d.elements)
    assert [k for k in kinds if k[0] == "gate"] == [
        ("gate", "tanh", "z"),
        ("gate", "σ", "f"),
        ("gate", "σ", "i"),
        ("gate", "σ", "o"),
    ]
    assert [k[1] for k in kinds if k[0] == "operator"] == ["+", "×", "×", "×"]
    assert [k[1] for k in kinds if k[0] == "function"] == ["tanh"]
    (bus,) = (i for i, e in enumerate(d.elements) if e.kind == "bus")
    assert {d.elements[w.source].name for w in d.wires if w.target == bus} == {"x", "h"}
    assert {d.elements[w.target].name for w in d.wires if w.source == bus} == {"i", "f", "z", "o"}


def test_peepholes_are_one_weight_a_unit() -> None:
    d = graph(gw.cells.get("peephole_lstm").program)
    seen = {
        (d.elements[w.source].kind, d.elements[w.target].name)
        for w in d.wires
        if w.how == "diagonal"
    }
    assert seen == {("state", "i"), ("state", "f"), ("operator", "o")}  # o sees the new cell
    assert "stroke-dasharray" in draw(laid("peephole_lstm"))


def test_what_is_subtracted_is_marked() -> None:
    d = graph(gw.cells.get("sublstm").program)
    marks = {
        (d.elements[w.target].label, d.elements[w.source].name): w.mark
        for w in d.wires
        if d.elements[w.target].label == "−"
    }
    assert marks[("−", "i")] == "−"
    assert marks[("−", "o")] == "−"


def test_the_time_gate_is_one_oval() -> None:
    labels = {e.label for e in graph(gw.cells.get("phased_lstm").program).elements}
    assert {"φ(t)", "k(φ)"} <= labels


def test_scaled_squashing_functions_are_one_shape() -> None:
    labels = {e.label for e in graph(gw.cells.get("lstm_1997").program).elements}
    assert {"4σ − 2", "2σ − 1"} <= labels


def test_the_same_cell_gives_the_same_picture() -> None:
    program = gw.cells.get("gru").program
    assert svg(program) == svg(program) == draw(laid("gru"))


def test_hostile_names_stay_text() -> None:
    nasty = '</text><script>alert("1")</script>&'
    program = gw.cells.get("rnn").program
    renamed = replace(
        program,
        name=nasty,
        doc=nasty,
        inputs=(replace(program.inputs[0], name=nasty),),
        nodes=tuple(replace(n, attr=nasty) if n.op == "input" else n for n in program.nodes),
    )
    root = ET.fromstring(svg(renamed))
    assert not [e for e in root.iter() if e.tag.endswith("script")]
    assert nasty in {e.text for e in root.iter(f"{SVG}text")}


def test_what_is_too_large_is_refused() -> None:
    size = Size.of("H")
    b = Builder(share=True)
    node = b.leaf("input", "x", size)
    for _ in range(3000):
        node = b("tanh", node)
    program = Program(
        "tall", tuple(b.nodes), (Input("x", size),), (State("h", size),), (), (node,), sizes=("H",)
    )
    with pytest.raises(GatewiseError, match="too large"):
        svg(program)


def test_the_geometry_sees_faults() -> None:
    fine = laid("lstm")
    (first, shape), (second, other) = itertools.islice(fine.shapes.items(), 2)
    onto = {**fine.shapes, first: replace(shape, x=other.x, y=other.y)}
    with pytest.raises(AssertionError):
        test_no_two_shapes_overlap(replace(fine, shapes=onto))
    line = next(iter(max(fine.nets, key=lambda n: len(n.lines)).lines))[0]
    with pytest.raises(AssertionError):
        moved = {**fine.shapes, second: replace(other, x=line[0], y=line[1])}
        test_no_wire_runs_through_or_along_a_shape(replace(fine, shapes=moved))
    a, b = fine.nets[:2]
    with pytest.raises(AssertionError):
        joined = replace(b, lines=b.lines | set(itertools.islice(a.lines, 3)))
        test_no_two_wires_share_a_line_or_a_corner(replace(fine, nets=(a, joined)))
    with pytest.raises(AssertionError):
        cut = replace(a, lines=set(itertools.islice(a.lines, len(a.lines) // 2)))
        test_every_wire_arrives(replace(fine, nets=(cut, *fine.nets[1:])))


@many(6)
@given(programs())
def test_any_program_can_be_drawn(program: Program) -> None:
    place = compact(layout(graph(program)))
    test_no_two_shapes_overlap(place)
    test_no_wire_runs_through_or_along_a_shape(place)
    test_no_two_wires_share_a_line_or_a_corner(place)
    test_every_wire_arrives(place)
    ET.fromstring(draw(place))
