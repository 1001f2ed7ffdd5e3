"""What the reports on models of whole sequences share."""

from __future__ import annotations

from gatewise.tasks.sequences.fitted import FittedSequences

# why a loaded model has no report
NOT_AT_HAND = (
    "a report needs the sequences that the fit has seen, and a saved model does not keep them: "
    "look at the report.html in its folder, or fit again"
)


def remarks(fitted: FittedSequences) -> list[str]:
    """The notes of the fit, without the titles that they have in a plan."""
    return [note.removeprefix("copies").strip() for note in fitted.notes]
