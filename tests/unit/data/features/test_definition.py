"""The public classes of definitions as JSON values, and their digests."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest

import millwright as mw
from millwright.core.digest import canonical_json
from millwright.data.features.definition import (
    definition_digest,
    definition_kind,
    definition_sources,
    definition_values,
    used_by,
)

BUILDING = mw.Entity("building", description="A building", owner="ada")
EXPRESSIONS = (pl.col("late").mean().over("building").alias("mean_late"),)


def view(**changes) -> mw.FeatureView:
    options = {
        "entities": [BUILDING],
        "source": "phases",
        "features": [mw.Feature("mean_late", "Float64"), mw.Feature("phases", "Int64")],
        "timestamp": "known_at",
    }
    return mw.FeatureView("history", **(options | changes))


def stream() -> mw.StreamFeatureView:
    windows = [mw.Window("n_1d", over=timedelta(days=1)), mw.Window("last3", "x", "last", over=timedelta(days=1), n=3)]
    return mw.StreamFeatureView("events", entities=[BUILDING], source="events", windows=windows)


def on_demand(function=None) -> mw.OnDemandFeatureView:
    return mw.OnDemandFeatureView(
        "share",
        sources=[view()[["mean_late"]]],
        request=[mw.Feature("cost", "Float64")],
        features=[mw.Feature("share", "Float64")],
        transform=function or (lambda frame: frame.select(share=pl.col("cost") / pl.col("mean_late"))),
    )


def test_names_are_loaded_from_the_package() -> None:
    for name in ("Entity", "Feature", "FeatureView", "OnDemandFeatureView", "StreamFeatureView", "FeatureService"):
        assert getattr(mw, name).__module__.startswith("millwright.data.features")


@pytest.mark.parametrize("make", [lambda: BUILDING, view, stream, on_demand, lambda: mw.FeatureService("s", [view()])])
def test_values_are_json_and_the_digest_is_steady(make) -> None:
    definition = make()
    assert canonical_json(definition_values(definition))
    assert definition_digest(definition) == definition_digest(make())
    assert definition_kind(definition)


@pytest.mark.parametrize(
    "changes",
    [
        {"source": "other"},
        {"timestamp": "at"},
        {"created": ""},
        {"created": "recorded_at"},
        {"ttl": timedelta(days=1)},
        {"features": [mw.Feature("mean_late", "Float32"), mw.Feature("phases", "Int64")]},
        {"features": [mw.Feature("phases", "Int64"), mw.Feature("mean_late", "Float64")]},
        {"entities": [mw.Entity("building", keys=("building_id",))]},
        {"transform": EXPRESSIONS},
        {"transform": "SELECT * FROM phases"},
        {"transform": lambda phases: phases},
    ],
)
def test_what_decides_values_changes_the_digest(changes) -> None:
    assert definition_digest(view(**changes)) != definition_digest(view())


@pytest.mark.parametrize(
    "changes",
    [
        {"description": "of a building"},
        {"owner": "bob"},
        {"tags": {"team": "site"}},
        {"online": False},
        {"features": [mw.Feature("mean_late", pl.Float64, "in days"), mw.Feature("phases", pl.Int64())]},
        {"entities": mw.Entity("building")},
    ],
)
def test_what_is_for_people_does_not_change_the_digest(changes) -> None:
    assert definition_digest(view(**changes)) == definition_digest(view())


def test_comments_of_a_function_do_not_change_the_digest() -> None:
    def plain(phases) -> object:
        return phases.filter(True)

    def commented(phases) -> object:
        """Says something."""
        return phases.filter(True)  # and more

    def other(phases) -> object:
        return phases.filter(False)

    digests = [definition_digest(view(transform=one)) for one in (plain, commented, other)]
    assert digests[0] == digests[1] != digests[2]


def test_sources_and_parts_are_named() -> None:
    assert definition_sources(view()) == ("dataset/phases", "entity/building")
    assert definition_sources(on_demand()) == ("view/history",)
    service = mw.FeatureService("s", [view(), on_demand()])
    assert definition_sources(service) == ("view/history", "on_demand_view/share")
    assert [one.name for one in used_by(service)] == ["history", "share"]
    assert [one.name for one in used_by(view())] == ["building"]
    assert definition_sources(BUILDING) == used_by(BUILDING) == ()


def test_key_named_like_a_text_for_people_counts() -> None:
    entity = mw.Entity("device", keys=("online",))
    one, two = (
        mw.FeatureService("s", [view(entities=[entity]).with_keys({"online": column})]) for column in ("a", "b")
    )
    assert definition_digest(one) != definition_digest(two)
