"""Feature services."""

from __future__ import annotations

import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.features.entity import Entity, Feature
from millwright.data.features.service import FeatureService
from millwright.data.features.view import FeatureView

HISTORY = FeatureView(
    "history",
    entities=[Entity("building")],
    source="phases",
    features=[Feature("late", "Float64"), Feature("n", "Int64")],
)


def test_service_lists_features_in_their_order() -> None:
    origin = HISTORY["late"].with_keys({"building": "origin"}, prefix="origin_")
    service = FeatureService("delay", [HISTORY[["n"]], origin])
    assert service.outputs == ("n", "origin_late")
    assert FeatureService("all", HISTORY).outputs == ("late", "n")
    assert service.code == ""


@pytest.mark.parametrize(
    ("features", "said"),
    [
        ([], "has no features"),
        ([HISTORY, HISTORY["n"]], "a feature twice: 'n'"),
        (["history:n"], r"Give views, or view\[\[\"a\", \"b\"\]\]"),
    ],
)
def test_service_refuses_what_is_wrong_and_says_what(features, said) -> None:
    with pytest.raises(InvalidInputError, match=said):
        FeatureService("delay", features)
