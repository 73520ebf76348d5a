from __future__ import annotations

from typing import Any

import pytest

from millwright.core.errors import InvalidInputError
from millwright.monitoring.concept import ConceptSettings


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"detector": "adwinn"}, "Did you mean 'adwin'"),
        ({"parameters": {"threshold": 3.0}}, "has no parameter 'threshold'"),
        ({"parameters": {"delta": float("nan")}}, "finite"),
        ({"min_labels": 0}, "at least 1"),
    ],
)
def test_settings_that_cannot_be_met_are_refused(values: dict[str, Any], message: str):
    with pytest.raises(InvalidInputError, match=message):
        ConceptSettings(**values)
