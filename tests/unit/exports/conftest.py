"""Plans of a model that was trained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from millwright.exports.plan import ExportOptions, ServingPlan, plan_serving
from millwright.workspace.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from millwright.core.records.model import ModelVersionRecord


@pytest.fixture(scope="session")
def late_visit(trained_once: Path) -> tuple[ModelVersionRecord, bytes]:
    """The champion's record and package."""
    with Workspace.open(trained_once) as workspace:
        record = workspace.registry.resolve("late-visit@champion")
        return record, workspace.stores.artifacts.get(record.stored_package())


@pytest.fixture
def planned(late_visit: tuple[ModelVersionRecord, bytes]) -> Callable[..., ServingPlan]:
    """Makes a plan of it: `planned(cpu="2")`."""

    def plan(**options: Any) -> ServingPlan:
        return plan_serving(*late_visit, ExportOptions(**options))

    return plan
