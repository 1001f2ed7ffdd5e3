"""The table: our results by experiment and cell, a column for each recipe, beside the published figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median
from typing import Any

from gatewise.lab import experiments
from gatewise.lab.published import PUBLISHED
from gatewise.lab.recipes import NAMES
from gatewise.lab.results import Result

_COLUMNS = ("experiment", "cell", *NAMES, "published")


def rows(results: Iterable[Result]) -> list[dict[str, str]]:
    """A row for each experiment, its numbers and cell; recipes are never mixed."""
    groups: dict[tuple[str, str, str], dict[str, list[Result]]] = {}
    for result in results:
        key = (result.experiment, _numbers(result.fields), result.cell)
        groups.setdefault(key, {}).setdefault(result.recipe, []).append(result)
    order = {name: k for k, name in enumerate(experiments.names())}
    table, shown = [], set[tuple[str, str]]()
    for (name, numbers, cell), by_recipe in sorted(
        groups.items(), key=lambda item: (order.get(item[0][0], len(order)), item[0][1])
    ):
        row = {"experiment": f"{name} {numbers}".rstrip(), "cell": cell}
        for recipe in dict.fromkeys((*NAMES, *by_recipe)):
            row[recipe] = cell_text(by_recipe.get(recipe, []))
        # what was published stands once, in the first row of the experiment
        row["published"] = "" if (name, numbers) in shown else _published(name, numbers)
        shown.add((name, numbers))
        table.append(row)
    return table


def cell_text(results: Sequence[Result]) -> str:
    """What seeds of one recipe came to: how many solved it, medians of those, else the best figure."""
    if not results:
        return ""
    solved = [r for r in results if r.solved]
    count = f"{len(solved)}/{len(results)}"
    if solved:
        sequences = median(r.sequences for r in solved)
        seconds = median(r.cpu for r in solved)
        more = _figure(solved)
        return f"{count}, {sequences:,.0f} seqs, {seconds:.3g} s" + (f", {more}" if more else "")
    reason = next((r.note for r in results if r.note.startswith("cannot")), "")
    if reason:
        return reason if len(reason) <= 60 else reason[:57] + "..."
    best = _figure(results)
    return f"{count}, {best}" if best else f"{count}, {results[0].note}"


# figure -> (how it is shown, whether more is better)
_FIGURES: tuple[tuple[str, str, bool], ...] = (
    ("range", "range {:.0f}", True),
    ("accuracy", "accuracy {:.3f}", True),
    ("verbs", "verbs {:.3f}", True),
    ("right in a row", "{:.0f} in a row", True),
    ("whole streams", "{:.0f} whole streams", True),
    ("mse", "MSE {:.2g}", False),
    ("wrong", "{:.0f} wrong", False),
)


def _figure(results: Sequence[Result]) -> str:
    """The best of what a test measured."""
    for name, shown, more in _FIGURES:
        values = [r.figures[name] for r in results if name in r.figures]
        if values:
            text = shown.format(max(values) if more else min(values))
            total = next((r.figures["of"] for r in results if "of" in r.figures), None)
            return f"{text} of {total:,.0f}" if name == "wrong" and total else text
    return ""


def _numbers(fields: dict[str, Any]) -> str:
    return " ".join(f"{name}={value}" for name, value in fields.items() if value != "")


def _published(name: str, numbers: str) -> str:
    have = set(numbers.split())
    fitting = [p for p in PUBLISHED.get(name, ()) if set(p.setting.split()) <= have]
    chosen = fitting or PUBLISHED.get(name, ())
    return "; ".join(f"{p.who}: {p.figure}{_of(p.setting, have)}" for p in chosen)


def _of(setting: str, have: set[str]) -> str:
    return "" if not setting or set(setting.split()) <= have else f" ({setting})"


def text(results: Iterable[Result]) -> str:
    """The table for a terminal."""
    table = rows(results)
    shown = [c for c in _COLUMNS if any(row.get(c) for row in table)]
    widths = (
        {c: max(len(c), *(len(row.get(c, "")) for row in table)) for c in shown} if table else {}
    )
    lines = ["  ".join(f"{c:<{widths[c]}}" for c in shown).rstrip()]
    lines += ["  ".join(f"{row.get(c, ''):<{widths[c]}}" for c in shown).rstrip() for row in table]
    return "\n".join(lines) if table else "no results yet: gatewise lab run NAME"


def markdown(results: Iterable[Result]) -> str:
    """The table for a page."""
    table = rows(results)
    shown = [c for c in _COLUMNS if any(row.get(c) for row in table)]
    lines = ["| " + " | ".join(shown) + " |", "|" + "---|" * len(shown)]
    lines += ["| " + " | ".join(row.get(c, "") for c in shown) + " |" for row in table]
    return "\n".join(lines)
