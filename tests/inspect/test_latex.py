"""LaTeX as a person would write it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

import gatewise as gw
from gatewise import lang
from gatewise.inspect.latex import latex
from gatewise.inspect.symbols import flat, spans, symbol
from gatewise.inspect.symbols import latex as typeset

PEEPHOLE = r"""\begin{align*}
  i_t &= \sigma(W_i x_t + U_i h_{t-1} + p_i \odot c_{t-1} + b_i) \\
  f_t &= \sigma(W_f x_t + U_f h_{t-1} + p_f \odot c_{t-1} + b_f) \\
  z_t &= \tanh(W_z x_t + U_z h_{t-1} + b_z) \\
  c_t &= f_t \odot c_{t-1} + i_t \odot z_t \\
  o_t &= \sigma(W_o x_t + U_o h_{t-1} + p_o \odot c_t + b_o) \\
  h_t &= o_t \odot \tanh(c_t)
\end{align*}"""


def test_the_peephole_lstm() -> None:
    assert latex(gw.cells.get("peephole_lstm").program) == PEEPHOLE


@pytest.mark.parametrize(
    ("cell", "line"),
    [
        ("gru_v3", r"n_t &= \tanh(W_n x_t + U_n (r_t \odot h_{t-1}) + b_n)"),
        ("slstm", r"h_t &= \frac{o_t \odot c_t}{n_t}"),
        ("slstm", r"m_t &= \max(\log f_t + m_{t-1},\, a_{i,t})"),
        ("lstm_1997", r"z_t &= 4 \sigma(a_{z,t}) - 2"),
        ("fgr", r"R_{if}"),
        ("phased_lstm", r"\tau &= \exp(\log \tau)"),
        ("phased_lstm", r"\phi_t &= \frac{(t - s) \bmod \tau}{\tau}"),
        ("phased_lstm", r"\begin{cases} 2 \phi_t / r & \text{if } \phi_t < r / 2 \\"),
        ("layernorm_lstm", r"\operatorname{norm}(c_t)"),
        ("multiplicative_lstm", r"m_t &= (W_m x_t) \odot (U_m h_{t-1})"),
        ("ealstm", r"i_t &= \sigma(W_i s + b_i)"),  # a static input has no time
    ],
)
def test_lines_of_the_catalogue(cell: str, line: str) -> None:
    assert line in latex(gw.cells.get(cell).program)


@pytest.mark.parametrize("name", gw.cells.names())
def test_braces_and_environments_balance(name: str) -> None:
    text = latex(gw.cells.get(name).program)
    depth = 0
    for ch in re.sub(r"\\[{}]", "", text):
        depth += (ch == "{") - (ch == "}")
        assert depth >= 0
    assert depth == 0
    assert text.count(r"\begin{") == text.count(r"\end{")
    assert text.count(r"\left") == text.count(r"\right")
    rows = len(text.splitlines()) - 2
    assert text.count("&=") == rows
    assert "*" not in text.replace("align*", "")


def test_scalars_and_numbers_are_not_vectors() -> None:
    @gw.cell(scalar="t")
    def scaled(x, t, /, h, *, W, U):
        k = 1 / (1 + t * t)
        h = k * lang.tanh(W @ x + U @ h) + 0.5 * h + 2e-5
        return h

    text = latex(scaled.program)
    assert r"h_t &= k_t \, \tanh(W x_t + U h_{t-1}) + 0.5 h_{t-1} + 2 \cdot 10^{-5}" in text
    assert r"k_t &= \frac{1}{1 + t^2}" in text
    assert r"\odot" not in text


def test_a_random_mask_chooses_between_cases() -> None:
    text = latex(gw.cells.zoneout(gw.cells.get("lstm"), 0.1).program)
    assert r"\begin{cases} h_{t-1} & \text{if } \mathrm{zoneout}_{h,t} \\ h^{(1)}_t" in text


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("c_tilde", r"\tilde{c}_t"),
        ("phi", r"\phi_t"),
        ("h1", r"h_{1,t}"),
        ("gate", r"\mathrm{gate}_t"),
        ("c_open", r"c_{\mathrm{open},t}"),
        ("log_f", r"\log f_t"),
        ("h#2", r"h^{(2)}_t"),
        ("W.i", r"W_{i,t}"),
        ("s.mu", r"s_{\mu,t}"),
        ("s_xi", r"s_{\xi,t}"),
        ("c_hh", r"c_{hh,t}"),
        ("R.if", r"R_{if,t}"),
        ("ψ", r"\psi_t"),
    ],
)
def test_names_become_symbols(name: str, expected: str) -> None:
    assert typeset(symbol(name, "t")) == expected


def test_symbols_in_a_drawing() -> None:
    assert flat(spans(symbol("c_tilde", "t-1"))) == "c\u0303t−1"
    assert [s.level for s in spans(symbol("h#1", "t"))] == [0, 1, -1]
    assert spans(symbol("gate"))[0].italic is False


def test_hostile_names_cannot_leave_the_formula() -> None:
    program = gw.cells.get("rnn").program
    nasty = r"x}$\input{/etc/passwd}%"
    renamed = replace(
        program,
        inputs=(replace(program.inputs[0], name=nasty),),
        nodes=tuple(replace(n, attr=nasty) if n.op == "input" else n for n in program.nodes),
    )
    text = latex(renamed)
    assert r"\input" not in text
    assert re.search(r"(?<!\\)[$%]", text) is None
