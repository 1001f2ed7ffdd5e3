"""The page around every report: its head, its style and its foot; a task's template fills it in."""

from __future__ import annotations

import platform
from importlib.metadata import version
from importlib.resources import files
from typing import Any

import jinja2

from gatewise.version import __version__

SHELL = "shell.html"


def page(source: str, **values: Any) -> str:
    """A page from a template that extends ``shell.html``.

    Every value is escaped, but for what is marked as safe.

    Args:
        source: the template; it has the blocks ``title`` and ``content``.
        values: that it names.
    """
    shell = files("gatewise.tasks.report").joinpath(SHELL).read_text(encoding="utf-8")
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=jinja2.DictLoader({SHELL: shell}),
    )
    return environment.from_string(source).render(**values)


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
