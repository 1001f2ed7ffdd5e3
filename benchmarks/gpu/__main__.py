"""``python -m benchmarks.gpu [--out FOLDER] [--flashrnn WHEEL] [--rehearse]``: see the package."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.gpu.sections import ROOT, SECTIONS, TOTAL, Run, run_section
from benchmarks.gpu.table import Records, table


def main() -> int:
    """Run the sections one after the other, and print one table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__)
    parser.add_argument("--out", type=Path, help="a folder for gpu.json, gpu.txt and the logs")
    parser.add_argument("--flashrnn", default="", metavar="WHEEL", help="FlashRNN's wheel")
    parser.add_argument(
        "--rehearse", action="store_true", help="toy sizes by Triton's interpreter, without times"
    )
    names = [s.name for s in SECTIONS]
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="SECTION")
    parser.add_argument("--seconds", type=float, default=TOTAL, help="for everything")
    arguments = parser.parse_args()
    refusal = "" if arguments.rehearse else _refusal()
    if refusal:
        print(f"nothing is measured: {refusal} (--rehearse runs everything on the CPU)")
        return 1
    out = arguments.out or Path(tempfile.mkdtemp(prefix="gatewise-gpu-"))
    out.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    run = Run(out, arguments.rehearse, _absolute(arguments.flashrnn), start + arguments.seconds)
    records: Records = {}
    for section in SECTIONS:
        if section.name not in arguments.only:
            continue
        if time.monotonic() > run.until - 5:
            records[section.name] = [{"key": section.name, "error": "no time was left"}]
            continue
        begin = time.monotonic()
        records[section.name] = run_section(section, run)
        failed = sum(bool(r.get("error")) for r in records[section.name])
        took = f"{time.monotonic() - begin:.0f} s"
        count = len(records[section.name])
        print(
            f"{section.name}: {count} cases, {failed} failed, {took}", file=sys.stderr, flush=True
        )
        (out / "gpu.json").write_text(json.dumps(records, indent=1) + "\n")
        (out / "gpu.txt").write_text("\n".join(table(records)) + "\n")
    print("\n".join(table(records)))
    failed = any(
        r.get("error") or r.get("right") is False for rows in records.values() for r in rows
    )
    return 1 if arguments.rehearse and failed else 0


def _refusal() -> str:
    """Why nothing can be measured here. Asked of another process, so that none is kept on the GPU."""
    code = "import torch; assert torch.cuda.is_available(), 'there is no GPU'; import triton, gatewise.nn"
    command = [sys.executable, "-c", code]
    try:
        answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    except subprocess.TimeoutExpired:
        return "PyTorch does not start within two minutes"
    return "" if answer.returncode == 0 else answer.stderr.strip().rpartition("\n")[2]


def _absolute(path: str) -> str:
    return str(Path(path).resolve()) if path else ""


if __name__ == "__main__":
    sys.exit(main())
