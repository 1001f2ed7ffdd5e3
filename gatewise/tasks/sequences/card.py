"""The card of a model of sequences. Names of the data are not in it: anything can stand in them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gatewise.lang.cell import Cell
from gatewise.tasks.model_dir import REPORT
from gatewise.tasks.sequences.fitted import FittedSequences
from gatewise.version import __version__


def card(
    fitted: FittedSequences,
    title: str,
    figures: Sequence[str],
    remarks: Sequence[str],
    report: bool,
) -> str:
    """The text of ``README.md``.

    Args:
        fitted: the model.
        title: what it is.
        figures: lines of the table of its figures.
        remarks: paragraphs below the table.
        report: whether there is a report beside the card.
    """
    body = [
        "Figures on sequences that the network that was measured had not seen, best first; the shipped "
        "weights were then trained on all sequences.",
        "",
        "```",
        *figures,
        "```",
        "",
    ]
    for remark in remarks:
        body += [remark, ""]
    networks = f"{fitted.pooling} pooling, {len(fitted.networks)} networks"
    return model_card(title, fitted.cell, len(fitted.seen), networks, body, report)


def model_card(
    title: str, cell: Cell, sequences: int, networks: str, body: Sequence[str], report: bool
) -> str:
    """The text of ``README.md``.

    Args:
        title: what the model is.
        cell: of its networks.
        sequences: how many it has learned from.
        networks: what it is made of, as the end of a sentence.
        body: lines with its figures.
        report: whether there is a report beside the card.
    """
    shows = f" `{REPORT}` shows some of them: the model works without it." if report else ""
    name = re.sub(r"\W", " ", cell.name)
    lines = [
        f"# {title}",
        "",
        f"Made with Gatewise {__version__} from {sequences} sequences. Cell: `{name}`, {networks}.",
        "",
        *body,
        "The model holds no training sequence: only a number for the content of each, by which a copy is "
        f"recognised.{shows}",
        "",
        "```",
        "gatewise predict {this folder} --data FILE",
        "```",
        "",
    ]
    return "\n".join(lines)
