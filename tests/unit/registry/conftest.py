"""A registry on a new workspace."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.clock import ManualClock
from millwright.core.events import Event, EventBus
from millwright.core.ids import StepRunId
from millwright.registry import Registry, VersionDraft
from millwright.storage.catalog import Stores, open_stores
from millwright.testing import sample

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from millwright.core.records.model import ApprovalRecord, ModelVersionRecord


@dataclass
class StatedPolicy:
    """Objects as the test says."""

    objections: list[str] = field(default_factory=list)
    meanwhile: Callable[[], Any] = lambda: None

    def check(self, version: ModelVersionRecord, alias: str, approvals: Sequence[ApprovalRecord]) -> list[str]:
        del version, alias, approvals
        self.meanwhile()
        return self.objections


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    opened = open_stores(
        records_url=f"sqlite:///{tmp_path}/x.db", artifacts_url=f"{tmp_path}/a", predictions_url=f"{tmp_path}/p"
    )
    yield opened
    opened.close()


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture
def policy() -> StatedPolicy:
    return StatedPolicy()


class TickingClock(ManualClock):
    def now(self) -> Any:
        self.advance(timedelta(seconds=1))
        return super().now()


@pytest.fixture
def registry(stores: Stores, events: list[Event], policy: StatedPolicy) -> Registry:
    bus = EventBus()
    bus.subscribe("*", events.append)
    return Registry(stores=stores, clock=TickingClock(sample.NOON), events=bus, actor="user:ada", policy=policy)


@pytest.fixture
def draft(stores: Stores) -> Callable[..., VersionDraft]:
    """Drafts with a package that is stored; another one for another text."""

    def make(package: str = "package", name: str = "delay", **changes: Any) -> VersionDraft:
        data = package.encode()
        fields: dict[str, Any] = {
            "flavor": "sklearn",
            "signature": {"inputs": []},
            "datasets": ("schedules@1", "permits@2"),
            "step_run_id": StepRunId("step-1"),
            "metrics": {"roc_auc": 0.8},
        }
        return VersionDraft(name=name, package=stores.artifacts.put(data), size_bytes=len(data), **fields | changes)

    return make
