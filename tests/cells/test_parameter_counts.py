"""Numbers of weights: those that papers print, and those that follow from the equations."""

from __future__ import annotations

import pytest

import gatewise as gw


def network(cells: int, biases: str) -> gw.Cell:
    """The LSTM of 1997 in blocks, with the biases that the experiment used."""
    cell = gw.cells.lstm_1997(cells=cells, input_bias=biases == "all")
    return gw.cells.without(cell, "b") if biases == "none" else cell


# Hochreiter & Schmidhuber (1997): inputs, blocks x cells, outputs, the biases, the printed number
@pytest.mark.parametrize(
    ("experiment", "inputs", "blocks", "cells", "outputs", "biases", "output_bias", "printed"),
    [
        ("1 (Reber grammar)", 7, 4, 1, 7, "gates", False, 264),
        ("2c (p = 50)", 54, 2, 1, 2, "none", False, 364),
        ("3a (two sequences)", 1, 3, 1, 1, "all", False, 102),
        ("4 (adding)", 2, 2, 2, 1, "all", True, 93),
        ("6a (order)", 8, 2, 2, 4, "all", True, 156),
        ("6b (order)", 8, 3, 2, 8, "all", True, 308),
    ],
)
def test_networks_of_1997(
    experiment: str,
    inputs: int,
    blocks: int,
    cells: int,
    outputs: int,
    biases: str,
    output_bias: bool,
    printed: int,
) -> None:
    """The hidden layer and an output layer that sees the cells, not their gates."""
    hidden = blocks * cells
    layer = outputs * (hidden + output_bias)
    assert network(cells, biases).parameter_count(I=inputs, H=hidden) + layer == printed


def test_network_of_2000() -> None:
    """Gers et al.: 7 inputs, 4 blocks of 2 cells, cells without bias, 7 outputs that see the input
    too: 8 * 15 + 12 * 16 + 7 * 16 = 424."""
    cell = gw.cells.lstm(cells=2, input_bias=False)
    count = cell.parameter_count(I=7, H=8)
    assert count == 8 * 15 + 12 * 16
    assert count + 7 * (8 + 7 + 1) == 424


I, H, S, P = 5, 6, 3, 2
GATE = H * (I + H + 1)  # a gate or candidate: W, U, b
VANILLA = 4 * GATE + 3 * H  # Greff et al.'s start: peepholes on three gates

COUNTS = {
    "rnn": GATE,
    "lstm_1997": 3 * H * (I + 3 * H + 1),
    "lstm": 4 * GATE,
    "peephole_lstm": VANILLA,
    "cifg": VANILLA - GATE - H,
    "nig": VANILLA - GATE - H,
    "nfg": VANILLA - GATE - H,
    "nog": VANILLA - GATE - H,
    "niaf": VANILLA,
    "noaf": VANILLA,
    "np": VANILLA - 3 * H,
    "fgr": VANILLA + 9 * H * H,
    "gru": 3 * GATE + H,
    "gru_v3": 3 * GATE,
    "mgu": 2 * GATE,
    "janet": 2 * GATE,
    "mut1": GATE + H * (I + 1) + H * (H + 1) + H * I,
    "mut2": 2 * GATE + H * (H + 1) + H * I,
    "mut3": 3 * GATE,
    "lstmp": 4 * H * (I + P + 1) + P * H,
    "layernorm_lstm": 4 * GATE + 8 * H + 2 * H,
    "slstm": 4 * GATE,
    "mlstm": 4 * H * (I + 1) + 2 * (I + 1),
    "minlstm": 3 * H * (I + 1),
    "mingru": 2 * H * (I + 1),
    "indrnn": H * (I + 2),
    "sru": 2 * H * (I + 2) + 2 * H * I,
    "multiplicative_lstm": 4 * GATE + H * (I + H),
    "sublstm": 4 * GATE,
    "phased_lstm": VANILLA + 3 * H,
    "ealstm": 3 * GATE + H * (S + 1),
    "antisymmetric_rnn": GATE,
    "lmu": I + H + 6 + H * (I + H + 6 + 1),
    "on_lstm": 6 * GATE,
    "lem": 4 * GATE,
    "lru": 2 * H + 2 * H * I + 2 * H * H + H * I,
    "hgrn": 5 * H * (I + 1) + H + 4 * H + H * (2 * H + 1),
    "rg_lru": H * I + 2 * H * (H + 1) + H,
}


@pytest.mark.parametrize("name", gw.cells.names())
def test_counts_follow_from_the_equations(name: str) -> None:
    cell = gw.cells.get(name)
    known = {"I": I, "H": H, "S": S, "P": P}
    sizes = {size: known[size] for size in cell.program.sizes}
    assert cell.parameter_count(**sizes) == COUNTS[name]


def test_heads_keep_the_blocks_only() -> None:
    heads = gw.cells.slstm(heads=3)
    assert heads.parameter_count(I=I, H=H) == 4 * (H * (I + 1) + H * H // 3)


@pytest.mark.parametrize("name", ["mut1", "mut2", "sru"])
def test_a_raw_input_needs_no_matrix(name: str) -> None:
    """Used as printed, the input has as many values as there are units: one size is left."""
    raw = gw.cells.get(name)(project=False)
    assert raw.program.sizes == ("H",)
    assert raw.parameter_count(H=H) == gw.cells.get(name).parameter_count(I=H, H=H) - H * H


@pytest.mark.parametrize("gates", ["i", "f", "o", "if", "io", "fo", "ifo"])
def test_any_subset_of_the_peepholes(gates: str) -> None:
    cell = gw.cells.peephole_lstm(peepholes=gates)
    assert {p.name for p in cell.program.params if p.name[0] == "p"} == {f"p.{k}" for k in gates}
    assert cell.parameter_count(I=I, H=H) == 4 * GATE + len(gates) * H
