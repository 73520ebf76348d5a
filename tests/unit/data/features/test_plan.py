"""What has to be looked up for some features."""

from __future__ import annotations

import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.features.definition import Feature, OnDemandFeatureView
from millwright.data.features.plan import plan_features


def share(history) -> OnDemandFeatureView:
    return OnDemandFeatureView(
        "share",
        sources=[history[["cost"]]],
        request=[Feature("budget", "Float64")],
        features=[Feature("share", "Float64")],
        transform=lambda frame: frame,
    )


def test_view_is_joined_once_per_set_of_keys(history) -> None:
    other = history[["late"]].with_keys({"building": "to"}, prefix="to_")
    plan = plan_features([history[["late"]], share(history)[["share"]], other])
    assert [(one.entity_columns, one.features) for one in plan.lookups] == [
        (("building",), ("late", "cost")),
        (("to",), ("late",)),
    ]
    assert plan.outputs == ("late", "share", "to_late")
    assert plan.entity_columns == ("building", "to")
    assert plan.request_columns == ("budget",)
    assert [view.name for view in plan.views] == ["history", "share"]


def test_two_features_of_one_name_are_refused(history) -> None:
    with pytest.raises(InvalidInputError, match="There would be a column twice: 'late'"):
        plan_features([history[["late"]], history[["late"]]])
    with pytest.raises(InvalidInputError, match="Expected features, found none"):
        plan_features([])
