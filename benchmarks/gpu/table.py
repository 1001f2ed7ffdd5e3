"""What is printed in the end: at most 60 lines."""

from __future__ import annotations

from typing import Any

LINES, WIDTH = 60, 160
FIRST = 8  # of our rows, those before the peers
PEERS = ("cudnn", "eager", "flashrnn", "compiled", "jax", "one_step", "first_call", "parts")
Records = dict[str, list[dict[str, Any]]]  # by section


def table(records: Records) -> list[str]:
    """Microseconds a step, forward | with the way back. Errors are said; what is longer than a line or
    does not fit is in the JSON file."""
    by_key = {name: {r["key"]: r for r in rows} for name, rows in records.items()}
    lines = _machine(by_key["machine"]) if "machine" in by_key else []
    lines += [f"{'microseconds a step, forward | both':<59} {'off by':>8}  ways"]
    right = by_key.get("correct", {})
    ours = [_ours(key, row, right.get(key, {})) for key, row in by_key.get("speed", {}).items()]
    lines += ours[:FIRST]
    for name in PEERS:
        lines += _peers(name, by_key.get(name, {}))
    lines += _failures(by_key)
    lines += ours[FIRST:]
    if len(lines) > LINES:
        lines = [*lines[: LINES - 1], f"({len(lines) - LINES + 1} more lines in the JSON file)"]
    return [line[:WIDTH].rstrip() for line in lines]


def _machine(rows: dict[str, dict[str, Any]]) -> list[str]:
    card = rows.get("card", {})
    names = ("torch", "triton", "cuda", "cudnn", "jax", "python", "capability", "clocks")
    lines = [
        str(card.get("card", card.get("error", "the card could not be asked"))),
        ", ".join(f"{n} {card[n]}" for n in names if card.get(n) is not None),
    ]
    costs = [
        f"{key} {_number(row.get('microseconds', row.get('gigabytes_a_second')))}"
        f"{' GB/s' if key == 'copy' else ' us'}{' GAVE UP' if row.get('gave_up') else ''}"
        if not row.get("error")
        else f"{key}: {row['error'][:40]}"
        for key, row in rows.items()
        if key != "card"
    ]
    return [*lines, "; ".join(costs)]


def _ours(key: str, row: dict[str, Any], check: dict[str, Any]) -> str:
    if check.get("error"):
        verdict = "no check"
    elif "off" not in check:
        verdict = "-"
    else:
        verdict = f"{check['off']:.1e}" if check["right"] else f"WRONG {check['off']:.0e}"
    return f"{key:<42} {_times(row):<16} {verdict:>8}  {', '.join(row.get('ways', ()))}"


def _peers(name: str, rows: dict[str, dict[str, Any]]) -> list[str]:
    """A line for each row; those that belong together on one."""
    groups: dict[str, list[str]] = {}
    for key, row in rows.items():
        head, _, last = key.rpartition("/")
        together = name in ("cudnn", "parts", "compiled", "one_step")
        label, own = (head, f"{last} ") if together and head else (key, "")
        if name == "one_step":
            label, own = "a call, queued and done, us", f"{key} "
        own = own.removeprefix("without ")
        groups.setdefault(label, []).append(own + _values(name, row))
    return [f"{f'{name} {label}':<42} {', '.join(values)}" for label, values in groups.items()]


def _values(name: str, row: dict[str, Any]) -> str:
    if row.get("error") or row.get("skipped"):
        return str(row.get("skipped") or _times(row))
    if name == "one_step":
        return f"{_number(row['queued'])} {_number(row['waited'])}"
    if name == "first_call":
        compiled, from_disk = _number(row["compiled"]), _number(row["from_disk"])
        return f"compiled {compiled} s, in another process {from_disk} s"
    return _times(row)


def _times(row: dict[str, Any]) -> str:
    if row.get("error"):
        return f"failed: {row['error'][:44]}"
    return " | ".join(_number(row[n]) for n in ("forward", "both") if n in row)


def _number(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.2f}" if value < 100 else f"{value:.0f}"


def _failures(by_key: dict[str, dict[str, dict[str, Any]]]) -> list[str]:
    """Of the sections that have no lines of their own."""
    lines = []
    for name in sorted({"compile", "correct"} & by_key.keys()):
        rows = by_key[name]
        bad = [k for k, r in rows.items() if r.get("error") or r.get("right") is False]
        lines.append(f"{name}: {len(rows) - len(bad)} of {len(rows)} well")
        lines += [f"  {k}: {rows[k].get('error') or rows[k].get('bad')}" for k in bad]
    return lines
