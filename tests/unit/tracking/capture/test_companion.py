from __future__ import annotations

import time
from typing import TYPE_CHECKING

from millwright.core.clock import SystemClock
from millwright.core.errors import StorageError
from millwright.tracking.blob import LocalBlobs
from millwright.tracking.capture.companion import ENVIRONMENT_PATH, Origin, SystemSampler
from millwright.tracking.change import FileLogged, PointsLogged, TagsSet

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from millwright.core.ids import Digest
    from millwright.tracking.change import Change


def test_origin_notes_the_environment_and_only_what_is_wanted(tmp_path: Path) -> None:
    found: list[Change] = []
    blobs = LocalBlobs(tmp_path)
    origin = Origin(keep=blobs.put, clock=SystemClock(), code=False)
    origin.start(found.append)
    origin.stop()
    (tags, file) = found
    assert isinstance(tags, TagsSet)
    assert tags.tags["millwright.python"]
    assert isinstance(file, FileLogged)
    assert file.path == ENVIRONMENT_PATH
    assert blobs.has(file.digest)


def test_origin_that_cannot_be_kept_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    def keep(_data: bytes) -> Digest:
        raise StorageError("The disk is full.")

    origin = Origin(keep=keep, clock=SystemClock(), code=False)
    origin.start(lambda _change: None)
    origin.stop()
    assert "The disk is full." in caplog.text


def test_sampler_measures_at_its_interval() -> None:
    found: list[Change] = []
    sampler = SystemSampler(clock=SystemClock(), interval_s=0.05)
    sampler.start(found.append)
    deadline = time.monotonic() + 10
    while len(found) < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    sampler.stop()
    steps = [change.points[0].step for change in found if isinstance(change, PointsLogged)]
    assert steps == list(range(len(found)))
    assert len(steps) >= 3


def test_short_run_is_measured_once() -> None:
    found: list[Change] = []
    sampler = SystemSampler(clock=SystemClock(), interval_s=60)
    sampler.start(found.append)
    sampler.stop()
    assert len(found) == 1
