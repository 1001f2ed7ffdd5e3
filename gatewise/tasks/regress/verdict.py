"""Whether to use a regressor, in a sentence."""

from __future__ import annotations

from gatewise.tasks.regress.fitted import Fitted


def verdict(fitted: Fitted) -> str:
    """Whether to use the model, in a sentence."""
    mine = next(row for row in fitted.evaluation if row.name == fitted.name)
    other = next(row for row in fitted.evaluation if row.name != fitted.name)
    if fitted.evaluation[0].name != fitted.name:
        return (
            f"{other.name} does better on sequences that neither had seen: RMSE {other.rmse:.4g} against "
            f"{mine.rmse:.4g}. Prefer it."
        )
    return (
        f"On sequences that it had not seen, the network has an RMSE of {mine.rmse:.4g}; the best simple "
        f"regressor, {other.name}, of {other.rmse:.4g}."
    )
