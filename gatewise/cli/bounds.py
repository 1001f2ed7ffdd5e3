"""The options of the domain of a target: its bounds, and whether it is whole."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any

import typer

Lower = Annotated[
    str | None,
    typer.Option(
        "--lower", help="Forecasts are never below this; none for no bound.", metavar="NUMBER"
    ),
]
Upper = Annotated[
    str | None,
    typer.Option(
        "--upper", help="Forecasts are never above this; none for no bound.", metavar="NUMBER"
    ),
]
Integer = Annotated[
    bool | None,
    typer.Option("--integer/--no-integer", help="Whether forecasts are whole numbers."),
]


def domain_options(lower: str | None, upper: str | None, integer: bool | None) -> dict[str, Any]:
    """The arguments of ``Forecaster``. Raises BadParameter (wrong usage) for what is no bound."""
    low, high = _bound("--lower", lower), _bound("--upper", upper)
    if isinstance(low, float) and isinstance(high, float) and low >= high:
        raise typer.BadParameter(f"--lower {lower} must be less than --upper {upper}")
    return {"lower": low, "upper": high, "integer": integer}


def words(domain: Mapping[str, Any]) -> list[str]:
    """The options as they are typed."""
    typed = []
    for name, value in domain.items():
        if isinstance(value, bool):
            typed.append(f"--{name}" if value else f"--no-{name}")
        elif value is not None:
            typed.append(f"--{name} {value if isinstance(value, str) else format(value, '.15g')}")
    return typed


def _bound(option: str, text: str | None) -> float | str | None:
    if text is None or text.strip().lower() == "none":
        return None if text is None else "none"
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise typer.BadParameter(f"{option} must be a number, or none for no bound, not {text!r}")
    return number
