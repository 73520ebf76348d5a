from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from millwright.core.clock import ManualClock
from millwright.core.errors import ConfigurationError, InvalidInputError
from millwright.core.ids import PipelineRunId, StepRunId
from millwright.core.records.audit import LineageEdge, NodeKind
from millwright.pipelines.context import StepContext


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
