"""Features as they were served against what the datasets say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import NotFoundError
from millwright.core.ids import PredictionId, new_id
from millwright.core.records.prediction import PredictionRecord
from tiny.online_world import moment, phases, row

if TYPE_CHECKING:
    from tiny.online_world import World


def prediction(at: float, *, key: str | None = None, **features: Any) -> PredictionRecord:
    made = moment(at)
    return PredictionRecord(
        id=PredictionId(new_id(int(made.timestamp() * 1000))), endpoint="delay", model="delay", version=1, at=made,
        features=features, outputs={"prediction": 1.0}, latency_ms=1.0, key=key,
    )  # fmt: skip


@pytest.fixture
def filled(world: World) -> World:
    world.write([row(1, -10, 1.0), row(1, -5, 2.0), row(2, -10, 7.0, created=-3), row(3, -10, float("nan"))])
    return world


def test_planted_skew_is_measured(filled: World) -> None:
    """A value from the future, one from before it was recorded, and a stale one differ; the others do not."""
    filled.stores.predictions.append(
        [
            prediction(-6, site=1, late=1.0, who="w-10"),
            prediction(-6, site=1, late=2.0, who="w-10"),  # known an hour later only
            prediction(-4, site=2, late=7.0, who="w-10"),  # recorded an hour later only
            prediction(-2, site=2, late=7.0000001, who="w-10"),
            prediction(-1, site=1, late=1.0, who="w-5"),  # stale
            prediction(-1, site=9, late=None, who=None),
            prediction(-1, site=3, late=None, who="w-10"),  # JSON has no NaN
        ]
    )
    report = filled.online.skew("delay", [phases()[["late", "who", "day"]]])
    late, who = report.features
    assert (late.feature, late.compared, late.different, late.largest) == ("late", 7, 3, 1.0)
    assert late.share == pytest.approx(3 / 7)
    assert {(found.served, found.offline) for found in late.examples} == {(2.0, 1.0), (7.0, None), (1.0, 2.0)}
    assert (who.different, who.examples[0].served, who.examples[0].offline) == (1, "w-10", None)
    assert report.not_logged == ("day",)
    assert report.is_skewed


def test_entity_is_told_by_the_callers_key(filled: World) -> None:
    filled.stores.predictions.append(
        [prediction(-1, key="1", late=2.0), prediction(-1, key="x", late=2.0), prediction(-1, late=2.0)]
    )
    report = filled.online.skew("delay", [phases()[["late"]]])
    assert (report.predictions, report.without_entity, report.is_skewed) == (3, 2, False)
    assert report.features[0].compared == 1


def test_only_predictions_from_a_moment_on_are_read(filled: World) -> None:
    filled.stores.predictions.append([prediction(-6, site=1, late=9.0), prediction(-1, site=1, late=2.0)])
    assert not filled.online.skew("delay", [phases()[["late"]]], since=moment(-2)).is_skewed
    newest = filled.online.skew("delay", [phases()[["late"]]], limit=1)
    assert (newest.predictions, newest.is_skewed) == (1, False)


def test_skew_of_predictions_that_name_no_entity_is_not_known(filled: World) -> None:
    filled.stores.predictions.append([prediction(-1, late=2.0)])
    report = filled.online.skew("delay", [phases()[["late"]]])
    assert (report.is_empty, report.is_skewed) == (True, False)


def test_unknown_endpoint_is_told(filled: World) -> None:
    with pytest.raises(NotFoundError, match="no endpoint 'delay'"):
        filled.online.skew("delay", [phases()])


def test_number_that_was_served_for_none_and_for_an_infinite_one_differs(filled: World) -> None:
    filled.write([row(4, -10, float("inf"))], mode="append")
    filled.stores.predictions.append([prediction(-1, site=3, late=5.0), prediction(-1, site=4, late=5.0)])
    assert filled.online.skew("delay", [phases()[["late"]]]).features[0].different == 2
