from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from millwright.core.clock import ManualClock
from millwright.core.errors import ConfigurationError, InvalidInputError, NotFoundError
from millwright.core.ids import PipelineRunId, RunId, StepRunId
from millwright.core.records.audit import LineageEdge, NodeKind
from millwright.pipelines.context import RunLog, StepContext
from millwright.pipelines.secrets import Secrets

if TYPE_CHECKING:
    from pathlib import Path


class Service: ...


@pytest.fixture
def context() -> StepContext:
    return StepContext(
        step="clean",
        pipeline="demo",
        pipeline_run_id=PipelineRunId("a"),
        step_run_id=StepRunId("b"),
        clock=ManualClock(datetime(2026, 1, 1, tzinfo=UTC)),
        services={Service: Service()},
    )


def test_context_shows_which_step_and_run_it_is_of_and_nothing_of_the_workspace(context: StepContext) -> None:
    context.note(rows=3)
    shown = repr(context)
    assert "step='clean', pipeline='demo'" in shown
    assert not any(word in shown for word in ("Service", "clock", "rows", "lambda"))


def test_service_is_found_by_its_type(context: StepContext) -> None:
    assert isinstance(context.service(Service), Service)


def test_missing_service_is_an_error_that_names_those_there(context: StepContext) -> None:
    with pytest.raises(ConfigurationError, match="Step 'clean' asks for a dict, and this runner has: Service"):
        context.service(dict)


def test_notes_are_kept_as_json_values_and_replaced_by_later_ones(context: StepContext) -> None:
    context.note(rows=np.int64(3), when=datetime(2026, 1, 1, tzinfo=UTC))
    context.note(rows=4, score=float("nan"))
    assert context.facts["rows"] == 4
    assert context.facts["when"] == "2026-01-01T00:00:00Z"


@pytest.mark.parametrize("value", [object(), {1: object()}])
def test_note_without_a_json_form_is_refused(context: StepContext, value: Any) -> None:
    with pytest.raises(InvalidInputError, match="noted it="):
        context.note(it=value)


def test_lineage_is_collected(context: StepContext) -> None:
    edge = LineageEdge(
        source_kind=NodeKind.DATASET,
        source_id="a@1",
        relation="read",
        target_kind=NodeKind.STEP_RUN,
        target_id="b",
        at=context.clock.now(),
    )
    context.lineage(edge)
    context.lineage(edge, edge)
    assert context.edges == [edge] * 3


class Tracked:
    """Keeps what was logged."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.log = RunLog(
            metrics=lambda *given: self.calls.append(("metrics", *given)),
            params=lambda *given: self.calls.append(("params", *given)),
            artifact=lambda *given: self.calls.append(("artifact", *given)),
        )


def test_metrics_go_to_the_tracked_run_and_the_latest_are_facts(context: StepContext) -> None:
    tracked = Tracked()
    context = replace_services(context, {RunLog: tracked.log}, RunId("r"))
    context.log_metric("loss", np.float32(0.5), step=1)
    context.log_metrics({"loss": 0.25, "auc": 1}, 2)
    assert tracked.calls == [("metrics", "r", {"loss": 0.5}, 1), ("metrics", "r", {"loss": 0.25, "auc": 1.0}, 2)]
    assert context.facts == {"loss": 0.25, "auc": 1.0}


def test_parameters_go_to_the_tracked_run_and_are_facts(context: StepContext) -> None:
    tracked = Tracked()
    context = replace_services(context, {RunLog: tracked.log}, RunId("r"))
    context.log_param("depth", np.int64(3))
    assert tracked.calls == [("params", "r", {"depth": 3})]
    assert context.facts == {"depth": 3}


def test_files_go_to_the_tracked_run(context: StepContext, tmp_path: Path) -> None:
    tracked = Tracked()
    context = replace_services(context, {RunLog: tracked.log}, RunId("r"))
    context.log_artifact(str(tmp_path / "plot.png"), "plots")
    assert tracked.calls == [("artifact", "r", tmp_path / "plot.png", "plots")]


def test_without_a_tracked_run_metrics_and_parameters_are_facts(context: StepContext) -> None:
    context.log_metric("loss", 0.5)
    context.log_param("depth", 3)
    assert context.facts == {"loss": 0.5, "depth": 3}


def test_without_a_tracked_run_files_are_refused(context: StepContext) -> None:
    with pytest.raises(ConfigurationError, match=r"logs the file 'plot\.png', and this run is not tracked"):
        context.log_artifact("there/plot.png")


@pytest.mark.parametrize("value", ["x", None, object()])
def test_metric_that_is_no_number_is_refused(context: StepContext, value: Any) -> None:
    with pytest.raises(InvalidInputError, match="Step 'clean', metric 'loss': expected a number"):
        context.log_metric("loss", value)


def test_secrets_are_those_of_the_services(context: StepContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "hunter2")
    secrets = Secrets()
    first = replace_services(context, {Secrets: secrets}, None)
    assert first.secret("TOKEN") == "hunter2"
    assert first.secrets is secrets
    assert "hunter2" not in repr(first)
    with pytest.raises(NotFoundError, match="The secret 'TOKEM' is not there"):
        context.secret("TOKEM")


def test_secret_parameter_is_masked(context: StepContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "hunter2")
    tracked = Tracked()
    context = replace_services(context, {RunLog: tracked.log}, RunId("r"))
    context.log_param("url", f"https://{context.secret('TOKEN')}@host")
    assert tracked.calls == [("params", "r", {"url": "https://***@host"})]


def test_temporary_folder_is_made_once_and_removed_at_the_end(context: StepContext) -> None:
    folder = context.temp_dir
    assert folder.is_dir()
    assert context.temp_dir == folder
    (folder / "inner").mkdir()
    context.close()
    context.close()
    assert not folder.exists()


def test_step_can_see_that_it_is_cancelled(context: StepContext) -> None:
    assert context.cancelled is False
    context.stop_asked = lambda: True
    assert context.cancelled is True


def replace_services(context: StepContext, services: dict[type, object], run: RunId | None) -> StepContext:
    return StepContext(
        step=context.step,
        pipeline=context.pipeline,
        pipeline_run_id=context.pipeline_run_id,
        step_run_id=context.step_run_id,
        clock=context.clock,
        services=services,
        tracking_run_id=run,
    )
