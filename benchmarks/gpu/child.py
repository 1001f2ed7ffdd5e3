"""``python -m benchmarks.gpu.child SECTION RECORDS``: run the cases of a section that are not in RECORDS yet.

Each case writes one line when it begins and one with its result, so that whoever watches can tell which one
hangs, and nothing is lost that was measured.
"""

from __future__ import annotations

import argparse
import json
import sys
import traceback
from importlib import import_module
from pathlib import Path

from benchmarks.gpu.sections import AGAIN, SECTIONS


def main() -> int:
    """Run the cases; the exit status tells whether to start again."""
    parser = argparse.ArgumentParser()
    parser.add_argument("section", choices=[s.name for s in SECTIONS])
    parser.add_argument("records", type=Path)
    parser.add_argument("--share", default="0/1")
    parser.add_argument("--flashrnn", default="")
    parser.add_argument("--rehearse", action="store_true")
    arguments = parser.parse_args()
    share, shares = map(int, arguments.share.split("/"))
    lines = arguments.records.read_text().splitlines()
    over = {record.get("begin", record.get("key")) for record in map(json.loads, lines)}
    section = import_module(f"benchmarks.gpu.{arguments.section}")
    cases = section.cases(arguments)
    with arguments.records.open("a", buffering=1) as file:
        for k, (key, case) in enumerate(cases.items()):
            if key in over or k % shares != share:
                continue
            file.write(json.dumps({"begin": key}) + "\n")
            try:
                result = case()
            except Exception as error:
                traceback.print_exc()
                text = " ".join(f"{type(error).__name__}: {error}".split())[:300]
                file.write(json.dumps({"key": key, "error": text}) + "\n")
                if _broken():
                    return AGAIN
                continue
            file.write(json.dumps({"key": key, **result}) + "\n")
    return 0


def _broken() -> bool:
    """Whether the GPU refuses this process everything after an error, as it does after a bad address."""
    try:
        import torch

        if torch.cuda.is_available():
            torch.cuda.synchronize()
            torch.ones(1, device="cuda").add_(1).item()
    except Exception:
        return True
    return False


if __name__ == "__main__":
    sys.exit(main())
