"""``python -m benchmarks.classify [name ...]``: whole sequences, defaults only, beside 1-NN DTW and MiniRocket.

The data are those that aeon and sktime carry in their wheels (``pip install --no-deps aeon``), and ECG5000 of
``GATEWISE_DATA``; what is not there is skipped and said. Writes ``benchmarks/results/classify.json`` and ``.txt``.
Seconds are of the processor, of one thread.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
SEEDS = (0, 1, 2)
ARCHIVE = ("JapaneseVowels", "BasicMotions", "GunPoint", "OSULeaf", "PickupGestureWiimoteZ")
VALUES = ("Covid3Month",)
ECG = "ECG5000"
Split = tuple[Any, Any, Any, Any]  # X, y to train on; X, y to judge by


def archive() -> Path | None:
    """The folder of data in the wheel of aeon or sktime, installed or in ``GATEWISE_PEERS``."""
    peers = os.environ.get("GATEWISE_PEERS")
    roots = [Path(peers)] if peers else []
    for name in ("aeon", "sktime"):
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.origin is not None:
            roots.append(Path(spec.origin).parents[1])
    places = [root / name / "datasets" / "data" for root in roots for name in ("aeon", "sktime")]
    return next((place for place in places if place.is_dir()), None)


def splits(name: str, seed: int) -> Iterator[Split]:
    """The train and test part as they are published, or five folds. Raises FileNotFoundError."""
    if name == ECG:
        yield from _ecg(seed)
        return
    from gatewise.tasks.sequences.ts_files import read_ts

    folder = archive()
    if folder is None or not (folder / name).is_dir():
        raise FileNotFoundError(
            "pip install --no-deps aeon, or set GATEWISE_PEERS to a folder with it"
        )
    parts: list[Any] = []
    for part in ("TRAIN", "TEST"):
        file = read_ts(folder / name / f"{name}_{part}.ts")
        labels = np.array(file.labels)
        parts += [file.sequences, labels.astype(float) if name in VALUES else labels]
    yield tuple(parts)


def _ecg(seed: int) -> Iterator[Split]:
    """Five stratified folds of the train file; the seed shuffles them."""
    from sklearn.model_selection import StratifiedKFold

    data = os.environ.get("GATEWISE_DATA") or ROOT.parent / "shared" / "data"
    path = Path(data) / "health" / "ECG5000_TRAIN.txt"
    if not path.is_file():
        raise FileNotFoundError("set GATEWISE_DATA to the folder that has health/ECG5000_TRAIN.txt")
    table = np.loadtxt(path)
    X, y = table[:, 1:], table[:, 0].astype(int)
    for train, test in StratifiedKFold(5, shuffle=True, random_state=seed).split(X, y):
        yield X[train], y[train], X[test], y[test]


def measured(name: str, seed: int) -> dict[str, Any]:
    """Figures of one seed; of several folds those over all of them."""
    from gatewise.tasks import SequenceClassifier, SequenceRegressor

    make: Callable[..., Any] = SequenceRegressor if name in VALUES else SequenceClassifier
    answers, truths, seconds, chosen = [], [], [], []
    for X, y, X_new, y_new in splits(name, seed):
        start = time.process_time()
        model = make(random_state=seed).fit(X, y)
        seconds.append(time.process_time() - start)
        answers.append(model.predict(X_new))
        truths.append(y_new)
        chosen.append(f"{model.pooling_}, {model.choices_.patch} a step, {model.steps_} steps")
    truth, answer = np.concatenate(truths), np.concatenate(answers)
    return _figures(name, truth, answer) | {
        "CPU seconds a fit": round(statistics.mean(seconds), 1),
        "chosen": sorted(set(chosen)),
    }


def nearest(name: str) -> dict[str, Any]:
    """1-NN DTW on the same splits (those of seed 0)."""
    from gatewise.tasks.sequences import dtw
    from gatewise.tasks.sequences.inputs import as_sequences
    from gatewise.tasks.sequences.ragged import measurements
    from gatewise.tasks.sequences.scaling import standardised

    answers, truths = [], []
    for X, y, X_new, y_new in splits(name, 0):
        train, test = as_sequences(X), as_sequences(X_new)
        both = measurements([d.one(k) for d in (train, test) for k in range(len(d))])
        apart = dtw.distances(standardised(both))[len(train) :, : len(train)]
        answers.append(np.asarray(y)[apart.argmin(1)])
        truths.append(y_new)
    return _figures(name, np.concatenate(truths), np.concatenate(answers))


def rocket(name: str, seed: int) -> dict[str, Any]:
    """MiniRocket of aeon on the same splits; says why it cannot be run."""
    from gatewise.tasks.sequences import minirocket
    from gatewise.tasks.sequences.inputs import as_sequences
    from gatewise.tasks.sequences.ragged import measurements

    answers, truths = [], []
    for X, y, X_new, y_new in splits(name, seed):
        train, test = as_sequences(X), as_sequences(X_new)
        both = measurements([d.one(k) for d in (train, test) for k in range(len(d))])
        obstacle = "it classifies" if name in VALUES else minirocket.obstacle(both)
        if obstacle:
            return {"left out": obstacle}
        rows, labels = np.arange(len(both)), np.concatenate([y, y_new])
        known, new = rows[: len(train)], rows[len(train) :]
        answers.append(minirocket.classify(both, known, new, labels, seed))
        truths.append(y_new)
    return _figures(name, np.concatenate(truths), np.concatenate(answers))


def _figures(name: str, truth: Any, answer: Any) -> dict[str, Any]:
    from sklearn.metrics import f1_score

    if name in VALUES:
        return {"RMSE": float(np.sqrt(np.mean((truth - answer) ** 2)))}
    return {
        "accuracy": 100 * float(np.mean(truth == answer)),
        "macro F1": float(f1_score(truth, answer, average="macro")),
    }


def written(results: dict[str, Any]) -> list[str]:
    """All results as text: mean over the seeds, least and most in brackets, none left out."""
    lines = ["defaults only; mean over seeds, and in brackets least and most", ""]
    for name, result in results.items():
        runs = list(result["gatewise"].values())
        lines.append(f"{name}: seeds {', '.join(result['gatewise'])}")
        for figure in ("accuracy", "macro F1", "RMSE", "CPU seconds a fit"):
            if figure in runs[0]:
                values = [run[figure] for run in runs]
                spread = f"({min(values):.4g} to {max(values):.4g})"
                lines.append(f"  {figure:<18} {statistics.mean(values):8.4g}  {spread}")
        for peer in ("1-NN DTW", "MiniRocket"):
            told = ", ".join(
                f"{k} {v if isinstance(v, str) else f'{v:.4g}'}" for k, v in result[peer].items()
            )
            lines.append(f"  {peer:<18} {told}")
        lines.append("")
    return lines


def main() -> None:
    """Run what is asked for and write the results after each data set."""
    import torch

    torch.set_num_threads(1)
    names = (*ARCHIVE, ECG, *VALUES)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(names)}; all if left out")
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    args = parser.parse_args()
    if unknown := set(args.names) - set(names):
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / "classify.json"
    results = json.loads(path.read_text()) if path.exists() else {}
    for name in args.names or names:
        try:
            runs = {str(seed): measured(name, seed) for seed in args.seeds}
        except FileNotFoundError as error:
            print(f"{name} skipped: {error}")
            continue
        result = {"gatewise": runs, "1-NN DTW": nearest(name), "MiniRocket": rocket(name, 0)}
        print(name, json.dumps(result), flush=True)
        results[name] = result
        path.write_text(json.dumps(results, indent=1) + "\n")
        (RESULTS / "classify.txt").write_text("\n".join(written(results)) + "\n")


if __name__ == "__main__":
    main()
