"""The model card of a model of whole sequences. Names of the data are not in it: anything can stand in them."""

from __future__ import annotations

import re
from collections.abc import Sequence

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
    shows = f" `{REPORT}` shows some of them: the model works without it." if report else ""
    cell = re.sub(r"\W", " ", fitted.cell.name)
    lines = [
        f"# {title}",
        "",
        f"Made with Gatewise {__version__} from {len(fitted.seen)} sequences. Cell: `{cell}`, "
        f"{fitted.pooling} pooling, {len(fitted.networks)} networks.",
        "",
        "Figures on sequences that the network that was measured had not seen, best first; the shipped "
        "weights were then trained on all sequences.",
        "",
        "```",
        *figures,
        "```",
        "",
    ]
    for remark in remarks:
        lines += [remark, ""]
    lines += [
        "The model holds no training sequence: only a number for the content of each, by which a copy is "
        f"recognised.{shows}",
        "",
        "```",
        "gatewise predict {this folder} --data FILE",
        "```",
        "",
    ]
    return "\n".join(lines)
