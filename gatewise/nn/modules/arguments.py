"""Checks of constructor arguments that PyTorch's modules share; the messages are PyTorch's."""

from __future__ import annotations

import numbers
import warnings

from gatewise.errors import InputError


def flag(name: str, value: object) -> bool:
    """``value`` if it is a truth value. Raises TypeError."""
    if not isinstance(value, bool):
        raise TypeError(f"{name} should be of type bool, got: {type(value).__name__}")
    return value


def check_dropout(value: object, layers: int) -> float:
    """A probability. Raises InputError; warns if there is no layer that it would act on."""
    number = isinstance(value, numbers.Number) and not isinstance(value, bool)
    if not number or not 0 <= value <= 1:  # type: ignore[operator]
        raise InputError(
            "dropout should be a number in range [0, 1] representing the probability of an element "
            f"being zeroed, not {value!r}"
        )
    if value and layers == 1:
        warnings.warn(
            "dropout option adds dropout after all but last recurrent layer, so non-zero dropout "
            f"expects num_layers greater than 1, but got dropout={value} and num_layers={layers}",
            stacklevel=4,
        )
    return float(value)  # type: ignore[arg-type]
