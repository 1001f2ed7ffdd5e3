"""The page around every report: its head, its style and its foot; a task's template fills it in."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import jinja2

PARTS = ("shell.html", "parts.html")


def page(package: str, **values: Any) -> str:
    """A page from the template of a package, ``page.html``, which extends ``shell.html``.

    Every value is escaped, but for what is marked as safe.

    Args:
        package: the template has the blocks ``title`` and ``content``, and may import from ``parts.html``.
        values: that it names.
    """
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=jinja2.DictLoader({name: _text("gatewise.tasks.report", name) for name in PARTS}),
    )
    return environment.from_string(_text(package, "page.html")).render(**values)


def _text(package: str, name: str) -> str:
    return files(package).joinpath(name).read_text(encoding="utf-8")
