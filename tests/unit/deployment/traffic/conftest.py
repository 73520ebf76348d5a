"""Control over rollouts of a model with versions 1 and 2, of which 1 is the champion."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.clock import ManualClock
from millwright.deployment.traffic.control import RolloutControl, RolloutPlan
from millwright.deployment.traffic.strategy import Canary

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.core.records.rollout import RolloutRecord


@pytest.fixture
def clock() -> ManualClock:
    """Stands still until it is moved."""
    return ManualClock(datetime(2026, 3, 1, 12, tzinfo=UTC))


@pytest.fixture
def control(workspace: Any, clock: ManualClock) -> RolloutControl:
    """In somebody's name."""
    return RolloutControl(stores=workspace.stores, registry=workspace.registry, clock=clock, actor="user:ada")


@pytest.fixture
def begin(control: RolloutControl) -> Callable[..., RolloutRecord]:
    """Begins a rollout of version 2."""

    def start(strategy: Any = None, versions: tuple[int, ...] = (2,), **options: Any) -> RolloutRecord:
        plan = RolloutPlan(model="delay", versions=versions, strategy=strategy or Canary(), **options)
        return control.start(plan)

    return start
