"""``python -m benchmarks.every_step [name ...]``: tasks at every step, defaults only, beside simple ways and peers.

The data: record 100 of MIT-BIH with annotations (sample data of wfdb-python; its ``100.dat``, ``.hea`` and ``.atr`` in
``GATEWISE_ECG``, read with wfdb), UCR 135 InternalBleeding16 of aeon (``GATEWISE_PEERS``), pollution and ETTh1 of ``GATEWISE_DATA``.
What is not there is skipped and said. Each seed is written to ``benchmarks/results/every_step.json`` when it is done, and the
table to ``every_step.txt``. Seconds are of the processor.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
SEEDS = (0, 1, 2)
NEAR = 0.05  # seconds from a beat that count as found
WIDE = 0.025  # seconds around a beat that are its event
BEATS = list("NLRBAaJSVrFejnE/fQ?")
Figures = dict[str, Any]


def beats(seed: int) -> Figures:
    """R peaks of the last third of record 100, learned from the first two."""
    import wfdb

    from gatewise.tasks import SequenceTagger

    folder = os.environ.get("GATEWISE_ECG")
    if not folder:
        raise FileNotFoundError("set GATEWISE_ECG to a folder with record 100")
    record = wfdb.rdrecord(str(Path(folder) / "100"))
    notes = wfdb.rdann(str(Path(folder) / "100"), "atr")
    x, rate = record.p_signal, record.fs
    places = notes.sample[np.isin(notes.symbol, BEATS)]
    y = np.zeros(len(x), dtype=int)
    wide = int(WIDE * rate)
    for shift in range(-wide, wide + 1):
        y[np.clip(places + shift, 0, len(x) - 1)] = 1
    cut, near = len(x) * 2 // 3, int(NEAR * rate)
    start = time.process_time()
    model = SequenceTagger(rate=rate, tolerance=near, random_state=seed).fit([x[:cut]], [y[:cut]])
    seconds = time.process_time() - start
    row = model.evaluate([x[cut:]], [y[cut:]]).events
    assert row is not None
    figures = _found("Gatewise", row.recall, row.precision) | {"CPU seconds": round(seconds)}
    try:
        import neurokit2

        cleaned = neurokit2.ecg_clean(x[:, 0], sampling_rate=rate)
        peaks = np.asarray(neurokit2.ecg_peaks(cleaned, sampling_rate=rate)[1]["ECG_R_Peaks"])
        apart = np.abs(np.subtract.outer(places[places >= cut], peaks[peaks >= cut]))
        recall, precision = ((apart.min(axis) <= near).mean() for axis in (1, 0))
        figures |= _found("neurokit2", recall, precision)
    except ImportError:
        pass
    return figures


def _found(name: str, recall: float, precision: float) -> Figures:
    return {
        f"{name} sensitivity": round(100 * float(recall), 2),
        f"{name} precision": round(100 * float(precision), 2),
    }


def bleeding(seed: int) -> Figures:
    """UCR 135: where the highest score is; the anomaly is at steps 4187 to 4198."""
    import pandas as pd

    from gatewise.tasks import AnomalyDetector

    peers = Path(os.environ.get("GATEWISE_PEERS", "."))
    name = "135_UCR_Anomaly_InternalBleeding16"
    folder = peers / "aeon" / "datasets" / "data" / "KDD-TSAD_135"
    quiet = pd.read_csv(folder / f"{name}_TRAIN.csv").value.to_numpy()
    table = pd.read_csv(folder / f"{name}_TEST.csv")
    start = time.process_time()
    model = AnomalyDetector(random_state=seed).fit([quiet])
    seconds = time.process_time() - start
    x = [table.value.to_numpy()]
    places = model.events(x)
    rows = {row.name: row for row in model.evaluate(x, [table.is_anomaly.to_numpy()]).rows}
    return {
        "place": f"{places.begin[0]}-{places.end[0] - 1}",
        "highest": round(float(places.score[0]), 1),
        "next": round(float(places.score[1]), 1),
        "flagged": int(places.flagged.sum()),
        "AUC": round(rows[model.fitted_.name].auc, 3),
        "AUC of the change": round(rows["change from the last value"].auc, 3),
        "CPU seconds": round(seconds),
    }


def gaps(file: str, columns: list[str], seed: int) -> Figures:
    """Errors of values removed in blocks, in deviations of each column."""
    import pandas as pd

    from gatewise.tasks import SequenceImputer

    data = Path(os.environ.get("GATEWISE_DATA") or ROOT.parent / "shared" / "data")
    values = pd.read_csv(data / "forecast" / file)[columns].to_numpy(dtype=float)
    start = time.process_time()
    model = SequenceImputer(time_limit=None, random_state=seed).fit([values])
    seconds = time.process_time() - start
    figures = {
        row.name: [round(row.mae, 3), *(round(error, 3) for error in row.by_share)]
        for row in model.evaluation_
    }
    return figures | {"CPU seconds": round(seconds)}


def etth1(seed: int) -> Figures:
    """Imputation of ETTh1."""
    return gaps("ETTh1.csv", ["HUFL", "HULL", "MUFL", "MULL", "LUFL", "LULL", "OT"], seed)


def pollution(seed: int) -> Figures:
    """Imputation of Beijing's air and weather."""
    return gaps("pollution.csv", ["pm2.5", "DEWP", "TEMP", "PRES", "Iws"], seed)


ROWS = {"R peaks": beats, "UCR 135": bleeding, "gaps ETTh1": etth1, "gaps pollution": pollution}


def main() -> None:
    """Measure the rows that are named, or all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", default=list(ROWS))
    parser.add_argument("--seeds", type=int, nargs="*", default=list(SEEDS))
    asked = parser.parse_args()
    if os.environ.get("GATEWISE_PEERS"):
        sys.path.append(os.environ["GATEWISE_PEERS"])
    path = RESULTS / "every_step.json"
    for seed in asked.seeds:
        for name in asked.names:
            try:
                figures = ROWS[name](seed)
            except (FileNotFoundError, ImportError) as error:
                print(f"{name}: left out, {error}")
                continue
            results = json.loads(path.read_text()) if path.exists() else {}
            results.setdefault(name, {})[str(seed)] = figures
            path.write_text(json.dumps(results, indent=1) + "\n")
            print(name, seed, figures, flush=True)
            (RESULTS / "every_step.txt").write_text("\n".join(table(results)) + "\n")


def table(results: dict[str, dict[str, Figures]]) -> list[str]:
    """For people: a line for each seed. Of gaps: the mean absolute error, then where 10, 30 and 50 % are removed."""
    lines = []
    for name in sorted(results):
        lines.append(name)
        for seed in sorted(results[name]):
            figures = ", ".join(f"{k} {v}" for k, v in results[name][seed].items())
            lines.append(f"  seed {seed}: {figures}")
    return lines


if __name__ == "__main__":
    main()
