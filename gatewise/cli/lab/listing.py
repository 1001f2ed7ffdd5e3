"""``gatewise lab list``: what the experiments ask."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command("list")(list_)


def list_(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the experiments: what they ask, their numbers, their criterion."""
    from gatewise import lab

    known = [lab.get(name) for name in lab.names()]
    if as_json:
        print(json.dumps([_described(e) for e in known], indent=1, ensure_ascii=False))
        return
    width = max(len(e.name) for e in known)
    for e in known:
        numbers = " ".join(f"{k}={v}" for k, v in lab.make(e.name).describe().items() if v != "")
        print(f"{e.name:<{width}}  {e.title}")
        print(f"{'':<{width}}  solved: {e.success}")
        print(f"{'':<{width}}  {numbers}  ({e.source})")


def _described(experiment: Any) -> dict[str, Any]:
    from gatewise import lab

    return {
        "name": experiment.name,
        "title": experiment.title,
        "source": experiment.source,
        "criterion": experiment.success,
        "numbers": lab.make(experiment.name).describe(),
    }
