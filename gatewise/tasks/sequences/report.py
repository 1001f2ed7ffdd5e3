"""What the reports on models of whole sequences share."""

from __future__ import annotations

# why a loaded model has no report
NOT_AT_HAND = (
    "a report needs the sequences that the fit has seen, and a saved model does not keep them: "
    "look at the report.html in its folder, or fit again"
)
