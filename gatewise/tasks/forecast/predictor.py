"""``Predictor``: forecasts from the state of series."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gatewise.arrays import Floats, Ints
from gatewise.errors import InputError
from gatewise.tasks.data.clock import Clock
from gatewise.tasks.data.series import Series
from gatewise.tasks.forecast.calibration import widen
from gatewise.tasks.forecast.dataset import DecoderInputs, SeriesDataset, in_units
from gatewise.tasks.forecast.domain import Domain, bounded, keep
from gatewise.tasks.forecast.error_paths import ErrorPaths, Point
from gatewise.tasks.forecast.exponential_smoothing import smoothing_ahead, smoothing_name
from gatewise.tasks.forecast.future_steps import Future, known_ahead, open_steps
from gatewise.tasks.forecast.objective import decoded
from gatewise.tasks.forecast.recent_level import reached
from gatewise.tasks.forecast.series_state import SeriesState
from gatewise.tasks.forecast.state_updater import StateUpdater


@dataclass(frozen=True)
class Predictor:
    """Everything that training has fitted and that forecasts are computed with."""

    updater: StateUpdater
    correction: Floats
    domains: tuple[Domain, ...] = ()
    paths: ErrorPaths | None = None

    @property
    def baseline_names(self) -> tuple[str, ...]:
        """The baselines that a forecast can be had of."""
        return (*(b.name for b in self.updater.baselines), smoothing_name(self.updater.running))

    def check(self, ends: SeriesState, horizon: int, levels: int) -> None:
        """Raises InputError where the arrays of a saved model do not fit each other."""
        if self.correction.shape != (horizon, levels) or not self.updater.fits(ends):
            raise InputError("the ends of its series do not fit its networks")

    def ahead(
        self, ends: SeriesState, clock: Clock, steps: int, future: Future | None = None
    ) -> Ints:
        """See ``open_steps``."""
        return open_steps(ends, clock, self.updater.features, steps, future)

    def forecast(
        self, ends: SeriesState, clock: Clock, steps: int, future: Future | None = None
    ) -> Floats:
        """Calibrated quantiles [N, steps, Q] of the next steps that are open, in the units of the target.

        Raises InputError if a known covariate is missing there.
        """
        quantiles, ahead, offsets = self._decoded(ends, clock, steps, future)
        values = self.in_units(quantiles, ahead, ends.targets)
        return np.take_along_axis(values, offsets[..., None], axis=1)

    def point(
        self, which: Point, ends: SeriesState, clock: Clock, steps: int, future: Future | None
    ) -> Floats:
        """The mean or the median [N, steps] of the next steps that are open, in the units of the target.

        Raises InputError as ``forecast`` does, and for an older model.
        """
        quantiles, ahead, offsets = self._decoded(ends, clock, steps, future)
        raw = np.take_along_axis(self.uncalibrated(quantiles, ahead), offsets[..., None], axis=1)
        point = self._paths().point(raw, which)[..., None]
        return keep(point, self.domains, ends.targets, rounded=which == "median")[..., 0]

    def total(
        self, ends: SeriesState, clock: Clock, steps: int, future: Future | None = None
    ) -> Floats:
        """Quantiles [N, Q] of the total of the next steps that are open, in the units of the target.

        Raises InputError as ``forecast`` does, and for an older model.
        """
        quantiles, ahead, offsets = self._decoded(ends, clock, steps, future)
        raw = np.take_along_axis(self.uncalibrated(quantiles, ahead), offsets[..., None], axis=1)
        total = self._paths().total(raw)[:, None]
        domains = [domain.of_total(steps) for domain in self.domains]
        limited = keep(total, domains, ends.targets, rounded=False)[:, 0]
        # the mean of whole numbers is none: the limits are those around it
        middle, whole = limited.shape[-1] // 2, np.array([d.whole for d in domains])[ends.targets]
        for limits, nearest in ((slice(middle), np.floor), (slice(middle + 1, None), np.ceil)):
            edge = nearest(limited[whole, middle])[:, None]
            bound = np.minimum if nearest is np.floor else np.maximum
            limited[whole, limits] = bound(limited[whole, limits], edge)
        return limited

    def _paths(self) -> ErrorPaths:
        if self.paths is None:
            raise InputError(
                "this model does not know how its errors are correlated from step to step (it was saved by an older "
                "Gatewise, or has no intervals), which the mean, the median and the total need: fit it again"
            )
        return self.paths

    def _decoded(
        self, ends: SeriesState, clock: Clock, steps: int, future: Future | None
    ) -> tuple[Floats, DecoderInputs, Ints]:
        """Scaled quantiles up to the last of the next steps that are open, their inputs, and which steps are."""
        offsets = self.ahead(ends, clock, steps, future)
        known = known_ahead(ends, clock, self.updater.features, offsets, future or {})
        reach = known.shape[1]
        store = self._ahead(ends, clock, reach, known)
        quantiles, ahead = decoded(
            self.updater.networks,
            ends.outputs(self.updater.running.patch),
            store.ahead(store.ends()),
            reach,
        )
        return quantiles, ahead, offsets

    def baseline(
        self,
        name: str,
        ends: SeriesState,
        clock: Clock,
        steps: int,
        future: Future | None = None,
    ) -> Floats:
        """The forecast [N, steps] of a baseline of what follows, in the units of the target.

        Raises InputError for a name that no baseline has, if its state was not kept, or if a known covariate
        is missing that has an effect.
        """
        if name not in self.baseline_names:
            raise InputError(
                f"there is no baseline {name!r}: name one of {', '.join(self.baseline_names)}"
            )
        baseline = next((b for b in self.updater.baselines if b.name == name), None)
        offsets = self.ahead(ends, clock, steps, future)
        steps = int(offsets.max()) + 1
        if baseline is None:
            if not ends.smoothing.shape[1]:
                raise InputError(
                    f"this model was saved by an older Gatewise, which did not keep the state of {name}: "
                    "give the rows as data (--data FILE), or fit the model again"
                )
            values = smoothing_ahead(ends.smoothing, ends.position, steps)
        # a baseline reads no covariate but what has an effect
        known = (
            None
            if self.updater.effect is None
            else known_ahead(ends, clock, self.updater.features, offsets, future or {})
        )
        store = self._ahead(ends, clock, steps, known)
        if baseline is not None:
            values = baseline.at(store.tracks, store.ends().at, steps)
        values = np.take_along_axis(store.in_units(values, store.ends().at), offsets, axis=1)
        return bounded(values, self.domains, ends.targets)

    def in_units(self, quantiles: Floats, ahead: DecoderInputs, targets: Ints) -> Floats:
        """Calibrated quantiles in the units of the targets [B] and in their domains, from scaled ones [B, h, Q]."""
        steps = quantiles.shape[1]
        by = self.correction[np.minimum(np.arange(steps), len(self.correction) - 1)]
        unit = ahead.unit[:, None, None]
        wide = reached(widen(quantiles / unit, by) * unit, ahead.continuing, ahead.unit)
        return keep(self.uncalibrated(wide, ahead), self.domains, targets)

    def uncalibrated(self, quantiles: Floats, ahead: DecoderInputs) -> Floats:
        """Scaled quantiles [B, h, Q] as they are, in the units of the targets."""
        values = quantiles * ahead.scale[:, None, None] + ahead.level[:, None, None]
        steps = quantiles.shape[1]
        factor, shift = (part[:, :steps, None] for part in (ahead.factor, ahead.shift))
        return in_units(values, factor, shift, self.updater.running.log)

    def _ahead(
        self, ends: SeriesState, clock: Clock, steps: int, known: Floats | None
    ) -> SeriesDataset:
        """A data set of no rows, to forecast ``steps`` from with known covariates [N, steps, K]."""
        if known is None:
            known = np.full((len(ends), 0, len(self.updater.features.known)), np.nan)
        series = [
            Series(
                id=name,
                start=int(at),
                values=np.zeros(0),
                past=np.zeros((0, len(self.updater.features.past))),
                known=values,
                target=int(target),
            )
            for name, at, values, target in zip(
                ends.ids, ends.position, known, ends.targets, strict=True
            )
        ]
        return self.updater.dataset(series, clock, steps, ends.before)
