from __future__ import annotations

from datetime import timedelta
from html import unescape
from urllib.parse import quote

import polars as pl
import pytest

from millwright.core.records.dataset import DatasetKind
from millwright.data.features.definition import Entity, Feature, FeatureService, FeatureView, OnDemandFeatureView


@pytest.fixture
def defined(control):
    """Features of crews, in the workspace of the server."""
    workspace = control.workspace
    rows = pl.DataFrame({"crew": ["a", "b"], "at": ["2026-01-01", "2026-01-02"], "late": [3, None]})
    rows = rows.with_columns(pl.col("at").str.to_date())
    workspace.datasets.write(rows, "crews", kind=DatasetKind.TABLE)
    history = FeatureView(
        "crew_history", entities=[Entity("crew")], source="crews", features=[Feature("late", "Int64", "<b>Days</b>")],
        timestamp="at", ttl=timedelta(days=30), description="How late crews ran", owner="planning",
        tags={"stage": "gold"},
    )  # fmt: skip
    share = OnDemandFeatureView(
        "share", sources=[history], request=[Feature("days", "Int64")], features=[Feature("share", "Float64")],
        transform=lambda frame: frame.select(share=pl.col("late") / pl.col("days")),
    )  # fmt: skip
    workspace.features.apply([FeatureService("crew_delay", [history, share])])
    return control


def test_features_are_listed_and_found(defined):
    page = defined.page("/features")
    for said in ("crew_history@1", "How late crews ran", "planning", "share@1", "crew_delay@1"):
        assert said in page
    found = defined.page(f"/features?text={quote('late GOLD')}")
    assert "crew_history@1" in found
    assert "share@1" not in found
    assert "No definition holds 'nothing'." in defined.page("/features?text=nothing")


def test_view_shows_what_it_declares_and_who_uses_it(defined):
    page = defined.page("/features/view/crew_history")
    for said in (
        "30 days",
        "Int64",
        "<b>Days</b>",
        "crew_delay",
        "Never: mw features materialize crew_history",
        "crews",
    ):
        assert said in page


def test_on_demand_view_shows_its_function(defined):
    assert 'share=pl.col("late")' in defined.page("/features/on_demand_view/share").replace("'", '"')
    assert "late, share" in defined.page("/features/service/crew_delay")
    assert "crew_history" in defined.page("/features/entity/crew")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/features/views/crew_history", "Did you mean 'view'"),
        ("/features/view/crew_histori", "Did you mean 'crew_history'"),
    ],
)
def test_definition_that_is_not_there_names_the_closest(defined, path, said):
    answer = defined.get(path, accept="text/html")
    assert answer.status_code == 404
    assert said in unescape(answer.text)
