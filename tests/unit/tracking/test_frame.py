from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from millwright.core.ids import ExperimentId, RunId
from millwright.core.records.run import RunRecord, RunStatus
from millwright.core.records.run_input import DatasetInput, RunLinks
from millwright.tracking.frame import Difference, differences, runs_frame

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def run(letter: str, **facts: Any) -> RunRecord:
    return RunRecord(
        id=RunId(letter * 32),
        experiment_id=ExperimentId("1"),
        name=letter,
        status=RunStatus.FINISHED,
        started_at=NOW,
        ended_at=NOW + timedelta(seconds=2),
        **facts,
    )


A = run("a", params={"lr": "0.1", "same": "x"}, metrics={"loss": 0.5}, tags={"team": "t", "mlflow.user": "u"})
B = run("b", params={"lr": "0.2", "same": "x"}, metrics={"auc": 0.9}, tags={"mlflow.user": "v"})


def test_frame_has_a_column_for_everything_and_null_where_a_run_has_none() -> None:
    frame = runs_frame([A, B])
    assert frame["run_id"].to_list() == [A.id, B.id]
    assert frame["metrics.loss"].to_list() == [0.5, None]
    assert frame["params.lr"].to_list() == ["0.1", "0.2"]
    assert frame["tags.team"].to_list() == ["t", None]
    assert frame.schema["started_at"] == pl.Datetime("us", "UTC")


def test_frame_of_no_runs_has_the_fixed_columns() -> None:
    assert runs_frame([]).columns[:2] == ["run_id", "name"]
    assert runs_frame([]).height == 0


def test_differences_leave_out_what_is_the_same_and_what_every_run_has() -> None:
    used = DatasetInput(name="d", digest="e", source_type="code", source="{}")
    links = {A.id: RunLinks(datasets=(used,)), B.id: RunLinks()}
    assert differences([A, B], links) == [
        Difference(kind="params", key="lr", values=("0.1", "0.2")),
        Difference(kind="metrics", key="auc", values=(None, 0.9)),
        Difference(kind="metrics", key="loss", values=(0.5, None)),
        Difference(kind="datasets", key="d", values=("e", None)),
        Difference(kind="tags", key="team", values=("t", None)),
    ]
    assert differences([A, A], {A.id: RunLinks()}) == []
