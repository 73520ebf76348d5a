from __future__ import annotations

from datetime import UTC, datetime

from millwright.core.ids import ExperimentId, RunId
from millwright.core.records.run import MetricPoint, RunRecord, RunStatus
from millwright.server.mlflow.tracking.run_shape import shapes

AT = datetime(2026, 1, 1, tzinfo=UTC)


def test_run_of_our_own_carries_its_name_and_parent_as_tags(wire):
    stores = wire.workspace.stores
    record = RunRecord(
        id=RunId("r"),
        experiment_id=ExperimentId("0"),
        name="fit",
        status=RunStatus.RUNNING,
        started_at=AT,
        parent_id=RunId("p"),
        tags={"k": "v"},
    )
    stores.runs.create_run(record)
    stores.runs.append_metrics(record.id, [MetricPoint(key="m", value=float("nan"), step=1, at=AT)])
    shape = shapes(stores, [stores.runs.get_run(record.id)])[0]
    assert {each.key: each.value for each in shape.data.tags} == {
        "mlflow.runName": "fit",
        "mlflow.parentRunId": "p",
        "k": "v",
    }
    assert [each.value for each in shape.data.metrics] == ["NaN"]
    assert shape.outputs is None
