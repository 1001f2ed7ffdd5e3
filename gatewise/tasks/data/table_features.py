"""The columns of a table that training reads, with what it has seen in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from gatewise.arrays import Floats
from gatewise.tasks.data.columns import Columns
from gatewise.tasks.data.covariates import EMPTY, feature_of, with_range
from gatewise.tasks.data.roles import Roles
from gatewise.tasks.data.series import Feature, Features, decimals_of


def features_of(
    columns: Columns, roles: Roles, values: Mapping[str, Floats], notes: list[str]
) -> Features:
    """The targets ``values`` [n], and the covariates that ``roles`` names. Remarks are added to ``notes``."""
    targets = [
        replace(with_range(Feature(n), v), decimals=decimals_of(v))
        if np.isfinite(v).any()
        else Feature(n)
        for n, v in values.items()
    ]
    history = np.any([~np.isnan(v) for v in values.values()], axis=0)
    if len(history) != columns.rows:  # a row is a series
        history = None
    parts = {
        part: tuple(
            feature_of(columns, name, history if part == "known" else None)
            for name in getattr(roles, part)
        )
        for part in ("past", "known", "static")
    }
    for feature in parts["known"]:
        if feature.categories and EMPTY in feature.categories:
            notes.append(f"column {feature.name!r}: empty cells are a category of their own")
    return Features(tuple(targets), **parts)
