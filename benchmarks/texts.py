"""``python -m benchmarks.texts [names | reviews ...]``: texts, defaults only, beside a logistic regression.

Names of 18 languages (one file each) are read by characters: a fifth of the different names judges. Names that several
languages have cannot all be right: the best possible share is told beside. Film reviews (Pang & Lee 2004) are read by
words, fold k of their ten (the files cv000 to cv999 in tens of hundreds) for seed k. The data are in ``GATEWISE_DATA``. Writes
``benchmarks/results/texts.json`` and ``.txt`` after each fit. Seconds are of the processor, of one thread.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import tarfile
import time
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
SEEDS = (0, 1, 2)
NAMES, REVIEWS = "names", "reviews"
Split = tuple[list[str], Any, list[str], Any]  # texts and labels to train on, and to judge by


def folder() -> Path:
    """The folder of texts. Raises FileNotFoundError."""
    data = Path(os.environ.get("GATEWISE_DATA") or ROOT.parent / "shared" / "data") / "text"
    if not data.is_dir():
        raise FileNotFoundError("set GATEWISE_DATA to the folder that has text/")
    return data


def names(seed: int) -> Split:
    """A random fifth of the different names judges; the same name of several languages stays on one side."""
    texts: list[str] = []
    labels: list[str] = []
    for path in sorted((folder() / "names").glob("*.txt")):
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
        texts += [line for line in lines if line]
        labels += [path.stem for line in lines if line]
    different = sorted(set(texts))
    judging = set(np.random.default_rng(seed).permutation(different)[: len(different) // 5])
    return _split(texts, labels, [text in judging for text in texts])


def reviews(seed: int) -> Split:
    """Fold ``seed`` of the ten judges."""
    texts: list[str] = []
    labels: list[str] = []
    fold: list[int] = []
    with tarfile.open(folder() / "review_polarity.tar.gz") as archive:
        for member in sorted(archive.getmembers(), key=lambda one: one.name):
            place = re.search(r"(pos|neg)/cv(\d)\d\d_", member.name)
            content = archive.extractfile(member) if place else None
            if place and content:
                texts.append(content.read().decode("latin-1"))
                labels.append(place[1])
                fold.append(int(place[2]))
    return _split(texts, labels, [k == seed for k in fold])


def _split(texts: list[str], labels: list[str], judging: list[bool]) -> Split:
    sides = [[k for k, judges in enumerate(judging) if judges is side] for side in (False, True)]
    known, new = sides
    label = np.array(labels)
    return [texts[k] for k in known], label[known], [texts[k] for k in new], label[new]


def measured(name: str, seed: int) -> dict[str, Any]:
    """Figures of one fit, and of the regression on the same texts."""
    from gatewise.tasks import SequenceClassifier
    from gatewise.tasks.sequences import linear
    from gatewise.tasks.sequences.reading import by_words, tokens_of

    X, y, X_new, y_new = (names if name == NAMES else reviews)(seed)
    begin = time.process_time()
    model = SequenceClassifier(time_limit=None, random_state=seed).fit(X, y)
    seconds = time.process_time() - begin
    features = linear.read(tokens_of(X + X_new, by_words(X)))
    rows = np.arange(len(X) + len(X_new))
    _, codes = np.unique(np.concatenate([y, y_new]), return_inverse=True)
    said = linear.classify(features, rows[: len(X)], rows[len(X) :], codes)
    return {
        "accuracy": 100 * float((model.predict(X_new) == y_new).mean()),
        "logistic regression": 100 * float((said == codes[len(X) :]).mean()),
        "best possible": 100 * _best(X_new, y_new),
        "CPU seconds": round(seconds),
    }


def _best(texts: list[str], labels: Any) -> float:
    """The share of right answers where each text gets the label that it has most often."""
    counts: dict[str, dict[str, int]] = {}
    for text, label in zip(texts, labels.tolist(), strict=True):
        of_text = counts.setdefault(text, {})
        of_text[label] = of_text.get(label, 0) + 1
    return sum(max(of_text.values()) for of_text in counts.values()) / len(texts)


def written(results: dict[str, Any]) -> list[str]:
    """All results as text, none left out."""
    lines = ["defaults only; mean over seeds, and in brackets least and most", ""]
    for name, runs in results.items():
        lines.append(f"{name}: seeds {', '.join(runs)}")
        for figure in ("accuracy", "logistic regression", "best possible", "CPU seconds"):
            values = [run[figure] for run in runs.values()]
            spread = f"({min(values):.4g} to {max(values):.4g})"
            lines.append(f"  {figure:<20} {statistics.mean(values):8.4g}  {spread}")
        lines.append("")
    return lines


def main() -> None:
    """Run what is asked for and write the results after each fit."""
    import torch

    torch.set_num_threads(1)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", help=f"of {NAMES}, {REVIEWS}; both if left out")
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    asked = parser.parse_args()
    if unknown := set(asked.what) - {NAMES, REVIEWS}:
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / "texts.json"
    for name in asked.what or (NAMES, REVIEWS):
        for seed in asked.seeds:
            figures = measured(name, seed)
            print(name, seed, json.dumps(figures), flush=True)
            # read late: another process may have written the other texts meanwhile
            results = json.loads(path.read_text()) if path.exists() else {}
            results.setdefault(name, {})[str(seed)] = figures
            path.write_text(json.dumps(results, indent=1) + "\n")
            (RESULTS / "texts.txt").write_text("\n".join(written(results)) + "\n")


if __name__ == "__main__":
    main()
