"""Tables of thousands of series: seconds of the processor to read, look, fit, forecast, save, load and update,
by their number. What goes with the number and not with its square takes about twice as long for twice as many.

``python -m benchmarks.wide_tables LAYOUT COUNT`` measures one of them.
"""

from __future__ import annotations

import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.report import say
from gatewise.errors import InputWarning
from gatewise.tasks import Forecaster
from gatewise.tasks.data.reader import read_table
from gatewise.tasks.forecast.options import Options
from gatewise.tasks.forecast.planning import plan_of, quick_rows

COUNTS = [1_000, 4_000, 16_000, 50_000]
ROWS, LATER, HORIZON = 60, 5, 4
DAYS = np.datetime_as_string(np.datetime64("2024-01-01") + np.arange(ROWS + LATER))


def run() -> list[dict[str, Any]]:
    """Seconds by layout, count and step; covariates are only read."""
    rows = []
    for layout in WRITERS:
        for count in COUNTS:
            row = one(layout, count)
            rows.append(row)
            told = ", ".join(f"{name} {value:.2f}" for name, value in row["seconds"].items())
            say(f"{layout:6s} {count:7,d}  {told}")
    return rows


def one(layout: str, count: int) -> dict[str, Any]:
    """One layout and count."""
    seconds: dict[str, float] = {}
    # of values beyond the few that training has seen
    warnings.simplefilter("ignore", InputWarning)

    def timed(name: str, work: Callable[[], Any]) -> Any:
        start = time.process_time()
        result = work()
        seconds[name] = time.process_time() - start
        return result

    values = np.random.default_rng(0).normal(10, 1, (ROWS + LATER, count)).round(2)
    with tempfile.TemporaryDirectory() as name:
        file, later, folder = (Path(name, n) for n in ("table.csv", "later.csv", "model"))
        file.write_text(WRITERS[layout](values[:ROWS], DAYS[:ROWS]))
        if layout in ("known", "past"):
            covariates = [f"s{k}" for k in range(count)]
            timed("read", lambda: read_table(file, target="y", **{layout: covariates}))
            return {"layout": layout, "count": count, "seconds": seconds}
        table = timed("read", lambda: read_table(file))
        plan = timed("plan", lambda: plan_of(table, Options(horizon=HORIZON)))
        timed("look", lambda: quick_rows(plan))
        model = Forecaster(HORIZON, steps=5, units=4, random_state=0)
        timed("fit", lambda: model.fit(table))
        timed("predict", model.predict)
        timed("report", model.report)
        timed("save", lambda: model.save(folder))
        timed("load", lambda: Forecaster.load(folder))
        if layout != "rows":  # they have no times, which an update needs
            later.write_text(WRITERS[layout](values[ROWS:], DAYS[ROWS:]))
            timed("evaluate", lambda: model.evaluate(later))
            timed("update", lambda: model.update(later))
    return {"layout": layout, "count": count, "seconds": seconds}


def _wide(values: Any, days: Any) -> str:
    head = "ds," + ",".join(f"s{k}" for k in range(values.shape[1]))
    return "\n".join([head, *(f"{d},{_cells(v)}" for d, v in zip(days, values, strict=True)), ""])


def _long(values: Any, days: Any) -> str:
    rows = [
        f"s{k},{d},{v}"
        for k, of in enumerate(values.T.tolist())
        for d, v in zip(days, of, strict=True)
    ]
    return "\n".join(["unique_id,ds,y", *rows, ""])


def _rows(values: Any, _: Any) -> str:
    head = "name," + ",".join(f"V{k}" for k in range(len(values)))
    return "\n".join([head, *(f"s{k},{_cells(v)}" for k, v in enumerate(values.T)), ""])


def _covariates(values: Any, days: Any) -> str:
    head, *rows = _wide(values, days).splitlines()
    return "\n".join([f"y,{head}", *(f"{k % 7}.5,{row}" for k, row in enumerate(rows)), ""])


def _cells(values: Any) -> str:
    return ",".join(map(str, values.tolist()))


WRITERS: dict[str, Callable[[Any, Any], str]] = {
    "wide": _wide,
    "long": _long,
    "rows": _rows,
    "known": _covariates,
    "past": _covariates,
}

if __name__ == "__main__":
    print(one(sys.argv[1], int(sys.argv[2]))["seconds"])
