"""Codes such as -999 in covariates: they stand for missing values, and would else have an effect of their own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import numpy as np

from gatewise.arrays import Floats
from gatewise.tasks.data.missing_codes import find_codes, text_of
from gatewise.tasks.data.series import Feature, Series, Table

# covariates of steps, whose values are missing now and then
Role = Literal["known", "past"]
ROLES: tuple[Role, ...] = ("known", "past")


def without_covariate_codes(table: Table) -> tuple[Table, tuple[str, ...]]:
    """The table with codes in columns of numbers as missing values, and the codes that were found, as texts.

    A value that the target has is no code. The notes of the table say what was left out.
    """
    codes: dict[str, None] = {}
    for role in ROLES:
        for k, feature in enumerate(getattr(table.features, role)):
            if feature.categories is not None:
                continue
            for code in find_codes(_pooled(table, role, k), covariate=True):
                if not any(np.any(series.values == code) for series in table.series):
                    table = _masked(table, role, k, code)
                    codes[text_of(code)] = None
    return table, tuple(codes)


def _pooled(table: Table, role: Role, k: int) -> Floats:
    return np.concatenate([getattr(series, role)[:, k] for series in table.series])


def _masked(table: Table, role: Role, k: int, code: float) -> Table:
    """The table with one code in one column as a missing value."""
    features: tuple[Feature, ...] = getattr(table.features, role)
    column = _pooled(table, role, k)
    rest = column[(column != code) & ~np.isnan(column)]
    count = int(np.count_nonzero(column == code))
    many = "once" if count == 1 else f"{count} times"
    note = (
        f"{text_of(code)} is there {many} in {features[k].name!r} (first at {_place(table, role, k, code)}), far from "
        f"all other values ({rest.min():.6g} to {rest.max():.6g}): taken as missing, as --missing {text_of(code)} "
        "would do; fit --set outliers=keep takes it as a value"
    )
    feature = replace(features[k], low=float(rest.min()), high=float(rest.max()))
    changed: dict[str, Any] = {role: (*features[:k], feature, *features[k + 1 :])}
    return replace(
        table,
        series=tuple(_without(series, role, k, code) for series in table.series),
        features=replace(table.features, **changed),
        notes=(*table.notes, note),
    )


def _place(table: Table, role: Role, k: int, code: float) -> str:
    for series in table.series:
        at = np.flatnonzero(getattr(series, role)[:, k] == code)
        if len(at):
            return table.place(series, int(at[0]))
    raise AssertionError("a code that was found is somewhere")


def _without(series: Series, role: Role, k: int, code: float) -> Series:
    values: Floats = getattr(series, role)
    places = values[:, k] == code
    if not places.any():
        return series
    changed: dict[str, Any] = {role: np.array(values)}
    changed[role][places, k] = np.nan
    return replace(series, **changed)
