"""Recipes: what training does, apart from the cell. Named, and reported in columns of their own.

``plain`` is the cell as it is declared, at the full gap. ``chrono`` changes the initialisation only. ``grow`` lets
the gap grow when the present one is mastered, with whatever else the experiment names.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from gatewise.errors import InputError, nearest
from gatewise.ir.gates import retentions, why_not
from gatewise.lab.experiment import Experiment, Help
from gatewise.lab.network import LabNetwork
from gatewise.nn import init

NAMES = ("plain", "chrono", "grow")


def help_of(experiment: Experiment | type[Experiment], recipe: str) -> Help:
    """What a recipe adds in an experiment. Raises InputError for an unknown recipe."""
    if recipe not in NAMES:
        raise InputError(
            f"there is no recipe {recipe!r}.{nearest(recipe, list(NAMES))} There are: {', '.join(NAMES)}"
        )
    return experiment.recipes[recipe]


def start(network: LabNetwork, experiment: Experiment, added: Help, recipe: str) -> list[str]:
    """Initialise a network by the recipe and say what was done, each as a phrase.

    Where the gap grows, what a cell has no gate for is left out. Raises CellError if the recipe is ``chrono`` and
    the cell has no gate for it: nothing would be left of the recipe.
    """
    layer, phrases = network.recurrent, list[str]()
    if added.orthogonal and init.recurrent_matrices(layer.plan.cell.program):
        init.orthogonal_(layer)
        phrases.append("orthogonal U")
    has_gate = not why_not(layer.plan.cell.program)
    if added.chrono and (has_gate or recipe == "chrono"):
        init.chrono_(layer, experiment.lag)
        phrases.append(f"chrono {experiment.lag}")
    if added.forget_bias is not None and has_gate:
        init.forget_bias_(layer, added.forget_bias)
        phrases.append(f"forget bias {added.forget_bias:g}")
    if added.blank is not None and has_gate and _shut_on_blank(network, experiment, added.blank):
        phrases.append(f"gates start shut on the blank, by {added.blank:g}")
    if added.grow:
        phrases.append("growing gap")
    if added.mix:
        phrases.append(f"{added.mix:.0%} shorter gaps mixed in")
    if added.fall:
        phrases.append("learning rate falls with the gap")
    for name, _ in added.fields:
        phrases.append({"recalled": "loss on the recalled places"}.get(name, name))
    return phrases


@torch.no_grad()
def _shut_on_blank(network: LabNetwork, experiment: Experiment, by: float) -> bool:
    """Start the gates such that a blank changes no state; whether the cell has matrices for it."""
    if experiment.blank is None or network.one_hot is None:
        return False
    views, changed = network.recurrent.equation_parameters(), False
    for retained in retentions(network.recurrent.plan.cell.program):
        for bias, direction in [
            *((b, 1) for b in retained.keeps),
            *((b, -1) for b in retained.writes),
        ]:
            matrix = views.get(f"W.{bias.param.partition('.')[2]}")
            if matrix is not None and matrix.dim() == 2:
                matrix[:, experiment.blank] += direction * bias.sign * by
                changed = True
    return changed


def describe(phrases: Sequence[str]) -> str:
    """The phrases of ``start`` as one."""
    return ", ".join(phrases) or "nothing"
