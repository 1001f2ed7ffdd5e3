"""The sections, and how each is run: in a process that is watched, and started again if it dies."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
TOTAL = 480.0  # seconds for everything


@dataclass(frozen=True)
class Section:
    """A part of the run. ``limit``: seconds of all of it; ``stall``: seconds that one case may take, the
    start of the process included; ``processes``: how many share its cases."""

    name: str
    about: str
    limit: float
    stall: float
    processes: int = 1


# in order of worth: what is last is lost first
SECTIONS = (
    Section(
        "machine", "card, versions, copies, an empty barrier, an empty node of a graph", 60, 45
    ),
    Section("compile", "every kernel once, so that nothing below compiles", 100, 80, processes=12),
    Section("correct", "results and gradients against float64 on the CPU", 90, 45),
    Section("speed", "the Triton backend, in microseconds a step", 100, 30),
    Section("cudnn", "torch.nn.LSTM", 30, 25),
    Section("eager", "plain operations of torch", 40, 30),
    Section("parts", "kernels with one part left out: where the time goes", 70, 30),
    Section("one_step", "one step, as a policy takes it, from Python", 25, 25),
    Section("first_call", "a new cell and size: compiled, and from disk", 70, 65),
    Section("flashrnn", "FlashRNN, if its wheel is named", 100, 95),
    Section("compiled", "torch.compile of 32 steps (reduce-overhead)", 120, 115),
    Section("jax", "jax.lax.scan", 60, 50),
)


class Run(NamedTuple):
    """What all processes are told. ``until``: when everything ends, by ``time.monotonic``."""

    folder: Path
    rehearse: bool
    flashrnn: str
    until: float


def run_section(section: Section, run: Run) -> list[dict[str, Any]]:
    """Run a section; gives what each case gave, or what went wrong with it."""
    until = min(run.until, time.monotonic() + section.limit)
    count = min(section.processes, os.cpu_count() or 1, 2 if run.rehearse else section.processes)
    watched = [_Watched(section, run, k, count) for k in range(count)]
    while any([w.look(until) for w in watched]):
        time.sleep(0.2)
    return [record for w in watched for record in w.records() if "begin" not in record]


class _Watched:
    """A process that runs a section's cases, and those that take its place when it dies."""

    def __init__(self, section: Section, run: Run, share: int, shares: int) -> None:
        self.section = section
        self.path = run.folder / f"{section.name}-{share}.jsonl"
        self.path.write_text("")
        self.log = run.folder / f"{section.name}-{share}.log"
        self.command = [sys.executable, "-m", "benchmarks.gpu.child", section.name, str(self.path)]
        self.command += ["--share", f"{share}/{shares}"]
        self.command += ["--rehearse"] if run.rehearse else []
        self.command += ["--flashrnn", run.flashrnn] if run.flashrnn else []
        self.environment = {**os.environ, "PYTHONPATH": _path(), "PYTHONUNBUFFERED": "1"}
        # programs beside Python, such as ninja
        programs = [str(Path(sys.executable).parent), os.environ.get("PATH", "")]
        self.environment["PATH"] = os.pathsep.join(programs)
        if run.rehearse:
            self.environment |= {"TRITON_INTERPRET": "1", "OMP_NUM_THREADS": "1"}
        self.size, self.starts = 0, 0
        self._start()

    def _start(self) -> None:
        self.starts += 1
        self.moved = time.monotonic()
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def look(self, until: float) -> bool:
        """Whether it still runs. A case that stalls is ended, and the rest goes on without it."""
        now = time.monotonic()
        if self.path.stat().st_size != self.size:
            self.size, self.moved = self.path.stat().st_size, now
        code = self.process.poll()
        if code == 0:
            return False
        if code is not None:
            died = f"the process ended with {code}: {self._last_line()}"
            return self._after(died, begun=code != AGAIN, more=now < until)
        if now >= until:
            self._end()
            return self._after("the section's time was over", begun=True, more=False)
        if now - self.moved > self.section.stall:
            self._end()
            return self._after(f"no result in {self.section.stall:.0f} s", begun=True, more=True)
        return True

    def _after(self, error: str, *, begun: bool, more: bool) -> bool:
        """Note what became of the case that was begun; start again where there is time."""
        records = self.records()
        results = {r["key"] for r in records if "key" in r}
        open_cases = [r["begin"] for r in records if r.get("begin", None) not in {None, *results}]
        nothing = not records and not open_cases
        with self.path.open("a") as file:
            for key in open_cases or ([self.section.name] if nothing else []):
                file.write(json.dumps({"key": key, "error": error}) + "\n")
        if not more or nothing or (begun and not open_cases) or self.starts > 20:
            return False
        self._start()
        return True

    def _end(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def records(self) -> list[dict[str, Any]]:
        """What was written so far, whole lines only."""
        text = self.path.read_text()
        return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]

    def _last_line(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return lines[-1][-200:] if lines else "it said nothing"


AGAIN = 75  # a process that cannot go on after an error of the GPU, but has written what it knows


def _path() -> str:
    return os.pathsep.join(p for p in (str(ROOT), os.environ.get("PYTHONPATH", "")) if p)
