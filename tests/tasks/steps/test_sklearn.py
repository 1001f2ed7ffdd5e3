"""scikit-learn's checks that apply: those of the constructor, parameters, tags and copies.

The others fit a table of one label a row; what is said here is an array a sequence.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sklearn.utils import estimator_checks as checks

from gatewise.tasks import AnomalyDetector, SequenceImputer, SequenceTagger

APPLY = (
    checks.check_do_not_raise_errors_in_init_or_set_params,
    checks.check_estimator_cloneable,
    checks.check_estimator_repr,
    checks.check_estimator_tags_renamed,
    checks.check_get_params_invariance,
    checks.check_mixin_order,
    checks.check_no_attributes_set_in_init,
    checks.check_parameters_default_constructible,
    checks.check_set_params,
    checks.check_valid_tag_types,
)


@pytest.mark.parametrize("check", APPLY, ids=lambda check: check.__name__)
@pytest.mark.parametrize("estimator", [AnomalyDetector, SequenceImputer, SequenceTagger])
def test_checks(estimator: Callable[..., Any], check: Callable[..., None]) -> None:
    model = estimator()
    check(type(model).__name__, model)
