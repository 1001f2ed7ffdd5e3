"""An option that takes one value is given once: the command line says so instead of taking the last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def refuse_repeats(context: Any, command: Any, arguments: Sequence[str]) -> None:
    """Raises a usage error for an option of a command that is given twice and takes one value.

    Args:
        context: of the command line.
        command: that is to run.
        arguments: of it, as they were typed.
    """
    single = {
        name: parameter
        for parameter in getattr(command, "params", ())
        if not getattr(parameter, "multiple", True) and not getattr(parameter, "is_flag", True)
        for name in parameter.opts
    }
    values: dict[str, list[str]] = {}
    words = iter(arguments)
    for word in words:
        if word == "--":
            break
        name, equals, value = word.partition("=")
        if name in single:
            values.setdefault(single[name].opts[0], []).append(value if equals else next(words, ""))
    for name, given_values in values.items():
        if len(given_values) > 1:
            context.fail(f"{name} is given twice ({', '.join(given_values)}), and takes one value")
