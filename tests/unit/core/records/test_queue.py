from __future__ import annotations

import pytest

from millwright.core.records.queue import RunLimits


@pytest.mark.parametrize(
    ("limits", "running", "full"),
    [
        (RunLimits(), {"a": 99}, set()),
        (RunLimits(each=2), {"a": 2, "b": 1}, {"a"}),
        (RunLimits(each=2, of={"a": 3, "b": 0}), {"a": 2, "b": 9}, set()),
        (RunLimits(of={"a": 1}), {"a": 1, "b": 9}, {"a"}),
        (RunLimits(total=3), {"a": 2, "b": 1}, None),
        (RunLimits(total=3, each=1), {"a": 1, "b": 1}, {"a", "b"}),
        (RunLimits(total=1), {}, set()),
    ],
)
def test_pipelines_that_may_not_begin_another_run(limits, running, full):
    found = limits.full(running)
    assert (None if found is None else set(found)) == full


def test_limits_of_nothing_are_none():
    assert not RunLimits().limited
    assert not RunLimits(of={"a": 0}).limited
    assert RunLimits(total=1).limited
    assert RunLimits(of={"a": 1}).limited
