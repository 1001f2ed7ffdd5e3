"""From a real series to a forecast with a cell written in five lines; run it with ``make demo``.

The series is the weekly carbon dioxide in the air of Mauna Loa, 1958 to 2001, with the gaps of the
record (Keeling & Whorf 2004). It ships inside statsmodels, so nothing is downloaded.
"""

import sys
import time
from collections.abc import Sequence
from pathlib import Path

import statsmodels.api as sm
import torch
from tqdm import tqdm

import gatewise as gw
from gatewise.lang import sigmoid, tanh
from gatewise.tasks import Forecaster
from gatewise.tasks.forecast.metrics import format_table

FOLDER = Path("build/demo")
WEEKS = 26
STEPS, BATCH, UNITS = 100, 64, 64  # of the timing


@gw.cell(init={"b.f": 1.0})
def my_peephole(x, /, h, c, *, W, U, p, b):
    """An LSTM whose gates see the cell state."""
    i = sigmoid(W.i @ x + U.i @ h + p.i * c + b.i)
    f = sigmoid(W.f @ x + U.f @ h + p.f * c + b.f)
    z = tanh(W.z @ x + U.z @ h + b.z)
    c = f * c + i * z
    o = sigmoid(W.o @ x + U.o @ h + p.o * c + b.o)
    h = o * tanh(c)
    return h, c


def main() -> None:
    """Fit, compare, time, and say where to look."""
    title(f"A forecaster for the next {WEEKS} weeks of carbon dioxide, with a cell of your own")
    table = sm.datasets.co2.load_pandas().data.reset_index(names="week")
    model = Forecaster(WEEKS, my_peephole, random_state=0)
    plan = model.plan(table)
    lines("\n".join(plan.describe()))
    fit(model, table, plan.choices.steps)

    title("Its errors beside those of the baselines, on four years that it had not seen")
    lines("\n".join(format_table(model.evaluation_)))
    if not model.steps_:
        lines("The network did not clearly beat its baseline, so it forecasts the same.")

    title("What comes next")
    lines("week        forecast   80 % interval")
    for row in model.predict().iloc[[0, 8, 17, 25]].to_dict("records"):
        point, low, high = (row[f"MY_PEEPHOLE{end}"] for end in ("", "-lo-80", "-hi-80"))
        lines(f"{row['week']:%Y-%m-%d}  {point:8.1f}   {low:.1f} to {high:.1f}")

    title(f"One training step of a layer of {UNITS} units, {STEPS} steps, {BATCH} sequences")
    layers = gw.nn.Recurrent(my_peephole, 2, UNITS), torch.nn.LSTM(2, UNITS)
    ours, theirs = milliseconds(layers)
    lines(f"your peephole cell  {ours:5.1f} ms   (compiled from its equations)")
    lines(f"torch.nn.LSTM       {theirs:5.1f} ms   (it has no peepholes)")

    model.save(FOLDER, force=True, report=model.report("make demo"))
    command = Path(sys.executable).with_name("gatewise")
    here = command.relative_to(Path.cwd()) if command.is_relative_to(Path.cwd()) else "gatewise"
    title("Look at")
    lines(f"{FOLDER / 'report.html'}  in a browser: forecasts, errors, what the gates did")
    lines("examples/demo.py        the cell and this demo")
    title("Type next")
    lines(f"{here} predict {FOLDER}     the forecast as CSV")
    lines(f"{here} look your_file.csv     what Gatewise makes of your data")
    lines(f"{here} cells                  the catalogue of cells")


def fit(model: Forecaster, table: object, steps: int) -> None:
    """Train with a bar on stderr, where that is a terminal."""
    bars: dict[str, tqdm] = {}

    def progress(stage: str, step: int, loss: float) -> None:
        if stage not in bars:
            close()
            bars[stage] = tqdm(desc=f"  {stage}", total=steps, disable=None, leave=False)
        bars[stage].update(step - bars[stage].n)

    def close() -> None:
        for bar in bars.values():
            bar.close()

    start = time.perf_counter()
    model.fit(table, progress=progress)
    close()
    lines(f"trained  in {time.perf_counter() - start:.0f} seconds")


def milliseconds(layers: Sequence[torch.nn.Module]) -> list[float]:
    """The best time of each for a forward and a backward pass, taken in turns."""
    x, times = torch.randn(STEPS, BATCH, 2), [[] for _ in layers]
    for _ in range(50):
        for layer, own in zip(layers, times, strict=True):
            start = time.perf_counter()
            layer(x)[0].sum().backward()
            own.append(time.perf_counter() - start)
    return [1e3 * min(own) for own in times]


def title(text: str) -> None:
    """A heading."""
    print(f"\n{text}\n", flush=True)


def lines(text: str) -> None:
    """Lines under it."""
    print("\n".join(f"  {line}" for line in text.splitlines()), flush=True)


if __name__ == "__main__":
    main()
