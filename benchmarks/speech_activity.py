"""``python -m benchmarks.speech_activity``: is somebody speaking? A tagger beside Silero and WebRTC.

Spoken digits of two speakers that training has not heard, joined with pauses of 0.2 to 1.5 s, in white, pink and (never
trained on) brown noise, 20 streams of 30 s at each level. A frame of 32 ms is speech where the clean sound lies within
30 dB of its loudest frame within 0.7 s. The tagger hears nothing behind the frame that it speaks of. The
recordings are the free spoken digits in ``GATEWISE_DATA``; peers run where they are installed (silero-vad, webrtcvad).
Writes ``benchmarks/results/speech_activity.json`` and ``.txt``. Seconds are of one core.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
RATE, FRAME = 8000, 256  # samples a second, and of a frame
STEPS = 2  # of the tagger in a frame
HELD_OUT = 2  # speakers that are only judged with
LEVELS = (20, 10, 0)  # dB of speech over noise
STREAMS, SECONDS = 20, 30
TRAINING = 150  # streams to learn from
KNOWN, UNKNOWN = ("white", "pink"), "brown"  # noises
POWER = {
    "white": 0.0,
    "pink": 0.5,
    "brown": 1.0,
}  # of the frequency, that amplitudes are divided by


def recordings() -> list[tuple[str, np.ndarray]]:
    """Speakers and their recordings, [n] from -1 to 1, in the order of the files' names. Raises FileNotFoundError."""
    from gatewise.tasks.audio.recordings import read_recording

    data = os.environ.get("GATEWISE_DATA") or ROOT.parent / "shared" / "data"
    folder = Path(data) / "speech" / "free-spoken-digits"
    paths = sorted(folder.glob("*.wav"))
    if not paths:
        raise FileNotFoundError(
            "set GATEWISE_DATA to the folder that has speech/free-spoken-digits"
        )
    return [(path.stem.split("_")[1], read_recording(path).samples) for path in paths]


