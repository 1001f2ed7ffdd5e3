"""What the base install lacks: which extra a part of Gatewise needs, said where the part is asked for."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence

from gatewise.errors import GatewiseError


class MissingExtra(GatewiseError, ImportError):
    """A part of Gatewise needs libraries that are not installed; the message names the extra."""


# what the parts of the package cannot be imported without
TORCH = ("torch",)
TABLES = ("narwhals", "scipy")
FORECAST = ("torch", "sklearn", "narwhals", "pydantic", "tqdm", "matplotlib", "jinja2")


def require(part: str, extra: str, libraries: Sequence[str]) -> None:
    """Raises MissingExtra where a library is missing: ``part`` needs it, ``extra`` brings it."""
    missing = [name for name in libraries if not installed(name)]
    if missing:
        raise MissingExtra(f'{part} needs {", ".join(missing)}: pip install "gatewise[{extra}]"')


def installed(library: str) -> bool:
    """Whether a library can be imported, as far as that is known without doing so."""
    try:
        return importlib.util.find_spec(library) is not None
    except (ImportError, ValueError):  # somebody stands in its way; it was put in place by hand
        return False
