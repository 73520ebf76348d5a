"""A context of a step that nobody runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.core.clock import SystemClock
from millwright.core.ids import PipelineRunId, StepRunId
from millwright.pipelines.context import StepContext

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = "s3cr3t-value"


@pytest.fixture
def context(monkeypatch: pytest.MonkeyPatch) -> Callable[..., StepContext]:
    """Makes contexts, in a process whose environment has the secret TOKEN: `context(services={…})`."""
    monkeypatch.setenv("TOKEN", SECRET)

    def make(services: dict[type, object] | None = None, name: str = "b") -> StepContext:
        return StepContext(
            step="train",
            pipeline="demo",
            pipeline_run_id=PipelineRunId("a"),
            step_run_id=StepRunId(name),
            clock=SystemClock(),
            services=services or {},
        )

    return make
