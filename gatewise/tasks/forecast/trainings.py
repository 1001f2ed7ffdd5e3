"""The trainings of a fit: on the training span, stopped by the validation span; then on all rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from gatewise.arrays import Floats
from gatewise.lang.cell import Cell
from gatewise.tasks.data.encoding import Encoder
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
from gatewise.tasks.forecast.plan_dataset import store_of
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
        improving: whether the validation loss of the first was still falling at the last of them.
    """

    networks: tuple[Network, ...]
    steps: int
    history: list[LogEntry]
    allowed: int
    improving: bool


@dataclass(frozen=True)
class ScaledForecasts:
    """The forecasts from the cutoffs of a span, as the networks make them.

    Attributes:
        cuts: the N cutoffs.
        quantiles: [N, h, Q] scaled, not calibrated.
        ahead: what the decoder read, with what scales them back.
    """

    cuts: Cutoffs
    quantiles: Floats
    ahead: DecoderInputs


@dataclass(frozen=True)
class Trained:
    """The result of the trainings of a fit.

    Attributes:
        encoder, effect, networks, steps, correction: of the networks trained on all rows, as ``Fitted`` has them.
        judged: the networks that had not seen the test span.
        judged_correction: what calibration adds to their intervals.
        validation, calibration, test: their forecasts on these spans.
    """

    encoder: Encoder
    effect: KnownEffect | None
    networks: tuple[Network, ...]
    steps: int
    correction: Floats
    judged: Judged
    judged_correction: Floats
    validation: ScaledForecasts
    calibration: ScaledForecasts
    test: ScaledForecasts


