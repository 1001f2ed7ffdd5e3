"""The data set of a plan: its series, with covariates scaled by the rows before a position."""

from __future__ import annotations

from gatewise.tasks.data.encoding import Encoder
from gatewise.tasks.forecast.config import FitPlan
from gatewise.tasks.forecast.dataset import SeriesDataset
from gatewise.tasks.forecast.effect_choice import EffectChoice


def store_of(plan: FitPlan, stop: int, before: SeriesDataset | None = None) -> SeriesDataset:
    """The data set of a plan, with covariates scaled, and their effect fitted, by the rows before position ``stop``.

    Returns ``before``, a data set of the same plan, if it was scaled alike.
    """
    table = plan.table
    encoder = Encoder.fitted(table.series, table.features, table.clock, stop)
    effect = plan.effect
    if effect is not None:
        choice = EffectChoice(effect.kind, effect.cycles, plan.choices.seasons)
        effect = choice.fitted(table, stop)
    if before is not None and (before.encoder, before.effect) == (encoder, effect):
        return before
    return SeriesDataset(
        table.series,
        plan.choices.running,
        plan.baselines,
        encoder,
        table.clock,
        plan.options.horizon,
        plan.choices.block,
        effect=effect,
    )