def stream(rng: np.random.Generator, sounds: list[np.ndarray], seconds: float) -> np.ndarray:
    """Digits with pauses between them, whole frames."""
    parts: list[np.ndarray] = []
    while sum(map(len, parts)) < seconds * RATE:
        parts.append(np.zeros(int(rng.uniform(0.2, 1.5) * RATE), np.float32))
        sound = sounds[rng.integers(len(sounds))]
        parts.append(sound / (np.abs(sound).max() + 1e-6) * rng.uniform(0.1, 0.5))
    clean = np.concatenate([*parts, np.zeros(RATE, np.float32)])
    return clean[: len(clean) // FRAME * FRAME]


def speech_frames(clean: np.ndarray) -> np.ndarray:
    """[frames] whether each is speech; pauses of up to two frames are closed."""
    loud = 10 * np.log10((clean.reshape(-1, FRAME) ** 2).mean(1) + 1e-10)
    most = np.array([loud[max(0, k - 20) : k + 21].max() for k in range(len(loud))])
    speech = (loud > most - 30) & (loud > -60)
    for k in range(1, len(speech) - 3):
        if speech[k - 1] and not speech[k] and speech[k + 1 : k + 3].any():
            speech[k] = True
    return speech


def in_noise(
    rng: np.random.Generator, clean: np.ndarray, speech: np.ndarray, kind: str, level: float
) -> np.ndarray:
    """The stream with noise so many dB below the speech in it."""
    noise = rng.standard_normal(len(clean))
    spectrum, k = np.fft.rfft(noise), np.arange(len(clean) // 2 + 1)
    spectrum /= np.maximum(k, 1) ** POWER[kind]
    noise = np.fft.irfft(spectrum, len(clean))
    loud = np.sqrt((clean.reshape(-1, FRAME)[speech] ** 2).mean())
    noise *= loud * 10 ** (-level / 20) / np.sqrt((noise**2).mean())
    return np.clip(clean + noise, -1, 1).astype(np.float32)


@dataclass(frozen=True)
class Judging:
    """Streams of one level and noise, with the truth, frames one after another."""

    sounds: list[np.ndarray]
    speech: list[np.ndarray]

    def figures(
        self, said: list[np.ndarray], seconds: float, false_alarms: float | None = None
    ) -> dict[str, float]:
        """Figures of scores [frames] of each stream; at 0.5, or at another one's share of false alarms."""
        from sklearn.metrics import roc_auc_score

        truth, score = np.concatenate(self.speech), np.concatenate(said)
        border = 0.5
        if false_alarms is not None:
            border = float(np.quantile(score[~truth], 1 - false_alarms))
        waits = []
        for speech, one in zip(self.speech, said, strict=True):
            for begin in np.flatnonzero(speech[1:] & ~speech[:-1]) + 1:
                heard = np.flatnonzero(one[begin : begin + 30] > border)
                waits.append(heard[0] * 1000 * FRAME / RATE if len(heard) else np.inf)
        return {
            "AUC": float(roc_auc_score(truth, score)),
            "missed": float((score[truth] <= border).mean()),
            "false": float((score[~truth] > border).mean()),
            "onset ms": float(np.median(waits)),
            "ms a second": 1000 * seconds / (sum(map(len, self.sounds)) / RATE),
        }


def judging(held: list[np.ndarray]) -> dict[str, Judging]:
    """The streams of all noises and levels; the same for everybody."""
    rng = np.random.default_rng(0)
    clean = [stream(rng, held, SECONDS) for _ in range(STREAMS)]
    speech = [speech_frames(one) for one in clean]
    out = {}
    for name, kinds in (("", KNOWN), (f" {UNKNOWN}", (UNKNOWN,))):
        for level in LEVELS:
            sounds = [
                in_noise(rng, one, speech[k], kinds[k % len(kinds)], level)
                for k, one in enumerate(clean)
            ]
            out[f"{level} dB{name}"] = Judging(sounds, speech)
    return out


def tagger(sounds: list[np.ndarray], seed: int) -> tuple[Any, float]:
    """A tagger of sounds for streams, with the defaults, and the seconds of its training."""
    from gatewise.tasks import SequenceTagger

    rng = np.random.default_rng(100 + seed)
    heard_sounds, labels = [], []
    for _ in range(TRAINING):
        clean = stream(rng, sounds, SECONDS)
        speech = speech_frames(clean)
        level = rng.uniform(-5, 25)
        heard_sounds.append(in_noise(rng, clean, speech, KNOWN[rng.integers(2)], level))
        labels.append(np.repeat(speech, STEPS).astype(int))
    begin = time.process_time()
    model = SequenceTagger(lookahead=0, sounds=RATE, random_state=seed).fit(heard_sounds, labels)
    return model, time.process_time() - begin


def heard(model: Any, judged: Judging) -> tuple[list[np.ndarray], float]:
    """Probabilities of speech of each frame, when its last sample has come, and the seconds that took."""
    begin = time.process_time()
    said = model.predict_proba(judged.sounds)
    return [one[STEPS - 1 :: STEPS, 1] for one in said], time.process_time() - begin


def silero(judged: Judging) -> tuple[list[np.ndarray], float]:
    import torch
    from silero_vad import load_silero_vad

    model, said, begin = load_silero_vad(), [], time.process_time()
    for sound in judged.sounds:
        model.reset_states()
        with torch.no_grad():
            pieces = torch.from_numpy(sound).split(FRAME)
            said.append(np.array([model(piece, RATE).item() for piece in pieces]))
    return said, time.process_time() - begin


def webrtc(judged: Judging, mode: int = 2) -> tuple[list[np.ndarray], float]:
    import webrtcvad

    said, begin, size = [], time.process_time(), 240  # 30 ms
    for sound in judged.sounds:
        detector, pcm = webrtcvad.Vad(mode), (sound * 32767).astype(np.int16)
        frames = [
            detector.is_speech(pcm[k : k + size].tobytes(), RATE)
            for k in range(0, len(pcm) - size + 1, size)
        ]
        middles = (np.arange(len(pcm) // FRAME) * FRAME + FRAME // 2) // size
        said.append(np.array(frames, dtype=float)[np.minimum(middles, len(frames) - 1)])
    return said, time.process_time() - begin


PEERS = {"silero-vad": ("silero_vad", silero), "WebRTC mode 2": ("webrtcvad", webrtc)}


def written(results: dict[str, Any]) -> list[str]:
    """All results as text."""
    lines = ["a tagger for streams, defaults only; mean over seeds, in brackets least and most", ""]
    for name, by_model in results["figures"].items():
        lines.append(name)
        for model, runs in by_model.items():
            told = []
            for key in runs[0]:
                values = [run[key] for run in runs]
                spread = f" ({min(values):.3g} to {max(values):.3g})" if len(values) > 1 else ""
                told.append(f"{key} {statistics.mean(values):.3g}{spread}")
            lines.append(f"  {model:<34} {', '.join(told)}")
    lines += ["", f"CPU seconds of a training: {results['training seconds']}"]
    return lines


def main() -> None:
    """Run all of it and write the results."""
    import torch

    torch.set_num_threads(1)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=(0, 1, 2))
    seeds = parser.parse_args().seeds
    spoken = recordings()
    new = sorted({speaker for speaker, _ in spoken})[-HELD_OUT:]
    held = [sound for speaker, sound in spoken if speaker in new]
    others = [sound for speaker, sound in spoken if speaker not in new]
    streams = judging(held)
    results: dict[str, Any] = {"figures": {name: {} for name in streams}, "training seconds": []}
    for name, judged in streams.items():
        for peer, (library, run) in PEERS.items():
            if importlib.util.find_spec(library) is not None:
                results["figures"][name][peer] = [judged.figures(*run(judged))]
    for seed in seeds:
        model, seconds = tagger(others, seed)
        results["training seconds"].append(round(seconds, 1))
        for name, judged in streams.items():
            said, seconds = heard(model, judged)
            table = results["figures"][name]
            table.setdefault("Gatewise", []).append(judged.figures(said, seconds))
            for peer in PEERS:
                if peer in table and (false := table[peer][0]["false"]) < 0.5:
                    figures = judged.figures(said, seconds, false)
                    table.setdefault(f"Gatewise, false as {peer}", []).append(figures)
        print("\n".join(written(results)), flush=True)
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "speech_activity.json").write_text(json.dumps(results, indent=1) + "\n")
        (RESULTS / "speech_activity.txt").write_text("\n".join(written(results)) + "\n")


if __name__ == "__main__":
    main()
