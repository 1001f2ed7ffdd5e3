"""Facts from a fit: what is picked while the data are at hand, and what the model tells by itself."""

from __future__ import annotations

import platform
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from gatewise.errors import InputError
from gatewise.nn import Recurrent
from gatewise.tasks.data.clock import Clock
from gatewise.tasks.forecast.config import FitPlan
from gatewise.tasks.forecast.dataset import Cutoffs, SeriesDataset
from gatewise.tasks.forecast.fitted import Fitted
from gatewise.tasks.forecast.leaderboard import in_units
from gatewise.tasks.forecast.network import Network
from gatewise.tasks.forecast.report.facts import Facts, Gates, Shown, Window, quantities, ranks
from gatewise.version import __version__

Floats = NDArray[np.float64]
TITLES = 3  # series that a title names
LEAST_PAST = 24  # values before a forecast that are drawn, where the context has them


def shown(
    network: Network,
    *,
    store: SeriesDataset,
    cuts: Cutoffs,
    plan: FitPlan,
    truth: Floats,
    quantiles: Floats,
    levels: Sequence[int],
    simple: int,
) -> Shown:
    """Pick windows of the reporting span.

    Args:
        network: that was measured.
        store, cuts: the reporting windows, N.
        plan: of the fit.
        truth: [N, h] in the units of the target, NaN where missing.
        quantiles: [N, h, 2 * levels + 1] likewise.
        levels: of the intervals, ascending.
        simple: number of the best simple forecast.
    """
    middle = quantiles.shape[-1] // 2
    seen = ~np.isnan(truth)
    far = np.where(seen, np.abs(truth - quantiles[..., middle]), 0.0).sum(1)
    errors = np.where(seen.any(1), far / np.maximum(seen.sum(1), 1), np.nan)
    windows = []
    for k, place in ranks(errors):
        cut = cuts.take(slice(k, k + 1))
        before = min(plan.choices.context, max(LEAST_PAST, 2 * store.horizon))
        series, times, values = _around(store, cut, plan, before)
        since = _since(plan.table.clock, _places(store, cut, 0))
        limits = {
            level: np.stack([quantiles[k, :, middle - 1 - n], quantiles[k, :, middle + 1 + n]], 1)
            for n, level in enumerate(levels)
        }
        plain = store.baselines[simple].at(store.tracks, cut.at, store.horizon)[0]
        other = in_units(store, plain)
        windows.append(
            Window(series, since, place, float(errors[k]), times, values[:before], truth[k],
                   quantiles[k, :, middle], other, limits)
        )  # fmt: skip
    typical = ranks(errors)[0][0]
    return Shown(
        title=_title(plan),
        windows=windows,
        simple=plan.baselines[simple].name,
        gates=_gates(network, store, cuts.take(slice(typical, typical + 1)), plan),
        data=_pairs(plan.table.describe()),
        model=_pairs(plan.choices.describe()),
        kernel=_kernel(network),
    )


def facts(fitted: Fitted, command: str) -> Facts:
    """All facts of a model that was fitted here. Raises InputError for one that was loaded.

    ``command`` is what made it, for the reader.
    """
    kept = fitted.shown
    if kept is None:
        raise InputError(
            "a report needs the rows that the fit has seen, and a saved model does not keep them: "
            "look at the report.html in its folder, or fit again"
        )
    versions = {
        "gatewise": __version__, "torch": torch.__version__, "numpy": np.__version__,
        "Python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}", "cell runs on": kept.kernel,
    }  # fmt: skip
    return Facts(
        target=kept.title, own=fitted.name, base=fitted.baselines[fitted.base].name,
        steps=fitted.steps, data=kept.data, model=[("cell", fitted.cell.name), *kept.model],
        rows=fitted.evaluation, levels=fitted.levels, windows=kept.windows, simple=kept.simple,
        curve=fitted.history, gates=kept.gates, command=command, versions=versions,
    )  # fmt: skip


def _around(
    store: SeriesDataset, cut: Cutoffs, plan: FitPlan, before: int
) -> tuple[str, NDArray[np.generic], Floats]:
    """A window's series, the times of its points [before + h] and the values at them."""
    series, at = int(cut.series[0]), int(cut.at[0])
    values = in_units(store, store.flat[at - before : at + store.horizon])
    times = _times(plan.table.clock, _places(store, cut, before))
    return plan.table.series[series].id, times, values


def _places(store: SeriesDataset, cut: Cutoffs, before: int) -> NDArray[np.int64]:
    """Positions of a window's points, [before + h]."""
    series = int(cut.series[0])
    position = int(store.start[series] + cut.at[0] - store.first[series])
    return position + np.arange(-before, store.horizon)


def _gates(network: Network, store: SeriesDataset, cut: Cutoffs, plan: FitPlan) -> Gates | None:
    """What the cell does along the last stretch before a cutoff, as long as one of training."""
    patch, length = plan.choices.patch, plan.choices.context
    at = cut.at - np.arange(length - patch, -1, -patch)[:, None]
    steps = torch.from_numpy(store.patches(at, np.broadcast_to(cut.series, at.shape))).float()
    found = quantities(network, lambda: network.encode(steps))
    if not found:
        return None
    series, times, values = _around(store, cut, plan, length)
    return Gates(series, times[:length], values[:length], found)


def _title(plan: FitPlan) -> str:
    """What is forecast: the column, or the series where a column is one."""
    names = [one.id for one in plan.table.series]
    if plan.table.layout in ("long", "single"):
        return plan.table.target
    more = len(names) - TITLES
    return ", ".join(names[:TITLES]) + (f" and {more} more" if more > 0 else "")


def _times(clock: Clock, places: NDArray[np.int64]) -> NDArray[np.generic]:
    """Numbers, or times as a clock on the wall shows them."""
    times = clock.wall_times(places)
    return times.astype("datetime64[us]") if clock.datetimes else times


def _since(clock: Clock, places: NDArray[np.int64]) -> str:
    """The first time, without seconds where there are none."""
    text = clock.show(int(clock.at(places[:1])[0]))
    return text[:16] + text[19:] if text[16:19] == ":00" else text


def _pairs(lines: Sequence[str]) -> list[tuple[str, str]]:
    """Lines as people read them at the prompt: a short title, then text."""
    split = (line.split(None, 1) for line in lines if line.strip())
    return [(words[0], words[1] if len(words) > 1 else "") for words in split]


def _kernel(network: nn.Module) -> str:
    layer = next((m for m in network.modules() if isinstance(m, Recurrent)), None)
    return "" if layer is None else str(layer.explain())
