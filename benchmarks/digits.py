"""``python -m benchmarks.digits [part ...]``: spoken digits, defaults only: takes 0 to 4, and one speaker left out.

A part is ``takes`` or the name of a speaker, whose recordings judge then; the others train (``--grouped``: and are kept
together by speaker, so that training is stopped by a speaker that it has not heard either).
The recordings are the free spoken digits in ``GATEWISE_DATA``. Writes ``benchmarks/results/digits.json`` and ``.txt``
after each fit. Seconds are of the processor, of one thread.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
SEEDS = (0, 1, 2)
TAKES = "takes"
JUDGING = 5  # takes of each speaker and digit that judge


def recordings() -> list[Path]:
    """``digit_speaker_take.wav``. Raises FileNotFoundError."""
    data = os.environ.get("GATEWISE_DATA") or ROOT.parent / "shared" / "data"
    paths = sorted((Path(data) / "speech" / "free-spoken-digits").rglob("*.wav"))
    if not paths:
        raise FileNotFoundError(
            "set GATEWISE_DATA to the folder that has speech/free-spoken-digits"
        )
    return paths


def measured(part: str, seed: int, masking: bool, grouped: bool) -> dict[str, Any]:
    """Figures of one fit."""
    from gatewise.tasks import SequenceClassifier

    paths = recordings()
    digit, speaker, take = np.array([path.stem.split("_") for path in paths]).T
    judging = take.astype(int) < JUDGING if part == TAKES else speaker == part
    known, new = np.flatnonzero(~judging), np.flatnonzero(judging)
    begin = time.process_time()
    model = SequenceClassifier(random_state=seed, masking=masking).fit(
        [paths[k] for k in known],
        digit[known],
        groups=speaker[known] if grouped else None,
    )
    seconds = time.process_time() - begin
    said = model.predict([paths[k] for k in new])["label"].to_numpy()
    return {
        "accuracy": 100 * float((said == digit[new]).mean()),
        "CPU seconds": round(seconds),
        "steps": model.steps_,
    }


def written(results: dict[str, Any]) -> list[str]:
    """All results as text, none left out."""
    lines = [
        "defaults only; share of right answers, mean over seeds, and in brackets least and most",
        "",
    ]
    for name, runs in results.items():
        values = [run["accuracy"] for run in runs.values()]
        seconds = statistics.mean(run["CPU seconds"] for run in runs.values())
        lines.append(
            f"{name:<24} {statistics.mean(values):6.2f} %  ({min(values):.2f} to {max(values):.2f}), seeds "
            f"{', '.join(runs)}, {seconds:.0f} CPU seconds a fit"
        )
    return lines


def main() -> None:
    """Run what is asked for and write the results after each fit."""
    import torch

    torch.set_num_threads(1)
    speakers = sorted({path.stem.split("_")[1] for path in recordings()})
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "parts", nargs="*", help=f"of {TAKES}, {', '.join(speakers)}; all if left out"
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    parser.add_argument("--masking", action="store_true", help="hide times and bands in training")
    parser.add_argument("--grouped", action="store_true", help="keep speakers together")
    asked = parser.parse_args()
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / "digits.json"
    results = json.loads(path.read_text()) if path.exists() else {}
    for part in asked.parts or (TAKES, *speakers):
        for seed in asked.seeds:
            how = [word for word in ("masking", "grouped") if getattr(asked, word)]
            name = ", ".join([part, *how])
            figures = measured(part, seed, asked.masking, asked.grouped)
            results.setdefault(name, {})[str(seed)] = figures
            print(name, seed, json.dumps(results[name][str(seed)]), flush=True)
            path.write_text(json.dumps(results, indent=1) + "\n")
            (RESULTS / "digits.txt").write_text("\n".join(written(results)) + "\n")


if __name__ == "__main__":
    main()
