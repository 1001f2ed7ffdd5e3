"""A report as one HTML file. Every name in it is escaped by the template; the pictures are SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from gatewise.errors import InputError
from gatewise.tasks.report.learning_curve import learning_curve
from gatewise.tasks.report.shell import page as shell_page
from gatewise.tasks.report.versions import versions
from gatewise.tasks.sequences.report import NOT_AT_HAND
from gatewise.tasks.sequences.source import ABOUT_DATA
from gatewise.tasks.steps.report.pictures import Timeline, timeline
from gatewise.tasks.training.checkpoint import LogEntry

Lines = tuple[tuple[str, str], ...]


# name, whether it is the model's, the length of its bar in percent, cells
TableRow = tuple[str, bool, float, tuple[str, ...]]


@dataclass(frozen=True)
class Table:
    """A table with what it tells."""

    heading: str
    about: str
    head: tuple[str, ...]
    rows: tuple[TableRow, ...]


@dataclass(frozen=True)
class Shown:
    """What a report shows of the sequences: kept with the model in memory, never in its folder as data.

    Attributes:
        timelines: stretches of steps.
        data, model: lines of a summary, each a short title and a text.
    """

    timelines: tuple[Timeline, ...]
    data: Lines
    model: Lines


@dataclass(frozen=True)
class Page:
    """All that a report tells; a task fills it in."""

    title: str
    eyebrow: str
    heading: str
    verdict: str
    tiles: Sequence[tuple[str, str, str]]
    tables: Sequence[Table]
    notes: Sequence[str]
    pictures_heading: str
    pictures_about: str
    legend: Sequence[tuple[str, str]]
    timelines: Sequence[Timeline]
    data: Lines
    model: Lines
    history: Sequence[LogEntry]
    steps: int
    command: str
    kernel: str


def shown_of(shown: Shown | None) -> Shown:
    """What a report shows. Raises InputError for a model that was loaded."""
    if shown is None:
        raise InputError(NOT_AT_HAND)
    return shown


def render(page: Page) -> str:
    """The page: well-formed, without a script, and with no reference to anything outside itself."""
    return shell_page(
        "gatewise.tasks.steps.report",
        page=page,
        pictures=[
            (one.title, one.text, Markup(timeline(f"t{k}", one)))
            for k, one in enumerate(page.timelines)
        ],
        curve=Markup(learning_curve("curve", page.history)) if page.history else "",
        versions=versions(page.kernel),
    )


def summary(plan: Sequence[str], of_data: Sequence[str]) -> tuple[Lines, Lines]:
    """The lines of a plan as pairs of title and text: those of the data (of what was read, and others of these titles), and
    those of the model."""
    lines = [(title, text.strip()) for title, _, text in (line.partition(" ") for line in plan)]
    return (
        tuple(line for line in lines if line[0] in (*ABOUT_DATA, *of_data)),
        tuple(line for line in lines if line[0] not in (*ABOUT_DATA, *of_data)),
    )
