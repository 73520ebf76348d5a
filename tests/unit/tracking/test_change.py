from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.core.errors import IntegrityError
from millwright.core.ids import Digest, ExperimentId, RunId
from millwright.core.records.run import MetricPoint, RunStatus
from millwright.tracking.change import (
    DatasetUsed,
    FileLogged,
    ParamsLogged,
    PointsLogged,
    RunEnded,
    RunResumed,
    RunStarted,
    TagsSet,
    from_json,
    microseconds,
    moment,
    to_json,
)

NOW = datetime(2026, 1, 1, 12, 0, 0, 123456, tzinfo=UTC)
STARTED = RunStarted(
    id=RunId("a" * 32), experiment="delay", name="n", at=NOW, user="u", parent_id=RunId("b" * 32), params={"a": "1"}
)


@pytest.mark.parametrize(
    "change",
    [
        STARTED,
        RunResumed(at=NOW),
        PointsLogged(points=(MetricPoint(key="loss", value=0.1, step=3, at=NOW),)),
        ParamsLogged(params={"ä": "\n"}),
        TagsSet(tags={"a": ""}),
        FileLogged(path="a/b.txt", digest=Digest("c" * 64), size_bytes=3, at=NOW),
        DatasetUsed(name="d", digest="e", context="training", source_type="code", source="{}", schema="[]"),
        RunEnded(status=RunStatus.KILLED, at=NOW),
    ],
)
def test_change_is_the_same_after_json(change: Any) -> None:
    assert from_json(json.loads(json.dumps(to_json(change), allow_nan=False))) == change


@given(st.floats())
def test_value_of_a_point_is_the_same_after_json(value: float) -> None:
    change = PointsLogged(points=(MetricPoint(key="k", value=value, step=0, at=NOW),))
    found = from_json(json.loads(json.dumps(to_json(change), allow_nan=False)))
    assert isinstance(found, PointsLogged)
    assert found.points[0].value == value or (math.isnan(value) and math.isnan(found.points[0].value))


def test_time_is_kept_to_the_microsecond() -> None:
    assert moment(microseconds(NOW)) == NOW


def test_beginning_gives_the_record_of_a_running_run() -> None:
    record = STARTED.record(ExperimentId("7"))
    assert (record.experiment_id, record.status, record.user) == ("7", RunStatus.RUNNING, "u")


@pytest.mark.parametrize("values", [{}, {"op": "dance"}, {"op": "end", "status": "x", "at": 1}, {"op": "tags", "a": 1}])
def test_what_is_no_change_is_an_error(values: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError):
        from_json(values)
