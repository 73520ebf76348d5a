from __future__ import annotations

from datetime import timedelta

import pytest

from millwright.core.errors import InvalidInputError
from millwright.core.records.queue import RunLimits
from millwright.workspace.worker.options import Until, WorkerOptions, worker_options
from millwright.workspace.worker_settings import WorkerSettings


def test_rest_doubles_up_to_ten_minutes():
    options = WorkerOptions(backoff_s=1.0)
    assert [options.rest(attempts).total_seconds() for attempts in (1, 2, 3, 40)] == [1.0, 2.0, 4.0, 600.0]


@pytest.mark.parametrize("wrong", [{"concurrency": 0}, {"max_attempts": 0}, {"poll_s": 0}, {"lease_s": -1}])
def test_options_out_of_range_are_refused(wrong):
    with pytest.raises(InvalidInputError, match=next(iter(wrong))):
        WorkerOptions(**wrong)


def test_settings_become_options():
    section = WorkerSettings(concurrency=3, lease_seconds=5, max_runs=9, max_runs_each=2, max_runs_of={"a": 1})
    options = worker_options(section, until=Until.DRAINED)
    assert (options.concurrency, options.lease_s, options.until) == (3, 5, Until.DRAINED)
    assert options.limits == RunLimits(total=9, each=2, of={"a": 1})
    assert options.lost_after == timedelta(hours=24)
    assert worker_options(WorkerSettings()) == WorkerOptions()