@dataclass(frozen=True)
class Trainings:
    """The trainings of a fit, and what they have in common.

    Attributes:
        plan: of the fit.
        base: the index of the baseline that the networks correct.
        cell: of the networks.
        levels: of the intervals, ascending.
        trainer: trains one network after another.
    """

    plan: FitPlan
    base: int
    cell: Cell
    levels: tuple[int, ...]
    trainer: Trainer

    def trained(self, store: SeriesDataset, cutoffs: Sequence[Cutoffs]) -> Trained:
        """Run all trainings on a data set, with the cutoffs of its four spans. Raises TrainingError."""
        choices, spans = self.plan.choices, self.plan.spans
        past, stop, calibrate, report = cutoffs
        judged = self.judged(store, past, stop)
        # an untrained network has seen nothing: all rows before the test span can calibrate it
        if judged.steps == 0:
            calibrate = before_test(store, spans, choices.least)
        cuts = [c.measured(store.horizon) for c in (stop.thinned(COMPARED), calibrate, report)]
        validation, calibration, test = (
            ScaledForecasts(at, *forecast)
            for at, forecast in zip(cuts, forecasts(judged.networks, store, cuts), strict=True)
        )
        correction = self._correction(store, past, calibration)
        every_row = store_of(self.plan, spans.end, store)
        final = self.final(every_row, judged.steps)
        final_correction = correction
        if judged.steps:
            ((quantiles, ahead),) = forecasts(final, every_row, [calibration.cuts])
            final_correction = correction + narrower(
                (calibration.quantiles, calibration.ahead), (quantiles, ahead)
            )
        return Trained(
            encoder=every_row.encoder,
            effect=every_row.effect,
            networks=final,
            steps=judged.steps,
            correction=final_correction,
            judged=judged,
            judged_correction=correction,
            validation=validation,
            calibration=calibration,
            test=test,
        )

    def _correction(
        self, store: SeriesDataset, past: Cutoffs, calibration: ScaledForecasts
    ) -> Floats:
        """What calibration adds to the intervals on either side, [h, L]; ``past`` are cutoffs of the training span."""
        cuts, spans = calibration.cuts, self.plan.spans
        truth = store.truth(cuts)
        at = store.position(cuts.at, cuts.series)
        # all series at one moment
        if spans.across and spans.stop < spans.end and len(np.unique(at)) == 1:
            shared = shared_errors(store, past, self.base)
            if len(shared):
                forecast = (calibration.quantiles, calibration.ahead)
                return calibrated_over_moments(forecast, truth, shared, self.levels)
        return calibrated(calibration.quantiles, calibration.ahead, truth, self.levels)

    def judged(self, store: SeriesDataset, past: Cutoffs, stop: Cutoffs) -> Judged:
        """Networks trained on the training span and stopped by the validation span.

        If they are not clearly better on the validation span than the baseline they start from, they are
        left as they started: as that baseline.
        """
        networks, steps, histories = [], [], []
        problem = self._problem(store, past, stop)
        untrained = self._network(store.encoder, 0)
        allowed = self.plan.choices.steps
        settled = False
        for k in range(self.plan.choices.members):
            training = self._to_validation(problem, k, allowed)
            if k == 0 and self.plan.options.steps is None:
                training, allowed, settled = self._finished(problem, training, allowed)
            networks.append(training.network)
            steps.append(training.step)
            histories.append(training.curve)
        first = histories[0]
        improving = not settled and unfinished(first, steps[0], allowed) and not first[-1].stopped
        errors, before = point_errors(networks, problem), point_errors([untrained], problem)
        watched, horizon = problem.watched, self.plan.options.horizon
        independent = len(watched) / horizon + len(np.unique(watched.series))
        if not clearly_less(errors, before, independent):
            return Judged((untrained,), 0, first, allowed, improving)
        mean = max(1, round(float(np.mean(steps))))
        return Judged(tuple(networks), mean, first, allowed, improving)

    def _to_validation(
        self, problem: ForecastProblem, member: int, allowed: int
    ) -> Training[Network]:
        """A training that the validation span stops, of at most so many steps."""
        stage = "training"
        if allowed > self.plan.choices.steps:
            stage += f" of {allowed} steps"
        return self._trained(problem, stage, member, allowed)

    def _finished(
        self, problem: ForecastProblem, training: Training[Network], allowed: int
    ) -> tuple[Training[Network], int, bool]:
        """A training that is continued for as long as it improves, the steps that it was allowed, and whether more were
        tried and did not help.
        """
        choices = self.plan.choices
        while unfinished(training.curve, training.step, allowed):
            longer = LONGER * allowed
            values = longer * choices.batch * (choices.context // choices.patch)
            following = longer * 2 * choices.members
            left = self.trainer.budget.left
            if not affordable(training.curve, following, values * choices.units, left):
                break
            self.trainer.budget.add()
            again = self._to_validation(problem, 0, longer)
            if _least(again.curve) >= _least(training.curve):
                return training, allowed, True
            training, allowed = again, longer
        return training, allowed, False

    def final(self, store: SeriesDataset, steps: int) -> tuple[Network, ...]:
        """The final networks: trained on all rows for ``steps`` steps, or untrained for 0."""
        if steps == 0:
            return (self._network(store.encoder, 0).eval(),)
        problem = self._problem(store, store.cutoffs(None, None, self.plan.choices.least), None)
        stage, members = "training on all rows", range(self.plan.choices.members)
        return tuple(self._trained(problem, stage, k, steps, steps).network for k in members)

    def _problem(
        self, store: SeriesDataset, cuts: Cutoffs, stop: Cutoffs | None
    ) -> ForecastProblem:
        names = [s.id for s in self.plan.table.series]
        return ForecastProblem(
            store, cuts, stop, self.plan.choices.stretches, probabilities(self.levels), names
        )

    def _network(self, encoder: Encoder, member: int) -> Network:
        """An untrained network of this member's seed."""
        plan = self.plan
        make = partial(
            network_of,
            self.cell,
            plan.choices,
            encoder,
            len(plan.baselines),
            self.base,
            len(self.levels),
            plan.options.dropout,
        )
        return self.trainer.untrained(make, member)

    def _trained(
        self,
        problem: ForecastProblem,
        stage: str,
        member: int,
        steps: int,
        until: int | None = None,
    ) -> Training[Network]:
        network = self._network(problem.store.encoder, member)
        stage += f" {member + 1}" if member else ""
        return self.trainer.train(network, problem, stage, member, steps, until)


def _least(curve: Sequence[LogEntry]) -> float:
    """The lowest validation loss of a training."""
    return min(entry.check for entry in curve if entry.check is not None)
