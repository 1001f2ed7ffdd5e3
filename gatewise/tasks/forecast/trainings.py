"""The trainings of a fit: on the training span, stopped by the validation span; then on all rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from gatewise.arrays import Floats
from gatewise.lang.cell import Cell
from gatewise.tasks.data.encoding import Encoder
from gatewise.tasks.forecast.baseline_choice import best_baseline
from gatewise.tasks.forecast.calibration import calibrated, narrower, probabilities
from gatewise.tasks.forecast.config import FitPlan
from gatewise.tasks.forecast.cutoffs import Cutoffs
from gatewise.tasks.forecast.dataset import DecoderInputs, SeriesDataset
from gatewise.tasks.forecast.known_effect import KnownEffect
from gatewise.tasks.forecast.longer import LONGER, affordable, unfinished
from gatewise.tasks.forecast.network import Network, network_of
from gatewise.tasks.forecast.objective import (
    ForecastProblem,
    clearly_less,
    forecasts,
    point_errors,
)
from gatewise.tasks.forecast.planning import store_of
from gatewise.tasks.forecast.shared_errors import calibrated_over_moments, shared_errors
from gatewise.tasks.forecast.spans import before_test
from gatewise.tasks.training.checkpoint import LogEntry
from gatewise.tasks.training.trainer import Trainer, Training

# cutoffs of the validation span at which the network and the baselines are compared
COMPARED = 2_000


@dataclass(frozen=True)
class Judged:
    """Networks that were trained on the training span.

    Attributes:
        networks: of all members; one untrained if they did not clearly beat their baseline.
        steps: the mean number of steps of their best weights; 0 if they are untrained.
        history: the learning curve of the first.
        allowed: the steps that each was allowed.
        still: whether the validation loss of the first was still falling at the last of them.
    """

    networks: tuple[Network, ...]
    steps: int
    history: list[LogEntry]
    allowed: int
    still: bool


@dataclass(frozen=True)
class Trained:
    """The result of the trainings of a fit: see the attributes of ``Forecaster``.

    ``judged`` has the networks that had not seen the test span, ``reported`` are their forecasts from its
    cutoffs ``report``; ``validated`` those from cutoffs ``stop`` of the validation span.
    """

    encoder: Encoder
    effect: KnownEffect | None
    networks: tuple[Network, ...]
    base: int
    steps: int
    correction: Floats
    judged_correction: Floats
    judged: Judged
    report: Cutoffs
    reported: tuple[Floats, DecoderInputs]
    stop: Cutoffs
    validated: tuple[Floats, DecoderInputs]
    calibrate: Cutoffs
    calibration: tuple[Floats, DecoderInputs]


@dataclass(frozen=True)
class Trainings:
    """The trainings of a fit, and what they have in common."""

    plan: FitPlan
    cell: Cell
    levels: tuple[int, ...]
    trainer: Trainer

    def trained(self, store: SeriesDataset, cutoffs: Sequence[Cutoffs]) -> Trained:
        """Run all trainings on a data set, with the cutoffs of its four spans. Raises TrainingError."""
        choices, spans = self.plan.choices, self.plan.spans
        past, stop, calibrate, report = cutoffs
        base = best_baseline(store, past)
        judged = self.judged(store, past, stop, base)
        networks, steps = judged.networks, judged.steps
        # an untrained network has seen nothing: all rows before the test span can calibrate it
        if steps == 0:
            calibrate = before_test(store, spans, choices.least)
        cuts = (
            calibrate.measured(store.horizon),
            report.measured(store.horizon),
            stop.thinned(COMPARED).measured(store.horizon),
        )
        calibration, reported, validated = forecasts(networks, store, cuts)
        correction = self._correction(store, past, base, cuts[0], calibration)
        whole = store_of(self.plan, spans.end, store)
        final = self.final(whole, base, steps)
        last = correction
        if steps:
            last = correction + narrower(calibration, forecasts(final, whole, cuts[:1])[0])
        return Trained(
            whole.encoder,
            whole.effect,
            final,
            base,
            steps,
            last,
            correction,
            judged,
            cuts[1],
            reported,
            cuts[2],
            validated,
            cuts[0],
            calibration,
        )

    def _correction(
        self,
        store: SeriesDataset,
        past: Cutoffs,
        base: int,
        cuts: Cutoffs,
        calibration: tuple[Floats, DecoderInputs],
    ) -> Floats:
        """What the calibration adds to the intervals of its cutoffs on either side, [h, L]."""
        truth, spans = store.truth(cuts), self.plan.spans
        at = store.position(cuts.at, cuts.series)
        # all series at one moment
        if spans.across and spans.stop < spans.end and len(np.unique(at)) == 1:
            shared = shared_errors(store, past, base)
            if len(shared):
                return calibrated_over_moments(calibration, truth, shared, self.levels)
        return calibrated(*calibration, truth, self.levels)

    def judged(self, store: SeriesDataset, past: Cutoffs, stop: Cutoffs, base: int) -> Judged:
        """Networks trained on the training span and stopped by the validation span.

        If they are not clearly better on the validation span than the baseline they start from, they are
        left as they started: as that baseline.
        """
        networks, steps, histories = [], [], []
        problem = self._problem(store, past, stop)
        untrained = self._network(store.encoder, base, 0)
        allowed = self.plan.choices.steps
        settled = False
        for k in range(self.plan.choices.members):
            one = self._one(problem, base, k, allowed)
            if k == 0 and self.plan.options.steps is None:
                one, allowed, settled = self._finished(problem, base, one, allowed)
            networks.append(one.network)
            steps.append(one.step)
            histories.append(one.curve)
        first = histories[0]
        still = not settled and unfinished(first, steps[0], allowed) and not first[-1].stopped
        errors, before = point_errors(networks, problem), point_errors([untrained], problem)
        spans = len(problem.watched) / self.plan.options.horizon + len(
            np.unique(problem.watched.series)
        )
        if not clearly_less(errors, before, spans):
            return Judged((untrained,), 0, first, allowed, still)
        return Judged(tuple(networks), max(1, round(float(np.mean(steps)))), first, allowed, still)

    def _one(
        self, problem: ForecastProblem, base: int, member: int, allowed: int
    ) -> Training[Network]:
        """A training on the training span, of at most so many steps."""
        stage = "training"
        if allowed > self.plan.choices.steps:
            stage += f" of {allowed} steps"
        return self._trained(problem, base, stage, member, allowed)

    def _finished(
        self, problem: ForecastProblem, base: int, one: Training[Network], allowed: int
    ) -> tuple[Training[Network], int, bool]:
        """A training that goes on for as long as it improves, the steps that it was allowed, and whether more were
        tried and did not help.
        """
        choices = self.plan.choices
        while unfinished(one.curve, one.step, allowed):
            longer = LONGER * allowed
            values = longer * choices.batch * (choices.context // choices.patch)
            following = longer * 2 * choices.members
            if not affordable(
                one.curve, following, values * choices.units, self.trainer.budget.left
            ):
                break
            self.trainer.budget.add()
            again = self._one(problem, base, 0, longer)
            if _least(again.curve) >= _least(one.curve):
                return one, allowed, True
            one, allowed = again, longer
        return one, allowed, False

    def final(self, store: SeriesDataset, base: int, steps: int) -> tuple[Network, ...]:
        """The final networks: trained on all rows for ``steps`` steps, or untrained for 0."""
        if steps == 0:
            return (self._network(store.encoder, base, 0).eval(),)
        problem = self._problem(store, store.cutoffs(None, None, self.plan.choices.least), None)
        stage, members = "training on all rows", range(self.plan.choices.members)
        return tuple(self._trained(problem, base, stage, k, steps, steps).network for k in members)

    def _problem(
        self, store: SeriesDataset, cuts: Cutoffs, stop: Cutoffs | None
    ) -> ForecastProblem:
        names = [s.id for s in self.plan.table.series]
        return ForecastProblem(
            store, cuts, stop, self.plan.choices.stretches, probabilities(self.levels), names
        )

    def _network(self, encoder: Encoder, base: int, member: int) -> Network:
        """An untrained network of this member's seed."""
        plan = self.plan
        make = partial(
            network_of,
            self.cell,
            plan.choices,
            encoder,
            len(plan.baselines),
            base,
            len(self.levels),
            plan.options.dropout,
        )
        return self.trainer.untrained(make, member)

    def _trained(
        self,
        problem: ForecastProblem,
        base: int,
        stage: str,
        member: int,
        steps: int,
        until: int | None = None,
    ) -> Training[Network]:
        network = self._network(problem.store.encoder, base, member)
        stage += f" {member + 1}" if member else ""
        return self.trainer.train(network, problem, stage, member, steps, until)


def _least(notes: Sequence[LogEntry]) -> float:
    """The lowest validation loss of a training."""
    return min(n.check for n in notes if n.check is not None)
