"""What a model was made with, for the report."""

from __future__ import annotations

import platform
from importlib.metadata import version

from gatewise.version import __version__


def versions(kernel: str) -> dict[str, str]:
    """What a model was made with; ``kernel`` is what its cell runs on."""
    return {
        "gatewise": __version__,
        "torch": version("torch"),
        "numpy": version("numpy"),
        "Python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "cell runs on": kernel,
    }
