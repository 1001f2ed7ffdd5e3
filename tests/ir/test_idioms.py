"""Functions that the language spells out are read back as one term, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import gatewise as gw
from gatewise import lang
from gatewise.ir.idioms import Term
from gatewise.ir.reading import Reading


def term_of(function: Callable[[Any], Any]) -> Term:
    """The term of ``function(v)`` for a vector v of a cell."""

    @gw.cell
    def one(x, /, h, *, W, U, b):
        v = W @ x + U @ h + b
        h = function(v)
        return h

    reading = Reading(one.program)
    return reading.terms[reading.program.next[0]]


@pytest.mark.parametrize(
    ("function", "name", "operands"),
    [
        (lang.relu, "relu", 1),
        (lang.log_sigmoid, "log_sigmoid", 1),
        (lang.hard_sigmoid, "hard_sigmoid", 1),
        (lambda v: lang.clip(v, -2.0, 3.0), "clip", 3),
        (lang.norm, "norm", 1),
        (lambda v: v**2, "power", 1),
        (lambda v: v**5, "power", 1),
        (lambda v: v % 3.0, "mod", 2),
        (lambda v: ~(v < 0.5), "not", 1),
        (lambda v: (v < 0.5) & (v > -0.5), "and", 2),
        (lambda v: (v > 0.5) | (v < -0.5), "or", 2),
        (lang.sigmoid, "sigmoid", 1),
        (lambda v: lang.maximum(v, 0.0), "max", 2),
    ],
)
def test_an_idiom_is_one_term(function: Callable[[Any], Any], name: str, operands: int) -> None:
    term = term_of(function)
    assert (term.name, len(term.args)) == (name, operands)


@pytest.mark.parametrize(
    "function",
    [
        lambda v: lang.where(v <= 0.0, 0.1, v),  # not a relu
        lambda v: lang.where(v < 0.0, 0.0, v),  # nor this: its derivative at 0 differs
        lambda v: lang.where(v < -2.0, -1.0, lang.where(v > 3.0, 3.0, v)),
        lambda v: lang.where(v <= -3.0, 0.0, lang.where(v >= 2.0, 1.0, v / 6.0 + 0.5)),
    ],
)
def test_what_only_looks_like_an_idiom_is_a_select(function: Callable[[Any], Any]) -> None:
    assert term_of(function).name == "where"


def test_a_product_with_another_factor_is_no_power() -> None:
    assert term_of(lambda v: v * (v + 1.0)).name == "mul"


def test_a_mean_over_the_units_is_one_term() -> None:
    term = term_of(lambda v: v - lang.mean(v))
    assert term.name == "sub"

    @gw.cell
    def centred(x, /, h, *, W, U):
        v = W @ x + U @ h
        m = lang.mean(v)
        h = v - m
        return h

    reading = Reading(centred.program)
    names = {label: reading.terms[node].name for node, label in reading.labels.items()}
    assert names["m"] == "mean"


def test_a_joint_norm_knows_its_part() -> None:
    @gw.cell
    def joint(x, /, h, *, W, U):
        a, b = lang.norm(W.a @ x, U.b @ h)
        h = a * b
        return h

    reading = Reading(joint.program)
    parts = {label: reading.terms[node] for node, label in reading.labels.items()}
    assert (parts["a"].name, parts["a"].attr) == ("norm", 0)
    assert (parts["b"].name, parts["b"].attr) == ("norm", 1)
    assert parts["a"].args == parts["b"].args


def test_what_an_option_leaves_behind_disappears() -> None:
    @gw.cell
    def plain(x, /, h, *, W, U, scale=1.0, shift=0.0, cells=1):
        h = lang.tanh(scale * lang.repeat(W @ x, cells) + shift + U @ h)
        return h

    reading = Reading(plain.program)
    assert {t.name for t in reading.terms.values()} == {
        "tanh",
        "add",
        "matvec",
        "param",
        "input",
        "state",
    }


def test_what_depends_on_no_input_and_no_state_is_fixed() -> None:
    @gw.cell
    def timed(x, /, h, *, W, U, log_tau):
        tau = lang.exp(log_tau)
        h = lang.tanh(W @ x + U @ h) / tau
        return h

    reading = Reading(timed.program)
    (tau,) = (node for node, label in reading.labels.items() if label == "tau")
    assert reading.fixed(tau)
    assert reading.trainable(tau)
    assert not reading.fixed(reading.program.next[0])
